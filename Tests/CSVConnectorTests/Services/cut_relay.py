"""Passes connections on to a port and cuts each after so many bytes from the server. Prints its own port; ends with its standard input.

usage: cut_relay.py PORT BYTES…   (0: not cut; connections after the last number are not cut either)
"""

import os
import socket
import sys
import threading

target = int(sys.argv[1])
cuts = [int(text) for text in sys.argv[2:]]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def pump(source, sink, most):
    left = most
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            if most and len(data) >= left:
                sink.sendall(data[:left])
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
    server = socket.create_connection(("127.0.0.1", target))
    most = cuts.pop(0) if cuts else 0
    threading.Thread(target=pump, args=(client, server, 0), daemon=True).start()
    threading.Thread(target=pump, args=(server, client, most), daemon=True).start()
