"""Tokens made in a server's workspace for as long as a walk goes on."""
import json
import subprocess


class Tokens:
    def __init__(self, program, workspace, name):
        self.command = [program, "--workspace", workspace]
        self.name = name
        self.made = []

    def make(self, *scopes):
        """The secret of a new token; a running server knows it within a second."""
        words = [word for scope in scopes for word in ("--scope", scope)]
        result = subprocess.run([*self.command, "token", "create", "--name", self.name, "--days", "1", "--json", *words], capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"no token: {result.stderr}")
        self.made.append(json.loads(result.stdout))
        return self.made[-1]["token"]

    def close(self):
        for token in self.made:
            subprocess.run([*self.command, "token", "revoke", token["id"]], capture_output=True)
