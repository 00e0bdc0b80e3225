"""What a server says of tables and conditions, and what of it is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from dbops.explain.advise.facts import facts_of
from dbops.postgres import columns
from dbops.postgres.columns import Ask
from dbops.postgres.errors import ServerError
from dbops.sql.nodes import Relation
from explain.advise.shop import Visit, visit

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, name text, plain text COLLATE "C", "Odd ""name" int, secret text);
INSERT INTO t SELECT i, 'n' || i % 10, 'p', i, 'classified' FROM generate_series(1, 1000) AS i;
CREATE INDEX t_down ON t (name DESC, lower(plain) text_pattern_ops NULLS FIRST) INCLUDE (secret) WHERE id > 5;
CREATE UNIQUE INDEX t_odd ON t ("Odd ""name");
CREATE INDEX t_collated ON t (plain COLLATE "POSIX");
CREATE TABLE p (at date, k int) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO p SELECT date '2024-01-01' + i % 700, i % 7 FROM generate_series(1, 7000) AS i;
CREATE TABLE fresh (a int) WITH (autovacuum_enabled = off);
CREATE FUNCTION own(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION own(text) RETURNS text STABLE LANGUAGE sql AS 'SELECT $1';
"""
T, P, FRESH = (Relation("public", name) for name in ("t", "p", "fresh"))


@pytest.fixture
def session(database: str) -> Iterator[Visit]:
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(TABLES)
        connection.execute("ANALYZE t, p1, p2")
    with visit(database) as found:
        yield found


def test_tables_columns_and_indexes_are_told(session: Visit) -> None:
    known = facts_of(columns.facts(session.session, [T, P, FRESH], ["lower", "now", "random", "own", "text", "none"]))
    table = known.table(T)
    assert (table.rows, table.column("id").distinct, table.column("name").values(table.rows)) == (1000, -1, 10)
    assert (table.column("plain").plain_order, table.column("id").plain_order) == (True, None)
    assert table.column('Odd "name').correlation == 1
    assert known.table(FRESH).rows is None
    assert known.table(FRESH).pages is None
    assert known.table(Relation("public", "nobody")).rows is None
    assert known.functions == {
        "lower": "immutable", "now": "stable", "random": "volatile", "own": "stable", "text": "stable"
    }  # fmt: skip


def test_indexes_are_told_with_all_that_decides_what_they_can_do(session: Visit) -> None:
    found = {each.name: each for each in facts_of(columns.facts(session.session, [T], [])).table(T).indexes}
    down = found["t_down"]
    assert [key.column for key in down.keys] == ["name", None]
    assert [(key.descending, key.nulls_first, key.opclass) for key in down.keys] == [
        (True, True, None),
        (False, True, "text_pattern_ops"),
    ]
    assert (down.include, down.predicate, down.unique, down.needed) == (("secret",), "id > 5", False, False)
    assert found["t_pkey"].needed
    assert found["t_odd"].needed
    assert found["t_collated"].collated
    assert not down.collated


def test_a_partitioned_table_has_the_rows_of_its_partitions_and_statistics_of_the_largest(session: Visit) -> None:
    table = facts_of(columns.facts(session.session, [P], [])).table(P)
    assert table.rows == 7000
    assert {leaf.name.name for leaf in table.leaves} == {"p1", "p2"}
    assert table.column("k").distinct == 7


def test_no_value_of_a_row_is_asked_for(session: Visit) -> None:
    assert "classified" not in json.dumps(columns.facts(session.session, [T], []))


def test_the_planner_says_how_many_rows_meet_a_condition(session: Visit) -> None:
    every, few, wrong, of_another = (
        Ask(T, "x", condition) for condition in ("true", "x.name = 'n1' -- ;", "x.name = 5", "y.name = 'n1'")
    )
    found = columns.expected_rows(session.session, [every, few, wrong, of_another])
    assert found == {every: 1000, few: 100}
    assert columns.expected_rows(session.session, []) == {}
    assert not session.session.in_transaction


def test_a_lock_is_not_waited_for(session: Visit, database: str) -> None:
    with closing(psycopg.connect(database, connect_timeout=10)) as other:
        other.execute("LOCK TABLE t")
        with pytest.raises(ServerError, match="lock timeout"):
            columns.expected_rows(session.session, [Ask(T, "x", "true")])
    assert not session.session.in_transaction
