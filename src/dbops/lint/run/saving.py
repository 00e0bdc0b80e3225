"""Writing files so that a person loses nothing: whole or not at all, and only what is still as it was read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


class Changed(OSError):
    """The file is no longer what it was when it was read."""


def writable(path: Path) -> bool:
    """Whether the file may be written: one that its owner made read-only is not, even where it could be replaced."""
    return os.access(path, os.W_OK) and (os.geteuid() != 0 or bool(path.stat().st_mode & 0o222))


def save(path: Path, old: bytes, new: bytes) -> None:
    """Write ``new`` where the file holds ``old``, with its owner, permissions and links kept.

    Raises Changed when it holds something else by now, OSError when it can't be written; it is as it was then.
    """
    path = path.resolve()  # what a symbolic link leads to is written, the link stays
    present = path.read_bytes()
    if present == new:  # by another name of the same file's
        return
    if present != old:
        raise Changed(None, "it changed after it was read", str(path))
    made = None if path.stat().st_nlink > 1 else _beside(path, new)
    if made is None:
        _in_place(path, old, new)
        return
    try:
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def replace(path: Path, text: str) -> None:
    """Write a file of our own, new or not: at once or not at all."""
    path = path.resolve()
    made = _beside(path, text.encode())
    if made is None:
        path.write_text(text, encoding="utf-8")
    else:
        made.replace(path)


def _beside(path: Path, data: bytes) -> Path | None:
    """Write the data into a new file next to the one it is to replace; None when that could not be put in its place.

    That is so in a folder that may not be written, and for a file of another owner's. Raises OSError for a full disk.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    except PermissionError:
        return None
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if _alike(made, path):
            return made
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    made.unlink()
    return None


def _alike(made: Path, path: Path) -> bool:
    """Give a new file the owner and permissions of the one it replaces; False when that can't be done."""
    try:
        wanted = path.stat()
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        made.chmod(0o666 & ~umask)
        return True
    try:
        state = made.stat()
        if (state.st_uid, state.st_gid) != (wanted.st_uid, wanted.st_gid):
            os.chown(made, wanted.st_uid, wanted.st_gid)
        made.chmod(wanted.st_mode & 0o7777)
    except PermissionError:
        return False
    return True


def _in_place(path: Path, old: bytes, new: bytes) -> None:
    """Write over the file's own bytes, and put the old ones back when the new ones don't fit the disk."""
    with path.open("r+b", buffering=0) as file:
        try:
            _overwrite(file.fileno(), new)
        except BaseException:
            with suppress(OSError):
                _overwrite(file.fileno(), old)
            raise


def _overwrite(handle: int, data: bytes) -> None:
    at = 0
    while at < len(data):
        at += os.pwrite(handle, data[at:], at)
    os.ftruncate(handle, len(data))
    os.fsync(handle)
