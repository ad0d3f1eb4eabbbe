"""An FTP server of pyftpdlib on a port of its own, which it prints. It ends when its standard input closes.

usage: ftp_server.py FOLDER [CERTIFICATE_AND_KEY [NUMBER…]]   (which connections for files or listings are cut as soon as they are made, from 1)
"""

import os
import socket
import sys
import threading

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_DTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

folder = sys.argv[1]
authorizer = DummyAuthorizer()
authorizer.add_user("hearth", "s3cret", folder, perm="elr")
cut = [int(text) for text in sys.argv[3:]]
made = 0


class FileConnection(TLS_DTPHandler):
    def __init__(self, sock, cmd_channel):
        global made
        made += 1
        if made in cut:
            sock.shutdown(socket.SHUT_RDWR)
        super().__init__(sock, cmd_channel)


# No wait of the server's decides a test.
FTPHandler.timeout = FTPHandler.dtp_handler.timeout = FTPHandler.passive_dtp.timeout = 600
if len(sys.argv) > 2:
    handler = TLS_FTPHandler
    handler.dtp_handler = FileConnection
    handler.certfile = sys.argv[2]
    handler.tls_control_required = True
    handler.tls_data_required = True
else:
    handler = FTPHandler
handler.authorizer = authorizer
handler.banner = "ready"
server = FTPServer(("127.0.0.1", 0), handler)
print(server.socket.getsockname()[1], flush=True)


def end():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end, daemon=True).start()
import logging

logging.disable(logging.CRITICAL)
server.serve_forever()
