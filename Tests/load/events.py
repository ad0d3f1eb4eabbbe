"""How long events take: from a commit to a reader of /v1/events, and from a change in the dispatch system to that reader.

    hearth demo --accounts 1000000 --keep &           # leaves its systems alive
    python3 Tests/load/events.py --program .build/release/hearth --demo hearth-demo --events 500 --orders 60 --every 2

The first is measured by events that this script commits, as another process: the moment of the commit stands in the event. The second by
repair orders that it makes in the dispatch system, with syncs on a schedule inside the server.
"""
import argparse, base64, hashlib, http.client, json, os, pathlib, sqlite3, subprocess, threading, time, urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--program", default=".build/debug/hearth")
parser.add_argument("--demo", default="hearth-demo")
parser.add_argument("--events", type=int, default=500)
parser.add_argument("--orders", type=int, default=30)
parser.add_argument("--every", type=int, default=2, help="seconds between two syncs")
parser.add_argument("--port", type=int, default=8899)
options = parser.parse_args()

demo = pathlib.Path(options.demo).resolve()
environment = dict(os.environ)
for line in (demo / "environment").read_text().splitlines():
    name, value = line.split("=", 1)
    environment[name] = value.strip("'")
configuration = pathlib.Path("Config/hearth.yaml")
if (demo / "Config/hearth.yaml").exists():
    configuration = demo / "Config/hearth.yaml"
own = configuration.parent / "events-load.yaml"
text = configuration.read_text().split("\nserve:")[0]
own.write_text(text + f"\nserve:\n  port: {options.port}\n  schedules: [{{streams: [dispatch], every: {options.every}}}]\n")
store = environment["HEARTH_STORE"]


def hearth(*arguments):
    done = subprocess.run([options.program, *arguments, "-c", str(own)], env=environment, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip()


token = hearth("token", "create", "--name", "load", "--scope", "assistant").splitlines()[-1]
server = subprocess.Popen([options.program, "serve", "-c", str(own)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
arrived = {}


def read():
    connection = http.client.HTTPConnection("127.0.0.1", options.port)
    connection.request("GET", "/v1/events", headers={"Authorization": "Bearer " + token, "Accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    ready.set()
    while True:
        line = answer.fp.readline()
        if not line:
            return
        if line.startswith(b"data: "):
            now = time.time()
            event = json.loads(line[6:])
            arrived.setdefault(event["data"].get("probe") or event["data"].get("order"), now)


def report(name, times):
    times.sort()
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1000
    print(f"{name}: n {len(times)}, p50 {at(.5):.1f} ms, p95 {at(.95):.1f} ms, p99 {at(.99):.1f} ms, most {times[-1] * 1000:.1f} ms")


try:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{options.port}/healthz").read()
            break
        except OSError:
            time.sleep(0.1)
    ready = threading.Event()
    threading.Thread(target=read, daemon=True).start()
    ready.wait(30)
    time.sleep(1)

    database = sqlite3.connect(store, isolation_level=None, timeout=60)
    account = database.execute("SELECT id FROM account LIMIT 1").fetchone()[0]
    sent = {}
    for number in range(options.events):
        database.execute(
            "INSERT INTO event(mark, type, account_id, noted_us, body) VALUES(?, 'order.enroute', ?, ?, ?)",
            (number, account, int(time.time() * 1e6), json.dumps({"probe": f"p{number}"}).replace(" ", "").encode()))
        sent[f"p{number}"] = time.time()
        time.sleep(0.013)
    time.sleep(1)
    report("committed by another process → SSE", [arrived[name] - at for name, at in sent.items()])

    made = {}
    number = database.execute("SELECT number FROM account LIMIT 1 OFFSET 7").fetchone()[0]
    namespace = "http://dispatch.nuancheng.example/ws/2026"
    for _ in range(options.orders):
        nonce, created = os.urandom(16), time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        secret = environment["HEARTH_DISPATCH_WRITER_PASSWORD"].encode()
        digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + secret).digest()).decode()
        wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
        utility = wsse.replace("secext", "utility")
        profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
        body = f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><w:Security xmlns:w="{wsse}" xmlns:u="{utility}">
<w:UsernameToken><w:Username>{environment["HEARTH_DISPATCH_WRITER"]}</w:Username><w:Password Type="{profile}">{digest}</w:Password>
<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken></w:Security></s:Header><s:Body>
<d:CreateWorkOrder xmlns:d="{namespace}"><d:AccountNo>{number}</d:AccountNo><d:Type>不热</d:Type></d:CreateWorkOrder></s:Body></s:Envelope>"""
        request = urllib.request.Request(
            environment["HEARTH_DISPATCH_URL"], body.encode(),
            {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f"{namespace}/CreateWorkOrder"})
        answer = urllib.request.urlopen(request).read().decode()
        made["WX" + answer.split("WX")[1][:9]] = time.time()
        time.sleep(0.37)
    time.sleep(options.every + 5)
    report(f"made in dispatch → SSE, syncs every {options.every} s", [arrived[name] - at for name, at in made.items() if name in arrived])
    print(f"lost: {len([name for name in made if name not in arrived])}")
finally:
    server.terminate()
    server.wait(30)
    own.unlink()
