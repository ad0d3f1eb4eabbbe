"""What fails, when, and for how long: by the seed. Servers fail one after the other, and beside them members of etcd, gateways, workers."""
import http.client
import json
import random
import signal
import threading
import time

from database import NODES
from processes import send, tree

#: What fails, and how often among its like. LANES says how many of a hundred failures each of the four has.
SERVERS = {
    "primary: postgres killed": 14, "primary: machine killed": 16, "primary: postgres paused": 12, "primary: machine paused": 14,
    "primary: cut off": 16, "replica: postgres killed": 8, "replica: machine killed": 6, "replica: machine paused": 6,
    "replica: cut off": 6, "primary: switched over": 2,
}
CONSENSUS = {"etcd: member killed": 50, "etcd: leader paused": 25, "etcd: quorum lost": 25}
GATEWAYS = {"gateway: killed": 50, "gateway: paused": 30, "gateway: cut off": 20}
WORKERS = {"worker: killed": 35, "worker: paused": 15, "sync: killed": 35, "dispatch: killed": 15}
LANES = {"servers": (SERVERS, 30), "etcd": (CONSENSUS, 15), "gateways": (GATEWAYS, 25), "workers": (WORKERS, 30)}


def plan(count, seed, can_cut):
    """For each lane its failures: (kind, a number from 0 to 1 that says how long, the same for what)."""
    lanes, left = {}, count
    for index, (lane, (kinds, share)) in enumerate(LANES.items()):
        chance = random.Random(f"{seed}/{lane}")
        possible = {kind: weight for kind, weight in kinds.items() if can_cut or "cut off" not in kind}
        number = left if index == len(LANES) - 1 else min(left, max(1 if left else 0, round(count * share / 100)))
        left -= number
        # Each kind once, before chance alone decides.
        first = list(possible)
        chance.shuffle(first)
        drawn = (first + chance.choices(list(possible), list(possible.values()), k=number))[:number]
        lanes[lane] = [(kind, chance.random(), chance.random()) for kind in drawn]
    return lanes


class Failures:
    def __init__(self, site, database, estate, history, report, options):
        self.site, self.database, self.estate, self.history, self.report = site, database, estate, history, report
        self.lanes = plan(options.failures, options.seed, site.network.can_cut)
        self.pauses = options.longest_pause
        self.deadline = time.monotonic() + options.minutes * 60 if options.minutes else None
        self.done, self.trouble = 0, None
        self._lock = threading.Lock()
        self._advanced = 0

    @property
    def is_over(self):
        return self.site.is_stopping or self.trouble or (self.deadline and time.monotonic() > self.deadline)

    def run(self):
        """All lanes beside each other; the lanes of what recovers soon keep step with the servers'."""
        threads = [threading.Thread(target=self._lane, args=(lane,), daemon=True) for lane in self.lanes]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.site.pause(1)
            for process in self.supervised:
                process.look()
        if self.trouble:
            raise self.trouble

    @property
    def supervised(self):
        nodes = self.database.nodes.values()
        return [
            *(node.etcd for node in nodes), *(node.patroni for node in nodes), *self.estate.gateways.values(), *self.estate.workers,
            self.estate.dispatch]

    def _lane(self, lane):
        failures = self.lanes[lane]
        servers = len(self.lanes["servers"])
        for index, (kind, length, choice) in enumerate(failures):
            if lane != "servers" and servers:
                while self._advanced < servers * index / len(failures) and not self.is_over:
                    self.site.pause(0.2)
            if self.is_over:
                return
            try:
                self._one(kind, length, choice)
            except Exception as error:
                self.report.say(f"cluster: {kind}: {error}")
                self.trouble = self.trouble or error
                return
            if lane == "servers":
                self._advanced = index + 1

    def _one(self, kind, length, choice):
        # So that the load has gone on since the last one.
        self.site.pause(0.3 + 1.5 * choice)
        begun = time.monotonic()
        what, name = kind.split(": ")
        done = {
            "primary": self._server, "replica": self._server, "etcd": self._etcd, "gateway": self._gateway, "worker": self._worker,
            "sync": self._worker, "dispatch": self._worker}[what](what, name, length, choice)
        ended = time.monotonic()
        self.history_line(kind, begun, ended, done)

    def history_line(self, kind, begun, ended, what):
        with self._lock:
            self.done += 1
            self.report.failure(self.done, kind, begun, ended, what, self.history.between(begun, ended))

    def _long(self, length):
        return 5 + length * length * (self.pauses - 5)

    # Servers

    def _server(self, what, name, length, choice):
        database, before = self.database, self.database.primary()
        database.wait(lambda: database.primary(), 120, "no primary, before a server fails")
        before = database.primary()
        node = database.nodes[before if what == "primary" else [n for n in NODES if n != before][int(choice * 2)]]
        seconds = 0
        if name == "postgres killed":
            node.kill_database()
        elif name == "machine killed":
            # Half of them for longer than the leader's lease, so that another takes over.
            seconds = 2 + length * 30
            with_etcd = choice > 0.7
            node.kill_all(etcd=with_etcd)
            self.site.pause(seconds)
            if with_etcd:
                node.etcd.start()
            node.patroni.start()
        elif name in ("postgres paused", "machine paused"):
            seconds = self._long(length)
            processes = node.database_processes if name == "postgres paused" else node.all_processes
            send(processes, signal.SIGSTOP)
            try:
                self.site.pause(seconds)
            finally:
                send(processes, signal.SIGCONT)
        elif name == "cut off":
            seconds = 3 + length * 37
            self.site.network.cut(node.name)
            try:
                self.site.pause(seconds)
            finally:
                self.site.network.heal(node.name)
        elif name == "switched over":
            self._switch_over(node)
        self._recovered()
        after = database.primary()
        return f"{node.name} {seconds:.0f} s" + (f", now {after}" if after != before else "")

    def _switch_over(self, node):
        connection = http.client.HTTPConnection(*self.site.network.address(node.name, "patroni"), timeout=60)
        try:
            connection.request("POST", "/switchover", body=json.dumps({"leader": node.name}), headers={"Content-Type": "application/json"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def _recovered(self):
        database, history = self.database, self.history
        database.wait(lambda: database.is_whole, 300, "the cluster is not whole again after 300 s: see logs/patroni-*.log")
        count = len(history.writes)
        database.wait(lambda: len(history.writes) >= count + 3, 180, "writes do not go on 180 s after the cluster is whole")

    # Members of etcd

    def _etcd(self, what, name, length, choice):
        nodes = list(self.database.nodes.values())
        first = nodes[int(choice * 3)]
        if name == "member killed":
            seconds = 1 + length * 9
            first.etcd.kill()
            self.site.pause(seconds)
            first.etcd.start()
            where = first.name
        elif name == "leader paused":
            seconds, where = 5 + length * 15, self.database.etcd_leader() or first.name
            pid = self.database.nodes[where].etcd.pid
            send([pid] if pid else [], signal.SIGSTOP)
            self.site.pause(seconds)
            send([pid] if pid else [], signal.SIGCONT)
        else:
            seconds = 5 + length * 30
            gone = [node for node in nodes if node is not first]
            for node in gone:
                node.etcd.kill()
            self.site.pause(seconds)
            for node in gone:
                node.etcd.start()
            where = "+".join(node.name for node in gone)
        self.database.wait(lambda: self.database.etcd_leader(), 120, "etcd has no leader after 120 s: see logs/etcd-*.log")
        return f"{where} {seconds:.0f} s"

    # Gateways, workers

    def _gateway(self, what, name, length, choice):
        machine = "AB"[int(choice * 2)]
        gateway = self.estate.gateways[machine]
        seconds = 0
        if name == "killed":
            gateway.kill()
            seconds = length * 4
            self.site.pause(seconds)
            gateway.start()
        elif name == "paused":
            seconds = self._long(length)
            self._pause(gateway, seconds)
        else:
            seconds = 3 + length * 25
            self.site.network.cut(machine)
            try:
                self.site.pause(seconds)
            finally:
                self.site.network.heal(machine)
        return f"{machine} {seconds:.0f} s"

    def _worker(self, what, name, length, choice):
        if what == "sync":
            self.estate.kill_sync()
            return ""
        processes = [self.estate.dispatch] if what == "dispatch" else self.estate.workers
        if name == "paused":
            seconds = self._long(length)
            for process in processes:
                process.signal(signal.SIGSTOP)
            self.site.pause(seconds)
            for process in processes:
                process.signal(signal.SIGCONT)
            return f"{seconds:.0f} s"
        for process in processes:
            process.kill()
        self.site.pause(length * 3)
        for process in processes:
            process.start()
        return ""

    def _pause(self, process, seconds):
        processes = tree(process.pid)
        send(processes, signal.SIGSTOP)
        try:
            self.site.pause(seconds)
        finally:
            send(processes, signal.SIGCONT)

    def heal(self):
        """Everything starts again, is let go on and connected: where the lanes have ended, whatever became of them."""
        for machine in [*NODES, *self.estate.gateways, "worker"]:
            self.site.network.heal(machine)
        for node in self.database.nodes.values():
            send(node.all_processes, signal.SIGCONT)
        for process in self.supervised:
            send(tree(process.pid), signal.SIGCONT)
            if not process.is_alive:
                process.start()
