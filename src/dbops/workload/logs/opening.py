"""Log files as lines: plain or compressed, standard input, several in the order of their first entries."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, cast

from dbops.errors import UsageError
from dbops.workload.logs.formats import format_of
from dbops.workload.logs.record import Counted, Record
from dbops.workload.logs.tail import head

_MAGIC: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_STDIN = Path("-")


def read(
    files: Sequence[Path], counted: Counted, *, prefix: str | None = None, encoding: str = "utf-8"
) -> Iterator[Record]:
    """Yield the entries of all files, whichever format each has; ``-`` is standard input.

    Files are read in the order of their first entries, so that names say nothing. Bytes that are not of the encoding
    are shown as U+FFFD. Raises UsageError for a file that can't be read, naming it.
    """
    for file in sorted(files, key=lambda file: _begin(file, prefix, encoding)) if len(files) > 1 else files:
        with _lines(file, encoding) as lines:
            yield from _records(file, lines, counted, prefix)


def _records(file: Path, lines: Iterator[str], counted: Counted, prefix: str | None) -> Iterator[Record]:
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return
    try:
        yield from format_of(first).records(chain([first], lines), counted, prefix)
    except UsageError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint, details=error.details) from None
    except (EOFError, OSError, lzma.LZMAError) as error:
        raise unreadable(file, str(error)) from None


def _begin(file: Path, prefix: str | None, encoding: str) -> tuple[bool, float, str]:
    """Return when the file's first entry was written; standard input comes last, since it can be read only once."""
    if file == _STDIN:
        return True, 0.0, ""
    with _lines(file, encoding) as lines:
        first = next((record for record in _records(file, lines, Counted(), prefix) if record.at is not None), None)
    return False, first.at if first is not None and first.at is not None else 0.0, str(file)


@contextmanager
def _lines(file: Path, encoding: str) -> Iterator[Iterator[str]]:
    try:
        binary = cast(BufferedReader, sys.stdin.buffer) if file == _STDIN else file.open("rb")
    except OSError as error:
        raise unreadable(file, str(error.strerror)) from None
    with binary:
        begin = binary.peek(6)
        opened = next((opener for magic, opener in _MAGIC.items() if begin.startswith(magic)), None)
        raw = binary if opened is None else cast(BufferedReader, opened(binary, "rb"))
        with TextIOWrapper(raw, encoding=encoding, errors="replace", newline="\n") as text:
            yield iter(text)


def is_compressed(file: Path) -> bool:
    """Whether a file is compressed in a way that is known."""
    begin = head(file, 6)
    return any(begin.startswith(magic) for magic in _MAGIC)


def unreadable(file: Path, why: str) -> UsageError:
    """Return the error for a file that can't be read."""
    return UsageError(
        f"{file}: can't be read: {why}",
        hint="name a log of PostgreSQL, plain or compressed with gzip, bzip2 or xz; - is standard input",
        details=[{"field": "--log", "error": why, "file": str(file)}],
    )
