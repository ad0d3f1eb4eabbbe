"""What stands around the cluster: a gateway of short messages that counts what it is sent, and relays of bytes."""
import http.server
import json
import random
import socket
import threading


class Sink:
    """Takes notices, remembers each, answers receipts. Some are taken and not answered, as a line that breaks then."""

    def __init__(self, address, seed):
        self.taken = []  # (reference, account, text)
        self._lock = threading.Lock()
        self._random = random.Random(f"{seed}/sink")
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/send":
                    with sink._lock:
                        sink.taken.append((body["reference"], body["account"], body["text"], body["phone"]))
                        number, breaks = len(sink.taken), sink._random.random() < 0.05
                    if breaks:
                        self.close_connection = True
                        return
                    answer = {"Code": "OK", "BizId": f"m{number}"}
                else:
                    with sink._lock:
                        found = [t for t in sink.taken if t[3] == body["phone"]]
                    answer = {
                        "Code": "OK", "Total": len(found), "Details": [{"OutId": t[0], "SendStatus": "3"} for t in found]}
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        server = _Server(address, Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that was killed


def relay(listener, target):
    """Passes bytes between whoever comes to a listening socket, and an address."""
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(target, timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            for pair in ((client, server), (server, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
