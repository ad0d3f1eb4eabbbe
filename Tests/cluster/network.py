"""The machines of the cluster: network namespaces on a bridge, each of which can be cut off; or ports on 127.0.0.1, which cannot."""
import socket
import subprocess

#: The last part of each machine's address; 1 is the bridge itself, where the run stands.
HOSTS = {"node1": 11, "node2": 12, "node3": 13, "A": 21, "B": 22, "worker": 23}
SERVICES = {
    "postgres": 5432, "patroni": 8008, "etcd": 2379, "etcd-peer": 2380, "gateway": 8080,
    "dispatch": 8091, "sink": 8092, "write": 5000, "read": 5001,
}


class Namespaces:
    can_cut = True

    def __init__(self):
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "fabric", "type", "bridge")
        _ip("addr", "add", "10.77.0.1/24", "dev", "fabric")
        _ip("link", "set", "fabric", "up")
        for name, host in HOSTS.items():
            _ip("netns", "add", name)
            _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", name, "master", "fabric", "up")
            _ip("-n", name, "addr", "add", f"10.77.0.{host}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")

    def address(self, machine, service):
        """Where a service of a machine is; of the machine "here", of this program."""
        return f"10.77.0.{HOSTS.get(machine, 1)}", SERVICES[service]

    def inside(self, machine, command):
        return command if machine == "here" else ["nsenter", f"--net=/run/netns/{machine}", "--"] + command

    def cut(self, machine):
        _ip("link", "set", machine, "nomaster")

    def heal(self, machine):
        _ip("link", "set", machine, "master", "fabric")


class Ports:
    can_cut = False

    def __init__(self):
        self._ports = {}

    def address(self, machine, service):
        key = (machine if machine in HOSTS else "here", service)
        if key not in self._ports:
            # Held until all are known, so that none is given twice; the time until its program listens is short.
            while True:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    port = probe.getsockname()[1]
                if port not in self._ports.values():
                    break
            self._ports[key] = port
        return "127.0.0.1", self._ports[key]

    def inside(self, machine, command):
        return command

    def heal(self, machine):
        pass


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
