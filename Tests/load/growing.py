#!/usr/bin/env python3
"""What a store in PostgreSQL takes, measured at two sizes of the demo's company on a server of its own, and what that comes to for a company
of millions: bytes, log, connections, times. Prints a table in Markdown; Sources/PostgresStore/Growing.md holds one.

    python3 Tests/load/growing.py [--sizes 10000,40000] [--accounts 30000000] [--gateways 300] [--build .build/release]

Figures for an account are the difference of the two sizes divided by the difference of their accounts, so that what every store holds anyway
(tables, dictionaries, tariffs) does not count. Times are of this machine, for the build that is named; bytes are the same everywhere.
"""
import argparse, concurrent.futures, json, os, re, resource, shutil, signal, sqlite3, subprocess, sys, tempfile, time, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = "/usr/lib/postgresql/15/bin"
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--sizes", default="10000,40000")
arguments.add_argument("--accounts", type=int, default=30_000_000, help="of the company that is reckoned")
arguments.add_argument("--gateways", type=int, default=300)
arguments.add_argument("--loops", type=int, default=8, help="event loops of a gateway: its CPUs")
arguments.add_argument("--turns", type=float, default=0.03, help="turns of the assistant, an account and a day in the season")
arguments.add_argument("--changes", type=float, default=0.02, help="rows of the sources that change, of all, a day")
arguments.add_argument("--rounds", type=int, default=24, help="syncs of a day at the larger size, one bill of a thousand changed before each; 0 without")
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/release"))
arguments.add_argument("--keep", action="store_true", help="leave the folder")
options = arguments.parse_args()
hearth = os.path.join(os.path.abspath(options.build), "hearth")
SETTINGS = {
    "synchronous_commit": "on", "wal_compression": "lz4", "checkpoint_timeout": "15min", "max_wal_size": "16GB",
    "shared_buffers": "512MB", "autovacuum_vacuum_scale_factor": "0.02", "listen_addresses": "''"}


def say(text):
    print(text, file=sys.stderr, flush=True)


class Server:
    """A PostgreSQL server in a folder, on a Unix socket alone."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "postgres")
        os.makedirs(self.folder)
        shutil.chown(folder, "postgres") if os.geteuid() == 0 else None
        shutil.chown(self.folder, "postgres") if os.geteuid() == 0 else None
        self.run("initdb", "-D", self.folder + "/data", "-E", "UTF8", "--locale=C", "-A", "trust", "-N", "-U", "postgres")
        with open(self.folder + "/data/postgresql.conf", "a") as file:
            for name, value in SETTINGS.items():
                file.write(f"{name} = {value}\n")
            file.write(f"unix_socket_directories = '{self.folder}'\n")
        self.run("pg_ctl", "-D", self.folder + "/data", "-l", self.folder + "/log", "-w", "start")

    def run(self, program, *rest):
        before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*before, f"{PROGRAMS}/{program}", *rest], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.exit(f"{program}: {done.stdout.decode(errors='replace')}")

    def ask(self, question, database="postgres"):
        done = subprocess.run(
            [f"{PROGRAMS}/psql", "-h", self.folder, "-U", "postgres", "-AtF", "\t", "-d", database, "-c", question],
            capture_output=True, text=True, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def log_bytes(self):
        return int(self.ask("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0])

    def stop(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop")


class Company:
    """The demo's company of so many accounts, whose store is a database of the server's."""

    def __init__(self, folder, server, accounts):
        self.folder, self.server, self.accounts = os.path.join(folder, f"company-{accounts}"), server, accounts
        self.database = f"hearth{accounts}"
        server.ask(f"CREATE DATABASE {self.database}")
        say(f"{accounts} accounts: the company is made …")
        self.demo = subprocess.Popen(
            [hearth, "demo", "--accounts", str(accounts), "--directory", self.folder, "--keep"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        environment = os.path.join(self.folder, "environment")
        for line in self.demo.stdout:
            if "Ctrl-C" in line:
                break
        self.environment = dict(os.environ)
        with open(environment) as file:
            for line in file:
                found = re.match(r"(?:export )?(\w+)='(.*)'$", line.strip())
                if found:
                    self.environment[found[1]] = found[2]
        configuration = os.path.join(self.folder, "Config", "hearth.yaml")
        with open(configuration) as file:
            text = file.read()
        store = f'  postgres: "host={server.folder} dbname={self.database} user=postgres"'
        text, count = re.subn(r"^  sqlite: .*$", store, text, count=1, flags=re.MULTILINE)
        assert count == 1, "the configuration names no store"
        # One token asks for all.
        text, count = re.subn(r"rateLimit: \{[^}]*\}", "rateLimit: {perSecond: 100000, burst: 100000}", text)
        assert count == 1, "the configuration bounds no rate"
        with open(configuration, "w") as file:
            file.write(text)
        self.environment["HEARTH_ARCHIVE"] = os.path.join(self.folder, "archive2")

    def measured(self, *command):
        """Bytes of the log, seconds, processor seconds of the program."""
        log, begin = self.server.log_bytes(), time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [hearth, "--workspace", self.folder, *command], env=self.environment, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode > 1:
            sys.exit(f"hearth {' '.join(command)}: {done.stdout}{done.stderr}")
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return self.server.log_bytes() - log, time.monotonic() - begin, processor

    def source_rows(self):
        with sqlite3.connect(os.path.join(self.folder, "legacy", "billing.sqlite")) as billing:
            tables = [row[0] for row in billing.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sf_%'")]
            return sum(billing.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)

    def change(self, every, first=0):
        """One bill of so many is written anew at the source, others for each `first` below that."""
        with sqlite3.connect(os.path.join(self.folder, "legacy", "billing.sqlite")) as billing:
            return billing.execute(
                "UPDATE sf_fy SET bz = 'x' || id, gxsj = (SELECT max(gxsj) FROM sf_fy) WHERE id % ? = ?",
                (every, first)).rowcount

    def day(self, rounds):
        """So many syncs, before each of which one bill of a thousand changes; then what vacuuming left: rows that changed, dead rows, rows."""
        before = sum(self.sizes().values())
        changed = 0
        for turn in range(rounds):
            changed += self.change(1000, turn + 1)
            self.measured("sync", "billing.charges")
        # Autovacuum looks once a minute.
        time.sleep(70)
        dead, live, vacuums = map(int, self.server.ask(
            "SELECT sum(n_dead_tup), sum(n_live_tup), sum(autovacuum_count) FROM pg_stat_user_tables", self.database)[0])
        return {"changed": changed, "grown": sum(self.sizes().values()) - before, "dead": dead, "live": live, "vacuums": vacuums}

    def sizes(self):
        rows = self.server.ask(
            "SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            self.database)
        return {name: int(table) + int(indexes) for name, table, indexes in rows}

    def speak(self, turns):
        """Log of a pair of turns, each in a transaction of its own, and turns a second of eight callers at once, by the interface for
        assistants."""
        made = subprocess.run(
            [hearth, "--workspace", self.folder, "token", "create", "--name", "growing", "--scope", "assistant", "--days", "1", "--json"],
            env=self.environment, capture_output=True, text=True)
        token = re.search(r'"token"\s*:\s*"([^"]+)"', made.stdout)[1]
        serve = subprocess.Popen(
            [hearth, "--workspace", self.folder, "serve", "--port", "0"], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        address = None
        for line in serve.stdout:
            found = re.search(r"http://[0-9.]+:\d+", line)
            if found:
                address = found[0]
                break

        def post(path, body, key):
            request = urllib.request.Request(
                address + path, json.dumps(body).encode(), method="POST", headers={
                    "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": f'"growing-{key:024d}"'})
            try:
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                sys.exit(f"{path}: {error.read().decode()}")

        try:
            accounts = self.server.ask("SELECT number FROM account JOIN account_view ON account_id = id LIMIT 8", self.database)
            conversations = [
                post("/v1/conversations", {"account_number": number, "channel": "web"}, index)["conversation"]
                for index, (number,) in enumerate(accounts)]

            def talk(caller):
                path = f"/v1/conversations/{conversations[caller]}/turns"
                for turn in range(turns):
                    key = 1000 + 2 * (caller * turns + turn)
                    post(path, {"who": "customer", "words": "我家上个月的热费怎么比别人高"}, key)
                    post(path, {"who": "assistant", "words": "您家本采暖季的热费与同楼基本一样，面积大一些。" * 3, "intent": "bill_why"}, key + 1)

            log = self.server.log_bytes()
            talk(0)
            log = (self.server.log_bytes() - log) / turns
            begin = time.monotonic()
            callers = range(1, len(conversations))
            with concurrent.futures.ThreadPoolExecutor(len(callers)) as pool:
                for done in [pool.submit(talk, caller) for caller in callers]:
                    done.result()
            return log, 2 * turns * len(callers) / (time.monotonic() - begin)
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.wait(60)

    def end(self):
        self.demo.send_signal(signal.SIGINT)
        self.demo.wait(60)


def measure(folder, server, accounts, is_last):
    company = Company(folder, server, accounts)
    try:
        found = {"accounts": accounts, "rows": company.source_rows()}
        say(f"{accounts} accounts: first sync …")
        found["first_log"], found["first_seconds"], found["first_cpu"] = company.measured("sync")
        server.ask("CHECKPOINT")
        found["sizes"] = company.sizes()
        found["changed"] = company.change(1000)
        found["repeat_log"], found["repeat_seconds"], _ = company.measured("sync", "billing.charges")
        if is_last and options.rounds:
            say(f"{accounts} accounts: {options.rounds} syncs …")
            found["day"] = company.day(options.rounds)
        say(f"{accounts} accounts: turns …")
        found["turn_log"], found["turns_second"] = company.speak(200)
        return found
    finally:
        company.end()


def bytes_of(count):
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(count) < 1000 or unit == "TB":
            return f"{count:,.0f} {unit}" if count >= 100 or unit == "B" else f"{count:,.1f} {unit}"
        count /= 1000


def span(seconds):
    return f"{seconds / 3600:,.1f} h" if seconds >= 3600 else f"{seconds / 60:,.1f} min" if seconds >= 60 else f"{seconds:,.1f} s"


def main():
    small, large = sorted(int(size) for size in options.sizes.split(","))
    folder = tempfile.mkdtemp(prefix="hearth-growing-")
    os.chmod(folder, 0o755)
    server = Server(folder)
    try:
        few, many = measure(folder, server, small, False), measure(folder, server, large, True)
    finally:
        server.stop()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    more = many["accounts"] - few["accounts"]
    per = lambda name: (many[name] - few[name]) / more
    rows = per("rows")
    tables = {name: (size - few["sizes"].get(name, 0)) / more for name, size in many["sizes"].items()}
    store, log = sum(tables.values()), per("first_log")
    # Seconds of a row, of both stages at once, as one stream after the other was synced here.
    row_seconds = per("first_seconds") / rows
    change_log = many["repeat_log"] / max(1, many["changed"])
    turn_log = (few["turn_log"] + many["turn_log"]) / 2
    n = options.accounts
    daily_changes, daily_turns = n * rows * options.changes, n * options.turns
    daily_log = daily_changes * change_log + daily_turns * turn_log
    peak_turns = daily_turns / 86400 * 6
    connections = options.loops * 4 + 3
    largest = sorted(tables.items(), key=lambda item: -item[1])[:8]
    print(f"Measured, {few['accounts']:,} and {many['accounts']:,} accounts ({os.path.basename(options.build.rstrip('/'))} build):\n")
    print("| | an account |\n| --- | --- |")
    print(f"| rows of the sources | {rows:.1f} |\n| store | {bytes_of(store)} |\n| log of the first sync | {bytes_of(log)} |")
    for name, size in largest:
        print(f"| – `{name}` | {bytes_of(size)} |")
    print(f"| log of a changed row with its view | {bytes_of(change_log)} |\n| log of a customer's words and their answer | {bytes_of(turn_log)} |")
    print(f"| turns kept a second, seven callers at once, one server without a replica | {many['turns_second']:,.0f} |")
    print(f"| first sync, one process | {row_seconds * 1e6:,.0f} µs a row |\n")
    if "day" in many:
        day = many["day"]
        print(f"{options.rounds} syncs, {day['changed']:,} bills changed: the store grew by {bytes_of(day['grown'] / day['changed'])} a changed bill; ")
        print(f"{day['dead']:,} dead rows beside {day['live']:,}, after {day['vacuums']} runs of autovacuum.\n")
    print(f"{n:,} accounts, {options.gateways} gateways of {options.loops} CPUs:\n\n| | |\n| --- | --- |")
    print(f"| store | {bytes_of(n * store)} |\n| log of the first sync | {bytes_of(n * log)} |")
    print(f"| first sync by one process | {span(n * rows * row_seconds)} |")
    print(f"| rows that change a day ({options.changes:.0%}) | {daily_changes:,.0f} |\n| their sync by one process | {span(daily_changes * row_seconds)} |")
    print(f"| turns a day ({options.turns:.0%} of accounts) | {daily_turns:,.0f}; {peak_turns:,.0f}/s at six times the mean |")
    print(f"| log a day, to each replica | {bytes_of(daily_log)}; {bytes_of(daily_log / 86400 * 6)}/s at six times the mean |")
    print(f"| connections | {options.gateways * connections:,}, {connections} a gateway |")
    print(f"| what lookups touch (`account`, `account_view`) | {bytes_of(n * (tables.get('account', 0) + tables.get('account_view', 0)))} |")


main()
