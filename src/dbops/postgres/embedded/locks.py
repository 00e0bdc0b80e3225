"""Locks on files that the kernel releases when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from dbops.errors import ConnectionFailed

# The lock that every user of a folder of servers holds, shared; and the one of who starts or ends a server there.
USERS_LOCK = "users.lock"
START_LOCK = "start.lock"

_PAUSE = 0.02


class Held(ConnectionFailed):
    """Somebody else holds the lock."""


class FileLock:
    """A lock on a file, held from the start until ``release`` or the end of a ``with``.

    Two of them exclude each other also within a process; ``shared`` ones exclude only exclusive ones. The file, but
    not its folder, is made when absent. Held is raised when the lock isn't free within ``timeout`` seconds.
    """

    def __init__(self, path: Path, *, shared: bool = False, timeout: float = 0) -> None:
        deadline = time.monotonic() + timeout
        self._fd = -1
        while (fd := _open_locked(path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)) is None:
            if time.monotonic() >= deadline:
                raise Held(f"another dbops holds {path}", hint="try again when it has finished", retryable=True)
            time.sleep(_PAUSE)
        self._fd = fd

    def try_exclusive(self) -> bool:
        """Make a shared lock exclusive if nobody else holds it; say whether it is.

        When it isn't, even the shared lock may be gone: the kernel gives it up first.
        """
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def released(self) -> bool:
        """Whether the lock was given up."""
        return self._fd < 0

    def release(self) -> None:
        """Give the lock up; again is no error."""
        if not self.released:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()


def is_free(path: Path) -> bool:
    """Tell whether nobody holds the lock on ``path`` at this moment."""
    try:
        FileLock(path).release()
    except Held:
        return False
    return True


def _open_locked(path: Path, kind: int) -> int | None:
    """Return a descriptor that holds the lock on the file that has this name now, None when somebody holds it."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        # Somebody may have deleted the file between open and lock: then the lock is on nothing.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(fd)):
            return fd
        os.close(fd)
