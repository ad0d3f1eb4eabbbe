"""Programs of the cluster, each on its machine, killed and stopped by their numbers."""
import os
import signal
import subprocess
import threading

import sandbox


class Process:
    """A program that can be started again under the same name. Its output goes to logs/NAME.log."""

    def __init__(self, site, name, machine, command, environment=None, as_postgres=False, folder=None):
        self.site, self.name, self.machine, self.command = site, name, machine, command
        self.environment, self.as_postgres, self.folder = environment or {}, as_postgres, folder
        self._running = None
        self.is_wanted = False
        self.ended = 0  # times that it ended by itself
        self._lock = threading.Lock()

    def start(self):
        with self._lock:
            self._start()

    def _start(self):
        self.is_wanted = True
        if self.is_alive:
            return
        command = self.command
        if self.as_postgres and os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] + command
        with open(os.path.join(self.site.logs, f"{self.name}.log"), "ab") as log:
            self._running = subprocess.Popen(
                self.site.network.inside(self.machine, command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self.environment}, cwd=self.folder or self.site.folder, start_new_session=True)

    @property
    def pid(self):
        return self._running.pid if self.is_alive else None

    @property
    def is_alive(self):
        return self._running is not None and self._running.poll() is None

    def signal(self, number):
        if self.is_alive:
            self._running.send_signal(number)

    def look(self):
        """What systemd does with Restart=always: a program that ended by itself begins again."""
        with self._lock:
            if self.is_wanted and not self.is_alive:
                self.ended += 1
                self._start()

    def kill(self):
        """kill -9, and waits until it is gone. It stays so until it is started."""
        with self._lock:
            self.is_wanted = False
            self.signal(signal.SIGKILL)
        if self._running is not None:
            self._running.wait()

    def stop(self, seconds=30):
        """SIGTERM, and what does not go by itself is killed."""
        self.is_wanted = False
        self.signal(signal.SIGTERM)
        if self._running is None:
            return
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def tree(pid):
    """A process with all below it."""
    return [pid] + sandbox.descendants(pid) if pid else []
