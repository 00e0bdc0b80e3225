"""Locks of SELECT, INSERT, UPDATE, DELETE and MERGE, and of the queries inside other statements."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from dbops.sql.lock_modes import Fact, Lock, Mode, Unknown, on
from dbops.sql.nodes import Node, inner, kind

_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_LEAVES = frozenset({"A_Const", "ColumnRef", "ParamRef", "String"})  # the most there are, with no relation in them
_READ_APART = frozenset({"with_clause", "into_clause", "locking_clause"})  # their names are not of relations to read

# Built-in functions that lock nothing; any other may.
# fmt: off
_HARMLESS = frozenset({
    "abs", "array_agg", "array_length", "array_to_string", "avg", "bool_and", "bool_or", "btrim", "ceil",
    "char_length", "clock_timestamp", "concat", "concat_ws", "count", "current_setting", "date_part",
    "date_trunc", "dense_rank", "encode", "extract", "first_value", "floor", "format", "gen_random_uuid",
    "generate_series", "greatest", "initcap", "json_agg", "json_build_object", "jsonb_agg",
    "jsonb_build_object", "jsonb_set", "lag", "last_value", "lead", "least", "left", "length", "lower", "lpad",
    "ltrim", "make_interval", "max", "md5", "min", "mod", "now", "nullif", "overlay", "pg_sleep", "position",
    "power", "random", "rank", "regexp_replace", "repeat", "replace", "reverse", "right", "round", "row_number",
    "rpad", "rtrim", "set_config", "sha256", "split_part", "sqrt", "statement_timestamp", "string_agg",
    "string_to_array", "substr", "substring", "sum", "timezone", "to_char", "to_date", "to_json", "to_jsonb",
    "to_number", "to_timestamp", "transaction_timestamp", "translate", "trim", "trunc", "unnest", "upper",
})
# fmt: on

Names = frozenset[str]


def facts(node: Node, ctes: Names = frozenset()) -> Iterator[Fact]:
    """Yield the locks of a query or expression; ``ctes`` are the names of WITH queries in scope, no relations."""
    name = kind(node)
    if name == "RangeVar":
        if _is_relation(node, ctes):
            yield on(Mode.ACCESS_SHARE, node)
        return
    if name == "FuncCall":
        yield from _function(node)
    elif name == "SelectStmt":
        yield from _row_locks(node, ctes)
    elif name in _WRITES:
        yield on(Mode.ROW_EXCLUSIVE, node.relation)  # a WITH query of the same name does not hide the target
    if _has_with(node):
        ctes = yield from _with(node.with_clause, ctes)
    for field, child in _children(node):
        if field not in _READ_APART and not (name in _WRITES and field == "relation"):
            yield from facts(child, ctes)


def _is_relation(range_var: Node, ctes: Names) -> bool:
    return bool(range_var.schemaname) or range_var.relname not in ctes


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    for field, value in node.ListFields():
        if field.message_type is None:
            continue
        for child in value if isinstance(value, Iterable) else (value,):
            message = inner(child) if kind(child) == "Node" else child
            if message is not None and kind(message) not in _LEAVES:
                yield field.name, message


def _has_with(node: Node) -> bool:
    return "with_clause" in node.DESCRIPTOR.fields_by_name and node.HasField("with_clause")


def _with(clause: Node, ctes: Names) -> Generator[Fact, None, Names]:
    """Yield the locks of the WITH queries; return the names that the statement itself sees."""
    queries = [inner(cte) for cte in clause.ctes]
    names = [query.ctename for query in queries]
    for index, query in enumerate(queries):
        visible = names if clause.recursive else names[:index]
        yield from facts(inner(query.ctequery), ctes.union(visible))
    return ctes.union(names)


def _function(call: Node) -> Iterator[Fact]:
    *schema, name = [inner(part).sval for part in call.funcname]
    if name not in _HARMLESS or schema not in ([], ["pg_catalog"]):
        yield Unknown("what the functions it calls lock")


def _row_locks(select: Node, ctes: Names) -> Iterator[Lock]:
    """Yield the locks of FOR UPDATE and its like, on all tables of FROM or on those that OF lists."""
    for item in select.locking_clause:
        listed = {inner(name).relname for name in inner(item).locked_rels}
        for table in _tables(select.from_clause):
            alias = table.alias.aliasname or table.relname
            if _is_relation(table, ctes) and (not listed or alias in listed):
                yield on(Mode.ROW_SHARE, table)


def _tables(items: Iterable[Node]) -> Iterator[Node]:
    pending = [inner(item) for item in items]
    while pending:
        node = pending.pop()
        if kind(node) == "RangeVar":
            yield node
        else:
            pending.extend(child for _, child in _children(node))
