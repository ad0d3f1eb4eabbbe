"""Stands between a scanner and the server: lets nothing through but to the server, logs in for the scanner, and looks at every answer itself.

A scanner meets the rates that one person or one address has, and would see hardly anything but "too many". So the relay has many logins and visits,
takes them in turn, comes from many addresses of 127/8, and asks again where it is told to wait. The server is as it always is.
"""
import asyncio
import collections
import itertools
import random
import re
import time
import urllib.parse

WITHIN = 30


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name]

    def one(self, name):
        return (self.all(name) or [""])[0]


class Server:
    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        if parts.scheme != "http" or parts.hostname != "127.0.0.1" or not parts.port:
            raise SystemExit("only a server at http://127.0.0.1:PORT is scanned")
        self.port, self.host = parts.port, parts.netloc
        self.limit = asyncio.Semaphore(64)

    async def ask(self, method, target, fields=(), body=b""):
        """None where the server ends the connection without an answer; a status of 0 where none comes in time."""
        kept = [(name, value) for name, value in fields if name.lower() not in ("host", "connection", "proxy-connection", "content-length", "transfer-encoding", "accept-encoding")]
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", "Connection: close"] + [f"{name}: {value}" for name, value in kept]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        message = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
        source = f"127.{random.randint(1, 250)}.{random.randint(0, 250)}.{random.randint(1, 250)}"
        async with self.limit:
            writer = None
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
                writer.write(message)
                raw = await asyncio.wait_for(reader.read(-1), WITHIN)
            except asyncio.TimeoutError:
                return Answer(0, [], b"")
            except OSError:
                return None
            finally:
                if writer:
                    writer.close()
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        try:
            status = int(lines[0].split(" ")[1])
        except (IndexError, ValueError):
            return None
        answer = Answer(status, [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line], rest)
        if answer.one("transfer-encoding").lower() == "chunked":
            answer.body = unchunked(rest)
        return answer


def unchunked(raw):
    out = b""
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        count = int(size.split(b";")[0] or b"0", 16)
        if count == 0:
            break
        out, raw = out + raw[:count], raw[count + 2:]
    return out


class Login:
    """Somebody whom the server knows: cookies, the token that forms carry, a bearer's token."""

    def __init__(self, make):
        self.make, self.cookies, self.form, self.bearer, self.made = make, {}, None, None, 0.0
        # All that forms have carried: a scanner sends those of pages that it saw long ago.
        self.forms = set()

    async def renew(self):
        self.cookies, self.made = {}, time.monotonic()
        await self.make(self)
        if self.form:
            self.forms.add(self.form)

    def keep(self, answer):
        for line in answer.all("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if value:
                self.cookies[name.strip()] = value


FORM_TOKEN = re.compile(rb'name="token" value="([^"]+)"')
FORM = re.compile(rb"<form\b.*?</form>", re.S)
BUTTON = re.compile(rb'<button\b[^>]*\bname="[^>]*>.*?</button>', re.S)
FORM_KEY = re.compile(rb'name="key" value="[^"]+"')
REQUEST_ID = re.compile(rb'"request_id": ?"\w+"')
SENT_KEY = re.compile(rb"(?:^|&)key=scan(?=&|$)")
# What a page must never say, whatever it was sent.
INSIDE = re.compile(rb"Fatal error|\.swift:\d|Thread \d+ crashed|sqlite3_|SQLITE_[A-Z]+|PG::|libpq|near \"[^\"]*\": syntax error|\$s\d+[A-Z]\w{12,}|/(?:root|home|work)/\w+/")
LOGGED_OUT = {"/console/console.css", "/console/console.js", "/desk/desk.css", "/desk/desk.js"}


def with_one_button_each(form):
    """A form with several buttons as one form for each: a scanner would press all at once."""
    buttons = BUTTON.findall(form[0])[:4]
    return form[0] if len(buttons) < 2 else b"".join(BUTTON.sub(lambda found: button if found[0] == button else b"", form[0]) for button in buttons)


class Relay:
    """Of one attack. When it is over (after its seconds, though not before it has made a few requests), nothing is answered any more."""

    def __init__(self, server, name, logins, is_stranger, seed, seconds, least):
        self.server, self.name, self.logins, self.is_stranger, self.seed, self.seconds, self.least = server, name, logins, is_stranger, seed, seconds, least
        self.over = asyncio.Event()
        # Of pages that differ by a number alone, how many a search for pages may see; 0 is any number.
        self.alike, self.seen = 0, collections.defaultdict(set)
        self.turns = {door: itertools.cycle(pool) for door, pool in logins.items()}
        self.numbers = itertools.count(1)
        self.statuses, self.urls, self.found = collections.Counter(), set(), {}
        self.limited = self.requests = self.kept_out = 0

    async def start(self):
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.listener.sockets[0].getsockname()[1]
        self.began = time.monotonic()

    def stop(self):
        self.listener.close()
        self.took = time.monotonic() - self.began

    def finding(self, what, method, target, body=b"", answer=None):
        """Once for each kind at each path."""
        key = (what, method, target.split("?")[0])
        if key not in self.found:
            told = f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')!r}" if answer else "no answer"
            self.found[key] = f"{self.name}: {what}: {method} {target[:500]} {body[:500].decode('utf-8', 'replace')!r} -> {told}"

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, uri, _ = head[0].split(" ", 2)
                fields = [tuple(part.strip() for part in line.split(":", 1)) for line in head[1:] if ":" in line]
                length = next((int(value) for name, value in fields if name.lower() == "content-length"), 0)
                body = await reader.readexactly(length) if length else b""
                answer = await self.answered(method, uri, fields, body)
                if answer is None:
                    break
                lines = [f"HTTP/1.1 {answer.status} -"]
                lines += [f"{name}: {value}" for name, value in answer.fields if name.lower() not in ("connection", "content-length", "transfer-encoding")]
                lines.append(f"Content-Length: {len(answer.body)}")
                writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (b"" if method == "HEAD" else answer.body))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def answered(self, method, uri, fields, body):
        if uri.startswith("/"):
            # Whoever asks the relay itself was told its address by an attack.
            self.finding("the server asks where an attack sends it", method, uri)
            return Answer(200, [], b"")
        if method == "CONNECT":
            # The method is tried, no tunnel is wanted; the server would see it only without a proxy.
            return Answer(405, [], b"")
        host, target = (uri.split("/", 3)[2], "/" + "".join(uri.split("/", 3)[3:])) if "://" in uri else (uri, "")
        if host == f"127.0.0.1:{self.port}":
            # The scanner asks which of its attacks have led the server here; that is in our own findings.
            return Answer(200, [("Content-Type", "application/json")], b"{}")
        if host != self.server.host:
            self.kept_out += 1
            return Answer(403, [], b"")
        if self.requests >= self.least and time.monotonic() - self.began > self.seconds:
            self.over.set()
            return None
        if target == "/scan-seed":
            return Answer(200 if method == "GET" else 404, SEED_FIELDS, self.seed if method == "GET" else b"")
        if self.alike:
            path = target.split("?")[0]
            seen = self.seen[re.sub(r"\d+", "#", path)]
            if path not in seen and len(seen) == self.alike:
                return None
            seen.add(path)
        return await self.passed_on(method, target, fields, body)

    async def passed_on(self, method, target, fields, body):
        path = target.split("?")[0]
        self.requests += 1
        self.urls.add((method, path))
        door = next((door for door in self.logins if path == door or path.startswith(door + "/")), None)
        for attempt in range(6):
            login = next(self.turns[door]) if door else None
            if login and door == "/kiosk" and time.monotonic() - login.made > 45:
                await login.renew()
            answer = await self.server.ask(method, target, *self.as_of(login, method, door, fields, body))
            if answer is None:
                self.finding("the connection ends without an answer", method, target, body)
                return None
            if login:
                if not self.is_stranger and answer.status == 403 and b'id="secret"' in answer.body:
                    await login.renew()
                    continue
                # The kiosk begins another visit with each refusal.
                if door != "/kiosk":
                    login.keep(answer)
            if answer.status != 429:
                break
            await asyncio.sleep(min(float(answer.one("retry-after") or 1), 3) if attempt else 0)
        self.statuses[answer.status] += 1
        self.limited += answer.status == 429
        self.judge(method, target, path, fields, body, answer)
        self.make_equal(login, door, answer)
        return answer

    def make_equal(self, login, door, answer):
        """Two answers that say the same are the same to the scanner, which compares them: without what is of one login, one form, one request."""
        if login and login.form and self.logins[door][0].form:
            answer.body = answer.body.replace(login.form, self.logins[door][0].form)
        answer.body = FORM_KEY.sub(b'name="key" value="scan"', REQUEST_ID.sub(b'"request_id":"-"', answer.body))
        if "html" in answer.one("content-type"):
            answer.body = FORM.sub(with_one_button_each, answer.body)

    def as_of(self, login, method, door, fields, body):
        """The request as a login sends it, with its cookies and with its forms' token for that of any other."""
        if not login:
            return fields, body
        if login.bearer:
            fields = [field for field in fields if field[0].lower() != "authorization"] + [("Authorization", f"Bearer {login.bearer}")]
            if method == "POST":
                fields = fields + [("Idempotency-Key", f"scan-{next(self.numbers)}-{random.randrange(1 << 60)}")]
            return fields, body
        cookies = {}
        for name, value in fields:
            if name.lower() == "cookie":
                cookies |= dict(part.strip().split("=", 1) for part in value.split(";") if "=" in part)
        cookies |= login.cookies
        fields = [field for field in fields if field[0].lower() != "cookie"] + [("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))]
        for token in set().union(*[other.forms for other in self.logins[door]]):
            body = body.replace(token, login.form)
        # Each sending is one of its own, else only the first would do anything.
        return fields, SENT_KEY.sub(lambda found: found[0] + b"%d-%d" % (next(self.numbers), random.randrange(1 << 40)), body)

    def judge(self, method, target, path, fields, body, answer):
        """What no answer may be."""
        if answer.status == 0:
            return self.finding(f"no answer within {WITHIN} s", method, target, body)
        if answer.status >= 500:
            self.finding(f"status {answer.status}", method, target, body, answer)
        if answer.one("x-content-type-options") != "nosniff":
            self.finding("no X-Content-Type-Options", method, target, body, answer)
        if answer.one("content-type").startswith("text/html") and "default-src 'none'" not in answer.one("content-security-policy"):
            self.finding("a page without a policy", method, target, body, answer)
        for line in answer.all("set-cookie"):
            if not re.match(r"hearth_\w+=[\w.!-]*;", line) or "; HttpOnly" not in line or "; SameSite=" not in line or "scan" in line.split("=")[0]:
                self.finding(f"a cookie that is not as ours are: {line[:100]}", method, target, body, answer)
        for name, value in answer.fields:
            if "wapiti" in name.lower():
                self.finding(f"a field of an attack's: {name}: {value}", method, target, body, answer)
        place = answer.one("location")
        if place and (not place.startswith("/") or place[1:2] in ("/", "\\")):
            self.finding(f"leads away, to {place[:100]}", method, target, body, answer)
        said = INSIDE.search(answer.body) if not path.startswith("/docs/") and re.search("html|json", answer.one("content-type")) else None
        if said and said.group() not in urllib.parse.unquote_to_bytes(target.replace("+", " ") + " ") + urllib.parse.unquote_to_bytes(body):
            self.finding(f"says {said.group().decode('latin-1')!r}", method, target, body, answer)
        if self.is_stranger and answer.status == 200 and method != "OPTIONS":
            if path.startswith("/v1/") and not path.startswith("/v1/pictures/") or path == "/mcp":
                self.finding("answered without a token", method, target, body, answer)
            if re.match(r"/(console|desk)(/|$)", path) and path not in LOGGED_OUT and method != "HEAD" and b'id="secret"' not in answer.body:
                self.finding("shown without a login", method, target, body, answer)


SEED_FIELDS = [
    ("Content-Type", "text/html; charset=utf-8"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"),
]
