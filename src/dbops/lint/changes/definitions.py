"""The columns that a statement defines, with the types they are given. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from dbops.lint.changes.change import Change, Word
from dbops.schema.model import TEMPORARY_SCHEMA
from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, named, relation

STATEMENTS = ("CreateStmt", "AlterTableStmt")
_SYSTEM = "pg_catalog"


class How(Enum):
    """What a statement does to a column to give it its type."""

    CREATE = "CREATE TABLE"
    ADD = "ADD COLUMN"
    ALTER = "ALTER COLUMN … TYPE"


@dataclass(frozen=True, slots=True)
class Defined:
    """A column that gets a type: ``node`` is the ColumnDef, ``name`` is the column's.

    ``type`` is PostgreSQL's own name of a built-in type (``int4``, ``bpchar``, ``serial``), "" for any other one and
    for an array. ``primary`` says whether the statement makes it the primary key, alone, ``references`` the table
    and column that the statement makes it reference, column None where the primary key is meant.
    """

    table: Relation
    name: str
    node: Node
    how: How
    type: str
    primary: bool = False
    references: tuple[Relation, str | None] | None = None

    @property
    def sql(self) -> str:
        """The column's name as SQL."""
        return str(Relation(None, self.name))

    @property
    def is_new(self) -> bool:
        """Whether the column does not exist before, so that another type costs nothing."""
        return self.how is not How.ALTER

    @property
    def location(self) -> int:
        """Where the type is written, as a location of the parse tree."""
        return int(self.node.type_name.location)

    @property
    def default(self) -> Node | None:
        """The expression of its DEFAULT, None without one."""
        defaults = (each for each in _constraints(self.node) if choice(each, "contype") == "CONSTR_DEFAULT")
        found = next(defaults, None)
        return None if found is None else inner(found.raw_expr)

    @property
    def computed(self) -> bool:
        """Whether it is an identity column or a generated one."""
        return any(choice(each, "contype") in {"CONSTR_IDENTITY", "CONSTR_GENERATED"} for each in self.constraints)

    @property
    def constraints(self) -> tuple[Node, ...]:
        """The constraints that are written at the column itself."""
        return tuple(_constraints(self.node))


@lru_cache(maxsize=1)  # a dozen rules ask about one change before the next
def defined(change: Change) -> tuple[Defined, ...]:
    """Return the columns that a CREATE TABLE or ALTER TABLE gives a type.

    Left out are those of temporary tables, which nobody keeps, and those that a down puts back as they were.
    """
    if change.target.schema == TEMPORARY_SCHEMA or change.node.relation.relpersistence == "t":
        return ()
    columns = _created(change) if kind(change.node) == "CreateStmt" else _altered(change)
    return tuple(column for column in columns if not _put_back(change, column))


def type_words(change: Change, column: Defined) -> tuple[Word, ...]:
    """Return the statement's words from the column's type on."""
    start = change.statement.offset(column.location)
    return tuple(word for word in change.words if word.start >= start)


def builtin(type_name: Node) -> str:
    """Return PostgreSQL's own name of a built-in type, "" for one that is not, or may not be, built in."""
    if type_name.array_bounds or type_name.setof or not type_name.names:
        return ""
    name = named(type_name.names)
    return name.name if name.schema in {None, _SYSTEM} else ""


def _created(change: Change) -> Iterator[Defined]:
    elements = [inner(item) for item in change.node.table_elts]
    constraints = [element for element in elements if kind(element) == "Constraint"]
    for element in elements:
        if kind(element) == "ColumnDef" and element.HasField("type_name"):
            yield _column(change.target, element, How.CREATE, constraints)


def _altered(change: Change) -> Iterator[Defined]:
    if choice(change.node, "objtype") != "OBJECT_TABLE":  # a composite type, a foreign table: others decide its types
        return
    constraints = [definition(each) for each in change.commands if choice(each, "subtype") == "AT_AddConstraint"]
    for command in change.commands:
        match choice(command, "subtype"):
            case "AT_AddColumn":
                yield _column(change.target, definition(command), How.ADD, constraints)
            case "AT_AlterColumnType":
                node = definition(command)
                yield Defined(change.target, command.name, node, How.ALTER, builtin(node.type_name))


def _column(table: Relation, node: Node, how: How, constraints: list[Node]) -> Defined:
    keys = [each for each in constraints if choice(each, "contype") == "CONSTR_PRIMARY"]
    inline = any(choice(each, "contype") == "CONSTR_PRIMARY" for each in _constraints(node))
    return Defined(
        table,
        node.colname,
        node,
        how,
        builtin(node.type_name),
        primary=inline or any([inner(each).sval for each in key.keys] == [node.colname] for key in keys),
        references=_references(node, constraints),
    )


def _references(node: Node, constraints: list[Node]) -> tuple[Relation, str | None] | None:
    for each in _constraints(node):
        if choice(each, "contype") == "CONSTR_FOREIGN":
            return relation(each.pktable), inner(each.pk_attrs[0]).sval if each.pk_attrs else None
    for each in constraints:
        columns = [inner(column).sval for column in each.fk_attrs]
        if columns == [node.colname]:
            return relation(each.pktable), inner(each.pk_attrs[0]).sval if each.pk_attrs else None
    return None


def _constraints(node: Node) -> Iterator[Node]:
    return (inner(each) for each in node.constraints)


def _put_back(change: Change, column: Defined) -> bool:
    """Whether this is a down that gives a column what it had before the up."""
    if change.script.base is None:
        return False
    before = change.script.base.table(column.table)
    return before is not None and before.column(column.name) is not None
