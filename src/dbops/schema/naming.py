"""The names that PostgreSQL gives to indexes and constraints for which a statement names none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from dbops.schema.model import Schema, Table
from dbops.sql.nodes import Relation

MAX_BYTES = 63
_CALL = re.compile(r"(?:[a-z_][a-z0-9_]*\.)?([a-z_][a-z0-9_]*)\(")


def chosen(schema: Schema, table: Table, columns: str | None, label: str) -> str:
    """Return ``table_columns_label``, with a number when something of the table's schema has that name already.

    As ChooseRelationName and ChooseConstraintName of PostgreSQL's indexcmds.c and pg_constraint.c do it.
    """
    for name in _candidates(table.name.name, columns, label):
        if not _taken(schema, table, name):
            return name
    raise AssertionError("unreachable: there is always another number")


def _candidates(table: str, columns: str | None, label: str) -> Iterator[str]:
    yield object_name(table, columns, label)
    for number in count(1):
        yield object_name(table, columns, f"{label}{number}")


def _taken(schema: Schema, table: Table, name: str) -> bool:
    relation = Relation(table.name.schema, name)
    if relation == table.name or relation in schema.tables or name in table.names:
        return True
    holder = schema.holders.get(relation)
    return holder is not None and holder != table.name  # a table of that name is being replaced


def object_name(first: str, second: str | None, label: str) -> str:
    """Join the parts with underscores; the longer of the first two is cut until all fit, as makeObjectName does."""
    one, other = first.encode(), (second or "").encode()
    room = MAX_BYTES - len(label.encode()) - 1 - (0 if second is None else 1)
    length, other_length = len(one), len(other)
    while length + other_length > room:
        if length > other_length:
            length -= 1
        else:
            other_length -= 1
    parts = [_cut(one, length), *([] if second is None else [_cut(other, other_length)]), label]
    return "_".join(parts)


def _cut(text: bytes, length: int) -> str:
    """Return as many whole characters as fit into so many bytes."""
    return text[:length].decode(errors="ignore")


def joined(columns: Iterable[str]) -> str:
    """Return a key's columns as part of its name."""
    text = ""
    for column in columns:
        text += ("_" if text else "") + column
        if len(text.encode()) > MAX_BYTES:
            break
    return text


def distinct(columns: Iterable[str | None]) -> list[str]:
    """Return names for an index's columns: ``expr`` for those without, with a number where it is taken."""
    names: list[str] = []
    for column in columns:
        origin = column or "expr"
        names.append(origin if origin not in names else next(each for each in _numbered(origin) if each not in names))
    return names


def _numbered(name: str) -> Iterator[str]:
    for number in count(1):
        yield _cut(name.encode(), MAX_BYTES - len(str(number))) + str(number)


def of_expression(text: str) -> str | None:
    """Return the name for an index's expression of which only the SQL is known: a function's, or none."""
    match = _CALL.match(text)
    return match[1] if match else None
