"""Schemas and edits that are made up: each edit is seen, and what is edited is as if it had been made so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dbops.schema.differences import compare
from dbops.sql.quote import identifier, literal
from postgres.snapshot.scene import Scene, scene

_TYPES = ("integer", "text", "numeric(5,2)", "text[]", "date")
_NAMES = st.sampled_from(["a", "B", 'q"uote', "select", "über", "with space", "a.b", "%s"])
_TEXTS = st.sampled_from(["x", "it's", "\\", "ü\n", '"'])


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    not_null: bool
    default: str | None
    statistics: int | None
    comment: str | None


@dataclass(frozen=True)
class Table:
    """The table ``public."T x"``, and objects that hang on it by its first column, which is never edited."""

    columns: tuple[Column, ...]
    checks: tuple[tuple[str, int], ...]
    indexes: tuple[tuple[str, bool], ...]
    readers: tuple[str, ...]
    fillfactor: int | None
    view: str | None
    labels: tuple[str, ...]


_COLUMN = st.builds(
    Column,
    _NAMES,
    st.sampled_from(_TYPES),
    st.booleans(),
    st.none() | _TEXTS.map(literal),
    st.none() | st.integers(0, 100),
    st.none() | _TEXTS,
).map(lambda column: replace(column, default=column.default if column.type == "text" else None))
_TABLE = st.builds(
    Table,
    st.lists(_COLUMN, min_size=1, max_size=3, unique_by=lambda column: column.name).map(tuple),
    st.lists(st.tuples(_NAMES, st.integers(0, 9)), max_size=2, unique_by=lambda each: each[0]).map(tuple),
    st.lists(st.tuples(_NAMES, st.booleans()), max_size=2, unique_by=lambda each: each[0]).map(tuple),
    st.lists(st.sampled_from(["SELECT", "INSERT", "UPDATE"]), max_size=2, unique=True).map(lambda e: tuple(sorted(e))),
    st.none() | st.integers(10, 100),
    st.none() | _TEXTS,
    st.lists(_TEXTS, min_size=1, max_size=3, unique=True).map(tuple),
)
_T = '"T x"'
_EDITS = 6


def _made(table: Table) -> Iterator[str]:
    yield f"CREATE TYPE e AS ENUM ({', '.join(map(literal, table.labels))})"
    yield f"CREATE TABLE {_T} (key int)"
    for column in table.columns:
        yield from _added(column)
    for name, bound in table.checks:
        yield f"ALTER TABLE {_T} ADD CONSTRAINT {identifier(name)} CHECK (key > {bound})"
    for name, unique in table.indexes:
        yield f"CREATE {'UNIQUE ' if unique else ''}INDEX {identifier(name)} ON {_T} (key)"
    for privilege in table.readers:
        yield f"GRANT {privilege} ON {_T} TO PUBLIC"
    if table.fillfactor is not None:
        yield f"ALTER TABLE {_T} SET (fillfactor = {table.fillfactor})"
    if table.view is not None:
        yield f"CREATE VIEW v AS SELECT key, {literal(table.view)}::text AS word FROM {_T}"


def _added(column: Column) -> Iterator[str]:
    name = identifier(column.name)
    default = "" if column.default is None else f" DEFAULT {column.default}"
    yield f"ALTER TABLE {_T} ADD {name} {column.type}{' NOT NULL' if column.not_null else ''}{default}"
    if column.statistics is not None:
        yield f"ALTER TABLE {_T} ALTER {name} SET STATISTICS {column.statistics}"
    if column.comment is not None:
        yield f"COMMENT ON COLUMN {_T}.{name} IS {literal(column.comment)}"


@st.composite
def _edits(draw: st.DrawFn, table: Table) -> tuple[str, Table]:
    """One edit: its SQL, and the table as it should be then."""
    kinds = ["add", "fillfactor", "label", "view", "check", "index", "grant"] + ["column"] * 9 * bool(table.columns)
    kind = draw(st.sampled_from(kinds))
    if kind == "column":
        return draw(_column_edits(table))
    if kind == "add":
        taken = {column.name for column in table.columns}
        column = draw(_COLUMN.filter(lambda column: column.name not in taken))
        return "; ".join(_added(column)), replace(table, columns=(*table.columns, column))
    if kind == "fillfactor":
        wanted = draw(st.none() | st.integers(10, 100))
        how = "RESET (fillfactor)" if wanted is None else f"SET (fillfactor = {wanted})"
        return f"ALTER TABLE {_T} {how}", replace(table, fillfactor=wanted)
    if kind == "label":
        label = draw(_TEXTS.filter(lambda text: text not in table.labels))
        at = draw(st.integers(0, len(table.labels) - 1))
        labels = (*table.labels[:at], label, *table.labels[at:])
        sql = f"ALTER TYPE e ADD VALUE {literal(label)} BEFORE {literal(table.labels[at])}"
        return sql, replace(table, labels=labels)
    if kind == "view":
        word = draw(_TEXTS)
        sql = f"CREATE OR REPLACE VIEW v AS SELECT key, {literal(word)}::text AS word FROM {_T}"
        return sql, replace(table, view=word)
    return draw(_hanging_edits(table, kind))


def _among(there: Sequence[tuple[str, int]]) -> st.SearchStrategy[str]:
    """A name that is there already, where there is one, or any."""
    return st.sampled_from([name for name, _value in there]) | _NAMES if there else _NAMES


@st.composite
def _hanging_edits(draw: st.DrawFn, table: Table, kind: str) -> tuple[str, Table]:
    if kind == "grant":
        privilege = draw(st.sampled_from(["SELECT", "INSERT", "UPDATE"]))
        if privilege in table.readers:
            left = tuple(each for each in table.readers if each != privilege)
            return f"REVOKE {privilege} ON {_T} FROM PUBLIC", replace(table, readers=left)
        return f"GRANT {privilege} ON {_T} TO PUBLIC", replace(
            table, readers=tuple(sorted((*table.readers, privilege)))
        )
    if kind == "check":
        name, bound = draw(st.tuples(_among(table.checks), st.integers(0, 9)))
        left = {each: value for each, value in table.checks if each != name}
        drop = f"ALTER TABLE {_T} DROP CONSTRAINT IF EXISTS {identifier(name)}"
        add = f"ALTER TABLE {_T} ADD CONSTRAINT {identifier(name)} CHECK (key > {bound})"
        return f"{drop}; {add}", replace(table, checks=tuple(sorted({**left, name: bound}.items())))
    name, unique = draw(st.tuples(_among(table.indexes), st.booleans()))
    kept = {each: value for each, value in table.indexes if each != name}
    sql = f"DROP INDEX IF EXISTS {identifier(name)}; CREATE {'UNIQUE ' if unique else ''}INDEX {identifier(name)}"
    return f"{sql} ON {_T} (key)", replace(table, indexes=tuple(sorted({**kept, name: unique}.items())))


@st.composite
def _column_edits(draw: st.DrawFn, table: Table) -> tuple[str, Table]:
    at = draw(st.integers(0, len(table.columns) - 1))
    column = table.columns[at]
    name, alter = identifier(column.name), f"ALTER TABLE {_T} ALTER {identifier(column.name)}"
    what = draw(st.sampled_from(["drop", "rename", "not_null", "default", "type", "statistics", "comment"]))
    if what == "drop":
        return f"ALTER TABLE {_T} DROP {name}", replace(table, columns=table.columns[:at] + table.columns[at + 1 :])
    if what == "rename":
        others = {each.name for each in table.columns}
        new = draw(_NAMES.filter(lambda each: each not in others))
        # A NOT NULL constraint keeps the name that the column had.
        sql = f"{alter} DROP NOT NULL; ALTER TABLE {_T} RENAME {name} TO {identifier(new)}"
        changed = replace(column, name=new, not_null=False)
    elif what == "not_null":
        sql = f"{alter} {'DROP' if column.not_null else 'SET'} NOT NULL"
        changed = replace(column, not_null=not column.not_null)
    elif what == "default":
        value = draw(st.none() | _TEXTS.map(literal)) if column.type == "text" else None
        sql = f"{alter} DROP DEFAULT" if value is None else f"{alter} SET DEFAULT {value}"
        changed = replace(column, default=value)
    elif what == "type":
        value = draw(st.sampled_from(_TYPES))
        sql = f"{alter} DROP DEFAULT; {alter} TYPE {value} USING NULL"
        changed = replace(column, type=value, default=None)
    elif what == "statistics":
        number = draw(st.none() | st.integers(0, 100))
        sql = f"{alter} SET STATISTICS {-1 if number is None else number}"
        changed = replace(column, statistics=number)
    else:
        comment = draw(st.none() | _TEXTS)
        sql = f"COMMENT ON COLUMN {_T}.{name} IS {literal(comment)}"
        changed = replace(column, comment=comment)
    return sql, replace(table, columns=(*table.columns[:at], changed, *table.columns[at + 1 :]))


@pytest.fixture
def here(database: str) -> Iterator[Scene]:
    with scene(database) as made:
        yield made


@contextmanager
def _undone(here: Scene, table: Table) -> Iterator[None]:
    """Make the table, and undo it and what is done in the context."""
    here.session.run(";\n".join(["BEGIN", *_made(table)]))
    try:
        yield
    finally:
        here.session.run("ROLLBACK")


def _same(one: Table, other: Table) -> bool:
    return _plain(one) == _plain(other)


def _plain(table: Table) -> Table:
    return replace(table, checks=tuple(sorted(table.checks)), indexes=tuple(sorted(table.indexes)))


# To shrink a failure takes minutes, and edits of one small table are easily read.
@settings(
    max_examples=40,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), table=_TABLE)
def test_no_edit_is_missed_and_what_is_edited_is_as_if_made_so(here: Scene, data: st.DataObject, table: Table) -> None:
    with _undone(here, table):
        edited = here.taken()
        for _ in range(_EDITS):
            before = edited
            sql, after = data.draw(_edits(table))
            here.session.run(sql)
            edited = here.taken()
            assert (compare(before, edited) == ()) == _same(table, after), sql
            table = after
    with _undone(here, table):
        assert compare(edited, here.taken()) == ()
