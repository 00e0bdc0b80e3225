"""What the catalog of a real server says of its tables, and what it costs to ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

from conftest import Role
from dbops.postgres import catalog as reader
from dbops.schema.catalog import schema_of
from dbops.schema.model import Check, Table
from dbops.sql.nodes import Relation
from schema.scene import catalog, ran


def table(dsn: str, name: str = "t") -> Table:
    found = catalog(dsn).table(Relation(None, name))
    assert found is not None
    return found


def test_sizes_are_those_of_table_toast_and_indexes(database: str) -> None:
    ran(
        database,
        "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t SELECT n, repeat(md5(n::text), 100) "
        "FROM generate_series(1, 1000) n; ANALYZE t; CREATE TABLE empty (a int); ANALYZE empty",
    )
    with closing(psycopg.connect(database, connect_timeout=10)) as connection:
        row = connection.execute("SELECT pg_total_relation_size('t')").fetchone()
    known = table(database)
    assert known.rows == 1000
    assert row is not None
    assert known.bytes == row[0] > 0
    assert table(database, "empty").bytes == 0


def test_rows_that_nobody_counted_are_not_known(database: str) -> None:
    ran(database, "CREATE TABLE t (a int) WITH (autovacuum_enabled = off); INSERT INTO t VALUES (1)")
    assert table(database).rows is None
    assert table(database).bytes == 8192


def test_a_partitioned_table_is_as_large_as_its_partitions(database: str) -> None:
    ran(
        database,
        "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);"
        "CREATE TABLE t2 PARTITION OF t DEFAULT PARTITION BY LIST (a); CREATE TABLE t21 PARTITION OF t2 DEFAULT;"
        "INSERT INTO t SELECT n % 3 FROM generate_series(1, 300) n; ANALYZE t1; ANALYZE t21;"
        "CREATE TABLE none (a int) PARTITION BY LIST (a); CREATE VIEW v AS SELECT a FROM t",
    )
    known = table(database)
    assert known.has_children
    assert (known.kind, known.rows) == ("partitioned", 300)
    assert known.bytes == 16384
    assert (table(database, "none").rows, table(database, "none").bytes) == (0, 0)
    assert (table(database, "v").rows, table(database, "v").bytes) == (None, None)


def test_a_role_without_privileges_reads_all(database: str, role: Callable[..., Role]) -> None:
    ran(
        database,
        "CREATE SCHEMA s; CREATE TABLE s.t (a int PRIMARY KEY DEFAULT 1, b text CHECK (b <> ''));"
        "INSERT INTO s.t VALUES (1); CREATE INDEX ON s.t (lower(b)) WHERE a > 0; REVOKE ALL ON SCHEMA s FROM PUBLIC",
    )
    assert catalog(role().dsn(database)).tables == catalog(database).tables != {}


@pytest.mark.parametrize("lock", ["LOCK TABLE t", "REINDEX INDEX t_pkey", "CLUSTER t USING t_pkey"])
def test_a_locked_table_is_read_without_waiting(database: str, lock: str) -> None:
    ran(
        database,
        "CREATE TABLE t (id int PRIMARY KEY DEFAULT 7, a text CHECK (a <> ''));"
        "CREATE INDEX ON t (lower(a)) WHERE id > 3; INSERT INTO t SELECT n, 'x' FROM generate_series(1, 5000) n;"
        "VACUUM ANALYZE t; CREATE TABLE u (a int DEFAULT 3)",
    )
    before = table(database)
    with closing(psycopg.connect(database, connect_timeout=10)) as connection:
        connection.execute(lock)
        started = time.monotonic()
        during, beside = table(database), table(database, "u")
        assert time.monotonic() - started < reader._LOCK_TIMEOUT
    assert during.column("id") is not None
    assert [each.default is None for each in during.columns] == [False, True]
    assert [(each.name, each.columns, each.partial) for each in during.indexes] == [
        (each.name, each.columns, each.partial) for each in before.indexes
    ]
    assert during.checks == (Check("t_a_check", ""),)
    assert during.rows == 5000
    assert during.bytes is not None
    assert before.bytes is not None
    assert before.bytes / 2 < during.bytes <= before.bytes
    assert beside.columns[0].default == "3"


def test_a_lock_that_comes_in_between_leads_to_a_careful_second_reading(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(database, "CREATE TABLE t (a int DEFAULT 1)")
    monkeypatch.setattr(reader, "_LOCK_TIMEOUT", 1.0)
    asked: list[bool] = []
    render = reader.render

    def blind(name: str, /, **values: Any) -> str:
        asked.append(values["careful"])
        return render(name, **values).replace("'AccessExclusiveLock'", "'none'")

    monkeypatch.setattr(reader, "render", blind)
    with closing(psycopg.connect(database, connect_timeout=10)) as connection:
        connection.execute("LOCK TABLE t")
        (column,) = table(database).columns
    assert asked == [False, True]
    assert column.default == ""


def test_the_search_path_is_the_sessions_own(database: str) -> None:
    ran(database, "CREATE SCHEMA s; CREATE TABLE s.t (a int)")
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET search_path = missing, s, public')
    schema = catalog(database)
    assert schema.search_path == ("s", "public")
    assert schema.complete
    assert schema.table(Relation(None, "t")) is schema.tables[Relation("s", "t")]


def test_a_check_of_not_null_is_known_also_for_a_column_named_like_a_key_word(database: str) -> None:
    ran(database, 'CREATE TABLE t ("order" int CHECK ("order" IS NOT NULL), a int CHECK (a IS NULL), "X" int)')
    ran(database, 'ALTER TABLE t ADD CHECK ("X" IS NOT NULL) NOT VALID')
    checks = {check.name: (check.not_null, check.validated) for check in table(database).checks}
    assert checks == {"t_order_check": ("order", True), "t_a_check": (None, True), "t_X_check": ("X", False)}


def test_postgresqls_own_schemas_are_left_out(database: str) -> None:
    assert catalog(database).tables == {}
    assert catalog(database).types == {}


def test_a_failed_concurrent_build_leaves_an_index_that_is_no_key(database: str) -> None:
    ran(database, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ran(database, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    (index,) = table(database).indexes
    assert not index.valid
    assert table(database).keys == ()


def test_a_document_of_nothing_is_an_empty_schema() -> None:
    schema = schema_of({"tables": [], "types": [], "search_path": []})
    assert (schema.tables, schema.types, schema.search_path, schema.complete) == ({}, {}, (), True)
