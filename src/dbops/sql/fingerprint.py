"""PostgreSQL's fingerprint: equal for statements that differ in values, comments and spelling alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

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
    of, refused = _library()
    try:
        return str(of(sql).hex)
    except (refused, UnicodeEncodeError, ValueError):
        return None


@cache  # an import within a function is looked up at each call, which takes a fifth of the time
def _library() -> tuple[Callable[[str], Any], type[Exception]]:
    from postgast import PgQueryError, fingerprint

    return fingerprint, PgQueryError


def normalized(sql: str) -> str:
    """Return the statement with ``$n`` in place of its values, as pg_stat_statements has it.

    What can't be parsed comes without its values' text: quotes and digits are blanked.
    """
    from postgast import PgQueryError, normalize

    try:
        return str(normalize(sql))
    except (PgQueryError, UnicodeEncodeError, ValueError):
        return _VALUE.sub("?", sql)
