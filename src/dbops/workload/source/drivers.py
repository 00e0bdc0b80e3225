"""Statements as text, given to a driver: psycopg, asyncpg, Django's and SQLAlchemy's connections. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dbops.workload.source.asked import Asked, Kind
from dbops.workload.source.models import Framework
from dbops.workload.source.values import Call, Constant, Text, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_ASKS = frozenset({"execute", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "fetch_val", "fetchall"})
_READS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with)\b", re.IGNORECASE | re.DOTALL)
_WRITES = re.compile(r"\b(?:insert\s+into|delete\s+from|update\s+\S+\s+set|merge\s+into)\b", re.IGNORECASE)
_PARAMETER = re.compile(
    r"(?<==)(\s*)'?(?:%s|%\(\w+\)s|\?|\{\}|:\w+)'?|%s|%\(\w+\)s|(?<![:\w]):[a-z_]\w*|\{\}", re.IGNORECASE
)


def method(receiver: Value, name: str, call: Call, scene: Scene) -> Value | None:
    """Return what a method is worth that is called with the text of a query; None for any other."""
    if name == "format":
        return _composed(receiver, call)
    if name not in _ASKS or sql(call) is None:
        return None
    ask(call, scene)
    return Value(receiver.varies | call.varies)


def ask(call: Call, scene: Scene) -> None:
    """Take note that a statement is run that looks something up."""
    text = sql(call)
    if text is None:
        return
    if call.varies and compared(text) is not None:
        scene.ask(Asked(Kind.STATEMENT, Framework.SQL, call.varies, text=text))


def compared(text: str) -> int | None:
    """Return the place of the equality that a query looks up by; None for pages, queues, and many keys at once."""
    from dbops.sql.lookup import lookup

    found = lookup(numbered(text))
    if found is None or found.paged or found.offset is not None or found.bounded or found.locks:
        return None
    places = (at for at, each in enumerate(found.equalities) if each.parameter is not None and not each.array)
    return next(places, None)


def sql(call: Call) -> str | None:
    """Return the text of the query that a call is given; None for what is none, or writes."""
    match call.argument(0, "query"):
        case Constant(value=str(text)) | Text(text=text) if _READS.match(text) and not _WRITES.search(text):
            return text
    return None


def numbered(text: str) -> str:
    """Return a query with its parameters, however they are written, as ``$1``, ``$2`` …; of other gaps names."""
    numbers: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[0] == "{}":
            return "gap"
        numbers.append(match[0])
        return f"{match[1] or ''}${len(numbers)}"

    return _PARAMETER.sub(number, text).replace("%%", "%")


def _composed(receiver: Value, call: Call) -> Value | None:
    match receiver:
        case Constant(value=str(text)):
            return Text(receiver.varies | call.varies, re.sub(r"\{[^{}]*\}", "{}", text))
        case Text(text=text):
            return Text(receiver.varies | call.varies, text)
    return None
