"""Namespaces of its own for the cluster, and a small init over all that it starts: when the run ends, however it ends, nothing is left.

Root gets a network, mounts and process numbers of its own. Anybody else gets the same care of processes, and ports on 127.0.0.1.
"""
import ctypes
import os
import signal
import subprocess
import sys
import traceback

_libc = ctypes.CDLL(None, use_errno=True)
_NEWNS, _NEWPID, _NEWNET = 0x00020000, 0x20000000, 0x40000000
_PDEATHSIG, _CHILD_SUBREAPER = 1, 36


def may_isolate():
    return os.geteuid() == 0


def run(main, own_network, pid_file):
    """Runs main() under the init and returns its exit status. Whatever main() started has ended when this returns.

    The file gets the init's number as the rest of the machine counts it: `nsenter -t NUMBER -a` goes inside.
    """
    own_processes = may_isolate()
    if own_processes:
        flags = _NEWNS | _NEWPID | (_NEWNET if own_network else 0)
        if _libc.unshare(flags) != 0:
            error = os.strerror(ctypes.get_errno())
            sys.exit(f"cluster: no namespaces of its own here ({error}); try --ports as another user than root")
    outer = os.getpid()
    init = os.fork()
    if init == 0:
        _end_with_parent(outer if not own_processes else 0)
        os._exit(_be_init(main, own_processes, own_network))

    with open(pid_file, "w") as file:
        file.write(str(init))

    def forward(number, frame):
        os.kill(init, signal.SIGTERM)

    signal.signal(signal.SIGINT, forward)
    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGHUP, forward)
    _, status = os.waitpid(init, 0)
    return os.waitstatus_to_exitcode(status)


def _end_with_parent(parent):
    _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent of a first process in its own numbers is shown as 0.
    if os.getppid() != parent:
        os._exit(1)


def _be_init(main, own_processes, own_network):
    if own_processes:
        for command in (["mount", "--make-rprivate", "/"], ["mount", "-t", "proc", "proc", "/proc"]):
            subprocess.run(command, check=True)
        if own_network:
            os.makedirs("/run/netns", exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)
    else:
        _libc.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    myself = os.getpid()
    driver = os.fork()
    if driver == 0:
        _end_with_parent(myself)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        status = 2
        try:
            status = main()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def forward(number, frame):
        try:
            os.kill(driver, signal.SIGTERM)
        except ProcessLookupError:
            pass

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, forward)
    result = 2
    while True:
        try:
            ended, status = os.waitpid(-1, 0)
        except ChildProcessError:
            break
        if ended == driver:
            result = os.waitstatus_to_exitcode(status)
            if own_processes:
                break  # the kernel ends all that is left, with this process
        if result != 2 or ended == driver:
            for child in descendants(myself):
                _send(child, signal.SIGKILL)
    return result if result >= 0 else 2


def _send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def descendants(pid):
    """The processes below this one, parents first, as /proc shows them at this moment."""
    children = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(0), []):
            found.append(child)
            todo.append(child)
    return found
