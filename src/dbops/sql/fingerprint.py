"""PostgreSQL's fingerprint: equal for statements that differ in values, comments and spelling alone."""

from __future__ import annotations

import re
from functools import lru_cache

_VALUE = re.compile(r"'(?:[^']|'')*'?|\b\d[\d.]*\b")
_LONGEST = 20_000
"""Longer texts, bulk inserts mostly, are not remembered."""


def fingerprint(sql: str) -> str | None:
    """Return libpg_query's fingerprint, 16 hexadecimal digits; None for what it can't parse."""
    return _remembered(sql) if len(sql) <= _LONGEST else _of(sql)


@lru_cache(maxsize=20_000)  # what has parameters comes again and again, letter by letter
def _remembered(sql: str) -> str | None:
    return _of(sql)


def _of(sql: str) -> str | None:
    from postgast import PgQueryError
    from postgast import fingerprint as of

    try:
        return str(of(sql).hex)
    except (PgQueryError, UnicodeEncodeError, ValueError):
        return None


def normalized(sql: str) -> str:
    """Return the statement with ``$n`` in place of its values, as pg_stat_statements has it.

    What can't be parsed comes without its values' text: quotes and digits are blanked.
    """
    from postgast import PgQueryError, normalize

    try:
        return str(normalize(sql))
    except (PgQueryError, UnicodeEncodeError, ValueError):
        return _VALUE.sub("?", sql)
