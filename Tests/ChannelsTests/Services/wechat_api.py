"""A part of api.weixin.qq.com that misbehaves as it is told: `POST /plan` with a list of answers, then one of them for each call."""
import json
import os
import sys
import threading

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

plan, calls, tokens = [], [], [0]


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def do_GET(self):
        url = urlparse(self.path)
        if url.path == "/calls":
            return self.answer(200, {"calls": calls, "tokens": tokens[0]})
        if url.path == "/cgi-bin/token":
            query = parse_qs(url.query)
            if query.get("appid") != ["wx1"] or query.get("secret") != ["s&cret"]:
                return self.answer(200, {"errcode": 40125, "errmsg": "invalid appsecret"})
            tokens[0] += 1
            return self.answer(200, {"access_token": f"T{tokens[0]}", "expires_in": 7200})
        self.answer(404, {})

    def do_POST(self):
        url = urlparse(self.path)
        body = self.body()
        if url.path == "/plan":
            plan[:] = json.loads(body)
            calls.clear()
            return self.answer(200, {})
        token = parse_qs(url.query).get("access_token", [""])[0]
        calls.append({"path": url.path, "token": token, "body": json.loads(body)})
        step = plan.pop(0) if plan else 0
        if step == "newest":
            step = 0 if token == f"T{tokens[0]}" else 40001
        if step == "close":
            return self.connection.close()
        if step == "nonsense":
            return self.answer(200, "<html>")
        if step == "unavailable":
            return self.answer(503, "")
        self.answer(200, {"errcode": step, "errmsg": "x"})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)


def end_with_the_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_the_parent, daemon=True).start()
server.serve_forever()
