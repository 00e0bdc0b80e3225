"""A file that a reader sees whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from dbops.errors import UsageError


def replaceable(file: Path, option: str = "--write") -> Path:
    """Return the file that would be replaced; raises UsageError, before anything is done, when it could not be.

    A symbolic link stays, and what it points to is replaced. What is there and no file (a device, a pipe, a folder) is
    refused: renaming would put a file in its place.
    """
    file = Path(os.path.realpath(file))  # resolve() fails on links in a circle
    if file.exists() and not file.is_file():
        raise UsageError(
            f"{file}: is no file that could be replaced",
            hint=f"name a file, or leave out {option}",
            details=[{"field": option, "error": "no file"}],
        )
    if not os.access(file.parent, os.W_OK | os.X_OK):
        why = "its folder is read-only" if file.parent.is_dir() else "there is no such folder"
        raise _unwritable(file, why, option)
    return file


def write(file: Path, text: str, option: str = "--write") -> None:
    """Write the text beside the file and rename it into place; raises UsageError when that can't be done."""
    try:
        file = replaceable(file, option)
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as part:
                part.write(text if text.endswith("\n") else text + "\n")
            Path(name).chmod(mode)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(file, str(error.strerror), option) from None


def _unwritable(file: Path, why: str, option: str) -> UsageError:
    return UsageError(
        f"{file}: can't be written: {why}",
        hint="check the path, its permissions and the disk's free space",
        details=[{"field": option, "error": why}],
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
