"""What killed runs left behind, found and removed.

A process that ends by SIGKILL (or a machine that loses power) can't clean up, but the kernel releases its locks: what
is there and locked by nobody is left over. A process is ended only after its working directory has proved it ours.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dbops.errors import ConnectionFailed
from dbops.postgres.embedded import copies, folders, named, process, temporary
from dbops.postgres.embedded.locks import START_LOCK, USERS_LOCK, FileLock, Held, is_free
from dbops.postgres.embedded.server import EmbeddedServer

Kind = Literal["server", "half-made", "removed", "temporary", "copy"]

# A temporary folder is locked right after it is made; one without a lock for this long (s) will never be.
_GRACE = 60
_LOCK_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing to clean.

    ``server``: a named server that runs and nobody uses (``pid``); its data is kept. ``half-made``: the data folder
    of an initdb that was killed. ``removed``: the rest of a deleted server. ``temporary``: throw-away servers whose
    process is gone. ``copy``: an unfinished copy of PostgreSQL's programs.
    """

    kind: Kind
    path: Path
    pid: int | None = None


def leftovers() -> list[Leftover]:
    """Return what killed runs left behind, in the places where this user's servers are."""
    return [*_named(), *_temporary(), *_copies()]


def clean(leftover: Leftover) -> None:
    """Remove it, or stop it when it is a named server; what is gone already is no error.

    ConnectionFailed when somebody has begun to use it since it was found.
    """
    with suppress(FileNotFoundError):
        _CLEANERS[leftover.kind](leftover.path)


def _named() -> Iterator[Leftover]:
    root = named.state_root()
    for name in named.names():
        home = root / name
        try:
            with FileLock(home / START_LOCK):
                yield from _at_rest(home)
        except (Held, FileNotFoundError):
            continue  # somebody is at work there, or has just removed it
    for grave in root.glob(f"{named.REMOVED}*"):
        yield Leftover("removed", grave)


def _at_rest(home: Path) -> Iterator[Leftover]:
    yield from (Leftover("half-made", part) for part in folders.half_made(home))
    postmaster = process.running(home / "data")
    if postmaster and is_free(home / USERS_LOCK):
        yield Leftover("server", home, postmaster.pid)


def _temporary() -> Iterator[Leftover]:
    for folder in temporary.temporary_root().glob(f"{temporary.PREFIX}*"):
        with suppress(FileNotFoundError):  # its process may be deleting it
            if folder.lstat().st_uid == os.geteuid() and _is_abandoned(folder):
                yield Leftover("temporary", folder)


def _is_abandoned(folder: Path) -> bool:
    lock = folder / USERS_LOCK
    return is_free(lock) if lock.exists() else time.time() - folder.stat().st_mtime > _GRACE


def _copies() -> Iterator[Leftover]:
    unfinished = list(copies.CACHE.glob(f"*{copies.PART}*")) if os.access(copies.CACHE, os.W_OK) else []
    if unfinished and is_free(copies.lock_file(copies.CACHE)):
        yield from (Leftover("copy", part) for part in unfinished)


def _stop(home: Path) -> None:
    with FileLock(home / START_LOCK, timeout=_LOCK_TIMEOUT), _unused(home / USERS_LOCK):
        if server := EmbeddedServer.existing(home):
            try:
                server.stop()
            except ConnectionFailed:
                server.kill()  # its write-ahead log makes the data whole at the next start


def _delete_half_made(part: Path) -> None:
    with FileLock(part.parent / START_LOCK, timeout=_LOCK_TIMEOUT):
        folders.delete(part)


def _delete_temporary(folder: Path) -> None:
    with _unused(folder / USERS_LOCK):
        temporary.delete_all(folder)


def _delete_copy(part: Path) -> None:
    with FileLock(copies.lock_file(part.parent), timeout=_LOCK_TIMEOUT):
        folders.delete(part)


def _delete_removed(grave: Path) -> None:
    folders.delete(grave)


def _unused(users_lock: Path) -> FileLock:
    try:
        return FileLock(users_lock)
    except Held:
        raise ConnectionFailed(f"{users_lock.parent} is in use again", hint="nothing was changed") from None


_CLEANERS: dict[Kind, Callable[[Path], None]] = {
    "server": _stop,
    "half-made": _delete_half_made,
    "removed": _delete_removed,
    "temporary": _delete_temporary,
    "copy": _delete_copy,
}
