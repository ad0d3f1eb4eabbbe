"""An SFTP server of asyncssh that lets a password in, on a port of its own. Prints the port and its key's fingerprint; ends with its
standard input.

usage: sftp_server.py FOLDER
"""

import asyncio
import os
import sys
import threading

import asyncssh

folder = sys.argv[1]


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == "hearth" and password == "s3cret"


def end():
    sys.stdin.read()
    os._exit(0)


async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[key], login_timeout=600,
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=folder))
    print(server.get_port(), key.get_fingerprint(), flush=True)
    threading.Thread(target=end, daemon=True).start()
    await server.wait_closed()


asyncio.run(main())
