"""Running one command and saying what it took: time, CPU, memory and bytes written."""
import fcntl
import os
import pty
import re
import resource
import shutil
import struct
import subprocess
import tempfile
import termios
import threading
import time
from contextlib import contextmanager
from pathlib import Path

# "1,234,567 rows, 400,000/s …": what a bar of Landfall says behind its picture.
PROGRESS = re.compile(rb"([0-9][0-9,]*) rows, ")


class Failed(Exception):
    """A command that did not end as it should have."""


def measured(command, cwd=None, env=None, watch=False, memory_max=None, may_exit=(0,)):
    """Runs a command to its end. Answers what it took and its standard output:

    wall     seconds from its start to its end
    user, sys   seconds of CPU of all its threads
    rss      bytes of its largest resident set (the kernel's count for the process, mapped files included); never less
             than `rss_floor`, the largest of this process, which the kernel hands down
    written  bytes that it sent towards the disk; 0 on a file system in memory
    pace     with `watch`, (seconds, rows) as its progress bar showed them

    `memory_max` is a hard limit in bytes on all that it takes, its part of the page cache included.
    """
    with limited(memory_max) as limit:
        return _measured(limit.command(command), cwd, env, watch, limit, may_exit)


def _measured(command, cwd, env, watch, limit, may_exit):
    pace = []
    screen, stderr = (None, None)
    said = tempfile.TemporaryFile()
    if watch:
        screen, stderr = pty.openpty()
        fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        env = {**(env or os.environ), "TERM": "xterm"}
    answer = tempfile.TemporaryFile()
    os.sync()
    start = time.monotonic()
    child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=answer,
                             stderr=stderr or said, preexec_fn=limit.join)
    if watch:
        os.close(stderr)
        reader = threading.Thread(target=_read_screen, args=(screen, start, pace))
        reader.start()
    # It has ended but is not reaped yet: what the kernel has counted for it can still be read.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    counted = dict(line.split(": ") for line in Path(f"/proc/{child.pid}/io").read_text().splitlines())
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if watch:
        reader.join()
        os.close(screen)
    answer.seek(0)
    said.seek(0)
    output, errors = answer.read().decode(), said.read().decode(errors="replace")
    if child.returncode not in may_exit:
        raise Failed(f"{command} ended with {child.returncode}{limit.why()}:\n{errors[-2000:]}{output[-2000:]}")
    took = {
        "wall": wall,
        "user": usage.ru_utime,
        "sys": usage.ru_stime,
        "rss": usage.ru_maxrss * 1024,
        "rss_floor": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "written": int(counted["write_bytes"]) - int(counted["cancelled_write_bytes"]),
        **limit.seen(),
    }
    return ({**took, "pace": pace} if watch else took), output


def _read_screen(screen, start, pace):
    """Keeps what the progress bar says, each number of rows once, when it was first seen."""
    while True:
        try:
            text = os.read(screen, 65536)
        except OSError:  # Nobody has the other end any more.
            return
        if not text:
            return
        at = time.monotonic() - start
        for found in PROGRESS.findall(text):
            rows = int(found.replace(b",", b""))
            if not pace or rows > pace[-1][1]:
                pace.append((at, rows))


class NoLimit:
    """What a command runs in: nothing special."""

    # What a child calls between fork and exec.
    join = None

    def command(self, command):
        return command

    def why(self):
        return ""

    def seen(self):
        return {}


class Cgroup(NoLimit):
    """A group of processes with a limit, below the one that this process is in."""

    def __init__(self, path, limit, names):
        self.path, self.limit, self.names = path, limit, names

    def join(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def _count(self, name):
        try:
            return int((self.path / self.names[name]).read_text())
        except (KeyError, OSError, ValueError):
            return None

    def why(self):
        return f" under a limit of {self.limit:,} bytes"

    def seen(self):
        return {"memory_max": self.limit, "memory_peak": self._count("peak")}


V1 = {"limit": "memory.limit_in_bytes", "peak": "memory.max_usage_in_bytes"}
V2 = {"limit": "memory.max", "peak": "memory.peak"}


def _group():
    """Where the memory of this process is accounted for, and how the files there are called."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return Path("/sys/fs/cgroup/memory" + path), V1
    path = Path("/sys/fs/cgroup" + path)  # Version 2 has one line, and it is the last.
    return path, V2


class Scope(NoLimit):
    """A scope of systemd, which `systemd-run` puts the command into."""

    def __init__(self, limit):
        self.limit = limit

    def command(self, command):
        user = [] if os.geteuid() == 0 else ["--user"]
        limits = ["-p", f"MemoryMax={self.limit}", "-p", "MemorySwapMax=0"]
        return ["systemd-run", *user, "--scope", "--quiet", *limits, "--", *command]

    def why(self):
        return f" under a limit of {self.limit:,} bytes"

    def seen(self):
        return {"memory_max": self.limit}


@contextmanager
def limited(memory_max):
    """What lets a child have no more memory than this, page cache included.

    A control group below this process's own, where one can be made with a limit (version 1, as root); else a scope of
    systemd. An rlimit is no substitute: Linux ignores RLIMIT_RSS, and RLIMIT_AS counts what is only mapped.
    """
    if memory_max is None:
        yield NoLimit()
        return
    parent, names = _group()
    path = parent / f"landfall-bench-{os.getpid()}"
    try:
        path.mkdir()
        if not (path / names["limit"]).exists():
            raise OSError("groups here cannot have a limit of their own")
        (path / names["limit"]).write_text(str(memory_max))
    except OSError as error:
        if path.is_dir():
            path.rmdir()
        if not Path("/run/systemd/system").is_dir() or not shutil.which("systemd-run"):
            raise Failed(f"no limit of memory can be set ({error}): run this as root, or where systemd runs") from error
        yield Scope(memory_max)
        return
    try:
        yield Cgroup(path, memory_max, names)
    finally:
        for _ in range(50):
            try:
                path.rmdir()
                break
            except OSError:
                time.sleep(0.1)


def fresh_copy(source, target):
    """A copy of a directory in the place of whatever is there, on the disk before anything is measured."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target
