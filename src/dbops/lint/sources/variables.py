"""``${name}`` in a migration, whose value only a run knows, as a name that can be read. Pure."""

from __future__ import annotations

import re

from dbops.files.variables import VARIABLE
from dbops.sql.lexer import Kind, tokens

_APART = frozenset({Kind.STRING, Kind.QUOTED, Kind.DOLLAR, Kind.COMMENT})
_NO_WORD = re.compile(r"\W")


def readable(sql: str) -> tuple[str, dict[str, str]]:
    """Return the text with a word of the same length for each variable in its code, and what each word stands for.

    Within literals, quotes and comments they are left: there they are read as they stand.
    """
    if "${" not in sql:
        return sql, {}
    apart = [(token.start, token.end) for token in tokens(sql) if token.kind in _APART]
    words: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in apart):
            return match[0]
        made = f"_{_NO_WORD.sub('_', match[1]).lower()}__"
        words[made] = match[0]
        return made

    return VARIABLE.sub(word, sql), words
