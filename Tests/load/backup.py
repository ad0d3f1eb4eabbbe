#!/usr/bin/env python3
"""A backup of a store with pgBackRest, the loss of the server's disk, and a restore of an earlier moment: with the settings of Growing.md.

    python3 Tests/load/backup.py [--accounts 300] [--build .build/debug] [--directory /tmp]

It needs a build of hearth, PostgreSQL and pgBackRest (`apt-get install pgbackrest`). Ends with 1 where what came back is not what was there.
"""
import argparse, glob, os, pwd, re, shutil, signal, sqlite3, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--accounts", type=int, default=300)
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/debug"))
arguments.add_argument("--directory", default="/tmp")
options = arguments.parse_args()
hearth = os.path.join(os.path.abspath(options.build), "hearth")
programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
folder = tempfile.mkdtemp(prefix="backup-", dir=options.directory)
data, repository, settings = f"{folder}/server/data", f"{folder}/repository", f"{folder}/pgbackrest.conf"
as_owner = []
if os.geteuid() == 0:
    user = pwd.getpwnam("postgres")
    os.chmod(folder, 0o755)
    as_owner = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
for path in ("server", "repository", "log", "spool", "lock"):
    os.mkdir(f"{folder}/{path}")
    if as_owner:
        os.chown(f"{folder}/{path}", user.pw_uid, user.pw_gid)


def run(*command):
    done = subprocess.run(as_owner + list(command), capture_output=True, text=True, cwd=f"{folder}/server")
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def ask(sql, database="hearth"):
    return subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", f"{folder}/server", "-U", "postgres", "-d", database, "-c", sql], check=True,
        capture_output=True, text=True).stdout.strip()


def pgbackrest(*command):
    begun = time.monotonic()
    run("pgbackrest", f"--config={settings}", "--stanza=hearth", *command)
    print(f"pgbackrest {' '.join(command)}: {time.monotonic() - begun:.1f} s", flush=True)


def start():
    run(f"{programs}/pg_ctl", "-D", data, "-w", "-t", "600", "-l", f"{folder}/server/log", "start")


def company():
    demo = subprocess.Popen(
        [hearth, "demo", "--accounts", str(options.accounts), "--directory", f"{folder}/company", "--keep"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    for line in demo.stdout:
        if "Ctrl-C" in line:
            break
    environment = dict(os.environ)
    with open(f"{folder}/company/environment") as file:
        for line in file:
            found = re.match(r"(?:export )?(\w+)='(.*)'$", line.strip())
            if found:
                environment[found[1]] = found[2]
    configuration = f"{folder}/company/Config/hearth.yaml"
    with open(configuration) as file:
        text, count = re.subn(
            r"^  sqlite: .*$", f'  postgres: "host={folder}/server dbname=hearth user=postgres"', file.read(), count=1, flags=re.MULTILINE)
    assert count == 1, "the configuration names no store"
    with open(configuration, "w") as file:
        file.write(text)
    return demo, environment


def tell(environment, *command):
    done = subprocess.run([hearth, "--workspace", f"{folder}/company", *command], env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def sync(environment, turn):
    if turn:
        with sqlite3.connect(f"{folder}/company/legacy/billing.sqlite") as billing:
            billing.execute("UPDATE sf_fy SET bz = 'x' || id, gxsj = (SELECT max(gxsj) FROM sf_fy) WHERE id % 50 = ?", (turn,))
    status, text = tell(environment, "sync")
    if status > 1:
        sys.exit(f"hearth sync: {text}")
    return state()


def state():
    return ask(
        "SELECT (SELECT number FROM committed WHERE slot = 0), (SELECT max(id) FROM run), (SELECT count(*) FROM record), "
        "(SELECT md5(string_agg(md5(packed), '' ORDER BY account_id)) FROM account_view)")


demo = None
try:
    with open(settings, "w") as file:
        file.write(
            f"[global]\nrepo1-path={repository}\nrepo1-retention-full=4\nstart-fast=y\nlog-path={folder}/log\nspool-path={folder}/spool\n"
            f"lock-path={folder}/lock\ncompress-type=zst\n[hearth]\npg1-path={data}\npg1-socket-path={folder}/server\npg1-user=postgres\n")
    run(f"{programs}/initdb", "-D", data, "-k", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres")
    with open(data + "/postgresql.conf", "a") as file:
        file.write(
            f"listen_addresses = ''\nunix_socket_directories = '{folder}/server'\narchive_mode = on\n"
            f"archive_command = 'pgbackrest --config={settings} --stanza=hearth archive-push %p'\narchive_timeout = 60\n")
    start()
    pgbackrest("stanza-create")
    ask("CREATE DATABASE hearth", "postgres")
    demo, environment = company()
    sync(environment, 0)
    pgbackrest("--type=full", "backup")
    kept = sync(environment, 1)
    time.sleep(1)
    moment = ask("SELECT clock_timestamp()")
    time.sleep(1)
    pgbackrest("--type=diff", "backup")
    lost = sync(environment, 2)
    assert kept != lost, "the later sync changed nothing"
    ask("SELECT pg_switch_wal()", "postgres")
    pgbackrest("check")
    run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(data)
    os.mkdir(data, 0o700)
    if as_owner:
        os.chown(data, user.pw_uid, user.pw_gid)

    pgbackrest("--type=time", f"--target={moment}", "--target-action=promote", "restore")
    start()
    for _ in range(600):
        if ask("SELECT pg_is_in_recovery()", "postgres") == "f":
            break
        time.sleep(0.1)
    back = state()
    print("what was there at that moment is back, and nothing later" if back == kept else f"back is {back}, not {kept}", flush=True)
    ask("UPDATE committed SET number = number + 1000000 WHERE slot = 0")
    status, text = tell(environment, "audit", "verify")
    print(f"hearth audit verify: status {status}\n{text}", flush=True)
    again = sync(environment, 0)
    print("the next sync brings the rest again" if again.split("|")[2:] == lost.split("|")[2:] else f"the next sync: {again}, not {lost}")
    status, text = tell(environment, "audit", "verify")
    print(f"hearth audit verify after it: status {status}\n{text}", flush=True)
    run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    sys.exit(0 if back == kept and again.split("|")[2:] == lost.split("|")[2:] else 1)
finally:
    if demo:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)
    if os.path.exists(data + "/postmaster.pid"):
        subprocess.run(as_owner + [f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)
