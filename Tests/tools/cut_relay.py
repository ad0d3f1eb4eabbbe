"""Passes connections on to a port and cuts each after so many bytes from the server. Prints its own port; ends with its standard input.

usage: cut_relay.py PORT [SECONDS] BYTES…   (`3s`: each connection is passed on after so long; 0: not cut; negative: held after so many bytes, neither passed on nor ended, and `held` is printed;
connections after the last number are not cut either)
"""

import os
import socket
import sys
import threading
import time

target = int(sys.argv[1])
cuts = sys.argv[2:]
wait = int(cuts.pop(0)[:-1]) if cuts and cuts[0].endswith("s") else 0
cuts = [int(text) for text in cuts]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def pump(source, sink, most):
    holds, left = most < 0, abs(most)
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            if most and len(data) >= left:
                sink.sendall(data[:left])
                if holds:
                    print("held", flush=True)
                    threading.Event().wait()
                break
            left -= len(data)
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def end():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end, daemon=True).start()
while True:
    client, _ = listener.accept()
    time.sleep(wait)
    server = socket.create_connection(("127.0.0.1", target))
    most = cuts.pop(0) if cuts else 0
    threading.Thread(target=pump, args=(client, server, 0), daemon=True).start()
    threading.Thread(target=pump, args=(server, client, most), daemon=True).start()
