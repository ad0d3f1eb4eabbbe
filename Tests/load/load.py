#!/usr/bin/env python3
"""The load runs of `hearth serve`, in one command: prints a table of cases beside their references.

    python3 Tests/load/load.py [--accounts 1000000] [--seconds 15] [--directory DIR] [--skip-postgres] [--skip-freshness] [--check]

It needs release builds (`swift build -c release`), wrk, nginx, h2o and, for the last rows, PostgreSQL with pgbench (`.ci/install load`).
The store is made once, through `hearth sync` from an SQLite source made here, and kept in the directory.
"""
import argparse, contextlib, ctypes, http.client, json, os, queue, random, re, shutil, signal, socket, sqlite3, statistics, subprocess, sys, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--accounts", type=int, default=1_000_000)
arguments.add_argument("--seconds", type=int, default=15)
arguments.add_argument("--runs", type=int, default=3, help="of each lookup case, in turn with the bare server")
arguments.add_argument("--directory", default="hearth-load")
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/release"))
arguments.add_argument("--skip-postgres", action="store_true")
arguments.add_argument("--skip-sync", action="store_true")
arguments.add_argument("--skip-freshness", action="store_true")
arguments.add_argument("--changes", type=int, default=100, help="a second, while freshness is measured")
arguments.add_argument("--skip-lookups", action="store_true")
arguments.add_argument("--prepare-only", action="store_true")
arguments.add_argument("--check", action="store_true", help="end with 1 where a row is slower than Thresholds.json allows")
options = arguments.parse_args()
folder = os.path.abspath(options.directory)
os.makedirs(folder, exist_ok=True)
hearth = os.path.join(options.build, "hearth")
config = os.path.join(folder, "Config", "hearth.yaml")
FIRST = 10_000_000


def say(text):
    print(text, file=sys.stderr, flush=True)


def number(index):
    return str(FIRST + index)


def view_reader(store):
    """The bodies of a store's views: Sources/SQLiteStore/README.md says how they are packed."""
    zstd = ctypes.CDLL("libzstd.so.1")
    for name in ("ZSTD_createDCtx", "ZSTD_decompress_usingDict", "ZSTD_getFrameContentSize"):
        getattr(zstd, name).restype = ctypes.c_void_p if "create" in name else ctypes.c_ulonglong
    context = ctypes.c_void_p(zstd.ZSTD_createDCtx())
    dictionaries = {row[0]: row[1:] for row in store.execute("SELECT id, kind, content FROM packing WHERE kind <> 1")}

    def body_of(packing, packed):
        kind, dictionary = dictionaries.get(packing, (0, b""))
        frame = b"\x28\xb5\x2f\xfd" + (packed[4:] if kind == 2 else packed)
        size = zstd.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame)))
        out = ctypes.create_string_buffer(size)
        done = zstd.ZSTD_decompress_usingDict(
            context, out, ctypes.c_size_t(size), frame, ctypes.c_size_t(len(frame)), dictionary,
            ctypes.c_size_t(len(dictionary)))
        if done != size:
            raise ValueError("a view that is none")
        count, at = 0, 0
        while True:
            count |= (out.raw[at] & 0x7F) << 7 * at
            at += 1
            if out.raw[at - 1] < 0x80:
                break
        return out.raw[at:at + (count >> 1)].decode()
    return body_of


CONFIG = """
store: {sqlite: %(folder)s/hearth.db}
mappings: %(folder)s/Mappings
sources:
  billing:
    sql: {driver: sqlite, path: %(folder)s/billing.sqlite}
    streams:
      accounts: {table: account, key: [no], cursor: changed}
      seasons:  {table: season, key: [season]}
      charges:  {table: charge, key: [id], cursor: changed}
serve:
  port: 0
  rateLimit: {perSecond: 0}
  accessLog: %(folder)s/access
"""
MAPPINGS = {
    "billing.accounts.yaml": """
entity: account
from: billing.accounts
key: [no]
account: {column: no, as: accountNumber, introduces: true}
fields:
  class:         {column: class, as: code, codes: {r: resident}}
  tariff:        {column: tariff, as: text}
  holder.name:   {column: name, as: text}
  holder.phones: {column: phone, as: phones}
  community:     {column: community, as: community}
  building:      {column: building, as: building}
  unit:          {column: unit, as: unit}
  room:          {column: room, as: room}
  area.building: {column: area, as: decimal(3), unit: m2}
  method:        {column: method, as: code, codes: {a: byArea}}
""",
    "billing.seasons.yaml": """
entity: season
from: billing.seasons
key: [season]
fields:
  season:   {column: season, as: season, required: true}
  startsOn: {column: begins, as: date, required: true}
  endsOn:   {column: ends, as: date, required: true}
""",
    "billing.charges.yaml": """
entity: charge
from: billing.charges
key: [id]
account: {column: no, as: accountNumber}
fields:
  season:    {column: season, as: season, required: true}
  item:      {column: item, as: code, required: true, codes: {a: heatByArea}}
  quantity:  {column: quantity, as: decimal(3)}
  unitPrice: {column: price, as: decimal(3)}
  due:       {column: due, as: money(fen), required: true}
  received:  {column: received, as: money(fen), required: true}
""",
    "unified.yaml": """
facts:
  class:         {from: [billing.accounts]}
  tariff:        {from: [billing.accounts]}
  holder.name:   {from: [billing.accounts]}
  holder.phones: {from: [billing.accounts]}
  community:     {from: [billing.accounts]}
  building:      {from: [billing.accounts]}
  unit:          {from: [billing.accounts]}
  room:          {from: [billing.accounts]}
  area.building: {from: [billing.accounts]}
  method:        {from: [billing.accounts]}
lists:
  charges: {from: [billing.charges], order: [season]}
""",
}


def prepare():
    shutil.rmtree(os.path.join(folder, "Config"), ignore_errors=True)
    shutil.rmtree(os.path.join(folder, "Mappings"), ignore_errors=True)
    shutil.copytree(os.path.join(REPOSITORY, "Config"), os.path.join(folder, "Config"))
    os.makedirs(os.path.join(folder, "Mappings"))
    with open(config, "w") as file:
        file.write(CONFIG % {"folder": folder})
    for name, text in MAPPINGS.items():
        with open(os.path.join(folder, "Mappings", name), "w") as file:
            file.write(text)
    marker = os.path.join(folder, "accounts")
    if os.path.exists(marker) and open(marker).read() == str(options.accounts):
        return
    for name in os.listdir(folder):
        if name.startswith(("hearth.db", "billing.sqlite")):
            os.remove(os.path.join(folder, name))
    say(f"making a source of {options.accounts:,} accounts …")
    source = sqlite3.connect(os.path.join(folder, "billing.sqlite"))
    source.executescript("""
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
        CREATE TABLE account(no TEXT PRIMARY KEY, class TEXT, tariff TEXT, name TEXT, phone TEXT, community TEXT, building TEXT,
            unit TEXT, room TEXT, area TEXT, method TEXT, changed INTEGER);
        CREATE TABLE season(season TEXT PRIMARY KEY, begins TEXT, ends TEXT);
        CREATE TABLE charge(id INTEGER PRIMARY KEY, no TEXT, season TEXT, item TEXT, quantity TEXT, price TEXT, due INTEGER,
            received INTEGER, changed INTEGER);
        INSERT INTO season VALUES('2024-2025', '2024-11-15', '2025-03-15'), ('2025-2026', '2025-11-15', '2026-03-15');
        """)
    chance = random.Random(1)
    names = "张李王刘陈杨赵黄周吴"
    accounts, charges = [], []
    for index in range(options.accounts):
        house, room = divmod(index, 60)
        estate, building = divmod(house, 20)
        area = chance.randrange(4500, 15000) * 10
        accounts.append((number(index), "r", "TJ-JM-1", names[index % 10] + "小明", f"139{index:08d}", f"第{estate}小区",
                         str(building + 1), str(room // 20 + 1), f"{room % 20 // 2 + 1}0{room % 2 + 1}",
                         f"{area / 1000:.3f}", "a", 1))
        for season in (0, 1):
            charges.append((index * 2 + season, number(index), ("2024-2025", "2025-2026")[season], "a", f"{area / 1000:.3f}",
                            "25.000", round(area * 2.5), round(area * 2.5) if index % 3 else 0, 1))
        if len(accounts) == 50_000:
            source.executemany("INSERT INTO account VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", accounts)
            source.executemany("INSERT INTO charge VALUES(?,?,?,?,?,?,?,?,?)", charges)
            accounts, charges = [], []
    source.executemany("INSERT INTO account VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", accounts)
    source.executemany("INSERT INTO charge VALUES(?,?,?,?,?,?,?,?,?)", charges)
    source.commit()
    source.close()
    say("syncing it …")
    began = time.time()
    subprocess.run([hearth, "sync", "--config", config], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    say(f"synced in {time.time() - began:.0f} s")
    with open(marker, "w") as file:
        file.write(str(options.accounts))


# Four tables as billing, cashier and dispatch keep them, and the view that is asked instead of Hearth: an account's facts, and
# what its bills, payments and orders come to.
LEGACY = """
CREATE TABLE view(number text, body text);
CREATE TABLE customer(account_no text NOT NULL, name text NOT NULL, phone text, id_no text, city text, district text, community text,
    building text, unit text, room text, area_m2 numeric(10,2), heating_type text, status text, station_code text, tariff_code text,
    unit_price numeric(8,3), opened_on date, updated_at timestamptz);
CREATE TABLE bill(bill_id bigint NOT NULL, account_no text NOT NULL, season text, line_no int, item text, quantity numeric(12,3),
    unit_price numeric(8,3), amount numeric(14,2), tax numeric(14,2), paid numeric(14,2), due_on date, status text, remark text,
    updated_at timestamptz);
CREATE TABLE payment(pay_id bigint NOT NULL, account_no text NOT NULL, amount numeric(14,2), channel text, paid_at timestamptz,
    txn_no text);
CREATE TABLE work_order(wo_no text NOT NULL, account_no text NOT NULL, type text, state text, created_at timestamptz,
    finished_at timestamptz, engineer text, description text);
INSERT INTO customer SELECT (%(first)s + i)::text, '张小明', '139' || lpad(i::text, 8, '0'), lpad(i::text, 18, '2'), '沈阳市', '和平区',
    '阳光花园小区' || i / 1200, i / 60 %% 20 + 1 || '号楼', i / 20 %% 3 + 1 || '单元', 101 + i %% 900, 60 + i * 7919 %% 12000 / 100.0, '地暖', '正常供热',
    'ST' || 100 + i %% 300, 'RES-26', 26, date '2005-10-01' + (i %% 7000)::int, timestamptz '2026-10-01' + i * interval '1 second'
    FROM generate_series(0::bigint, %(accounts)s - 1) i;
INSERT INTO bill SELECT i, (%(first)s + i / 5)::text, 2022 + i %% 5 || '-' || 2023 + i %% 5, 1 + i %% 5, '基本热费', 60 + i * 7919 %% 12000 / 100.0, 26,
    (60 + i * 7919 %% 12000 / 100.0) * 26, (60 + i * 7919 %% 12000 / 100.0) * 2.34, i * 31 %% 300000 / 100.0,
    date '2022-11-15' + (i %% 5 * 365)::int, '已缴', CASE WHEN i %% 7 = 0 THEN '用户申请减免,经审核同意 ' || i END,
    timestamptz '2026-10-01' + i %% 4000000 * interval '1 second' FROM generate_series(0::bigint, %(accounts)s * 5 - 1) i;
INSERT INTO payment SELECT i, (%(first)s + i / 2)::text, i * 31 %% 300000 / 100.0, '微信支付', timestamptz '2025-10-01' + i * interval '1 second',
    'TX' || md5(i::text) FROM generate_series(0::bigint, %(accounts)s * 2 - 1) i;
INSERT INTO work_order SELECT 'WO2026' || 1000000 + i, (%(first)s + i * 7919 %% %(accounts)s)::text, '报修', '处理中',
    timestamptz '2026-10-15' + i * interval '1 second', NULL, '工程师' || i %% 200, '用户反映室温不足18度,需上门测温。' || i
    FROM generate_series(0::bigint, %(accounts)s / 2 - 1) i;
ALTER TABLE customer ADD PRIMARY KEY(account_no);
ALTER TABLE bill ADD PRIMARY KEY(bill_id);
ALTER TABLE payment ADD PRIMARY KEY(pay_id);
ALTER TABLE work_order ADD PRIMARY KEY(wo_no);
CREATE INDEX ON bill(account_no);
CREATE INDEX ON payment(account_no);
CREATE INDEX ON work_order(account_no);
CREATE VIEW account_view AS
    SELECT c.*, b.bill_count, b.billed, b.bill_paid, p.pay_count, p.paid_total, p.last_paid, w.open_orders, w.last_order
    FROM customer c
    LEFT JOIN LATERAL (SELECT count(*) bill_count, sum(amount) billed, sum(paid) bill_paid FROM bill
        WHERE bill.account_no = c.account_no) b ON true
    LEFT JOIN LATERAL (SELECT count(*) pay_count, sum(amount) paid_total, max(paid_at) last_paid FROM payment
        WHERE payment.account_no = c.account_no) p ON true
    LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE state <> '已完成') open_orders, max(wo_no) last_order FROM work_order
        WHERE work_order.account_no = c.account_no) w ON true;
VACUUM ANALYZE;
CHECKPOINT;
"""


class Server:
    """A server on a free port, and its end."""

    def __init__(self, command, port=None):
        self.log = open(os.path.join(folder, "server.log"), "w")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = port
        if port is None:
            line = self.process.stdout.readline()
            self.port = int(re.search(r":(\d+)\s*$", line).group(1))
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)

    def memory(self):
        values = {}
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(("VmRSS", "RssAnon", "RssFile", "VmHWM")):
                name, value = line.split(":")
                values[name] = int(value.split()[0]) / 1024
        return values

    def processor_seconds(self):
        """What it and its workers have used."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            processes = [self.process.pid] + file.read().split()
        ticks = 0
        for process in processes:
            with open(f"/proc/{process}/stat") as file:
                ticks += sum(int(part) for part in file.read().rsplit(")", 1)[1].split()[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def bare(size):
    port = free_port()
    return Server([os.path.join(options.build, "HearthBenchmarks"), "--bare-server", str(port), "--bare-bytes", str(size)], port)


# A static file as each serves it fastest: a worker a core, the file held open, no log.
NGINX = """
daemon off; worker_processes %(cores)d; pid %(folder)s/pid; error_log stderr error; %(user)s
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=16; default_type application/json;
  client_body_temp_path %(folder)s/t1; proxy_temp_path %(folder)s/t2; fastcgi_temp_path %(folder)s/t3; uwsgi_temp_path %(folder)s/t4;
  scgi_temp_path %(folder)s/t5;
  server { listen 127.0.0.1:%(port)d; root %(folder)s/files; }
}
"""
H2O = """
num-threads: %(cores)d
error-log: /dev/null
%(user)s
listen: {host: 127.0.0.1, port: %(port)d}
hosts: {default: {paths: {/: {file.dir: %(folder)s/files}}}}
"""
PROGRAMS = os.environ["PATH"] + ":/usr/sbin"
STATIC = "/account.json"


@contextlib.contextmanager
def static(program, body):
    """nginx or h2o, serving a document as a file."""
    place = tempfile.mkdtemp()
    try:
        os.chmod(place, 0o755)
        os.mkdir(os.path.join(place, "files"))
        with open(place + "/files" + STATIC, "wb") as file:
            file.write(body)
        port, root = free_port(), os.geteuid() == 0
        user = {"nginx": "user root;", "h2o": "user: root"}[program] if root else ""
        text = {"nginx": NGINX, "h2o": H2O}[program] % {
            "folder": place, "port": port, "cores": os.cpu_count(), "user": user}
        path = os.path.join(place, "conf")
        with open(path, "w") as file:
            file.write(text)
        with Server([shutil.which(program, path=PROGRAMS), "-c", path], port) as server:
            served = urllib.request.urlopen(f"http://127.0.0.1:{port}{STATIC}").read()
            if served != body:
                raise ValueError(f"{program} serves something else")
            yield server
    finally:
        shutil.rmtree(place)


def serve():
    return Server([hearth, "serve", "--config", config, "--port", "0", "--log-level", "error"])


def come_to_rest(server):
    """Waits until a server has done what it does after a start: a look at every account for notices, once a store."""
    for _ in range(300):
        before = server.processor_seconds()
        time.sleep(1)
        if server.processor_seconds() - before < 0.1:
            return
    say("the server did not come to rest")


def token():
    made = subprocess.run([hearth, "token", "create", "--config", config, "--name", "load", "--scope", "assistant", "--json"],
                          check=True, capture_output=True, text=True)
    return json.loads(made.stdout)["token"]


def wrk(port, secret, path="/v1/accounts/%s", seconds=None):
    """Requests a second, p99 in ms, and how many answers were none of the good ones."""
    script = os.path.join(folder, "load.lua")
    with open(script, "w") as file:
        file.write(f"""
math.randomseed(os.time() + tonumber(tostring({{}}):match("0x(%x+)"), 16) % 100000)
local headers = {{["Authorization"] = "Bearer {secret}"}}
request = function()
  return wrk.format("GET", string.format("{path}", tostring({FIRST} + math.random(0, {options.accounts - 1}))), headers)
end
""")
    result = subprocess.run(["wrk", "-t2", "-c64", f"-d{seconds or options.seconds}s", "--latency", "-s", script,
                             f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", result).group(1))
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", result).groups()
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", result)
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit], int(bad.group(1)) if bad else 0


def warm():
    """Whatever the disk still holds, or the machine has let go meanwhile, comes into memory."""
    with open(os.path.join(folder, "hearth.db"), "rb") as store:
        while store.read(8 << 20):
            pass


def steady(server, secret, path="/v1/accounts/%s"):
    """A run after the server has served for as long: the pages of the store that it maps come one by one at first. Then, what `wrk` returns
    and the server's microseconds of processor time a request."""
    wrk(server.port, secret, path)
    before = server.processor_seconds()
    run = wrk(server.port, secret, path)
    return run + ((server.processor_seconds() - before) * 1e6 / (run[0] * options.seconds),)


def median(values):
    return statistics.median(values)


rows = []
# By the name of a row in Thresholds.json: what it costs beside its reference, or the figure that is bounded; None where it could not be measured.
held = {}


def row(case, reference, reached, wanted):
    rows.append((case, reference, reached, wanted))
    say(f"{case}: {reference} | {reached} | {wanted}")


def misses():
    """What is slower than it may be, a sentence each."""
    with open(os.path.join(REPOSITORY, "Sources/HearthBenchmarks/Thresholds.json")) as file:
        thresholds = json.load(file)["load"]
    found = []
    for name, ratio in held.items():
        most = thresholds[name]["ratio"] * (1 + thresholds[name]["margin"])
        if ratio is None:
            found.append(f"{name}: not measured, or not its reference")
        elif ratio > most:
            found.append(f"{name}: ratio {ratio:.3f}, at most {most:.3f} ({thresholds[name]['ratio']} and its margin)")
    return found


def lookups(secret):
    with serve() as server:
        time.sleep(1)
        rest = server.memory()
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/v1/accounts/{number(7)}",
                                         headers={"Authorization": f"Bearer {secret}"})
        document = urllib.request.urlopen(request).read()
        size = len(document)
        come_to_rest(server)
    plain, looked, explained, files = [], [], [], {"nginx": [], "h2o": []}
    for _ in range(options.runs):
        with bare(size) as server:
            plain.append(steady(server, secret))
        for program, served in files.items():
            if shutil.which(program, path=PROGRAMS):
                with static(program, document) as server:
                    served.append(steady(server, secret, STATIC))
        warm()
        with serve() as server:
            # The store's file is mapped once nobody has committed for five seconds.
            time.sleep(6)
            looked.append(steady(server, secret))
            busy = server.memory()
        warm()
        with serve() as server:
            time.sleep(6)
            explained.append(steady(server, secret, "/v1/accounts/%s/bills/latest/explanation"))
    base, base99 = (median([run[part] for run in plain]) for part in (0, 1))
    rate, rate99 = (median([run[part] for run in looked]) for part in (0, 1))
    bare_cpu, looked_cpu, explained_cpu = (median([run[3] for run in runs]) for runs in (plain, looked, explained))
    told, told99 = (median([run[part] for run in explained]) for part in (0, 1))

    def beside(runs, part, references=plain):
        """The machine's speed drifts: each run is held against the reference of its own round."""
        return median([run[part] / reference[part] for run, reference in zip(runs, references)])

    bad = sum(run[2] for run in looked + explained + files["nginx"] + files["h2o"])
    if bad:
        say(f"{bad} answers were not good")
    row(f"account lookup, {size} bytes, token checked, access logged", f"bare Hummingbird {base:,.0f}/s, p99 {base99:.2f} ms, {bare_cpu:.1f} µs of processor time",
        f"{rate:,.0f}/s = {beside(looked, 0):.2f} ×, p99 {rate99:.2f} ms = {beside(looked, 1):.2f} ×, {looked_cpu:.1f} µs", "≥ 1.4 ×, p99 ≤ 1.2 ×")
    held["lookup-bare"], held["lookup-bare-p99"] = 1 / beside(looked, 0), beside(looked, 1)
    for program, served in files.items():
        held[f"lookup-{program}"] = 1 / beside(looked, 0, served) if served else None
        if served:
            file_rate, file99, file_cpu = (median([run[part] for run in served]) for part in (0, 1, 3))
            row(f"the same document as a static file by {program}, no token, no log", f"{file_rate:,.0f}/s, p99 {file99:.2f} ms, {file_cpu:.1f} µs",
                f"{rate:,.0f}/s = {beside(looked, 0, served):.2f} ×, p99 {beside(looked, 1, served):.2f} ×", "≥ 0.8 ×")
        else:
            row(f"the same document as a static file by {program}", "not installed", "–", "≥ 0.8 ×")
    held["explanation-bare"], held["memory-at-rest"] = 1 / beside(explained, 0), rest["VmRSS"] / 300
    row("explanation", f"the same", f"{told:,.0f}/s = {beside(explained, 0):.2f} ×, p99 {told99:.2f} ms, {explained_cpu:.1f} µs", "≥ 0.8 ×")
    row("memory of serve", "–", f"{rest['VmRSS']:.0f} MB at rest; after the load {busy['RssAnon']:.0f} MB of its own, and "
        f"{busy['RssFile']:.0f} MB of the store's pages mapped", "≤ 300 MB at rest")
    return rate


def during_sync(secret):
    warm()
    with serve() as server:
        wrk(server.port, secret, seconds=3)
        spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        _, alone, _ = wrk(server.port, secret)
        spinner.kill()
        spinner.wait()
        say("changing every account's charges …")
        source = sqlite3.connect(os.path.join(folder, "billing.sqlite"))
        source.execute("UPDATE charge SET received = CASE WHEN received = 0 THEN due ELSE 0 END, changed = changed + 1 "
                       "WHERE season = '2025-2026'")
        source.commit()
        source.close()
        began = time.time()
        sync = subprocess.Popen([hearth, "sync", "billing.charges", "--config", config], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        time.sleep(1)
        worst, rates = [], []
        while sync.poll() is None:
            rate, late, _ = wrk(server.port, secret, seconds=options.seconds)
            if sync.poll() is None or not worst:
                worst.append(late)
                rates.append(rate)
        took = time.time() - began
    held["lookup-during-sync-p99"] = median(worst) / alone
    row(f"lookup while a sync of {options.accounts:,} changed rows runs ({took:.0f} s)",
        f"one core busy otherwise: p99 {alone:.2f} ms",
        f"p99 {median(worst):.2f} ms = {median(worst) / alone:.2f} × (worst of {len(worst)}: {max(worst):.2f}), "
        f"{median(rates):,.0f}/s", "p99 ≤ 2 ×")


@contextlib.contextmanager
def database():
    """A PostgreSQL server of our own over TCP, as the lookups are: its client's arguments, and how its programs are run."""
    binaries = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
    if not binaries or not os.path.exists(binaries + "/initdb"):
        found = [path for path in sorted(os.listdir("/usr/lib/postgresql"))] if os.path.isdir("/usr/lib/postgresql") else []
        binaries = f"/usr/lib/postgresql/{found[-1]}/bin" if found else ""
    if not os.path.exists(binaries + "/initdb") or not shutil.which("pgbench"):
        yield None
        return
    data = os.path.join(folder, "postgres")
    shutil.rmtree(data, ignore_errors=True)
    os.makedirs(data)
    port = free_port()
    root = os.geteuid() == 0
    if root:
        shutil.chown(data, "postgres")

    def as_owner(command):
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command if root else command

    def run(command, **more):
        return subprocess.run(as_owner(command), check=True, capture_output=True, text=True, cwd="/", **more).stdout

    run([binaries + "/initdb", "-D", data, "-A", "trust", "-U", "load", "-E", "UTF8", "--no-sync"])
    run([binaries + "/pg_ctl", "-D", data, "-w", "-l", data + "/log", "-o",
         f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={data} -c fsync=off -c shared_buffers=2GB",
         "start"])
    try:
        yield ["-h", "127.0.0.1", "-p", str(port), "-U", "load"], as_owner, run, data
    finally:
        run([binaries + "/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
        shutil.rmtree(data, ignore_errors=True)


def postgres(rate):
    with database() as server:
        if server is None:
            held["lookup-postgres"] = None
            return row("PostgreSQL, same view by prepared statement", "not installed", "–", "≥ 2.5 ×")
        client, as_owner, run, data = server
        say("PostgreSQL: making the tables of a legacy company …")
        run(["psql"] + client + ["-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1"], input=LEGACY % {"first": FIRST, "accounts": options.accounts})
        say("PostgreSQL: copying the views …")
        store = sqlite3.connect(f"file:{folder}/hearth.db?mode=ro", uri=True)
        command = as_owner(["psql"] + client + ["-d", "postgres", "-qc", "COPY view FROM STDIN"])
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd="/") as copy:
            store.create_function("body_of", 2, view_reader(store))
            for key, body in store.execute(
                    "SELECT a.number, body_of(v.packing_id, v.packed) FROM account a JOIN account_view v ON v.account_id = a.id"):
                escaped = body.replace("\\", "\\\\")
                copy.stdin.write(f"{key}\t{escaped}\n")
        run(["psql"] + client + ["-d", "postgres", "-qc", "ALTER TABLE view ADD PRIMARY KEY(number)", "-c", "VACUUM ANALYZE view", "-c", "CHECKPOINT"])

        def rates(query):
            script = os.path.join(data, "lookup.sql")
            with open(script, "w") as file:
                file.write(f"\\set n random({FIRST}, {FIRST + options.accounts - 1})\n{query}\n")
            os.chmod(script, 0o644)
            pgbench = ["pgbench"] + client + ["-n", "-M", "prepared", "-c", "16", "-j", "2", "-f", script, "-T"]
            # Until what it reads is in memory: as often as it still gets faster.
            best = 0.0
            while True:
                now = float(re.search(r"tps = ([\d.]+)", run(pgbench + ["5", "postgres"])).group(1))
                if now < best * 1.05:
                    break
                best = now
            return median([float(re.search(r"tps = ([\d.]+)", run(pgbench + [str(options.seconds), "postgres"])).group(1))
                           for _ in range(options.runs)])

        def told(reference):
            return "not run" if rate is None else f"{rate:,.0f}/s = {rate / reference:.1f} ×"

        reference = rates("SELECT * FROM account_view WHERE account_no = (:n)::text;")
        held["lookup-postgres"] = None if rate is None else reference / rate
        row("PostgreSQL, view of customer, bills, payments and orders by prepared statement (pgbench, 16 clients)",
            f"{reference:,.0f}/s", told(reference), "≥ 2.5 ×")
        stored = rates("SELECT body FROM view WHERE number = (:n)::text;")
        row("PostgreSQL handing out our encoded views by key, beside it", f"{stored:,.0f}/s", told(stored), "–")

FRESH = """
CREATE TABLE account(no text PRIMARY KEY, class text, tariff text, name text, phone text, community text, building text, unit text,
    room text, area text, method text, changed timestamptz NOT NULL DEFAULT now() - interval '1 day' * (1 + random() * 300));
CREATE TABLE season(season text PRIMARY KEY, begins text, ends text);
CREATE TABLE charge(id bigint PRIMARY KEY, no text, season text, item text, quantity text, price text, due bigint, received bigint,
    changed timestamptz NOT NULL DEFAULT now() - interval '1 day' * (1 + random() * 300));
"""


def freshness():
    """A change committed in PostgreSQL until a lookup shows it, with `serve` polling every second."""
    with database() as server:
        if server is None:
            held["freshness-p50"] = held["freshness-p99"] = held["lookup-while-polling-p99"] = None
            return row("freshness", "PostgreSQL is not installed", "–", "p50 ≤ 1 s, p99 ≤ 2 s")
        client, as_owner, run, _ = server
        base = os.path.join(folder, "fresh")
        shutil.rmtree(base, ignore_errors=True)
        os.makedirs(base)
        for part in ("Config", "Mappings"):
            shutil.copytree(os.path.join(folder, part), os.path.join(base, part))
        conninfo = f"host=127.0.0.1 port={client[3]} user=load dbname=postgres"
        text = (CONFIG % {"folder": base}).replace(f"driver: sqlite, path: {base}/billing.sqlite", f'driver: postgres, conninfo: "{conninfo}"')
        text = text.replace("key: [no], cursor: changed", "key: [no], cursor: changed, lookback: 5")
        text = text.replace("key: [id], cursor: changed", "key: [id], cursor: changed, lookback: 5")
        quiet = os.path.join(base, "Config", "hearth.yaml")
        polling = os.path.join(base, "Config", "polling.yaml")
        with open(quiet, "w") as file:
            file.write(text)
        with open(polling, "w") as file:
            file.write(text + "  schedules:\n    - {streams: [billing], every: 1}\n")
        psql = ["psql"] + client + ["-d", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1"]
        say("PostgreSQL: copying the source …")
        run(psql, input=FRESH)
        source = sqlite3.connect(f"file:{folder}/billing.sqlite?mode=ro", uri=True)
        for table, columns in (("account", "no, class, tariff, name, phone, community, building, unit, room, area, method"),
                               ("season", "season, begins, ends"),
                               ("charge", "id, no, season, item, quantity, price, due, received")):
            command = as_owner(psql + ["-c", f"COPY {table}({columns}) FROM STDIN"])
            with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd="/") as copy:
                for values in source.execute(f"SELECT {columns} FROM {table}"):
                    copy.stdin.write("\t".join(str(value) for value in values) + "\n")
        run(psql + ["-c", "CREATE INDEX ON account(changed)", "-c", "CREATE INDEX ON charge(changed)", "-c", "VACUUM ANALYZE"])
        say("syncing it …")
        subprocess.run([hearth, "sync", "--config", quiet], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        made = subprocess.run([hearth, "token", "create", "--config", quiet, "--name", "load", "--scope", "assistant", "--json"],
                              check=True, capture_output=True, text=True)
        secret = json.loads(made.stdout)["token"]

        def serving(path):
            return Server([hearth, "serve", "--config", path, "--port", "0", "--log-level", "error"])

        def source_load():
            counted = run(psql + ["-c", 
                "SELECT xact_commit + xact_rollback, (SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) "
                "FROM pg_stat_user_tables) FROM pg_stat_database WHERE datname = 'postgres'"])
            return [int(part) for part in counted.strip().split("|")]

        with serving(quiet) as server:
            time.sleep(6)
            alone = steady(server, secret)[1]
        with serving(polling) as server:
            time.sleep(6)
            before = source_load()
            time.sleep(10)
            idle = [(after - first) / 10 for first, after in zip(before, source_load())]
            committed, seen, made, stop = queue.Queue(), [], [], threading.Event()

            def change():
                """Commits so many changes a second, each of an account of its own, and says when each was committed."""
                writer = subprocess.Popen(as_owner(psql), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
                order = random.Random(5).sample(range(options.accounts), min(options.accounts, options.changes * (options.seconds * 3 + 10)))
                begun = time.monotonic()
                for count, index in enumerate(order):
                    if stop.is_set():
                        break
                    time.sleep(max(0, begun + count / options.changes - time.monotonic()))
                    value = 1_000_000 + count
                    writer.stdin.write(f"UPDATE charge SET received = {value}, changed = clock_timestamp() WHERE id = {index * 2 + 1};\n\\echo done\n")
                    writer.stdin.flush()
                    writer.stdout.readline()
                    made.append(index)
                    committed.put((time.monotonic(), number(index), f'"received_fen":{value}'))
                writer.stdin.close()
                writer.wait()

            def watch():
                connection = http.client.HTTPConnection("127.0.0.1", server.port)
                while True:
                    item = committed.get()
                    if item is None:
                        return
                    at, account, wanted = item
                    # A tenth of a second between two looks at one account.
                    wait = at + 0.1 * (1 + int((time.monotonic() - at) / 0.1)) - time.monotonic()
                    time.sleep(max(0, min(wait, 0.1)) / max(1, committed.qsize()))
                    connection.request("GET", f"/v1/accounts/{account}", headers={"Authorization": f"Bearer {secret}"})
                    if wanted in connection.getresponse().read().decode():
                        seen.append(time.monotonic() - at)
                    else:
                        committed.put(item)

            changer = threading.Thread(target=change)
            watchers = [threading.Thread(target=watch) for _ in range(2)]
            before = source_load()
            began = time.monotonic()
            for thread in [changer] + watchers:
                thread.start()
            time.sleep(options.seconds)
            took = time.monotonic() - began
            busy = [(after - first - len(made)) / took for first, after in zip(before, source_load())]
            _, late, _ = wrk(server.port, secret)
            stop.set()
            changer.join()
            limit = time.monotonic() + 60
            while committed.qsize() and time.monotonic() < limit:
                time.sleep(0.2)
            lost = committed.qsize()
            for _ in watchers:
                committed.put(None)
            for thread in watchers:
                thread.join()
        # Those of the first part, before the lookups' load began.
        quick = sorted(seen[: int(options.changes * options.seconds * 0.9)])
        half, most = quick[len(quick) // 2], quick[int(len(quick) * 0.99)]
        held["freshness-p50"], held["freshness-p99"], held["lookup-while-polling-p99"] = half, most / 2, late / alone
        row(f"freshness: {options.changes} changes a second in PostgreSQL, polled every second ({len(quick):,} changes, {lost} not seen within a minute)",
            f"source: {idle[0]:.1f} transactions and {idle[1]:,.0f} rows a second without changes, {busy[0]:.1f} and {busy[1]:,.0f} with them",
            f"p50 {half:.2f} s, p99 {most:.2f} s", "p50 ≤ 1 s, p99 ≤ 2 s")
        row("lookups meanwhile", f"without polling: p99 {alone:.2f} ms", f"p99 {late:.2f} ms = {late / alone:.2f} ×", "p99 ≤ 1.3 ×")


prepare()
if not options.prepare_only:
    secret = token()
    rate = None if options.skip_lookups else lookups(secret)
    if not options.skip_sync:
        during_sync(secret)
    if not options.skip_postgres:
        postgres(rate)
    if not options.skip_freshness:
        freshness()
    print(f"\n{options.accounts:,} accounts, wrk -t2 -c64, {options.runs} × {options.seconds} s, {os.cpu_count()} cores\n")
    print("| case | reference | reached | wanted |\n| --- | --- | --- | --- |")
    for line in rows:
        print("| " + " | ".join(line) + " |")
    if options.check and (found := misses()):
        sys.exit("\n".join(found))
