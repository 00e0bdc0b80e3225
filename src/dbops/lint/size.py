"""What a table's size does to a finding about a scan or a rewrite of it. Pure.

The bounds are by what a server does in the time for which an application's requests may well wait: it reads some
hundred megabytes a second, so 16 MB are a few hundredths of a second and 1 GB are seconds to minutes.
"""

from __future__ import annotations

from dbops.results.lint import Severity
from dbops.schema.model import Table

SMALL_BYTES = 16 * 2**20
LARGE_BYTES = 2**30
_ROW_BYTES = 100
"""What a row is taken to need where the bytes are not known; rows of real tables mostly take 50 to 200."""


def weighed(table: Table | None, usual: Severity) -> Severity:
    """Return the severity of going through a whole table: info for a small one, error for a large one.

    ``usual`` where the size isn't known, or is between.
    """
    size = _size(table)
    if size is None:
        return usual
    if size < SMALL_BYTES:
        return Severity.INFO
    return Severity.ERROR if size >= LARGE_BYTES else usual


def grown(table: Table | None, usual: Severity) -> Severity:
    """Return the severity of a query that goes through a whole table: an error for a large one, else the usual.

    A query stays while its table grows, and the database that is asked may hold a developer's few rows: that a table
    is small today is no reason to say less.
    """
    found = weighed(table, usual)
    return found if found.rank > usual.rank else usual


def described(table: Table | None) -> str:
    """Return the size in words, such as ``about 4.2 M rows, 1.3 GB``; "" when it isn't known."""
    if table is None:
        return ""
    parts = []
    if table.rows is not None:
        parts.append(f"about {_count(table.rows)} rows")
    if table.bytes is not None:
        parts.append(_bytes(table.bytes))
    return ", ".join(parts)


def _size(table: Table | None) -> float | None:
    if table is None:
        return None
    if table.bytes is not None:
        return table.bytes
    return None if table.rows is None else table.rows * _ROW_BYTES


def _count(rows: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rows >= size:
            return f"{rows / size:.3g} {unit}"
    return f"{rows:.0f}"


def _bytes(size: int) -> str:
    for unit, power in (("TB", 4), ("GB", 3), ("MB", 2), ("kB", 1)):
        if size >= 1024**power:
            return f"{size / 1024**power:.3g} {unit}"
    return f"{size} bytes"
