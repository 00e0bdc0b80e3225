"""What fold says it touched is what it touched: rules take a table that came for one that the script made."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql.split import split
from schema.test_fold_generated import POOL


def differing(before: Schema, after: Schema) -> set[object]:
    return {name for name in {*before.tables, *after.tables} if before.tables.get(name) != after.tables.get(name)}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=25))
def test_every_table_that_differs_was_touched(statements: list[str]) -> None:
    schema = EMPTY
    for text in statements:
        for statement in split(text):
            after = fold(schema, statement.node)
            if after is schema:
                continue
            if after.touched is not None:
                assert differing(schema, after) <= set(after.touched)
            schema = after


def test_what_a_statement_before_touched_is_forgotten() -> None:
    schema = EMPTY
    for statement in split("CREATE TABLE t (a int); CREATE TABLE u (a int)"):
        schema = fold(schema, statement.node)
    assert [name.name for name in schema.touched or ()] == ["u"]
