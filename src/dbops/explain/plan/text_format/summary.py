"""What EXPLAIN's text format says of the query as a whole, above and below the nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dbops.explain.plan.lines import Line
from dbops.explain.plan.text_format import properties
from dbops.explain.plan.text_format.numbers import NUMBER, number
from dbops.explain.plan.unreadable import AGAIN, COPY_AGAIN

_TIME = re.compile(rf"(?P<ms>{NUMBER}) ms")
_NEXT_SETTING = re.compile(r"(?<='), (?=[\w.]+ = ')")
_IDENTIFIER = re.compile(r"-?\d{1,20}")
_TRIGGER = re.compile(
    r"Trigger(?: (?P<name>.{1,64}?))??(?: for constraint (?P<constraint>.{1,64}?))?(?: on (?P<relation>.{1,64}?))?"
    rf": (?:time=(?P<time>{NUMBER}) )?calls=(?P<calls>{NUMBER})"
)
_OPTION = re.compile(r"(?P<name>[A-Z]\w*) (?P<value>true|false)")
_TIMING = re.compile(rf"(?P<name>[A-Z]\w*) (?P<ms>{NUMBER}) ms(?: \((?P<part>[A-Z]\w*) (?P<part_ms>{NUMBER}) ms\))?")
_PSQL_TIMING = re.compile(r"Time: [\d.,]+ ms(?: \(.*\))?")
_LINE = re.compile(r"[A-Z][A-Za-z ]{0,30}:(?: |$)")
_NAMES = (
    "Settings: ", "Query Identifier: ", "Planning:", "Planning Time: ", "JIT:", "Trigger ", "Trigger: ",
    "Serialization: ", "Execution Time: ", "Time: ",
)  # fmt: skip


def is_summary(text: str) -> bool:
    """Whether a line is about the query as a whole, by its name."""
    return text.startswith(_NAMES)


def is_line(text: str) -> bool:
    """Whether a line without indentation may be such a line, of this or another version."""
    return is_summary(text) or _LINE.match(text) is not None


def put(document: dict[str, Any], line: Line) -> dict[str, Any] | None:
    """Put a line's figures into the document; return the part that the indented lines below it belong to, if any.

    Raises PlanUnreadable where it is not whole.
    """
    text = line.text.rstrip()
    if _PSQL_TIMING.fullmatch(text):
        return None
    if text.startswith("Trigger "):
        document.setdefault("Triggers", []).append(_trigger(line, text))
        return None
    said = properties.split(line)
    key, value = said.key, said.value
    if properties.is_node_property(key):
        raise line.unreadable("the indentation of this line is lost: it belongs to a node", COPY_AGAIN)
    if not value:
        return _part(document, key)
    if key == "Serialization":
        document[key] = properties.values(said)
        return _part(document, key)
    if key in {"Planning Time", "Execution Time"}:
        document[key] = _milliseconds(said)
    elif key == "Settings":
        document[key] = dict(map(_setting, _NEXT_SETTING.split(value)))
    elif key == "Query Identifier" and _IDENTIFIER.fullmatch(value):
        document[key] = int(value)
    else:
        document |= properties.values(said)
    return None


def put_inside(part: dict[str, Any], line: Line) -> None:
    """Put a line below ``Planning:``, ``JIT:`` or ``Serialization:`` into what that stands for."""
    said = properties.split(line)
    reader = {"Options": _option, "Timing": _timing}.get(said.key)
    part |= properties.values(said) if reader is None else {said.key: _pieces(said, reader)}


def _part(document: dict[str, Any], key: str) -> dict[str, Any]:
    part: dict[str, Any] = document[key] if isinstance(document.get(key), dict) else {}
    document[key] = part
    return part


def _setting(text: str) -> tuple[str, str]:
    """Read a setting; its value's own quotes are not doubled."""
    name, _, value = text.partition(" = '")
    return name, value.removesuffix("'")


def _trigger(line: Line, text: str) -> dict[str, Any]:
    match = _TRIGGER.fullmatch(text)
    if match is None:
        raise line.unreadable("this line about a trigger is not whole", AGAIN)
    named = {"name": "Trigger Name", "constraint": "Constraint Name", "relation": "Relation"}
    said: dict[str, Any] = {name: match[group] for group, name in named.items() if match[group] is not None}
    figures = {"Time": match["time"], "Calls": match["calls"]}
    return said | {name: number(value) for name, value in figures.items() if value is not None}


def _milliseconds(said: properties.Property) -> int | float:
    match = _TIME.fullmatch(said.value)
    if match is None:
        raise said.unreadable(f"{said.key} is {said.value[:40]!r}, not a time in ms: the line is cut off or damaged")
    return number(match["ms"])


def _pieces(said: properties.Property, reader: Callable[[str], dict[str, Any] | None]) -> dict[str, Any]:
    pieces: dict[str, Any] = {}
    for piece in said.value.split(", "):
        read = reader(piece)
        if read is None:
            raise said.unreadable(f"{piece[:40]!r} is not whole: the line is cut off or damaged")
        pieces |= read
    return pieces


def _option(piece: str) -> dict[str, Any] | None:
    match = _OPTION.fullmatch(piece)
    return None if match is None else {match["name"]: match["value"] == "true"}


def _timing(piece: str) -> dict[str, Any] | None:
    """Read one of JIT's times: since 17 one of them has a part of its own."""
    match = _TIMING.fullmatch(piece)
    if match is None:
        return None
    if match["part"] is None:
        return {match["name"]: number(match["ms"])}
    return {match["name"]: {match["part"]: number(match["part_ms"]), "Total": number(match["ms"])}}
