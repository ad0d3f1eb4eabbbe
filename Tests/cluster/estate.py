"""The company and its gateways: the demo's three systems, its store in the cluster, two `hearth serve`, a worker, syncs."""
import datetime
import json
import os
import re
import socket
import sqlite3
import subprocess
import time

from doors import Sink, relay
from processes import Process

NOTICES = """
send: true
lookSeconds: 2
quietHours: {from: "00:00", to: "00:00"}
perDay: 100
consent: unlessOptedOut
fresh: asStored
wording: notices.zh.yaml
channels:
  sms:
    http:
      url: "${env:CLUSTER_SINK}/send"
      json: '{"phone":"{{phone}}","account":"{{account}}","text":"{{text}}","reference":"{{reference}}"}'
      success: {path: Code, is: [OK]}
      id: BizId
      timeout: 5
      receipt:
        url: "${env:CLUSTER_SINK}/receipts"
        json: '{"phone":"{{phone}}"}'
        success: {path: Code, is: [OK]}
        records: Details
        reference: OutId
        state: SendStatus
        failed: ["2"]
        total: Total
    settle: 75
rules:
  - {rule: outage, kind: outage, phases: [begun], validHours: 12, channels: [sms]}
"""
OUTAGES = """
  network:
    sql: {driver: sqlite, path: "${env:CLUSTER_OUTAGES}"}
    streams:
      outages: {table: outage, key: [no], cursor: changed}
"""
OUTAGE_MAPPING = """
entity: outage
from: network.outages
key: [no]
fields:
  number:        {column: no, as: text}
  kind:          {column: kind, as: code, codes: {planned: planned, unplanned: unplanned}}
  state:         {column: state, as: code, codes: {ongoing: ongoing}}
  community:     {column: community, as: community}
  building:      {column: building, as: building}
  cause:         {column: cause, as: text}
  beginsAt:      {column: begins, as: instant}
  expectedEndAt: {column: ends, as: instant}
"""
KINDS = ["noHeat", "notWarm", "leak", "temperature", "valve", "other"]


class Estate:
    def __init__(self, site, database, options):
        self.site, self.database, self.options = site, database, options
        self.hearth = options.hearth
        self.folder = os.path.join(site.folder, "company")
        self.journal = os.path.join(self.folder, "legacy", "dispatch.journal")
        self.environment = {}
        self.token = None
        self.accounts, self.marked = [], []
        self.gateways = {}
        self.sink = None

    # Building it

    def make(self):
        site, network = self.site, self.site.network
        self._run(["demo", "--accounts", str(self.options.accounts), "--seed", str(self.options.seed), "--directory", self.folder], "demo")
        with open(os.path.join(self.folder, "environment")) as file:
            self.environment = dict(re.findall(r"^(\w+)='(.*)'$", file.read(), re.M))
        # Dispatch listens on loopback alone: machines of their own come to it through a relay.
        outer = network.address("here", "dispatch")
        inner = outer[1] + (1000 if network.can_cut else 0)
        if network.can_cut:
            relay(socket.create_server(outer, backlog=64), ("127.0.0.1", inner))
        self.dispatch = Process(site, "dispatch", "here", [
            self.hearth, "demo-dispatch", "--accounts", str(self.options.accounts), "--seed", str(self.options.seed), "--port", str(inner),
            "--journal", self.journal, "--misbehave", f"seed={self.options.seed},late=20,closesAfter=20,closesBefore=20,delay=300"])
        self.dispatch.start()
        sink = network.address("here", "sink")
        self.sink = Sink(sink, self.options.seed)
        self.environment |= {
            "HEARTH_DISPATCH_URL": "http://%s:%d/ws/dispatch" % outer, "CLUSTER_SINK": "http://%s:%d" % sink,
            "CLUSTER_OUTAGES": os.path.join(self.folder, "legacy", "outages.sqlite"),
        }
        self._configure()
        self._run(["store", "copy", "--from", os.path.join(self.folder, "hearth.db"), "--to", self.database.conninfo()], "copy")
        self._choose_accounts()
        made = json.loads(self.patiently(["token", "create", "--json", "--name", "clients", "--scope", "assistant", "--days", "7"]))
        self.token = made["token"]
        for name, nearest in (("A", ["node2", "node3", "node1"]), ("B", ["node3", "node1", "node2"])):
            host, port = network.address(name, "gateway")
            environment = self._of_machine(f"gateway-{name}", nearest, {"HEARTH_HOST": host, "HEARTH_PORT": str(port)})
            self.gateways[name] = Process(site, f"gateway-{name}", name, [self.hearth, "serve"], environment, folder=self.folder)
        worker = self._of_machine("worker", ["node1", "node2", "node3"])
        self.workers = [
            Process(site, "worker-actions", "worker", [self.hearth, "actions", "run"], worker, folder=self.folder),
            Process(site, "worker-notices", "worker", [self.hearth, "notices", "run"], worker, folder=self.folder)]
        self._syncing = worker
        self._sync = None

    def start(self):
        for process in [*self.gateways.values(), *self.workers]:
            process.start()

    def _configure(self):
        path = os.path.join(self.folder, "Config", "hearth.yaml")
        with open(path) as file:
            text = file.read()
        store = "  postgres: ${env:CLUSTER_POSTGRES}\n  replicas: ${env:CLUSTER_REPLICAS}\n"
        text, count = re.subn(r"(?m)^  sqlite: .*\n", lambda _: store, text, count=1)
        text, more = re.subn(
            r"(?m)^serve:.*\n", lambda line: line[0] + "  name: ${env:CLUSTER_NAME}\n  accessLog: ${env:CLUSTER_LOG}\n", text, count=1)
        text, third = re.subn(r"(?m)^  customer:\n", lambda line: OUTAGES.lstrip("\n") + line[0], text, count=1)
        if (count, more, third) != (1, 1, 1):
            raise RuntimeError("Config/hearth.yaml no longer has the lines that are changed here: store, serve, customer")
        text = text.replace("perSecond: 200, burst: 400", "perSecond: 0")
        # A worker may be paused for a minute between its look at the clock and its request: see Sources/Actions/README.md.
        text = text.replace("timeouts: {connect: 5, total: 20}\n      settle: 60", "timeouts: {connect: 5, total: 10}\n      settle: 75")
        with open(path, "w") as file:
            file.write(text)
        with open(os.path.join(self.folder, "Config", "notices.yaml"), "w") as file:
            file.write(NOTICES)
        with open(os.path.join(self.folder, "Mappings", "network.outages.yaml"), "w") as file:
            file.write(OUTAGE_MAPPING)
        # The sentence names the outage, so that a notice told twice is seen as one.
        wording = os.path.join(self.folder, "Config", "notices.zh.yaml")
        with open(wording) as file:
            lines = [line for line in file if not line.startswith("outage.begun:")]
        with open(wording, "w") as file:
            file.writelines(lines + ['outage.begun: "{kind}:{reason},预计{end}恢复。"\n'])
        with sqlite3.connect(self.environment["CLUSTER_OUTAGES"]) as outages:
            outages.execute(
                "CREATE TABLE outage (no TEXT PRIMARY KEY, kind TEXT, state TEXT, community TEXT, building TEXT, cause TEXT, begins TEXT, "
                "ends TEXT, changed TEXT)")

    def _choose_accounts(self):
        """All of the company for orders; for reads some with several charges, all of one key each."""
        with sqlite3.connect(self.environment["HEARTH_BILLING_PATH"]) as billing:
            rows = billing.execute(
                "SELECT yhkh, yhid FROM sf_yh WHERE zf = 0 GROUP BY yhkh HAVING count(*) = 1 ORDER BY yhkh").fetchall()
            charges = billing.execute(
                "SELECT yhid, count(*), count(DISTINCT id), count(DISTINCT yhkh), max(yhkh) FROM sf_fy WHERE zf = 0 GROUP BY yhid "
                "HAVING count(*) >= 4 ORDER BY yhid").fetchall()
            self.buildings = billing.execute(
                "SELECT xqmc, ldh FROM sf_yh WHERE zf = 0 GROUP BY xqmc, ldh HAVING count(*) >= 10 ORDER BY xqmc, ldh").fetchall()
        # Without those that no system else knows: the company has such faults, planted.
        known = set(self.database.psql("hearth", "SELECT number FROM account").split())
        rows = [row for row in rows if row[0] in known]
        number = {identity: account for account, identity in rows}
        self.accounts = [account for account, _ in rows]
        self.marked = [
            (identity, number[identity]) for identity, all_of_it, keys, names, name in charges
            if identity in number and all_of_it == keys and names == 1 and name == number[identity]][:6]

    def _of_machine(self, name, nearest, more=None):
        return {
            **self.environment, "CLUSTER_NAME": name, "CLUSTER_LOG": os.path.join(self.folder, "access", name),
            "CLUSTER_POSTGRES": self.database.conninfo(haproxy=self.options.haproxy),
            "CLUSTER_REPLICAS": self.database.conninfo(nearest, " target_session_attrs=prefer-standby", haproxy=self.options.haproxy),
            **(more or {})}

    def _run(self, arguments, name):
        with open(os.path.join(self.site.logs, f"{name}.log"), "wb") as log:
            done = subprocess.run(
                [self.hearth, *arguments], stdout=log, stderr=log, env={**os.environ, "LANG": "C.UTF-8"}, cwd=self.site.folder)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"hearth {arguments[0]} failed: see {log.name}")

    def command(self, arguments, accept=(0,), timeout=600):
        """What a command of hearth prints."""
        done = subprocess.run(
            [self.hearth, *arguments], capture_output=True, text=True, cwd=self.folder, timeout=timeout,
            env={**os.environ, **self._of_machine("operator", ["node1", "node2", "node3"])})
        if done.returncode not in accept:
            raise RuntimeError(f"hearth {' '.join(arguments[:2])}: {done.returncode}: {(done.stderr or done.stdout).strip()[-1500:]}")
        return done.stdout

    def patiently(self, arguments, seconds=120):
        """The same, again and again, while the servers settle who of them is primary."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.command(arguments)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                self.site.pause(2)

    # What changes in the company

    def mark(self, version):
        """Every charge of the marked accounts says this version, in one transaction of billing."""
        with sqlite3.connect(self.environment["HEARTH_BILLING_PATH"], timeout=60) as billing:
            for identity, _ in self.marked:
                billing.execute(
                    "UPDATE sf_fy SET wyje = ?, gxsj = ? WHERE yhid = ? AND zf = 0",
                    (f"{version // 100}.{version % 100:02d}", self._now(), identity))

    def begin_outage(self, number, place):
        begins = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
        with sqlite3.connect(self.environment["CLUSTER_OUTAGES"], timeout=60) as outages:
            outages.execute("INSERT INTO outage VALUES (?, 'unplanned', 'ongoing', ?, ?, ?, ?, ?, ?)", (
                number, *place, f"管道抢修{number}", begins.isoformat(timespec="seconds"),
                (begins + datetime.timedelta(hours=6)).isoformat(timespec="seconds"), begins.isoformat(timespec="microseconds")))

    def _now(self):
        return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")

    def sync(self, stream):
        """Runs a sync on the worker's machine, which may be killed. Returns its runs, or nothing where it was no success."""
        path = os.path.join(self.site.logs, "sync.json")
        self._sync = Process(
            self.site, "sync", "worker", ["sh", "-c", f'exec "$0" sync --json {stream} >"$1"', self.hearth, path], self._syncing,
            folder=self.folder)
        self._sync.start()
        while self._sync.is_alive:
            self.site.pause(0.05)
        try:
            with open(path) as file:
                runs = json.load(file)["runs"]
        except (OSError, ValueError, KeyError):
            return []
        return runs if runs and all(run["state"] == "success" for run in runs) else []

    def kill_sync(self):
        if self._sync is not None:
            self._sync.signal(9)
