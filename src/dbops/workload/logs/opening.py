"""Log files as lines: plain or compressed, standard input, several in the order of their first entries."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import cast

from dbops.errors import UsageError
from dbops.workload.logs.compression import DAMAGES, Unsupported, encoding_of, plain
from dbops.workload.logs.formats import format_of
from dbops.workload.logs.record import Counted, Record

STDIN = Path("-")


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
    try:
        first = next((line for line in lines if line.strip()), None)
        if first is not None:
            yield from format_of(first).records(chain([first], lines), counted, prefix)
    except UsageError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint, details=error.details) from None
    except DAMAGES as error:
        raise unreadable(file, str(error) or type(error).__name__) from None
    except UnicodeError as error:
        raise unreadable(file, f"it is of another encoding: {error}") from None


def _begin(file: Path, prefix: str | None, encoding: str) -> tuple[bool, float, str]:
    """Return when the file's first entry was written; standard input comes last, since it can be read only once."""
    if file == STDIN:
        return True, 0.0, ""
    with _lines(file, encoding) as lines:
        first = next((record for record in _records(file, lines, Counted(), prefix) if record.at is not None), None)
    return False, first.at if first is not None and first.at is not None else 0.0, str(file)


@contextmanager
def _lines(file: Path, encoding: str) -> Iterator[Iterator[str]]:
    try:
        binary = cast(BufferedReader, sys.stdin.buffer) if file == STDIN else file.open("rb")
    except OSError as error:
        raise unreadable(file, str(error.strerror)) from None
    with binary, _content(file, binary, encoding) as text:
        yield iter(text)


def _content(file: Path, binary: BufferedReader, encoding: str) -> TextIOWrapper:
    try:
        content = plain(binary)
        return TextIOWrapper(content, encoding=encoding_of(content, encoding), errors="replace", newline="\n")
    except Unsupported as error:
        raise unreadable(file, str(error), f"{error.tool} {file} | dbops nplusone --log -") from None
    except DAMAGES as error:
        raise unreadable(file, str(error)) from None


def unreadable(file: Path, why: str, hint: str | None = None) -> UsageError:
    """Return the error for a file that can't be read."""
    return UsageError(
        f"{file}: can't be read: {why}",
        hint=hint or "name a log of PostgreSQL, plain or compressed with gzip, bzip2 or xz; - is standard input",
        details=[{"field": "--log", "error": why, "file": str(file)}],
    )
