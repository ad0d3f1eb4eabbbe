"""Whether the table of views is better off in partitions by account: the same work on one table and on the same rows in 16 parts.

    python3 Tests/load/partitions.py [--rows 5000000] [--parts 16] [--directory /tmp]

A PostgreSQL server of its own; needs its programs and pgbench. What a step took is its backend's processor time, and what the clock said.
"""

import argparse, glob, os, pwd, re, shutil, subprocess, tempfile, time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--rows", type=int, default=5_000_000)
arguments.add_argument("--parts", type=int, default=16)
arguments.add_argument("--directory", default="/tmp")
options = arguments.parse_args()

programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
folder = tempfile.mkdtemp(prefix="parts-", dir=options.directory)
as_owner = []
if os.geteuid() == 0:
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    as_owner = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
data = folder + "/data"


def run(*command):
    subprocess.run(as_owner + list(command), check=True, stdout=subprocess.DEVNULL, cwd=folder)


def ask(sql):
    """The last result as text, the backend's processor seconds and the clock's."""
    started = time.monotonic()
    text = f"{sql};\nSELECT 'stat ' || pg_read_file('/proc/' || pg_backend_pid() || '/stat')"
    done = subprocess.run(
        ["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "postgres", "-d", "postgres"], input=text, check=True,
        capture_output=True, text=True).stdout
    result, _, stat = done.rpartition("stat ")
    fields = stat[stat.rindex(")") + 2:].split()
    return result.strip(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), time.monotonic() - started


def bench(script, clients, transactions):
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(script)
    os.chmod(file.name, 0o644)
    before = ask("SELECT 1")
    out = subprocess.run(
        ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-t", str(transactions), "-f", file.name, "-h", folder,
         "-U", "postgres", "postgres"], check=True, capture_output=True, text=True).stdout
    os.unlink(file.name)
    del before
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def table(name, parts):
    body = "account_id bigint PRIMARY KEY, packing_id bigint NOT NULL, packed bytea NOT NULL, settled_us bigint"
    if not parts:
        ask(f"CREATE TABLE {name}({body}) WITH (fillfactor = 90); ALTER TABLE {name} ALTER packed SET STORAGE EXTERNAL")
        return
    ask(f"CREATE TABLE {name}({body}) PARTITION BY HASH (account_id); ALTER TABLE {name} ALTER packed SET STORAGE EXTERNAL")
    for part in range(parts):
        ask(f"CREATE TABLE {name}_{part} PARTITION OF {name} FOR VALUES WITH (MODULUS {parts}, REMAINDER {part}) WITH (fillfactor = 90)")


def measure(name, parts):
    table(name, parts)
    figures = {}
    # As a sync does: a thousand views by one statement, put over what is there. The accounts come in as they were taken over.
    ask("CHECKPOINT")
    put = f"""
        DO $$ BEGIN FOR batch IN 0..{options.rows // 1000 - 1} LOOP
            INSERT INTO {name}(account_id, packing_id, packed, settled_us)
            SELECT v, 1, decode(repeat(md5(v::text), 22), 'hex'), 0 FROM unnest(
                (SELECT array_agg(g) FROM generate_series(batch * 1000 + 1, batch * 1000 + 1000) g)) v
            ON CONFLICT (account_id) DO UPDATE SET packed = excluded.packed; COMMIT; END LOOP; END $$"""
    figures["insert, s of processor"], figures["insert, s"] = ask(put)[1:]
    ask(f"VACUUM ANALYZE {name}")
    scattered = f"""
        INSERT INTO {name}(account_id, packing_id, packed, settled_us)
        SELECT v, 2, decode(repeat(md5((v + %d)::text), 22), 'hex'), 0 FROM unnest(
            (SELECT array_agg(1 + (g::bigint * 7919 + %d) %% {options.rows}) FROM generate_series(1, 1000) g)) v
        ON CONFLICT (account_id) DO UPDATE SET packed = excluded.packed"""
    changes = ";".join(scattered % (n, n * 104729) for n in range(options.rows // 50 // 1000))
    figures["2 % changed, scattered, s of processor"], figures["2 % changed, scattered, s"] = ask(changes)[1:]
    figures["vacuum, s of processor"], figures["vacuum, s"] = ask(f"VACUUM {name}")[1:]
    look = "\n".join([
        f"\\set id random(1, {options.rows})",
        "SELECT account_id, packing_id, packed FROM %s WHERE account_id = :id;" % name])
    ask("SELECT count(*) FROM (SELECT 1 FROM %s) x" % name)
    figures["lookups a second, 4 clients"] = sorted(bench(look, 4, 40_000) for _ in range(3))[1]
    many = f"""
        DO $$ DECLARE found bigint; BEGIN FOR batch IN 1..2000 LOOP
            SELECT count(w.packed) INTO found FROM unnest((SELECT array_agg(1 + (g::bigint * 7919 + batch * 104729) % {options.rows})
                FROM generate_series(1, 100) g)) v JOIN {name} w ON w.account_id = v; END LOOP; END $$"""
    figures["2,000 times 100 accounts, s of processor"] = ask(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = 'force_generic_plan'; "
        + many)[1]
    figures["bytes"] = int(ask(
        f"SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relname ~ '^{name}(_[0-9]+)?$' AND relkind = 'r'")[0])
    ask(f"DROP TABLE {name}")
    return figures


try:
    run(programs + "/initdb", "-D", data, "-N", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "postgres")
    with open(data + "/postgresql.conf", "a") as file:
        file.write(
            f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nshared_buffers = 1GB\nmax_wal_size = 8GB\n"
            "checkpoint_timeout = 30min\nfsync = off\nautovacuum = off\nenable_partition_pruning = on\n")
    run(programs + "/pg_ctl", "-D", data, "-w", "-l", folder + "/log", "start")
    try:
        one, parted = measure("whole", 0), measure("parted", options.parts)
        print(f"{options.rows:,} rows of some 350 bytes | one table | {options.parts} parts")
        for name in one:
            print(f"{name} | {one[name]:,.2f} | {parted[name]:,.2f}")
    finally:
        run(programs + "/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
finally:
    shutil.rmtree(folder, ignore_errors=True)
