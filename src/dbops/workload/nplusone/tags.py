"""sqlcommenter's comment: which request of which application a statement is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

# Possessive: no part can be read in two ways, and a comment that is none is given up at once.
_COMMENT = re.compile(r"/\*\s*+((?:[\w.%-]++\s*+=\s*+'(?:[^'\\]|\\.)*+'\s*+,?\s*+)++)\*/")
_PAIR = re.compile(r"([\w.%-]+)\s*=\s*'((?:[^'\\]|\\.)*)'")
_WRITERS = ("framework", "db_framework", "db_driver")
_PLACES = ("route", "controller", "action", "job", "task", "view")


def tags(sql: str) -> Mapping[str, str]:
    """Return the keys and values of a statement's comment, none where there is no such comment."""
    if "/*" not in sql:
        return {}
    match = _COMMENT.search(sql)
    if match is None:
        return {}
    return {unquote(key): unquote(value.replace("\\'", "'")) for key, value in _PAIR.findall(match[1])}


def untagged(sql: str) -> str:
    """Return the statement without the comment."""
    return _COMMENT.sub("", sql).strip() if "/*" in sql else sql


def request(found: Mapping[str, str]) -> str | None:
    """Return what was asked for, such as ``/posts`` or ``posts#index``: the same for each time it is asked."""
    names = [found[name] for name in _PLACES if found.get(name)]
    return "#".join(names) or None


def trace(found: Mapping[str, str]) -> str | None:
    """Return what is another each time: the trace's id, which the spans within share (W3C's traceparent)."""
    parts = found.get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else None


def writer(found: Mapping[str, str]) -> str:
    """Return what the comment says of the framework and the driver that wrote the statement; "" where nothing."""
    return " ".join(found[name] for name in _WRITERS if found.get(name))
