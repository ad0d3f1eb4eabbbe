"""What is there at the end, held against what the clients were told; a line a failure, and the table."""
import collections
import json
import time

from clients import words


class Report:
    def __init__(self):
        self.begun = time.monotonic()
        self.by_kind = collections.defaultdict(list)

    def say(self, text):
        print(text, flush=True)

    def failure(self, number, kind, begun, ended, what, between):
        wait, answered, refused, longest = between
        self.by_kind[kind].append((wait, answered, refused, longest))
        self.say(
            f"{number:4}  {time.strftime('%H:%M:%S')}  {kind:26} {what:24} whole after {ended - begun:5.1f} s, "
            f"writes waited {wait:5.1f} s, reads {answered} answered, {refused} refused, longest {longest:4.1f} s")

    def ended(self, processes):
        """What ended though nobody killed it, and was started again."""
        found = {process.name: process.ended for process in processes if process.ended}
        self.say(f"cluster: ended by themselves: {', '.join(f'{name} {count} times' for name, count in found.items()) or 'none'}")

    def table(self):
        self.say(
            f"\n{'failure':26} {'number':>6} {'writes waited, median':>22} {'most':>7} {'reads answered':>15} {'refused':>8} "
            f"{'longest':>8}")
        for kind, found in sorted(self.by_kind.items()):
            waits = sorted(wait for wait, *_ in found)
            self.say(
                f"{kind:26} {len(found):6} {waits[len(waits) // 2]:20.1f} s {waits[-1]:5.1f} s {sum(f[1] for f in found):15} "
                f"{sum(f[2] for f in found):8} {max(f[3] for f in found):6.1f} s")
        self.say("What fails beside something else waits for that, too.")


def drain(site, estate, seconds):
    """Until every action is settled or waits for a person, and every notice that is due is sent. Returns whether that came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        open_actions = [
            action for state in ("accepted", "sending", "unknown")
            for action in json.loads(estate.command(["actions", "list", "--json", "--state", state, "--limit", "1000"]))
            if not action.get("isDead") and not action.get("is_dead")]
        if not open_actions:
            return True
        site.pause(2)
    return False


def compare(site, database, estate, history, client, report):
    """Prints what was found, and returns what fails the contract."""
    failed = []

    def check(label, bad, detail=""):
        report.say(f"  {label:62} {bad if isinstance(bad, int) else len(bad)}{detail}")
        if bad:
            failed.append(label)
            for one in (bad[:8] if isinstance(bad, list) else []):
                report.say(f"      {one}")

    # Turns
    lost, doubled, acknowledged = [], [], 0
    for conversation, turns in history.turns.items():
        said = []
        after = 0
        while True:
            document = read(site, client, f"/v1/conversations/{conversation}?after={after}&limit=500")
            if document is None:
                break
            said += words(document)
            after = document.get("next")
            if not after:
                break
        there = collections.Counter(said)
        acknowledged += len(turns)
        lost += [f"conversation {conversation}: sentence {number}" for number in turns if not there[f"第{number}句"]]
        doubled += [f"conversation {conversation}: {word} {count} times" for word, count in there.items() if count > 1]

    # Orders, as dispatch has them
    with open(estate.journal) as file:
        entries = [json.loads(line) for line in file if line.endswith("\n")]
    made = [entry for entry in entries if entry["operation"] == "CreateWorkOrder"]
    references = collections.Counter(entry["reference"] for entry in made)
    doubled_orders = [f"reference {reference}: {count} orders" for reference, count in references.items() if count > 1]
    numbers = {entry["order"] for entry in made}
    twice = collections.Counter((entry["account"], entry["kind"]) for entry in made)
    doubled_orders += [f"account {account}: {kind} {count} times" for (account, kind), count in twice.items() if count > 1]
    lost_orders, states = [], collections.Counter()
    for (account, kind), path in history.orders.items():
        document = read(site, client, path)
        if document is None:
            lost_orders.append(f"{path}: was acknowledged, and is not there")
            continue
        states[document["state"]] += 1
        if document["state"] == "confirmed" and document.get("order_number") not in numbers:
            lost_orders.append(f"{path}: confirmed as {document.get('order_number')}, which dispatch does not have")
        elif document["state"] == "refused":
            lost_orders.append(f"{path}: refused")
    unsettled = sum(count for state, count in states.items() if state not in ("confirmed", "refused"))

    # Notices, as the gateway of short messages has them
    taken = list(estate.sink.taken)
    doubled_notices = [f"reference {r}: {n} times" for r, n in collections.Counter(t[0] for t in taken).items() if n > 1]
    doubled_notices += [f"account {k[0]}: {n} times the same" for k, n in collections.Counter((t[1], t[2]) for t in taken).items() if n > 1]

    history.judge()
    reads = history.reads
    report.say("\nHeld against what was acknowledged and shown:")
    report.say(f"  {len(history.writes)} writes acknowledged ({acknowledged} turns, {len(history.orders)} orders of which dispatch "
               f"confirmed {states['confirmed']}, {history.joined} joined), {history.attempts_refused} attempts refused or unanswered, "
               "made again")
    report.say(f"  {len(reads)} reads, {sum(1 for r in reads if not r[2])} of them refused; {len(history.shown)} states seen, "
               f"{len(history.runs)} runs of {history.syncs} syncs ({history.syncs_failed} cut off or refused), {len(taken)} notices told")
    report.say(f"  {history.ahead} answers named a run whose views were still to be made")
    check("acknowledged writes lost", lost + lost_orders + history.wrong["lost at once"])
    check("turns doubled", doubled)
    check("orders doubled at dispatch", doubled_orders)
    check("notices doubled", doubled_notices)
    check("reads older than the state that their caller held", history.wrong["stale"])
    check("answers mixed of two runs", history.wrong["mixed"])
    check("answers of another kind than expected", history.wrong["strange"])
    check("orders that no system has settled at the end", unsettled, f" {dict(states)}" if unsettled else "")
    try:
        estate.patiently(["audit", "verify"])
        report.say("  hearth audit verify: well")
    except RuntimeError as error:
        failed.append("hearth audit verify")
        report.say(f"  hearth audit verify: {error}")
    return failed


def read(site, client, path):
    """The document; nothing where it is not there."""
    deadline = time.monotonic() + 120
    while True:
        try:
            status, _, document = client.ask(client.other(), "GET", path)
        except OSError:
            status, document = 0, {}
        if status == 200:
            return document
        if status == 404:
            return None
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path} is not answered at the end: {status} {document}")
        time.sleep(0.5)
