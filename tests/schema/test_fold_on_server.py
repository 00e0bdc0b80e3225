"""What ``fold`` knows after DDL, against the catalog of a server that ran it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from dbops.schema.model import Check, Column, Index, Schema, Table
from dbops.sql.lexer import code
from dbops.sql.nodes import Relation
from schema.scene import catalog, folded, ran, server_version
from schema.scripts import SCRIPTS, SINCE

EXAMPLE = Path(__file__).parents[2] / "sql" / "migrations"


def comparable(schema: Schema, incomplete: frozenset[str] = frozenset()) -> list[str]:
    """Return, a line a thing, what both sides must agree on.

    Sizes are the server's alone; an expression's spelling may differ; of the relations in ``incomplete`` the columns
    are not all known.
    """
    lines = [f"{name}: {kind}" for name, kind in schema.types.items()]
    for table in schema.tables.values():
        if table.name.schema != "pg_temp":
            lines += (f"{table.name}: {each}" for each in _parts(table, str(table.name) not in incomplete))
    return sorted(lines)


def _parts(table: Table, complete: bool) -> Iterator[object]:
    yield f"{table.kind}, child of {sorted(map(str, table.parents))}"
    yield from enumerate(map(_column, table.columns)) if complete else ()
    yield from map(_index, table.indexes)
    yield from table.foreign_keys
    yield from map(_check, table.checks)


def _column(column: Column) -> Column:
    return replace(column, default=None if column.default is None else "some")


def _index(index: Index) -> Index:
    expressions = tuple(map(_plain, index.expressions))
    return replace(index, expressions=expressions, predicate=index.predicate and _plain(index.predicate))


def _check(check: Check) -> Check:
    return replace(check, expression=_plain(check.expression))


def _plain(expression: str) -> str:
    """Return an expression's names, which must be the same, without its blanks, parentheses and casts."""
    text = expression.split("::", maxsplit=1)[0]
    return "".join(text[token.start : token.end] for token in code(text) if text[token.start] not in "()").lower()


def agree(emptied: str, sql: str) -> None:
    known = folded(sql)
    incomplete = frozenset(str(table.name) for table in known.tables.values() if not table.complete)
    assert comparable(known, incomplete) == comparable(catalog(emptied), incomplete)


@pytest.mark.parametrize("sql", SCRIPTS)
def test_fold_knows_what_the_server_does(emptied: str, sql: str) -> None:
    ran(emptied, sql)
    agree(emptied, sql)


@pytest.mark.parametrize("sql", SINCE)
def test_fold_knows_what_newer_servers_do(emptied: str, sql: str) -> None:
    if server_version(emptied) >= SINCE[sql]:
        ran(emptied, sql)
        agree(emptied, sql)
    else:
        with pytest.raises(psycopg.errors.SyntaxError):
            ran(emptied, sql)


def test_partitions_have_identity_as_newer_servers_give_it_to_them(emptied: str) -> None:
    sql = (
        "CREATE TABLE p (a int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k);"
        "CREATE TABLE p1 PARTITION OF p DEFAULT"
    )
    ran(emptied, sql)
    partition, known = (schema.tables[Relation("public", "p1")] for schema in (catalog(emptied), folded(sql)))
    assert known.columns[0].identity
    assert partition.columns[0].identity is (server_version(emptied) >= 170000)


def test_fold_knows_the_example(emptied: str) -> None:
    halves = [path.read_text().split("-- migrate:down") for path in sorted(EXAMPLE.glob("*.sql"))]
    up, down = "\n".join(half[0] for half in halves), "\n".join(half[1] for half in reversed(halves))
    ran(emptied, up)
    assert comparable(folded(up)) == comparable(catalog(emptied))
    ran(emptied, down)
    assert comparable(folded(down, folded(up))) == comparable(catalog(emptied)) == []
