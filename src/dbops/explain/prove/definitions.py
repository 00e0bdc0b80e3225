"""What pg_dump wrote, as the statements that make a copy: no rights, owners, policies or triggers. Pure.

Only what is known to be needed is taken. Triggers would write on their own, policies would hide rows from the copy's
owner, and CREATE SERVER and USER MAPPING lead to other servers, with passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, relation
from dbops.sql.psql import blanked
from dbops.sql.split import split

_OBJECTS = frozenset(
    {
        "CompositeTypeStmt", "CreateEnumStmt", "CreateDomainStmt", "AlterDomainStmt",
        "CreateRangeStmt", "DefineStmt", "CreateFunctionStmt", "CreateCastStmt", "CreateOpClassStmt",
        "CreateOpFamilyStmt", "AlterOpFamilyStmt", "AlterTSConfigurationStmt", "CreateConversionStmt",
        "CreateTransformStmt",
    }
)  # fmt: skip
_RELATIONS = frozenset({"CreateStmt", "CreateSeqStmt", "AlterSeqStmt", "ViewStmt"})
_COLUMNS = frozenset(
    {
        "AT_ColumnDefault", "AT_SetStatistics", "AT_SetStorage", "AT_SetCompression", "AT_SetOptions", "AT_AddIdentity",
        "AT_AttachPartition", "AT_AddInherit", "AT_SetNotNull",
    }
)  # fmt: skip
_METHOD = "default_table_access_method"


@dataclass(frozen=True, slots=True)
class Definition:
    """A statement, and what it makes: ``table public.orders``."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension and the statement that installs it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key, made without a look at the rows that are there."""

    name: str
    table: Relation
    referenced: Relation
    text: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that makes a copy, in the order of its making.

    ``schemas`` and ``extensions`` come first; ``objects`` are types and functions, ``relations`` tables, sequences and
    views. ``indexes``, with constraints, follow when the rows are there. ``foreign_keys`` tell the planner something.
    Statistics objects are not among them: pg_dump leaves those of single tables out.
    """

    schemas: tuple[str, ...]
    extensions: tuple[Extension, ...]
    objects: tuple[Definition, ...]
    relations: tuple[Definition, ...]
    indexes: tuple[Definition, ...]
    foreign_keys: tuple[ForeignKey, ...]


def definitions(objects: str, relations: str) -> Definitions:
    """Read what pg_dump wrote of everything but relations, and of the relations.

    Raises SqlSyntaxError when it isn't SQL that is known here: pg_dump is newer than this program's parser.
    """
    of_objects = [(each.node, each.text) for each in split(_sql(objects)) if each.node is not None]
    of_relations = list(_relations(relations))
    return Definitions(
        schemas=tuple(text for node, text in of_objects if kind(node) == "CreateSchemaStmt"),
        extensions=tuple(
            Extension(node.extname, text) for node, text in of_objects if kind(node) == "CreateExtensionStmt"
        ),
        objects=tuple(Definition("an object", text) for node, text in of_objects if kind(node) in _OBJECTS),
        relations=tuple(Definition(_what(node), text) for node, text in of_relations if _makes_relation(node)),
        indexes=tuple(Definition(_what(node), text) for node, text in of_relations if _makes_index(node)),
        foreign_keys=tuple(_foreign_keys(of_relations)),
    )


def _sql(dumped: str) -> str:
    """Return the text without what is for psql."""
    return blanked(dumped)[0]


def _relations(dumped: str) -> Iterator[tuple[Node, str]]:
    """Yield statements; a table whose access method isn't the usual one says so itself."""
    method = ""
    for statement in split(_sql(dumped)):
        node: Node = statement.node
        if node is None:
            continue
        if kind(node) == "VariableSetStmt" and node.name == _METHOD:
            usual = inner(node.args[0]).sval.sval == "heap"
            method = "" if usual else statement.text
        elif kind(node) == "CreateStmt" and method:
            yield node, f"{method}; {statement.text}; SET {_METHOD} = heap"
        else:
            yield node, statement.text


def _makes_relation(node: Node) -> bool:
    if kind(node) == "AlterTableStmt":
        return choice(node, "objtype") != "OBJECT_INDEX" and _subtypes(node) <= _COLUMNS
    return kind(node) in _RELATIONS


def _makes_index(node: Node) -> bool:
    if kind(node) != "AlterTableStmt":
        return kind(node) == "IndexStmt"
    if choice(node, "objtype") == "OBJECT_INDEX":
        return True
    return _subtypes(node) == {"AT_AddConstraint"} and not any(_is_foreign(each) for each in _constraints(node))


def _foreign_keys(statements: Iterable[tuple[Node, str]]) -> Iterator[ForeignKey]:
    for node, text in statements:
        if kind(node) != "AlterTableStmt" or _subtypes(node) != {"AT_AddConstraint"}:
            continue
        for constraint in filter(_is_foreign, _constraints(node)):
            unchecked = text if constraint.skip_validation else f"{text} NOT VALID"
            yield ForeignKey(constraint.conname, relation(node.relation), relation(constraint.pktable), unchecked)


def _subtypes(node: Node) -> set[str]:
    return {choice(inner(command), "subtype") for command in node.cmds}


def _constraints(node: Node) -> list[Node]:
    return [definition(inner(command)) for command in node.cmds]


def _is_foreign(constraint: Node) -> bool:
    return choice(constraint, "contype") == "CONSTR_FOREIGN"


def _what(node: Node) -> str:
    """Return what the statement makes, or what it changes, in words."""
    match kind(node):
        case "CreateStmt":
            return f"table {relation(node.relation)}"
        case "ViewStmt":
            return f"view {relation(node.view)}"
        case "CreateSeqStmt" | "AlterSeqStmt":
            return f"sequence {relation(node.sequence)}"
        case "IndexStmt":
            return f"index {node.idxname} of {relation(node.relation)}"
    return f"a part of {relation(node.relation)}"
