"""What the clients were told, and what of it contradicts itself."""
import threading
import time


class History:
    def __init__(self):
        self._lock = threading.Lock()
        self.turns = {}           # conversation -> {number: commit}, acknowledged
        self.orders = {}          # (account, kind) -> status path, acknowledged and not joined
        self.joined = 0
        self.writes = []          # (first attempt, acknowledged)
        self.attempts_refused = 0
        self.reads = []           # (when, took, whether it was answered)
        self.shown = {}           # commit -> version
        self.run_shows = []       # (commit, run, version)
        self.floors = []          # (commit, version): from this commit on no earlier version
        self.runs = {}            # run -> version
        self.synced = 0           # the version whose sync has ended
        self.syncs = self.syncs_failed = 0
        self.wrong = {"stale": [], "mixed": [], "lost at once": [], "strange": []}
        self.ahead = 0            # answers that name a run whose views were still to come
        self.latest = (0, "")     # the latest state that anybody was told

    def note_state(self, state):
        with self._lock:
            self.latest = max(self.latest, state)

    def acknowledge(self, begun, commit, note, synced):
        """- Parameter synced: the version whose sync had ended before this write began."""
        with self._lock:
            self.writes.append((begun, time.monotonic()))
            if synced:
                self.floors.append((commit, synced))
            note()

    def refuse_write(self):
        with self._lock:
            self.attempts_refused += 1

    def read(self, begun, answered):
        with self._lock:
            self.reads.append((begun, time.monotonic() - begun, answered))

    def see(self, commit, run, version):
        with self._lock:
            before = self.shown.setdefault(commit, version)
            if before != version:
                self.wrong["mixed"].append(f"commit {commit} shows version {before}, and {version}")
            self.run_shows.append((commit, run, version))

    def complain(self, kind, text):
        with self._lock:
            self.wrong[kind].append(text)

    def judge(self):
        """Compares all that was shown: versions grow with commits, and hold what had been synced before."""
        order = sorted(self.shown.items())
        for (commit, version), (later, next_version) in zip(order, order[1:]):
            if next_version < version:
                self.wrong["stale"].append(f"commit {commit} shows version {version}, the later {later} shows {next_version}")
        known = sorted(self.runs.items())
        for commit, run, version in self.run_shows:
            least = max((v for r, v in known if r <= run), default=0)
            # A run has ended a moment before the views of what it touched are made: Sources/Sync/README.md.
            self.ahead += version < least
        floors, least, index = sorted(self.floors), 0, 0
        for commit, version in order:
            while index < len(floors) and floors[index][0] <= commit:
                least = max(least, floors[index][1])
                index += 1
            if version < least:
                self.wrong["stale"].append(f"commit {commit} shows version {version}, after version {least} had been taken over")

    def between(self, begun, ended):
        """The longest wait of a write, how many reads were answered and refused, the longest read."""
        with self._lock:
            waits = [done - first for first, done in self.writes[-4000:] if done >= begun and first <= ended]
            reads = [(took, answered) for when, took, answered in self.reads[-20000:] if when + took >= begun and when <= ended]
        return (
            max(waits, default=0), sum(1 for _, answered in reads if answered), sum(1 for _, answered in reads if not answered),
            max((took for took, _ in reads), default=0))
