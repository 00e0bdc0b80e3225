"""A postmaster as a process: its pid file, the proof that it is ours, its children, and signals to all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# PostgreSQL itself re-reads the pid file at this pace when it is told to hurry; a poll costs microseconds.
_PAUSE = 0.01
_LINUX = sys.platform == "linux"
_PROGRAMS = ("postgres", "initdb", "pg_basebackup")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says: ``accepting`` once the server (or hot standby) takes connections."""

    pid: int
    accepting: bool


def read_pid_file(data: Path) -> Postmaster | None:
    """Return what the pid file in the data folder says, None when there is none or it is half-written.

    The lines are those of PostgreSQL's pidfile.h: the pid is the first, the status the eighth.
    """
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None
    return Postmaster(pid, accepting=len(lines) >= 8 and lines[7].strip() == "ready")


def running(data: Path) -> Postmaster | None:
    """Return the postmaster that provably serves this data folder, None when there is none.

    A pid file alone proves nothing: after a crash its pid may belong to any process.
    """
    postmaster = read_pid_file(data)
    return postmaster if postmaster and serves(postmaster.pid, data) else None


def serves(pid: int, data: Path, programs: Container[str] = _PROGRAMS) -> bool:
    """Tell whether process ``pid`` is a program of PostgreSQL's that works on the data folder.

    False also when that can't be known. A shell whose user has gone there to look is no such process.
    """
    if _LINUX:
        # Every process of a server has the data folder as its working directory, and we start initdb there.
        try:
            program = Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")
            return program in programs and Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
        except OSError:
            return False
    listing = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return f"/postgres -D {data.resolve()} " in f"{listing.stdout.strip()} "


def exists(pid: int) -> bool:
    """Tell whether there is such a process, be it one that has ended and waits to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_alive(pid: int) -> bool:
    """Tell whether the process exists and has not ended."""
    return exists(pid) and not (_LINUX and _state_and_parent(pid)[0] in ("Z", "X", ""))


def family(pid: int) -> list[int]:
    """Return the pids of a postmaster's children: backends, writers, WAL senders."""
    if _LINUX:
        return [child for child in _all_pids() if _state_and_parent(child)[1] == pid]
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in listing.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def workers(folder: Path, programs: Container[str] = _PROGRAMS) -> list[int]:
    """Return the server's processes, with or without a postmaster, or the initdb that makes it (only Linux tells).

    Only processes of the folder's owner are looked at, so that root never takes another user's for them.
    """
    if not _LINUX or not folder.exists():
        return []
    return [pid for pid in _all_pids(folder.stat().st_uid) if serves(pid, folder, programs)]


def end_workers(folder: Path) -> None:
    """Kill what ``workers`` finds."""
    for pid in workers(folder):
        send(pid, signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    """Signal a process; one that has ended already is no error."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_all(pid: int) -> None:
    """End a postmaster and its children at once, as a machine that loses power would, and wait until they are gone."""
    # Frozen first, so that it can neither restart a child nor start one while they are being counted.
    send(pid, signal.SIGSTOP)
    victims = [*family(pid), pid]
    for victim in victims:
        send(victim, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(victim) for victim in victims), timeout=30)


def wait_until(condition: Callable[[], bool], *, timeout: float) -> bool:
    """Wait until ``condition`` holds, for at most ``timeout`` seconds; say whether it does."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def _all_pids(owner: int | None = None) -> Iterator[int]:
    """Yield the pids on this Linux machine, or those of one user's processes."""
    for entry in Path("/proc").iterdir():
        with suppress(FileNotFoundError):
            if entry.name.isdigit() and (owner is None or entry.stat().st_uid == owner):
                yield int(entry.name)


def _state_and_parent(pid: int) -> tuple[str, int]:
    """Return a process's state letter and its parent's pid from Linux's /proc; ("", 0) when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "", 0
    # The second field is the command in parentheses, which may itself hold spaces and parentheses.
    state, parent = stat.rpartition(")")[2].split()[:2]
    return state, int(parent)
