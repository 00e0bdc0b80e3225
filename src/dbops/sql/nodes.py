"""Reading libpg_query's parse tree: messages named as PostgreSQL's nodes, fields in snake case.

Nothing here imports postgast: whoever holds a node has it loaded already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from dbops.sql.quote import identifier

# A message of libpg_query's schema: thousands of generated classes, read by the field names of PostgreSQL's nodes.
Node: TypeAlias = Any

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
_OFF = frozenset({"false", "off", "no", "0"})


class Relation(NamedTuple):
    """A name as a statement writes it, after PostgreSQL's case folding; ``str()`` is readable by ``to_regclass``."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        parts = (self.name,) if self.schema is None else (self.schema, self.name)
        return ".".join(part if _PLAIN_NAME.fullmatch(part) else identifier(part) for part in parts)


def kind(node: Node) -> str:
    """Return the node's type in PostgreSQL's spelling: ``IndexStmt``."""
    return type(node).__name__


def choice(node: Node, field: str) -> str:
    """Return the name of an enum field's value: ``OBJECT_INDEX``."""
    message: Any = type(node)
    return _names(message, field)[getattr(node, field)]


@cache  # descriptors answer slowly, and one statement is asked the same things by many
def _names(message: Any, field: str) -> dict[int, str]:
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values
    return {value.number: str(value.name) for value in values}


def inner(node: Node) -> Node:
    """Return the message inside a ``Node`` wrapper, or None for an empty one."""
    which = node.WhichOneof("node")
    return None if which is None else getattr(node, which)


def conjuncts(condition: Node) -> Iterator[Node]:
    """Yield what AND joins, each in its ``Node`` wrapper; the condition itself where nothing is joined."""
    node = inner(condition)
    if kind(node) == "BoolExpr" and choice(node, "boolop") == "AND_EXPR":
        for each in node.args:
            yield from conjuncts(each)
    else:
        yield condition


def definition(node: Node) -> Node:
    """Return what the node's ``def`` field holds, a word that Python keeps for itself; None where it is empty."""
    return inner(getattr(node, "def"))


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and every message below it, wrappers included, in the tree's order."""
    yield node
    for field, value in node.ListFields():
        if field.message_type is not None:
            for child in value if isinstance(value, Iterable) else (value,):
                yield from walk(child)


def relation(range_var: Node) -> Relation:
    """Return the name a ``RangeVar`` holds."""
    return Relation(range_var.schemaname or None, range_var.relname)


def named(parts: Iterable[Node]) -> Relation:
    """Return the name that a list of ``String`` nodes spells, its last two parts."""
    *schema, name = [inner(part).sval for part in parts]
    return Relation(schema[-1] if schema else None, name)


def options(elements: Iterable[Node]) -> dict[str, Node]:
    """Return the ``DefElem`` nodes of an option list by name; of a repeated name the last."""
    return {inner(element).defname: inner(element) for element in elements}


def enabled(option: Node | None, *, default: bool) -> bool:
    """Read a Boolean option as PostgreSQL's defGetBoolean does: a name without a value is on."""
    if option is None:
        return default
    value = inner(option.arg)
    return value is None or _spelling(value).lower() not in _OFF


def _spelling(value: Node) -> str:
    match kind(value):
        case "String":
            return str(value.sval)
        case "Integer":
            return str(value.ival)
        case "Boolean":
            return str(value.boolval)
        case "TypeName":  # an unquoted word such as OFF is read as a type's name
            return named(value.names).name
        case other:
            return other
