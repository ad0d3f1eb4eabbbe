#!/usr/bin/env python3
"""Has Wapiti attack every page, form and question of a running server, logged out and logged in with every scope.

    python3 Tests/browser/scan.py http://127.0.0.1:PORT --workspace hearth-demo --hearth .build/debug/hearth --account 01000003 --log server.log

It needs the environment of `Tests/tools/python-env.sh scan`, and a server of a demo's workspace that lasts: it makes and revokes tokens there, and says
and asks for many things. `--log` is what the server's process writes to standard error. A finding that is not explained below, an answer of 500 or
more, an error in the log, an alteration that `hearth audit verify` finds end the scan with status 1.
"""
import argparse
import asyncio
import collections
import contextlib
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

import yaml

import verdict
from pages import SCOPES, console_pages
from relay import FORM_TOKEN, Login, Relay, Server
from tokens import Tokens
from verdict import check

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--workspace", required=True)
parser.add_argument("--hearth", required=True)
parser.add_argument("--account", required=True)
parser.add_argument("--log", required=True)
parser.add_argument("--seconds", type=float, default=25, help="the most that one kind of attack takes in one scan")
parser.add_argument("--least", type=int, default=400, help="requests that it may make, however long they take")
parser.add_argument("--only", default="", help="names of scans, with commas")
parser.add_argument("--attacks", default="", help="a regular expression: only attacks of such names")
parser.add_argument("--reports", default="")
arguments = parser.parse_args()

# What Wapiti finds that is as it is meant: category, method and path with what is said of it (as regular expressions), and why.
EXPLAINED = [
    (r"HTTP Methods: .*: OPTIONS \(405\)( POST \(4\d\d\))? ->", "who asks which methods there are is told, with 405"),
    (r"HTTP Methods: .*heuristics.*: *(\w+ \(40[45]\) ?)* ->", "nothing is there, by any method"),
    (r"Secure Flag cookie: ", "on loopback there is no TLS; with `serve: tls:` cookies are Secure"),
    (r"HTTP Strict Transport Security \(HSTS\): ", "on loopback there is no TLS"),
    (r"Cross Site Request Forgery: POST (/v1/\S+|/mcp) .*Lack of anti", "a question is asked by a bearer's token, which no browser sends by itself"),
    (r"Cross Site Request Forgery: POST /desk .*Lack of anti", "the desk's login: what a browser says is from another site is refused, and its cookie is SameSite=Strict"),
    (r"Cross Site Request Forgery: POST /kiosk/say ", "what is read aloud is signed and changes nothing"),
    (r"Cross Site Request Forgery: POST /kiosk .*&end=1$", "the first screen comes back, whoever asks for it"),
    (r"stranger: Cross Site Request Forgery: POST /(console|desk)/.* not properly checked", "who is not logged in is refused with any token"),
    (r"stranger: SQL Injection: GET /console/", "who is not logged in sees the login page, which repeats where it leads to; for it the store is not asked"),
    (r"LDAP Injection: .*%00nosuchvalue", "a NUL is refused in other words than a bracket is"),
    (r"(Clickjacking Protection|Content Security Policy Configuration): GET (/|/v1/\S+) ", "JSON, which is no page"),
    (r"Review Webserver Metafiles for Information Leakage: GET /favicon.ico ", "browsers ask for it; it is empty"),
]

# Not tried: what needs the scanner's servers or lists from elsewhere (cms, htp, log4shell, network_device, nikto, takeover, wapp, wp_enum), TLS, which a
# server on loopback has not (https_redirect, ssl), and spring4shell, which takes any refusal of a form for a hole of Spring's.
# Those of one line are made by one process: the second looks for what the first has left behind.
ATTACKS = [
    "cookieflags", "csp", "http_headers", "csrf", "methods", "htaccess", "backup", "xss,permanentxss", "redirect", "crlf", "sql,timesql", "exec", "file",
    "ldap", "ssrf", "xxe", "upload", "shellshock",
]
LOGGED_OUT_ATTACKS = ATTACKS + ["brute_login_form", "buster"]
# Scanners that run at once.
AT_ONCE = 2


def say(words):
    print(words, flush=True)


def hearth(*words):
    return subprocess.run([arguments.hearth, "--workspace", arguments.workspace, *words], capture_output=True, text=True)


def form(**fields):
    return urllib.parse.urlencode(fields).encode()


FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def cookies(login):
    return [("Cookie", "; ".join(f"{name}={value}" for name, value in login.cookies.items()))]


def token_of(answer):
    found = FORM_TOKEN.search(answer.body)
    return found and found.group(1)


class Doors:
    """How one comes in at each door."""

    def __init__(self, server, secrets):
        self.server, self.secrets = server, secrets

    def console(self, token):
        """Without a token: who is at the page that asks for one."""
        async def make(login):
            first = await self.server.ask("GET", "/console")
            login.keep(first)
            if token is None:
                login.form = token_of(first)
                return
            sent = form(token=token_of(first), secret=token, goal="/console")
            login.keep(await self.server.ask("POST", "/console", FORM + cookies(login), sent))
            login.form = token_of(await self.server.ask("GET", "/console", cookies(login)))
        return Login(make)

    def desk(self, token):
        async def make(login):
            login.keep(await self.server.ask("POST", "/desk", FORM, form(secret=token, agent="scan")))
            login.form = token_of(await self.server.ask("GET", "/desk", cookies(login)))
        return Login(make)

    def chat(self):
        async def make(login):
            page = await self.server.ask("GET", "/chat")
            login.keep(page)
            login.form = token_of(page)
        return Login(make)

    def kiosk(self):
        async def make(login):
            page = await self.server.ask("GET", "/kiosk")
            keys = re.search(rb'name="key" value="([^"]+)"', page.body)
            sent = form(token=token_of(page), key=keys.group(1), first="1", words="缴费")
            page = await self.server.ask("POST", "/kiosk", FORM, sent)
            login.keep(page)
            login.form = token_of(page)
        return Login(make)

    def bearer(self, token):
        async def make(login):
            login.bearer = token
        return Login(make)

    async def open(self, *names):
        secrets = self.secrets
        pools = {
            "console": ("/console", [self.console(secret) for secret in secrets]), "desk": ("/desk", [self.desk(secrets[0])]),
            "login": ("/console", [self.console(None)]), "chat": ("/chat", [self.chat() for _ in range(40)]), "kiosk": ("/kiosk", [self.kiosk() for _ in range(4)]),
            "api": ("/v1", [self.bearer(secret) for secret in secrets]), "mcp": ("/mcp", [self.bearer(secret) for secret in secrets]),
        }
        opened = {}
        for name in names:
            path, pool = pools[name]
            for login in pool:
                await login.renew()
                if not login.bearer and not (login.cookies and login.form):
                    raise SystemExit(f"no way in at {path}")
            opened[path] = pool
        return opened


# Pages that only this store has.
MORE_PAGES = []


async def find_more(server, secret):
    """An entry that could be of several accounts, whose form lets one choose, and an action."""
    for question, member, page in [("quarantine?code=match.ambiguousPlace&limit=1", "records", "/console/quarantine/{}"), ("actions?limit=1", "actions", "/console/actions?action={}")]:
        answer = await server.ask("GET", "/v1/" + question, [("Authorization", "Bearer " + secret)])
        for entry in json.loads(answer.body).get(member, [])[:1]:
            MORE_PAGES.append(page.format(urllib.parse.quote(str(entry["id"]))))


# What a page leads to only after others: each field is attacked.
def seeds(account, token):
    console = MORE_PAGES + [path for _, path in console_pages(account)] + [
        "/console/runs?stream=billing.charges&after=9", "/console/access?account=" + account + "&after=cli-1%3A9", "/console/actions?state=open&dead=true",
        "/console/actions?kind=reportFault", f"/console/trace?number={account}&field=area_building&as_of=2026-01-01", "/console/quarantine?stream=billing.charges&code=match.unknownAccount&state=open&after=1",
        f"/console/account?number={account}&as_of=2026-01-01&versus=previous&lang=en", f"/console/history?number={account}&stream=billing.charges&as_of=2026-01-01",
        "/console/reconciliation/findings?output=.&rule=arithmetic.arrears&community=-&season=2025-2026&account=" + account,
        "/console/reconciliation/finding?output=.&id=1", "/console/reconciliation/download?output=.&file=totals.csv", "/console/reconciliation/compare?before=.&after=.&kind=new",
        "/console/sources?lang=en", "/console/notices?state=open&account=" + account,
    ]
    return {
        "console": (console, []),
        "desk": (["/desk", "/desk/hand-off/1"], [
            ("/desk/hand-off/1", {"token": token, "key": "scan", "do": "reply", "words": "hello", "outcome": "followUp", "closing": "bye"}),
            ("/desk/hand-off/1", {"token": token, "key": "scan", "do": "claim"}),
        ]),
        "chat": (["/chat", "/chat/news?after=0"], [
            ("/chat", {"token": token, "key": "scan", "words": "hello"}), ("/chat", {"token": token, "key": "scan", "choice": "i:not_warm"}),
            ("/chat", {"token": token, "key": "scan", "words": "hello", "part": "1"}), ("/chat/print", {"token": token, "large": "1"}),
        ]),
        "kiosk": (["/kiosk"], [
            ("/kiosk", {"token": token, "key": "scan", "digits": account}), ("/kiosk", {"token": token, "key": "scan", "words": "hello"}),
            ("/kiosk", {"token": token, "key": "scan", "choice": "i:not_warm", "part": "1"}), ("/kiosk/say", {"token": token, "say": "hello.signature"}),
        ]),
        "docs": (["/docs/zh", "/docs/en"], []),
        "own": (["/", "/healthz", "/readyz", "/metrics", "/openapi.yaml", "/favicon.ico", "/v1/pictures/valve.svg"], []),
    }


def seed(paths, forms):
    page = "<!DOCTYPE html><html lang=\"en\"><head><title>-</title></head><body>"
    for path in paths:
        page += f'<a href="{html.escape(path)}">-</a>'
    for path, fields in forms:
        page += f'<form method="post" action="{path}">' + "".join(f'<input name="{name}" value="{html.escape(value)}">' for name, value in fields.items()) + "<button>-</button></form>"
    return (page + "</body></html>").encode()


# Values with which a question finds something.
VALUES = {
    "number": arguments.account, "account": arguments.account, "account_number": arguments.account, "season": "latest", "field": "area_building", "id": 1, "order": "WX020000310",
    "versus": "peers", "lang": "en", "stream": "billing.charges", "state": "open", "as_of": "2026-11-30T00:00:00+08:00", "limit": 5, "sha256": "0" * 64,
    "address": "桃源世家", "q": "桃源世家", "phone": "13800000000", "words": "hello", "customer": "scan", "channel": "chat", "kind": "notWarm",
}


def description(document):
    """The server's own description of its questions, with values that find something, for a scanner that reads it."""
    def filled(node, name=None):
        if isinstance(node, list):
            return [filled(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "properties" in node:
            node = node | {"properties": {key: filled(value, key) for key, value in node["properties"].items()}}
        elif node.get("type") in ("string", "integer", "boolean", "number") and name in VALUES and "enum" not in node:
            return node | {"default": VALUES[name]}
        if "in" in node and "name" in node:
            value = VALUES.get(node["name"])
            schema = node.get("schema", {})
            if value is not None:
                schema = schema | {"default": schema.get("enum", [value])[0] if value not in schema.get("enum", [value]) else value}
            return node | {"schema": schema}
        return {key: filled(value) if key != "properties" else value for key, value in node.items()}

    described = filled(yaml.safe_load(document))
    described["servers"] = [{"url": arguments.address}]
    # Parts of paths are the relay's to attack: the scanner leaves them alone.
    for path in list(described["paths"]):
        described["paths"][re.sub(r"\{(\w+)\}", lambda name: str(VALUES[name[1]]), path)] = described["paths"].pop(path)
    # An attack is no reader: what is answered need not be described.
    for path in described["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = {"default": {"description": "-"}}
    return described


class Scan:
    """One look at some doors: what there is is found once, and each attack is made on all of it."""

    def __init__(self, server, name, root, doors, logins, is_in, attacks, folder, turn):
        self.server, self.name, self.root, self.doors, self.logins, self.turn = server, name, root, doors, logins, turn
        self.attacks = [attack for attack in attacks if re.search(arguments.attacks, attack)]
        self.folder, self.address = f"{folder}/{name}", f"http://{server.host}"
        self.relays, self.reports, self.process, self.cut, self.is_in = {}, {}, {}, set(), is_in
        os.makedirs(self.folder)

    async def run(self, openapi):
        paths, forms = [], []
        for door in self.doors:
            if door == "api":
                continue
            pool = self.logins.get("/" + door)
            more = seeds(arguments.account, pool[0].form.decode() if pool and pool[0].form else "")[door]
            paths, forms = paths + more[0], forms + more[1]
        self.seed = seed(paths, forms)
        first = ["-s", self.address + "/scan-seed", "-d", "2", "--max-links-per-page", "400", "--max-files-per-dir", "300", "-S", "paranoid", "--max-scan-time", "120"]
        for door in ["console", "desk", "chat", "kiosk", "docs", "v1"]:
            if door not in self.doors and not (door == "v1" and "api" in self.doors):
                first += ["-x", f"{self.address}/{door}", "-x", f"{self.address}/{door}/*", "-x", f"{self.address}/{door}?*"]
        if "api" in self.doors:
            with open(self.folder + "/openapi.json", "w") as file:
                json.dump(openapi, file, default=str)
            first += ["--swagger", self.folder + "/openapi.json"]
        await self.wapiti("find", "", 300, first)
        await asyncio.gather(*[self.wapiti(attack, attack, arguments.seconds * len(attack.split(",")), ["--skip-crawl"]) for attack in self.attacks])

    async def wapiti(self, name, modules, seconds, more):
        """An attack, until it is through or its time is over; then the report of what it has found."""
        async with self.turn:
            folder = f"{self.folder}/{name}"
            relay = self.relays[name] = Relay(self.server, f"{self.name} {name}", self.logins, not self.is_in, self.seed, seconds, arguments.least)
            await relay.start()
            os.makedirs(folder)
            if name == "find":
                relay.alike = 4
            else:
                shutil.copytree(f"{self.folder}/find/session", folder + "/session")
            attack, over = asyncio.create_task(self.wapiti_once(folder, relay, modules, more)), asyncio.create_task(relay.over.wait())
            await asyncio.wait([attack, over], return_when=asyncio.FIRST_COMPLETED, timeout=20 * seconds + 300)
            relay.stop()
            over.cancel()
            if not attack.done():
                self.process.pop(folder).kill()
            status = await attack
            self.cut |= {name} if relay.over.is_set() else set()
            if (status == 0 or name in self.cut) and await self.wapiti_once(folder, relay, "", ["--skip-crawl", "-f", "json", "-o", folder + "/report.json"]) == 0:
                self.reports[name] = json.load(open(folder + "/report.json"))
            say(f"{relay.name}: {relay.requests} requests in {relay.took:.0f} s" + (", cut short" if name in self.cut else ""))

    async def wapiti_once(self, folder, relay, modules, more):
        command = [
            os.path.join(os.path.dirname(sys.executable), "wapiti"), "-u", self.address + self.root, "--scope", "domain", "-p", f"http://127.0.0.1:{relay.port}/",
            "-m", modules, "--tasks", "8", "-t", "20", "--no-bugreport", "-v", "1", "--endpoint", f"http://127.0.0.1:{relay.port}/",
            "--store-session", folder + "/session", "--store-config", folder + "/config", *more,
        ]
        if "-o" not in more:
            command += ["-f", "json", "-o", folder + "/first.json"]
        with open(folder + "/wapiti.log", "ab") as log:
            process = self.process[folder] = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, cwd=folder)
            return await process.wait()

    def tell(self):
        relays = self.relays.values()
        requests, statuses = sum(relay.requests for relay in relays), sum((relay.statuses for relay in relays), collections.Counter())
        limited = sum(relay.limited for relay in relays)
        print(f"{self.name}: {requests} requests to {len(set().union(*[relay.urls for relay in relays]))} URLs; answers {dict(sorted(statuses.items()))}")
        print(f"  cut short: {', '.join(sorted(self.cut)) or 'none'}; told to wait in vain: {limited}; kept from other hosts: {sum(relay.kept_out for relay in relays)}")
        missing = set(self.attacks) - set(self.reports)
        check(not missing, f"{self.name}: every attack is made {missing or ''}")
        check(limited * 20 <= requests, f"{self.name}: rates turn few attacks away")
        seen = {}
        for relay in relays:
            for key, what in relay.found.items():
                seen.setdefault(("relay", *key), (None, what, []))[2].append(relay.name)
        for name, report in self.reports.items():
            for kind in ("vulnerabilities", "anomalies", "additionals"):
                for category, all_found in report[kind].items():
                    for found in all_found:
                        if found["path"] == "/scan-seed":
                            continue
                        line = f"{category}: {found['method']} {found['path']} {found['parameter'] or ''}: {found['info']}".replace("\n", " ")
                        head, _, body = found["http_request"].partition("\n\n")
                        line = f"{self.name}: {line} -> {head.splitlines()[0]} {body[:300]}"
                        reason = next((why for pattern, why in EXPLAINED if re.search(pattern, line)), None)
                        key = (category, found["method"], found["path"], found["parameter"]) if reason is None else reason
                        seen.setdefault(key, (reason, line[:1000], []))[2].append(name)
        for reason, line, names in seen.values():
            if reason is None:
                check(False, line)
            else:
                print(f"  --   {len(names)} of Wapiti's findings: {reason}")


# What stands where Wapiti sends nothing: in parts of a path, in header fields, in cookies.
PAYLOADS = [
    "'", "' OR '1'='1", "1;SELECT sqlite_version()--", "1 UNION SELECT 1,2,3--", "\"><svg onload=alert(1)>", "<script>alert(1)</script>", "javascript:alert(1)",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2fetc%2fpasswd", "file:///etc/passwd", ";id", "$(id)", "`id`", "|id", "{{7*7}}", "${7*7}", "%s%n%x", "\x00",
    "a\r\nX-Wapiti: 1", "*)(uid=*", "-1", "0", "99999999999999999999", "9223372036854775807", "1e309", "NaN", "\u202e\ufeff", "\ud55c" * 300, "A" * 3000,
]
FIELDS = [
    "Accept", "Accept-Language", "Authorization", "Content-Type", "Cookie", "Forwarded", "Hearth-State", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "MCP-Protocol-Version",
    "Origin", "Range", "Referer", "Sec-Fetch-Site", "User-Agent", "X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override", "X-Original-URL", "X-Request-Id",
]
OWN_COOKIES = ["hearth_console", "hearth_console_form", "hearth_console_lang", "hearth_desk", "hearth_chat", "hearth_kiosk"]
INJECTED = re.compile(rb"<svg onload|<script>alert|root:[x*]:0:0|uid=\d+\(")


async def probe(scan, openapi):
    """Every payload at every part of a path that has a value, in every field, in every cookie; with a login, where the scan has one."""
    relay = scan.relays["probe"] = Relay(scan.server, f"{scan.name} probe", scan.logins, not scan.is_in, b"", 3600, 0)
    relay.began = time.monotonic()
    places = [("/console/runs/", ""), ("/console/quarantine/", ""), ("/console/", ""), ("/desk/hand-off/", ""), ("/docs/zh/", ""), ("/docs/", "/start"), ("/v1/pictures/", ""), ("/", "")]
    for path in openapi:
        places += [(path[:part.start()], path[part.end():]) for part in re.finditer(r"\{\w+\}", path)]
    asked = []
    for payload in PAYLOADS:
        quoted = urllib.parse.quote(payload.encode("utf-8", "surrogatepass"), safe="")
        for before, after in places:
            target = re.sub(r"\{(\w+)\}", lambda name: str(VALUES[name[1]]), before + "\0" + after).replace("\0", quoted)
            asked.append(("GET", target, [], b""))
        # A field's value ends with its line.
        value = payload.replace("\r\n", " ").replace("\x00", "").encode("utf-8").decode("latin-1")
        for path in ["/console", "/desk", "/chat", "/kiosk", "/docs/zh", "/v1/accounts/" + arguments.account, "/v1/events", "/healthz"]:
            asked += [("GET", path, [(field, value)], b"") for field in FIELDS]
            asked += [("GET", path, [("Cookie", f"{cookie}={value}")], b"") for cookie in OWN_COOKIES]
        for path in ["/console", "/desk", "/chat", "/kiosk", "/v1/bindings/verify", "/mcp", "/chat/photo", "/v1/attachments"]:
            for kind in ["application/x-www-form-urlencoded", "application/json", "application/xml", "image/png", "multipart/form-data; boundary=x"]:
                asked.append(("POST", path, [("Content-Type", kind)], payload.encode("utf-8", "surrogatepass")))
    own = tuple("/v1" if door == "api" else "/" + door for door in scan.doors if door != "own")
    asked = [one for one in asked if one[1].startswith(own + ("/mcp",) * ("api" in scan.doors)) or "own" in scan.doors]
    for start in range(0, len(asked), 16):
        answers = await asyncio.gather(*[relay.passed_on(*one) for one in asked[start:start + 16]])
        for one, answer in zip(asked[start:], answers):
            if answer is not None and INJECTED.search(answer.body) and "html" in answer.one("content-type"):
                relay.finding("a payload is part of the page", *one[:2], one[3], answer)
    relay.took = time.monotonic() - relay.began
    say(f"{relay.name}: {relay.requests} requests in {relay.took:.0f} s")


async def leave(path, login, server):
    """Whoever has kept the cookie of a login that was left has nothing of it."""
    await login.renew()
    kept = cookies(login)
    here = await server.ask("GET", path, kept)
    await server.ask("POST", path + "/leave", FORM + kept, form(token=login.form))
    gone = await server.ask("GET", path, kept)
    check(b'id="secret"' not in here.body and b'id="secret"' in gone.body, f"{path}: a cookie is worth nothing once its login was left")


def failed_requests(metrics):
    """Of each route, how many requests failed inside."""
    return {route: int(count) for route, count in re.findall(rb'hearth_http_requests_total\{route="([^"]*)",outcome="failed"\} (\d+)', metrics)}


def errors(log):
    return [line for line in log.splitlines() if re.search(r'"level":\s*"(error|critical)"|\b(error|critical)\b.*: |Fatal error|crashed|Backtrace|Thread \d+|\bat .*\.swift:\d', line)]


async def main():
    # Who ends it leaves no tokens and no scanners behind.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    server, began = Server(arguments.address), time.monotonic()
    log_size = os.path.getsize(arguments.log)
    before = failed_requests((await server.ask("GET", "/metrics")).body)
    with contextlib.ExitStack() as stack:
        tokens = stack.enter_context(contextlib.closing(Tokens(arguments.hearth, arguments.workspace, "scan")))
        secrets = [tokens.make(*SCOPES) for _ in range(8)]
        await asyncio.sleep(2)
        folder = os.path.abspath(arguments.reports) if arguments.reports else stack.enter_context(tempfile.TemporaryDirectory())
        doors = Doors(server, secrets)
        # Something waits at the desk.
        customer = doors.chat()
        await customer.renew()
        for number, words in enumerate(["我家暖气漏水把地板泡了,要索赔", "转人工"]):
            await server.ask("POST", "/chat", FORM + cookies(customer), form(token=customer.form, key=f"first{number}", words=words))
        for path, login in [("/console", doors.console(secrets[0])), ("/desk", doors.desk(secrets[0]))]:
            await leave(path, login, server)
        await find_more(server, secrets[0])
        document = (await server.ask("GET", "/openapi.yaml")).body
        openapi = description(document)
        plan = [
            ("console", "/console", ["console"], ["console"], ATTACKS),
            ("doors", "/chat", ["desk", "chat", "kiosk", "docs"], ["desk", "chat", "kiosk"], ATTACKS),
            ("api", "/v1/freshness", ["api"], ["api", "mcp"], ATTACKS),
            ("stranger", "/console", ["console", "desk", "own", "api"], ["login"], LOGGED_OUT_ATTACKS),
        ]
        turn = asyncio.Semaphore(AT_ONCE)
        scans = [
            Scan(server, name, root, parts, await doors.open(*ways), name != "stranger", attacks, folder, turn)
            for name, root, parts, ways, attacks in plan if not arguments.only or name in arguments.only.split(",")
        ]
        stack.callback(lambda: [process.kill() for scan in scans for process in scan.process.values() if process.returncode is None])
        await asyncio.gather(*[scan.run(openapi) for scan in scans])
        for scan in scans:
            await probe(scan, list(yaml.safe_load(document)["paths"]))
        for scan in scans:
            scan.tell()
        relays = [relay for scan in scans for relay in scan.relays.values()]
        print(f"{sum(relay.requests for relay in relays)} requests to {len(set().union(*[relay.urls for relay in relays]))} URLs in {time.monotonic() - began:.0f} s")
        health = await server.ask("GET", "/healthz")
        check(health is not None and health.status == 200, "the server answers still")
        after = failed_requests((await server.ask("GET", "/metrics")).body)
        more = {route.decode(): count - before.get(route, 0) for route, count in after.items() if count > before.get(route, 0)}
        check(not more, f"no request failed inside {more or ''}")
        with open(arguments.log, encoding="utf-8", errors="replace") as file:
            file.seek(log_size)
            said = errors(file.read())
        check(not said, f"the server's log holds no error; {len(said)} lines" + "".join("\n       " + line[:400] for line in said[:20]))
        verified = hearth("audit", "verify")
        check(verified.returncode == 0, "nothing was altered: " + (verified.stdout + verified.stderr)[-1500:].strip())


asyncio.run(main())
verdict.end()
