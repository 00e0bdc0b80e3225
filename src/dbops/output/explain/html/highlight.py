"""A query's text in coloured parts; only for the eye, nothing depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KEYWORDS = {
    "all", "and", "any", "array", "as", "asc", "between", "by", "case", "cast", "cross", "current", "date", "day",
    "delete", "desc", "distinct", "do", "each", "else", "end", "except", "exists", "extract", "false", "fetch",
    "filter", "first", "following", "for", "from", "full", "group", "grouping", "having", "ilike", "in", "inner",
    "insert", "intersect", "interval", "into", "is", "join", "last", "lateral", "left", "like", "limit", "materialized",
    "natural", "not", "null", "nulls", "offset", "on", "only", "or", "order", "outer", "over", "partition", "preceding",
    "range", "recursive", "returning", "right", "row", "rows", "select", "set", "sets", "some", "table", "then",
    "timestamp", "true", "union", "unique", "unbounded", "update", "using", "values", "when", "where", "window", "with",
    "within",
}  # fmt: skip
_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<string> '(?:[^']|'')*'? | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z) )
    | (?P<name> "(?:[^"]|"")*"? )
    | (?P<number> \b\d[\w.]* | [$:]\w+ )
    | (?P<word> [^\W\d]\w* )
    """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST = 100_000


def highlighted(query: str) -> Iterator[tuple[str, str]]:
    """Yield the text's parts with what each is: ``comment``, ``string``, ``keyword``, ``number`` or "" for the rest."""
    if len(query) > _LONGEST:
        yield "", query
        return
    end = 0
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup if match.lastgroup != "tag" else "string"
        if kind == "word":
            kind = "keyword" if match[0].lower() in _KEYWORDS else ""
        if kind in {"", "name"}:
            continue
        if match.start() > end:
            yield "", query[end : match.start()]
        yield str(kind), match[0]
        end = match.end()
    if end < len(query):
        yield "", query[end:]
