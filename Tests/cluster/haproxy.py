"""HAProxy before PostgreSQL, which asks Patroni who takes writes: one port for those, one for replicas."""
import os

from database import NODES
from processes import Process


def start_haproxy(site):
    network = site.network
    lines = [
        "global", "  maxconn 1000", "defaults", "  mode tcp", "  timeout connect 3s", "  timeout client 1h", "  timeout server 1h",
        "  timeout check 2s"]
    for name, path in (("write", "/primary"), ("read", "/replica")):
        lines += [
            f"listen {name}", "  bind %s:%d" % network.address("here", name),
            f"  option httpchk OPTIONS {path}", "  http-check expect status 200",
            "  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions"]
        lines += [
            "  server %s %s:%d check port %d" % (node, *network.address(node, "postgres"), network.address(node, "patroni")[1])
            for node in NODES]
    path = os.path.join(site.folder, "haproxy.cfg")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    process = Process(site, "haproxy", "here", ["haproxy", "-db", "-f", path])
    process.start()
    return process
