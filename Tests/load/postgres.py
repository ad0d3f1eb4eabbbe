#!/usr/bin/env python3
"""A store on PostgreSQL beside PostgreSQL itself: syncs beside COPY, lookups through a gateway beside pgbench, one gateway beside two.

    python3 Tests/load/postgres.py [--lines 5000000] [--seconds 15] [--build .build/release] [--directory /tmp]

It needs release builds (`swift build -c release --product hearth`), wrk and PostgreSQL with pgbench (`.ci/install load`). A primary and two
replicas of its own are made and removed. Processor time of a server is that of all its processes.
"""
import argparse, glob, json, os, pwd, re, resource, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--lines", type=int, default=5_000_000, help="bill lines; there are a fifth as many accounts")
arguments.add_argument("--seconds", type=int, default=15)
arguments.add_argument("--rounds", type=int, default=3, help="of lookups, in turn with pgbench")
arguments.add_argument("--clients", type=int, default=64)
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/release"))
arguments.add_argument("--directory", default="/tmp")
options = arguments.parse_args()
hearth = os.path.join(os.path.abspath(options.build), "hearth")
accounts = options.lines // 5
programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
folder = tempfile.mkdtemp(prefix="pg-load-", dir=options.directory)
as_owner = []
if os.geteuid() == 0:
    user = pwd.getpwnam("postgres")
    os.chmod(folder, 0o755)
    as_owner = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
TICK = os.sysconf("SC_CLK_TCK")


def say(text):
    print(text, file=sys.stderr, flush=True)


def stat(process):
    with open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()


def processor(process):
    """Seconds of a process, of its children that live, and of those that it has buried."""
    fields = stat(process)
    ticks = sum(int(field) for field in fields[11:15])
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                child = stat(name)
            except OSError:
                continue
            if child[1] == str(process):
                ticks += int(child[11]) + int(child[12])
    return ticks / TICK


class Database:
    """A PostgreSQL server, made anew or as a replica of another."""

    def __init__(self, name, of=None):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        if as_owner:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.data = self.folder + "/data"
        if of:
            self.run("pg_basebackup", "-D", self.data, "-h", of.folder, "-U", "postgres", "-R", "-X", "stream", "-c", "fast")
        else:
            self.run("initdb", "-D", self.data, "-N", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "postgres")
        with open(self.data + "/postgresql.conf", "a") as file:
            file.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nshared_buffers = 1GB\nmax_wal_size = 8GB\n"
                "checkpoint_timeout = 15min\nwal_compression = lz4\nmax_connections = 300\nautovacuum_vacuum_scale_factor = 0.02\n")
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "600", "-l", self.folder + "/log", "start")
        with open(self.data + "/postmaster.pid") as file:
            self.process = int(file.readline())

    def run(self, program, *rest):
        subprocess.run(as_owner + [f"{programs}/{program}", *rest], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def ask(self, sql, database="hearth"):
        return subprocess.run(
            ["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", "-d", database, "-c", sql], check=True,
            capture_output=True, text=True).stdout.strip()

    def conninfo(self, database="hearth"):
        return f"host={self.folder} dbname={database} user=postgres"

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")


LEGACY = """
CREATE TABLE customer(account_no text NOT NULL, name text NOT NULL, phone text, id_no text, community text, building text, unit text,
    room text, area_m2 numeric(10,2), status text, station_code text, tariff_code text, opened_on date, updated_at timestamptz);
CREATE TABLE bill(bill_id bigint NOT NULL, account_no text NOT NULL, season text, line_no int, item text, quantity numeric(12,3),
    unit_price numeric(8,3), amount numeric(14,2), tax numeric(14,2), paid numeric(14,2), due_on date, status text, remark text,
    updated_at timestamptz);
INSERT INTO customer SELECT 'HT' || (10000000 + i), (ARRAY['张伟','王芳','李娜','刘洋','陈静','欧阳建国','赵敏','孙丽'])[1 + i %% 8] || (i %% 977),
    '139' || lpad((i %% 100000000)::text, 8, '0'), '2101' || lpad((i %% 90000000)::text, 14, '0'), '阳光花园小区' || (i %% 321),
    (1 + i %% 40) || '号楼', (1 + i %% 6) || '单元', (101 + i %% 900)::text, (60 + (i * 7919 %% 12000) / 100.0)::numeric(10,2),
    (ARRAY['正常供热','报停','欠费停供'])[1 + (i %% 20) / 18], 'ST' || (100 + i %% 300), 'RES-26', date '2005-10-01' + (i %% 7000)::int,
    timestamptz '2026-10-01' + (i %% 4000000) * interval '1 second' FROM generate_series(0::bigint, %(accounts)d - 1) i;
INSERT INTO bill SELECT i, 'HT' || (10000000 + i / 5), (ARRAY['2022-2023','2023-2024','2024-2025','2025-2026','2026-2027'])[1 + i %% 5],
    1 + i %% 5, (ARRAY['基本热费','计量热费','滞纳金','减免','其他'])[1 + i %% 5], (60 + (i * 7919 %% 12000) / 100.0)::numeric(12,3), 26.0,
    ((60 + (i * 7919 %% 12000) / 100.0) * 26)::numeric(14,2), ((60 + (i * 7919 %% 12000) / 100.0) * 2.34)::numeric(14,2),
    ((i * 31) %% 300000 / 100.0)::numeric(14,2), date '2022-11-15' + ((i %% 5) * 365)::int, (ARRAY['已缴','未缴','部分缴'])[1 + i %% 3],
    CASE WHEN i %% 7 = 0 THEN '用户申请减免，经审核"同意",备注' || i END,
    timestamptz '2026-10-01' + (i %% 4000000) * interval '1 second' FROM generate_series(0::bigint, %(lines)d - 1) i;
CREATE INDEX ON customer(updated_at, account_no); CREATE INDEX ON bill(updated_at, bill_id);
ALTER TABLE customer ADD PRIMARY KEY(account_no); ALTER TABLE bill ADD PRIMARY KEY(bill_id);
"""
CONFIG = """
store:
  postgres: "%(store)s"
%(replicas)smappings: Mappings
sources:
  billing:
    sql: {driver: postgres, conninfo: "%(legacy)s"}
    streams:
      accounts: {table: customer, key: [account_no], cursor: updated_at}
      charges:  {table: bill, key: [bill_id], cursor: updated_at}
serve:
  port: 0
  accessLog: %(access)s
  rateLimit: {perSecond: 1000000, burst: 1000000}
"""


def mappings():
    """Those of HearthBenchmarks: the same two tables."""
    with open(os.path.join(REPOSITORY, "Sources/HearthBenchmarks/Data/BenchmarkMappings.swift")) as file:
        text = file.read()
    for name, body in re.findall(r'static let (\w+) = """\n(.*?)\n        """', text, re.DOTALL):
        path = "unified" if name == "unified" else f"billing.{name}"
        with open(f"{folder}/Mappings/{path}.yaml", "w") as file:
            file.write("".join(line[8:] + "\n" for line in body.splitlines()))


def configure(name, store, replica=None):
    path = f"{folder}/{name}.yaml"
    with open(path, "w") as file:
        file.write(CONFIG % {
            "access": f"{folder}/{name}-access", "store": store.conninfo(), "legacy": store.conninfo("legacy"),
            "replicas": f'  replicas: "{replica.conninfo()}"\n' if replica else ""})
    return path


def timed(server, command, check=True):
    """Seconds, processor seconds of the command and of the server."""
    before, own = processor(server.process), resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.monotonic() - begun
    # Sessions that end are buried in a moment.
    time.sleep(1)
    if done.returncode and check:
        sys.exit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime, processor(server.process) - before


class Gateway:
    def __init__(self, configuration):
        self.log = open(configuration + ".log", "w")
        self.program = subprocess.Popen(
            [hearth, "serve", "--config", configuration, "--port", "0", "--log-level", "error"], stdout=subprocess.PIPE, stderr=self.log,
            text=True)
        for line in self.program.stdout:
            found = re.search(r"http://[0-9.]+:\d+", line)
            if found:
                self.address = found[0]
                return
        sys.exit("hearth serve did not start: " + open(configuration + ".log").read())

    def seconds(self):
        fields = stat(self.program.pid)
        return (int(fields[11]) + int(fields[12])) / TICK

    def end(self):
        self.program.send_signal(signal.SIGTERM)
        self.program.wait(60)


def start_wrk(gateway, secret, seconds):
    script = os.path.join(folder, "load.lua")
    with open(script, "w") as file:
        file.write(f"""
math.randomseed(os.time() + tonumber(tostring({{}}):match("0x(%x+)"), 16) % 100000)
local headers = {{["Authorization"] = "Bearer {secret}"}}
request = function()
  return wrk.format("GET", "/v1/accounts/HT" .. tostring(10000000 + math.random(0, {accounts - 1})), headers)
end
""")
    return subprocess.Popen(
        ["wrk", "-t1", f"-c{options.clients}", f"-d{seconds}s", "--latency", "-s", script, gateway.address], stdout=subprocess.PIPE,
        text=True)


def end_wrk(program):
    text = program.communicate()[0]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if bad:
        say(f"{bad[1]} answers were no good ones")
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return int(re.search(r"(\d+) requests in", text)[1]), float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(value) * {
        "us": 0.001, "ms": 1, "s": 1000}[unit]


rows = []


def row(*cells):
    rows.append(cells)
    say(" | ".join(cells))


def syncs(server):
    configuration = configure("sync", server)
    server.ask("CREATE DATABASE legacy", "postgres")
    server.ask("CREATE DATABASE hearth", "postgres")
    say(f"{options.lines:,} bills of {accounts:,} accounts are made …")
    server.ask(LEGACY % {"accounts": accounts, "lines": options.lines}, "legacy")
    server.ask("VACUUM ANALYZE", "legacy")
    timed(server, [hearth, "sync", "billing.accounts", "--config", configuration])
    server.ask("CHECKPOINT", "legacy")
    server.ask("CREATE TABLE copied (LIKE bill)", "legacy")
    copy = timed(server, [
        "sh", "-c", 'psql -X -q -U postgres -h "$0" -d legacy -c "COPY bill TO STDOUT" | psql -X -q -U postgres -h "$0" -d legacy -c "COPY copied FROM STDIN"',
        server.folder])
    server.ask("DROP TABLE copied", "legacy")
    server.ask("CHECKPOINT", "legacy")
    first = timed(server, [hearth, "sync", "billing.charges", "--config", configuration])
    server.ask("VACUUM ANALYZE")
    server.ask("CHECKPOINT")
    server.ask(
        "UPDATE bill SET paid = paid + 1, updated_at = timestamptz '2027-06-01' + bill_id * interval '1 ms' WHERE bill_id % 1000 = 7", "legacy")
    server.ask("VACUUM ANALYZE bill", "legacy")
    server.ask("CHECKPOINT", "legacy")
    repeat = timed(server, [hearth, "sync", "billing.charges", "--config", configuration])
    shown = lambda t: f"{t[0]:.2f} s ({t[1] + t[2]:.2f} of processor, {t[2]:.2f} of it the server's)"
    row("first sync with views", f"COPY out and in: {shown(copy)}", f"{shown(first)} = {first[0] / copy[0]:.1f} ×, by processor "
        f"{(first[1] + first[2]) / (copy[1] + copy[2]):.1f} ×", "≤ 5 ×")
    row("0.1 % changed, each of another account", "that first sync", f"{shown(repeat)} = {100 * repeat[0] / first[0]:.1f} %, by processor "
        f"{100 * (repeat[1] + repeat[2]) / (first[1] + first[2]):.1f} %", "≤ 2 %")
    server.ask("VACUUM ANALYZE")
    server.ask("CHECKPOINT")


def lookups(server):
    configuration = configure("serve", server)
    secret = json.loads(subprocess.run(
        [hearth, "token", "create", "--config", configuration, "--name", "load", "--scope", "assistant", "--json"], check=True,
        capture_output=True, text=True).stdout)["token"]
    script = os.path.join(folder, "lookup.sql")
    with open(script, "w") as file:
        file.write(
            f"\\set n random(10000000, {9999999 + accounts})\n"
            "SELECT v.packing_id, v.packed FROM account a JOIN account_view v ON v.account_id = a.id WHERE a.number = 'HT' || :n;\n")
    gateway = Gateway(configuration)
    end_wrk(start_wrk(gateway, secret, options.seconds))
    pairs = []
    for _ in range(options.rounds):
        time.sleep(1)
        before, begun = processor(server.process), resource.getrusage(resource.RUSAGE_CHILDREN)
        text = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(options.clients), "-j", "1", "-T", str(options.seconds), "-f", script, "-h",
             server.folder, "-U", "postgres", "hearth"], check=True, capture_output=True, text=True).stdout
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        time.sleep(1)
        done = int(re.search(r"actually processed: (\d+)", text)[1])
        served = processor(server.process) - before
        reference = (float(re.search(r"tps = ([\d.]+)", text)[1]),
                     1e6 * (served + ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime) / done, 1e6 * served / done)
        before, own, begun = processor(server.process), gateway.seconds(), resource.getrusage(resource.RUSAGE_CHILDREN)
        count, rate, p99 = end_wrk(start_wrk(gateway, secret, options.seconds))
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        asked = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
        pairs.append((reference, rate, p99, 1e6 * (processor(server.process) - before) / count, 1e6 * (gateway.seconds() - own) / count,
                      1e6 * asked / count))
    gateway.end()
    middle = sorted(pairs, key=lambda pair: pair[1] / pair[0][0])[len(pairs) // 2]
    (reference, all_of, of_server), rate, p99, server_us, gateway_us, wrk_us = middle
    row(f"lookup through a gateway, {options.clients} clients, token checked, access logged",
        f"pgbench: {reference:,.0f}/s, {all_of:.0f} µs of processor ({of_server:.0f} the server's)",
        f"{rate:,.0f}/s = {rate / reference:.2f} ×, p99 {p99:.1f} ms, {server_us + gateway_us + wrk_us:.0f} µs of processor "
        f"({server_us:.0f} the server's, {gateway_us:.0f} the gateway's, {wrk_us:.0f} wrk's)", "≥ 0.8 ×")
    return secret


def replicas(server, secret):
    near = [Database(f"replica{place}", of=server) for place in (1, 2)]
    try:
        gateways = [Gateway(configure(f"serve{place}", server, replica)) for place, replica in enumerate(near)]
        for gateway in gateways:
            end_wrk(start_wrk(gateway, secret, options.seconds))

        def measured(several):
            """Lookups, and lookups a second of processor time of gateways and replicas."""
            used = lambda: sum(gateway.seconds() for gateway in gateways[:several]) + sum(processor(r.process) for r in near[:several])
            before, primary = used(), processor(server.process)
            running = [start_wrk(gateway, secret, options.seconds) for gateway in gateways[:several]]
            counts = [end_wrk(program) for program in running]
            return sum(c[1] for c in counts), sum(c[0] for c in counts) / (used() - before), processor(server.process) - primary
        pairs = [(measured(1), measured(2)) for _ in range(options.rounds)]
        one, two = sorted(pairs, key=lambda pair: pair[1][1] / pair[0][1])[len(pairs) // 2]
        row("two gateways on two replicas", f"one: {one[0]:,.0f}/s, {one[1]:,.0f} a second of processor time",
            f"{two[0]:,.0f}/s, {two[1]:,.0f} a second of processor time = {two[1] / one[1]:.2f} ×; the primary's meanwhile {two[2]:.1f} s",
            "no shared lock")
        for gateway in gateways:
            gateway.end()
    finally:
        for replica in near:
            replica.stop()


try:
    os.mkdir(folder + "/Mappings")
    mappings()
    for name in os.listdir(REPOSITORY + "/Config"):
        if name != "hearth.yaml":
            os.symlink(f"{REPOSITORY}/Config/{name}", f"{folder}/{name}")
    primary = Database("primary")
    try:
        syncs(primary)
        replicas(primary, lookups(primary))
    finally:
        primary.stop()
    print(f"{options.lines:,} lines of {accounts:,} accounts; load {os.getloadavg()[0]:.1f}")
    for cells in [("case", "reference", "Hearth", "wanted")] + rows:
        print("| " + " | ".join(cells) + " |")
finally:
    shutil.rmtree(folder, ignore_errors=True)
