"""What a script makes, drops and renames, by name: whether a drop or a new name can surprise anybody. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.schema.model import Schema
from dbops.sql.nodes import Node, Relation, choice, definition, inner, kind, named, relation
from dbops.sql.split import Statement


def dropped(node: Node) -> Iterator[Relation]:
    """Yield the names that a DROP lists; of a function without its arguments."""
    return (_object(inner(item)) for item in node.objects)


def subject(node: Node) -> Relation:
    """Return the name of what a RENAME or SET SCHEMA is about."""
    if node.HasField("relation"):
        return relation(node.relation)
    target = inner(node.object)
    return Relation(None, node.subname) if target is None else _object(target)


def _object(target: Node) -> Relation:
    match kind(target):
        case "List":
            return named(target.items)
        case "TypeName":
            return named(target.names)
        case "ObjectWithArgs":
            return named(target.objname)
    return Relation(None, target.sval)


def place(change: Change, name: str, after: int = 0) -> tuple[int | None, int | None]:
    """Return where the statement first writes a name, from the script's offset ``after`` on; None for unknown."""
    wanted = {name.upper(), '"' + name.replace('"', '""').upper() + '"'}
    places = ((word.start, word.end) for word in change.words if word.start >= after and word.text in wanted)
    return next(places, (None, None))


def behind_target(change: Change) -> int:
    """Return the script's offset behind the name of the relation that the statement is about."""
    return change.place(change.node.relation.location, 1 if change.target.schema is None else 3)[1]


def subcommands(change: Change, subtype: str) -> Iterator[tuple[Node, tuple[int | None, int | None]]]:
    """Yield the subcommands of a kind of an ALTER TABLE, each with the place of the name it is about."""
    for number, command in enumerate(change.commands):
        if choice(command, "subtype") == subtype:
            pieces = change.pieces()
            start = pieces[number][0] if 0 < number < len(pieces) else behind_target(change)
            yield command, place(change, command.name, start)


def altered_later(change: Change) -> Iterator[Node]:
    """Yield the subcommands of the script's later ALTER TABLEs of the same table."""
    for statement in change.later:
        node = statement.node
        if node is not None and kind(node) == "AlterTableStmt" and relation(node.relation) == change.target:
            yield from map(inner, node.cmds)


def made_here(change: Change, name: Relation) -> bool:
    """Whether an earlier statement of the script made a type, function, view or schema of that name."""
    return any(_same(made, name) for made in _made(_before(change)))


def made_again(change: Change, name: Relation) -> bool:
    """Whether a later statement of the script makes something of that name."""
    return any(_same(made, name) for made in _made(change.later))


def renamed_from(change: Change, name: Relation) -> bool:
    """Whether an earlier statement of the script gave what bore that name another one, as in a swap of two."""
    renamed = (each.node for each in _before(change) if each.node is not None and kind(each.node) == "RenameStmt")
    return any(node.HasField("relation") and not node.subname and relation(node.relation) == name for node in renamed)


def column_is_new(change: Change, column: str) -> bool:
    """Whether the script itself made the column of the target, so that no running code can know it."""
    if change.is_new():
        return True
    before = change.script.schema.table(change.target)
    if before is not None and before.complete:
        return before.column(column) is None
    return any(name == column for name in _added_columns(change))


def _added_columns(change: Change) -> Iterator[str]:
    """Yield the columns that earlier statements of the script add to the target."""
    for node in (statement.node for statement in _before(change)):
        if node is None or kind(node) != "AlterTableStmt" or node.relation.relname != change.target.name:
            continue
        for command in map(inner, node.cmds):
            if choice(command, "subtype") == "AT_AddColumn":
                yield definition(command).colname


def known_type(schema: Schema, name: Relation) -> str | None:
    """Return the kind of a user-defined type, None when it isn't known."""
    schemas = schema.search_path if name.schema is None else (name.schema,)
    found = (schema.types.get(Relation(each, name.name)) for each in schemas)
    return next((each for each in found if each is not None), None)


def type_drops(change: Change, what: str) -> Iterator[Found]:
    """Find the types (``what`` is type or domain) that a DROP lists and that running code can know of."""
    cascade = choice(change.node, "behavior") == "DROP_CASCADE"
    for name in dropped(change.node):
        if made_here(change, name) or made_again(change, name) or _type_of_up(change, name):
            continue
        if cascade:
            message = f"every column of {what} {name} is dropped with it, and its data are gone"
            hint = f"give its columns another type first, then: DROP {what.upper()} {name}"
        else:
            message = f"code that still casts to {what} {name} fails once it is dropped"
            hint = f"drop it in a migration after the last release that names {name}"
        yield Found(message, hint, *place(change, name.name), Severity.ERROR if cascade else None)


def _type_of_up(change: Change, name: Relation) -> bool:
    """Whether this is a down, and the up that it undoes made the type."""
    return is_down(change) and (change.script.base is None or known_type(change.script.base, name) is None)


def is_down(change: Change) -> bool:
    """Whether the script undoes a migration."""
    return change.script.direction == "down" or change.script.base is not None


def undone(change: Change, name: Relation, column: str | None = None) -> bool:
    """Whether this is a down, and the table (or its column) was made by the up that it undoes, as far as is known.

    Of a file that is a down by its name, and whose up is another file, that is what nobody knows of before.
    """
    if change.script.direction != "down" or change.script.base is not None:
        return change.undone(name, column)
    table = change.table(name)
    return table is None or (column is not None and table.column(column) is None)


def _before(change: Change) -> tuple[Statement, ...]:
    return change.script.statements[: change.statement.index]


def _made(statements: Iterable[Statement]) -> Iterator[Relation]:
    for statement in statements:
        if statement.node is not None:
            made = _name(statement.node)
            if made is not None:
                yield made


def _name(node: Node) -> Relation | None:
    """Return the name of what a statement makes, or renames to; None for other statements."""
    read = _NAMES.get(kind(node))
    return None if read is None else read(node)


def _new_name(node: Node) -> Relation | None:
    """Return what a relation is called from here on; of its columns and constraints, None."""
    if not node.HasField("relation") or node.subname:
        return None
    return Relation(node.relation.schemaname or None, node.newname)


_NAMES: Mapping[str, Callable[[Node], Relation | None]] = {
    "CreateStmt": lambda node: relation(node.relation),
    "ViewStmt": lambda node: relation(node.view),
    "CreateSeqStmt": lambda node: relation(node.sequence),
    "CreateTableAsStmt": lambda node: relation(node.into.rel),
    "CreateFunctionStmt": lambda node: named(node.funcname),
    "CreateEnumStmt": lambda node: named(node.type_name),
    "CreateRangeStmt": lambda node: named(node.type_name),
    "CreateDomainStmt": lambda node: named(node.domainname),
    "CompositeTypeStmt": lambda node: relation(node.typevar),
    "CreateSchemaStmt": lambda node: Relation(None, node.schemaname),
    "RenameStmt": _new_name,
}


def _same(one: Relation, other: Relation) -> bool:
    """Whether two names may mean the same: an unqualified one is found in any schema."""
    return one.name == other.name and (one.schema == other.schema or None in {one.schema, other.schema})
