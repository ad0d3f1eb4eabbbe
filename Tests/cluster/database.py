"""Three machines, each with etcd, Patroni and PostgreSQL; what of them is alive, and who takes writes."""
import concurrent.futures
import glob
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import time

from processes import Process, send, tree

NODES = ["node1", "node2", "node3"]
#: What Patroni gives the leader; a production takes 30, 10 and 10. ttl >= loop_wait + 2 * retry_timeout.
TTL, LOOP_WAIT, RETRY = 20, 2, 5


def binaries():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    return found[-1] if found else None


class Node:
    def __init__(self, site, name, password, options):
        self.site, self.name = site, name
        self.folder = os.path.join(site.folder, name)
        self.data = os.path.join(self.folder, "data")
        os.makedirs(self.folder)
        network = site.network
        urls = {n: "http://%s:%d" % network.address(n, "etcd-peer") for n in NODES}
        client = "http://%s:%d" % network.address(name, "etcd")
        self.etcd = Process(site, f"etcd-{name}", name, [
            "etcd", "--name", name, "--data-dir", os.path.join(self.folder, "etcd"),
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", urls[name], "--initial-advertise-peer-urls", urls[name],
            "--initial-cluster", ",".join(f"{n}={url}" for n, url in urls.items()), "--initial-cluster-state", "new",
            "--heartbeat-interval", "250", "--election-timeout", "2500"], as_postgres=True, folder=self.folder)
        path = os.path.join(self.folder, "patroni.yml")
        with open(path, "w") as file:
            # JSON is YAML.
            json.dump(self._patroni(password, options), file, indent=1)
        os.chmod(path, 0o600)
        self.patroni = Process(site, f"patroni-{name}", name, [options.patroni, path], as_postgres=True, folder=self.folder)
        if os.geteuid() == 0:
            for one in (self.folder, path):
                shutil.chown(one, "postgres", "postgres")

    def _patroni(self, password, options):
        network = self.site.network
        host, port = network.address(self.name, "postgres")
        rest = "%s:%d" % network.address(self.name, "patroni")
        user = {"password": password}
        return {
            "scope": "hearth", "name": self.name,
            "restapi": {"listen": rest, "connect_address": rest},
            "etcd3": {"hosts": ["%s:%d" % network.address(n, "etcd") for n in NODES]},
            "watchdog": {"mode": "off"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL, "loop_wait": LOOP_WAIT, "retry_timeout": RETRY, "maximum_lag_on_failover": 1048576,
                    "synchronous_mode": True, "synchronous_mode_strict": options.strict, "synchronous_node_count": options.sync_nodes,
                    "failsafe_mode": not options.no_failsafe,
                    "postgresql": {
                        "use_pg_rewind": True, "use_slots": True,
                        "parameters": {
                            "synchronous_commit": "on", "hot_standby_feedback": "on", "max_standby_streaming_delay": "30s",
                            "wal_keep_size": "256MB", "shared_buffers": "64MB", "max_connections": 200, "wal_compression": "lz4",
                            "wal_sender_timeout": "10s", "wal_receiver_timeout": "10s", "log_lock_waits": "on",
                        },
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{host}:{port}", "connect_address": f"{host}:{port}", "data_dir": self.data, "bin_dir": binaries(),
                "pgpass": os.path.join(self.folder, "pgpass"),
                "pg_hba": ["local all all peer", "host all all all scram-sha-256", "host replication replicator all scram-sha-256"],
                "authentication": {
                    "superuser": {"username": "postgres", **user}, "replication": {"username": "replicator", **user},
                    "rewind": {"username": "rewind", **user}},
                "parameters": {"unix_socket_directories": self.folder, "password_encryption": "scram-sha-256"},
                # Else a replica that is made anew waits for the next checkpoint first, minutes.
                "basebackup": [{"checkpoint": "fast"}],
                "remove_data_directory_on_rewind_failure": True, "remove_data_directory_on_diverged_timelines": True,
            },
        }

    @property
    def postmaster(self):
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                pid = int(file.readline())
            with open(f"/proc/{pid}/comm") as file:
                return pid if file.read().strip() == "postgres" else None
        except (OSError, ValueError):
            return None

    @property
    def database_processes(self):
        return tree(self.postmaster)

    @property
    def all_processes(self):
        """Patroni and PostgreSQL."""
        return list(dict.fromkeys(tree(self.patroni.pid) + self.database_processes))

    def kill_database(self):
        send(self.database_processes, signal.SIGKILL)

    def kill_all(self, etcd=False):
        """As the power that goes: Patroni first, so that it mends nothing."""
        processes = self.all_processes
        self.patroni.is_wanted = False
        self.patroni.signal(signal.SIGKILL)
        send(processes, signal.SIGKILL)
        self.patroni.kill()
        if etcd:
            self.etcd.kill()

    def rest(self, path, timeout=2):
        connection = http.client.HTTPConnection(*self.site.network.address(self.name, "patroni"), timeout=timeout)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


class Database:
    def __init__(self, site, options):
        self.site = site
        self.password = secrets.token_hex(16)
        self.nodes = {name: Node(site, name, self.password, options) for name in NODES}

    def start(self):
        for node in self.nodes.values():
            node.etcd.start()
        first = self.nodes["node1"]
        first.patroni.start()
        self.wait(lambda: self.primary(), 120, "no primary came up: see logs/patroni-node1.log")
        for name in NODES[1:]:
            self.nodes[name].patroni.start()
        self.wait(lambda: self.is_whole, 180, "the replicas did not come up: see logs/patroni-node2.log and -node3.log")
        self.psql("postgres", f"CREATE ROLE hearth LOGIN PASSWORD '{self.password}'")
        self.psql("postgres", "CREATE DATABASE hearth OWNER hearth")

    def conninfo(self, order=NODES, more="", haproxy=False):
        if haproxy:
            places = [self.site.network.address("here", "read" if more else "write")]
        else:
            places = [self.site.network.address(name, "postgres") for name in order]
        hosts, ports = ",".join(host for host, _ in places), ",".join(str(port) for _, port in places)
        return f"host={hosts} port={ports} dbname=hearth user=hearth password={self.password}" + more

    def psql(self, database, statement, user="postgres"):
        """Says it to the primary, and returns what comes, a row a line."""
        places = [self.site.network.address(name, "postgres") for name in NODES]
        address = (
            f"host={','.join(h for h, _ in places)} port={','.join(str(p) for _, p in places)} dbname={database} user={user} "
            f"password={self.password} target_session_attrs=read-write connect_timeout=3")
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, address], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    # What is alive

    def members(self):
        """As Patroni's members see it: whichever answers, the one that knows a leader before others. Nothing where none does."""
        def ask(node):
            try:
                return node.rest("/cluster").get("members", [])
            except (OSError, ValueError, http.client.HTTPException):
                return []
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(ask, self.nodes.values()))
        return max(answers, key=lambda members: (any(m["role"] == "leader" and m["state"] == "running" for m in members), len(members)))

    def primary(self):
        """Who takes writes by its own word, as a name; None where none says so."""
        def ask(node):
            try:
                known = node.rest("/patroni")
                takes_writes = known.get("role") in ("master", "primary") and known.get("state") == "running"
                return (known.get("timeline") or 0) if takes_writes else None
            except (OSError, ValueError, http.client.HTTPException):
                return None
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = dict(zip(self.nodes, pool.map(ask, self.nodes.values())))
        found = {name: timeline for name, timeline in answers.items() if timeline is not None}
        return max(found, key=found.get) if found else None

    @property
    def is_whole(self):
        """A primary, a replica that is waited for, and another; each at work."""
        members = self.members()
        roles = sorted(m["role"] for m in members if m["state"] in ("running", "streaming"))
        if len(roles) != len(NODES) or "leader" not in roles or "sync_standby" not in roles:
            return False
        timelines = {m.get("timeline") for m in members}
        return len(timelines) == 1

    def etcd_leader(self):
        for node in self.nodes.values():
            try:
                connection = http.client.HTTPConnection(*self.site.network.address(node.name, "etcd"), timeout=2)
                connection.request("POST", "/v3/maintenance/status", body=b"{}")
                status = json.loads(connection.getresponse().read())
                connection.close()
                if status.get("leader") and status["leader"] == status["header"]["member_id"]:
                    return node.name
            except (OSError, ValueError, KeyError, http.client.HTTPException):
                continue
        return None

    def wait(self, condition, seconds, otherwise):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(otherwise)
            self.site.pause(0.3)
