"""Expressions as EXPLAIN prints them: whether one is whole, and lists of them.

PostgreSQL doubles quotes inside quotes and never puts a backslash before one, so that quotes pair from left to right.
"""

from __future__ import annotations

import re

_QUOTE = re.compile(r"""['"]""")
_QUOTED = re.compile(r"""'[^']*+'|"[^"]*+\"""")
_MARK = re.compile(r"""'[^']*+'|"[^"]*+"|[(\[{]|[)\]}]|, """)


def open_quote(text: str, quote: str = "") -> str:
    """Return the quote that is open at the end of the text, "" where none is; ``quote`` is open at its beginning."""
    at = 0
    while True:
        if not quote:
            match = _QUOTE.search(text, at)
            if match is None:
                return ""
            quote, at = match[0], match.end()
        end = text.find(quote, at)
        if end < 0:
            return quote
        quote, at = "", end + 1


def balanced(text: str) -> bool:
    """Whether every parenthesis that is opened is closed."""
    bare = _QUOTED.sub("", text) if "'" in text or '"' in text else text
    return bare.count("(") == bare.count(")")


def listed(text: str) -> list[str]:
    """Return the expressions of a list: a comma in quotes, parentheses or brackets separates none."""
    if not _MARK.search(text):
        return [text]
    parts, depth, start = [], 0, 0
    for mark in _MARK.finditer(text):
        if mark[0] == ", " and depth == 0:
            parts.append(text[start : mark.start()])
            start = mark.end()
        elif len(mark[0]) == 1:
            depth += 1 if mark[0] in "([{" else -1
    return [*parts, text[start:]]
