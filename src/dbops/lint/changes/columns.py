"""What the definition of a column, and of a constraint, in an ALTER TABLE asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.lint.changes.change import Change
from dbops.lint.changes.objects import known_type
from dbops.schema.typename import serial
from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, named, relation, walk
from dbops.sql.split import Statement

# Built-in functions that are stable or immutable in all their forms, of those that are met in defaults.
# fmt: off
NOT_VOLATILE = frozenset({
    "abs", "age", "array_append", "array_cat", "array_fill", "array_length", "array_to_string", "btrim", "ceil", "chr",
    "concat", "concat_ws", "convert_to", "current_database", "current_schema", "current_setting", "date_part",
    "date_trunc", "daterange", "decode", "encode", "extract", "floor", "format", "getpgusername", "inet_client_addr",
    "int4range", "int8range", "json_build_array", "json_build_object", "json_object", "jsonb_build_array",
    "jsonb_build_object", "jsonb_object", "left", "length", "lower", "lpad", "ltrim", "make_date", "make_interval",
    "make_time", "make_timestamp", "make_timestamptz", "md5", "now", "numrange", "pg_backend_pid",
    "pg_current_xact_id", "pi", "power", "repeat", "replace", "reverse", "right", "round", "rpad", "rtrim",
    "session_user", "sha256", "split_part", "sqrt", "statement_timestamp", "string_to_array", "substr", "substring",
    "timezone", "to_char", "to_date", "to_json", "to_jsonb", "to_number", "to_timestamp", "to_tsvector",
    "transaction_timestamp", "trunc", "tsrange", "tstzrange", "txid_current", "upper", "version",
})
VOLATILE = frozenset({
    "clock_timestamp", "currval", "gen_random_uuid", "lastval", "nextval", "random", "random_normal", "timeofday",
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4", "uuidv7",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Added:
    """A constraint that the subcommand number ``index`` of an ALTER TABLE adds, with its new ``column`` or without."""

    index: int
    constraint: Node
    column: Node | None = None

    @property
    def validated(self) -> bool:
        """Whether the rows that exist are checked at once: it is neither NOT VALID nor NOT ENFORCED."""
        return not self.constraint.skip_validation and not self._unenforced

    @property
    def _unenforced(self) -> bool:
        """Whether NOT ENFORCED stands behind a column's constraint, where it is a node of its own."""
        if self.column is None:
            return False
        siblings = [inner(each) for each in self.column.constraints]
        for each in siblings[siblings.index(self.constraint) + 1 :]:
            if not choice(each, "contype").startswith("CONSTR_ATTR_"):
                return False
            if choice(each, "contype") == "CONSTR_ATTR_NOT_ENFORCED":
                return True
        return False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about, where the statement lists them."""
        if self.column is not None:
            return (self.column.colname,)
        return tuple(inner(key).sval for key in (*self.constraint.keys, *self.constraint.fk_attrs))


def added_constraints(change: Change, *kinds: str) -> Iterator[Added]:
    """Yield the constraints of some kinds (``CONSTR_CHECK``) that an ALTER TABLE adds, alone or with a column."""
    for index, command in enumerate(change.commands):
        if choice(command, "subtype") == "AT_AddConstraint" and choice(definition(command), "contype") in kinds:
            yield Added(index, definition(command))
    for index, column in added_columns(change):
        for constraint in constraints(column, *kinds):
            yield Added(index, constraint, column)


def adds_constraint(statement: Statement, table: Relation, name: str) -> bool:
    """Whether a statement is an ALTER TABLE that adds a constraint of that name to the table."""
    node = statement.node
    if node is None or kind(node) != "AlterTableStmt" or relation(node.relation) != table:
        return False
    commands = [inner(command) for command in node.cmds]
    return any(choice(each, "subtype") == "AT_AddConstraint" and definition(each).conname == name for each in commands)


def added_columns(change: Change) -> Iterator[tuple[int, Node]]:
    """Yield the columns that an ALTER TABLE adds, with the number of the subcommand."""
    for index, command in enumerate(change.commands):
        if choice(command, "subtype") == "AT_AddColumn":
            yield index, definition(command)


def constraints(column: Node, *kinds: str) -> tuple[Node, ...]:
    """Return a new column's constraints of some kinds; a DEFAULT is one, too."""
    return tuple(each for each in map(inner, column.constraints) if choice(each, "contype") in kinds)


def numbers_itself(column: Node) -> bool:
    """Whether a new column takes its values from a sequence, so that every row that exists gets one."""
    return serial(column.type_name) is not None or bool(constraints(column, "CONSTR_IDENTITY"))


def is_stored(column: Node) -> bool:
    """Whether a new column is computed and stored."""
    return any(each.generated_kind != "v" for each in constraints(column, "CONSTR_GENERATED"))


def volatile_default(column: Node) -> str | None:
    """Return the function that makes a new column's default differ from row to row, as far as can be told.

    One that is not PostgreSQL's own is taken for volatile, which is what functions are unless they are declared
    otherwise; ``surely_volatile`` tells the two apart.
    """
    for default in constraints(column, "CONSTR_DEFAULT"):
        for call in (node for node in walk(default.raw_expr) if kind(node) == "FuncCall"):
            *schema, name = (inner(part).sval for part in call.funcname)
            if name not in NOT_VOLATILE or schema not in ([], ["pg_catalog"]):
                return str(name)
    return None


def of_domain(change: Change, column: Node) -> Relation | None:
    """Return the domain that is a new column's type, None when it is no known one."""
    name = named(column.type_name.names) if column.type_name.names and not column.type_name.array_bounds else None
    return name if name is not None and known_type(change.schema, name) == "domain" else None


def surely_volatile(function: str) -> bool:
    """Whether it is known that the function gives another value for each row."""
    return function in VOLATILE
