#!/usr/bin/env python3
"""Every page of the console, asked again and again at a company's size: prints a table of its bytes and times, and ends with 1 where a page
is larger than 100 KB or slower than 150 ms (p95).

    python3 Tests/load/console.py [--accounts 1000000] [--directory hearth-load] [--build .build/release] [--times 50]

The store is that of load.py, made once and kept in the directory; beside it this script has records refused by a sync, and writes into
the store's tables what would take a year to come about: runs (most of them of one account, as a hotline's), actions, notices; and outputs
of reconciliations into a folder. Times are of one request at a time, to the last byte.
"""
import argparse, hashlib, http.client, json, os, random, re, shutil, signal, socket, sqlite3, subprocess, sys, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--accounts", type=int, default=1_000_000)
arguments.add_argument("--runs", type=int, default=20_000)
arguments.add_argument("--entries", type=int, default=20_000, help="of the quarantine; actions and notices are as many")
arguments.add_argument("--findings", type=int, default=100_000, help="of the newest reconciliation; 30 more have a thousand each")
arguments.add_argument("--times", type=int, default=50)
arguments.add_argument("--directory", default="hearth-load")
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/release"))
arguments.add_argument("--only", default="", help="pages whose address has this in it")
options = arguments.parse_args()
folder = os.path.abspath(options.directory)
hearth = os.path.join(os.path.abspath(options.build), "hearth")
config = os.path.join(folder, "Config", "console.yaml")
FIRST, MOST_BYTES, MOST_MS = 10_000_000, 100_000, 150
SCOPES = ["assistant", "engineer", "auditor", "desk"]
# A login may ask for so many pages a minute, and is told so where it asks for more.
LOGINS = 4


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command):
    done = subprocess.run([hearth, *command, "--config", config], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"hearth {' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


# --- What the pages show

def configure():
    with open(os.path.join(folder, "Config", "hearth.yaml")) as file:
        text = file.read()
    with open(config, "w") as file:
        file.write(text + f"channels:\n  console: {{reconciliations: {folder}/reconciliations}}\n")


def refuse_records():
    """Bills that name no account, state no money or no season: a sync sets them aside."""
    source = sqlite3.connect(os.path.join(folder, "billing.sqlite"))
    begin, kinds = 100_000_000, [("no", "90000000"), ("due", "much"), ("season", "winter"), ("item", "z")]
    good = {"no": str(FIRST), "season": "2025-2026", "item": "a", "quantity": "1", "price": "1", "due": 1, "received": 0, "changed": 1}
    names = ["id"] + list(good)
    source.executemany(
        f"INSERT OR REPLACE INTO charge({', '.join(names)}) VALUES({', '.join('?' * len(names))})",
        ([begin + index, *{**good, kinds[index % 4][0]: kinds[index % 4][1]}.values()] for index in range(options.entries)))
    source.commit()
    source.close()
    run("sync", "billing.charges", "--full")


def write_past(store):
    """Runs of a year, the newest last: of ten, nine of one account; syncs that bring nothing but in one stream, and some that failed."""
    streams = dict(store.execute("SELECT name, id FROM stream"))
    names, now = sorted(streams), int(time.time())
    stamp = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(seconds + 8 * 3600))
    sums = store.execute("SELECT stream_id, measure, count, sum_fen FROM stream_total").fetchall()
    first = store.execute("SELECT coalesce(max(id), 0) + 1 FROM run").fetchone()[0]
    runs, totals = [], []
    for index in range(options.runs):
        at, name = now - (options.runs - index) * 60, names[index // 10 % len(names)]
        is_sync = index % 10 == 0
        has_failed = index % 400 == 0
        news = 3 if not is_sync or (name == "billing.charges" and not has_failed) else 0
        read = 0 if has_failed else 1000 + index % 500 if is_sync else 3
        runs.append((first + index, streams[name], "incremental" if is_sync else "account", "failed" if has_failed else "success", stamp(at), stamp(at + 2),
                     "console.py", read, news, 0, read - news, (at + 2) * 1_000_000,
                     "source.unreachable" if has_failed else None, "billing does not answer" if has_failed else None))
        totals += [(first + index, "stored", measure, count, total) for stream, measure, count, total in sums if stream == streams[name]]
    store.executemany(
        "INSERT INTO run(id, stream_id, mode, state, started_at, ended_at, mapping_version, read, new, changed, unchanged, ended_us, error_code, "
        "error_message) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", runs)
    store.executemany("INSERT INTO run_total(run_id, side, measure, count, sum_fen) VALUES(?,?,?,?,?)", totals)


def write_outbox(store):
    now = int(time.time() * 1e6)
    states = ["confirmed"] * 6 + ["accepted", "unknown", "refused", "dropped"]
    number = lambda index: str(FIRST + index * 7 % options.accounts)
    store.executemany(
        "INSERT INTO action(system, kind, account, caller, key, fingerprint, reference, payload, state, accepted_us, changed_us, not_before_us, is_open, "
        "is_dead, answer_by_us) VALUES('dispatch', 'createWorkOrder', ?, 'load', ?, x'01', ?, x'7b7d', ?, ?, ?, ?, ?, ?, ?)",
        ((number(index), f"k{index}", f"R{index}", states[index % 10], now, now, now + 10**15, index % 10 in (6, 7), index % 10 == 7, now)
         for index in range(options.entries)))
    states = ["planned", "deferred", "notSent", "notSent"]
    store.executemany(
        "INSERT INTO notice(rule, account, occasion, state, planned_us, changed_us, not_before_us, expires_us, reason) VALUES(?,?,?,?,?,?,?,?,?)",
        ((f"arrears-{index % 3}", number(index), f"2025-2026/{index}", states[index % 4], now, now, now + 10**15, now + 2 * 10**15,
          "no consent" if index % 4 > 1 else None) for index in range(options.entries)))


def write_output(name, count, age):
    """An output as `hearth reconcile` writes it: bills of another price."""
    place = os.path.join(folder, "reconciliations", name)
    os.makedirs(place)
    rules = [f"bill.rule{index}" for index in range(20)]
    places = [f"第{index}小区" for index in range(400)]
    counts = lambda number, money: {"findings": number, "money_fen": money, "money_absolute_fen": money}
    by_rule, by_place, lines = dict.fromkeys(rules, 0), dict.fromkeys(places, 0), []
    for index in range(count):
        rule, community = rules[index % 20], places[index % 400]
        by_rule[rule] += 1
        by_place[community] += 1
        lines.append(
            f"{hashlib.sha256(f'{name} {index}'.encode()).hexdigest()[:32]},{FIRST + index},{rule},2025-2026,heatByArea,error,true,123,{community},"
            f"2000.00,1998.77,\"96.12 ㎡ × 25.000\",账单的单价与价目表不同:多收 1.23 元,The bill's price is another than the tariff's: 1.23 yuan too "
            f"much,\"billing.charges#{index * 2 + 1} (run 3, charge {index * 2 + 1})\"\r\n")
    head = "finding_id,account_number,rule,season,subject,severity,blocks,money_fen,community,found,expected,detail,text_zh,text_en,evidence\r\n"
    summary = {
        "as_of_run": 3, "today": "2026-11-30", "season": "2025-2026", "accounts": options.accounts, "all": counts(count, count * 123),
        "blocking": counts(count, count * 123), "severities": [{"name": "error", "count": counts(count, count * 123)}],
        "rules": [{"rule": rule, "severity": "error", "blocks": True, "count": counts(by_rule[rule], by_rule[rule] * 123)} for rule in rules],
        "communities": [{"name": each, "count": counts(by_place[each], by_place[each] * 123)} for each in places]}
    files = {"findings.csv": (head + "".join(lines)).encode(), "summary.json": json.dumps(summary).encode()}
    for file, data in files.items():
        with open(os.path.join(place, file), "wb") as out:
            out.write(data)
    manifest = {
        "format": "hearth-reconciliation-1", "as_of_run": 3, "season": "2025-2026", "runs": [], "mappings": [], "tariffs": [], "rules": "r",
        "files": [{"name": file, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for file, data in files.items()]}
    path = os.path.join(place, "manifest.json")
    with open(path, "w") as out:
        json.dump(manifest, out)
    os.utime(path, (time.time() - age, time.time() - age))


def prepare():
    wanted = f"{options.accounts} {options.runs} {options.entries} {options.findings}"
    marker = os.path.join(folder, "console")
    if os.path.exists(marker) and open(marker).read() == wanted:
        return configure()
    subprocess.run(
        [sys.executable, os.path.join(HERE, "load.py"), "--prepare-only", "--accounts", str(options.accounts), "--directory", folder,
         "--build", options.build], check=True)
    if os.path.exists(marker):
        sys.exit(f"{folder} is made for {open(marker).read()} (accounts, runs, entries, findings): name another --directory")
    configure()
    say("having records refused …")
    refuse_records()
    say("writing runs, actions, notices …")
    store = sqlite3.connect(os.path.join(folder, "hearth.db"))
    with store:
        write_past(store)
        write_outbox(store)
    store.close()
    say("writing reconciliations …")
    shutil.rmtree(os.path.join(folder, "reconciliations"), ignore_errors=True)
    write_output("newest", options.findings, 0)
    for index in range(30):
        write_output(f"month-{index:02d}", 1000, (index + 1) * 86_400)
    with open(marker, "w") as file:
        file.write(wanted)


# --- A person's browser

class Browser:
    def __init__(self, port, secret):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies = {}
        page = self.ask("GET", "/console")[1].decode()
        hidden = lambda name: re.search(f'name="{name}" value="([^"]*)"', page).group(1)
        form = urllib.parse.urlencode({"token": hidden("token"), "goal": "/console", "secret": secret})
        while (asked := self.ask("POST", "/console", form))[0] == 429:
            time.sleep(3)
        status, body = asked
        if status != 303:
            sys.exit(f"no login: {status} {body.decode()[:500]}")

    def ask(self, method, path, form=None):
        fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept-Language": "zh"}
        if form:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, form, fields)
        answer = self.connection.getresponse()
        body = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";")[0].split("=", 1)
                self.cookies[pair[0]] = pair[1]
        return answer.status, body


def pages(store):
    """Each page's address, by a function of how often it was asked."""
    chance = random.Random(7)
    account = lambda: str(FIRST + chance.randrange(options.accounts))
    of_last = lambda table, column="id": store.execute(f"SELECT coalesce(max({column}), 1) FROM {table}").fetchone()[0]
    last, entry = of_last("run"), of_last("quarantine")
    action = of_last("action")
    code = store.execute("SELECT code FROM quarantine WHERE state = 'open' LIMIT 1").fetchone()[0]
    with open(os.path.join(folder, "reconciliations", "newest", "findings.csv")) as file:
        finding = file.readlines()[-1].split(",")[0]
    console = "/console"
    return {
        "Today": lambda: console,
        "Runs": lambda: f"{console}/runs",
        "Runs of a stream": lambda: f"{console}/runs?stream=billing.seasons",
        "Runs that failed": lambda: f"{console}/runs?only=failed",
        "Runs, those of accounts too": lambda: f"{console}/runs?only=all",
        "A run": lambda: f"{console}/runs/{chance.randrange(1, last)}",
        "Quarantine": lambda: f"{console}/quarantine",
        "Quarantine, one cause": lambda: f"{console}/quarantine?stream=billing.charges&code={code}",
        "Quarantine, settled": lambda: f"{console}/quarantine?state=discarded",
        "An entry": lambda: f"{console}/quarantine/{chance.randrange(max(1, entry - 1000), entry)}",
        "Account, empty": lambda: f"{console}/account",
        "Account": lambda: f"{console}/account?number={account()}",
        "Account, against the season before": lambda: f"{console}/account?number={account()}&versus=previous",
        "Account, as of a run": lambda: f"{console}/account?number={account()}&as_of=3",
        "Trace of a field": lambda: f"{console}/trace?number={account()}&field=area_building",
        "History": lambda: f"{console}/history?number={account()}",
        "Reconciliation": lambda: f"{console}/reconciliation",
        "Findings": lambda: f"{console}/reconciliation/findings?output=newest",
        "Findings, a rule": lambda: f"{console}/reconciliation/findings?output=newest&rule=bill.rule7&from=4000",
        "A finding, the last": lambda: f"{console}/reconciliation/finding?output=newest&id={finding}",
        "Two reconciliations": lambda: f"{console}/reconciliation/compare?before=month-00&after=newest",
        "Actions": lambda: f"{console}/actions",
        "Actions, open": lambda: f"{console}/actions?state=open",
        "Actions for a person": lambda: f"{console}/actions?dead=true",
        "Actions of an account": lambda: f"{console}/actions?account={account()}",
        "An action": lambda: f"{console}/actions?action={chance.randrange(1, action)}",
        "Notices": lambda: f"{console}/notices",
        "Notices, all of a rule": lambda: f"{console}/notices?rule=arrears-1&state=all",
        "Audit chain": lambda: f"{console}/audit",
        "Sources": lambda: f"{console}/sources",
        "Mapping": lambda: f"{console}/sources/mapping?stream=billing.charges",
        "Access": lambda: f"{console}/access",
        "Access to an account": lambda: f"{console}/access?account={account()}",
    }


def measure():
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    secrets = [json.loads(run("token", "create", "--name", f"console{index}", *scopes, "--json"))["token"] for index in range(LOGINS)]
    with open(os.path.join(folder, "server.log"), "w") as log:
        server = subprocess.Popen(
            [hearth, "serve", "--config", config, "--port", "0", "--log-level", "error"], stdout=subprocess.PIPE, stderr=log, text=True)
    rows, misses = [], []
    try:
        port = int(re.search(r":(\d+)\s*$", server.stdout.readline()).group(1))
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        come_to_rest(server.pid)
        browsers = [Browser(port, secret) for secret in secrets]
        store = sqlite3.connect(f"file:{folder}/hearth.db?mode=ro", uri=True)
        asked = 0
        for name, address in pages(store).items():
            if options.only not in address():
                continue
            took, size = [], 0
            for _ in range(options.times):
                status = 429
                while status == 429:
                    asked += 1
                    path = address()
                    begun = time.perf_counter()
                    status, body = browsers[asked % LOGINS].ask("GET", path)
                    took.append((time.perf_counter() - begun) * 1000)
                    if status == 429:
                        took.pop()
                        time.sleep(0.2)
                size = max(size, len(body))
                if status != 200:
                    sys.exit(f"{path}: {status}\n{body.decode()[-2000:]}")
            first, half, most = took[0], *(sorted(took)[int(len(took) * share)] for share in (0.5, 0.95))
            rows.append(f"| {name} | {size:,} | {first:.0f} | {half:.1f} | {most:.1f} |")
            say(rows[-1])
            if most > MOST_MS or size > MOST_BYTES:
                misses.append(f"{name}: {size:,} bytes, p95 {most:.0f} ms")
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(40)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    print(f"\n{options.accounts:,} accounts, {options.runs:,} runs, {options.entries:,} entries, {options.findings:,} findings; "
          f"each page {options.times} times, one request at a time; {os.cpu_count()} cores\n")
    print("| page | bytes | first ms | p50 ms | p95 ms |\n| --- | --- | --- | --- | --- |")
    print("\n".join(rows))
    if misses:
        sys.exit("\nlarger or slower than wanted:\n" + "\n".join(misses))


def come_to_rest(process):
    """Waits until the server has done what it does after a start."""
    def used():
        with open(f"/proc/{process}/stat") as file:
            return sum(int(part) for part in file.read().rsplit(")", 1)[1].split()[11:13])
    for _ in range(300):
        before = used()
        time.sleep(1)
        if used() - before < 10:
            return
    say("the server did not come to rest")


prepare()
measure()
