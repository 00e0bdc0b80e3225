"""A text of pg_stat_statements as SQL again. Pure.

It puts ``$n`` for every constant, also where no parameter can stand: ``interval '1 day'`` becomes ``interval $1``.
"""

from __future__ import annotations

import re
from itertools import pairwise

from dbops.sql.lexer import Kind, code
from dbops.sql.offsets import Replacement, replaced

_TYPES = frozenset({"interval", "date", "time", "timestamp", "timestamptz", "timetz"})
_PARAMETER = re.compile(r"\$\d+")


def readable(text: str) -> str:
    """Return the text with each typed constant as a cast of its parameter."""
    tokens = list(code(text))
    replacements: list[Replacement] = []
    for token, following in pairwise(tokens):
        word = text[token.start : token.end].lower()
        match = _PARAMETER.match(text, following.start)
        if token.kind is Kind.WORD and word in _TYPES and match is not None:
            replacements.append(Replacement(token.start, match.end(), f"({match[0]}::{word})"))
    return replaced(text, replacements)[0]
