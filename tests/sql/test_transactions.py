from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors

from dbops.sql.split import split
from dbops.sql.transactions import control, enum_value_added, may_commit, outside_transaction, unwrap
from sql.scene import SCENE


def node(statement: str) -> Any:
    (found,) = split(statement)
    return found.node


@pytest.mark.parametrize(
    ("statement", "command"),
    [
        ("BEGIN", "BEGIN"),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN"),
        ("START TRANSACTION", "START TRANSACTION"),
        ("COMMIT AND CHAIN", "COMMIT"),
        ("END", "COMMIT"),
        ("ROLLBACK", "ROLLBACK"),
        ("ABORT", "ROLLBACK"),
        ("SAVEPOINT a", "SAVEPOINT"),
        ("RELEASE a", "RELEASE SAVEPOINT"),
        ("ROLLBACK TO a", "ROLLBACK TO SAVEPOINT"),
        ("PREPARE TRANSACTION 'a'", "PREPARE TRANSACTION"),
        ("COMMIT PREPARED 'a'", None),
        ("SET TRANSACTION READ ONLY", None),
        ("SELECT 'BEGIN'", None),
        ("DO 'BEGIN COMMIT; END'", None),
    ],
)
def test_transaction_control_is_named(statement: str, command: str | None):
    assert control(node(statement)) == command


def test_a_statement_too_deep_to_read_has_no_facts():
    assert (control(None), outside_transaction(None), enum_value_added(None), may_commit(None)) == (
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize(("statement", "may"), [("CALL p()", True), ("DO 'BEGIN END'", True), ("SELECT p()", False)])
def test_call_and_do_may_commit(statement: str, may: bool):
    assert may_commit(node(statement)) is may


@pytest.mark.parametrize(
    ("statement", "added"),
    [
        ("ALTER TYPE e ADD VALUE 'x'", ("e", "x")),
        ("ALTER TYPE \"S\".e ADD VALUE IF NOT EXISTS 'it''s' BEFORE 'y'", ('"S".e', "it's")),
        ("ALTER TYPE e RENAME VALUE 'a' TO 'x'", None),
        ("CREATE TYPE e AS ENUM ('x')", None),
    ],
)
def test_an_added_enum_value_is_known(statement: str, added: tuple[str, str] | None):
    assert enum_value_added(node(statement)) == added


SUBSCRIPTION = "CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub, old WITH (connect = false)"
REFUSED = [
    ("CREATE INDEX CONCURRENTLY ON t (a)", ""),
    ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_b ON t (b)", ""),
    ("DROP INDEX CONCURRENTLY t_b", ""),
    ("REINDEX INDEX CONCURRENTLY t_b", ""),
    ("REINDEX (VERBOSE, CONCURRENTLY) TABLE t", ""),
    ("REINDEX (CONCURRENTLY on) TABLE t", ""),
    ("REINDEX SCHEMA sc", ""),
    ("REINDEX SCHEMA CONCURRENTLY sc", ""),
    ("REINDEX DATABASE postgres", ""),
    ("REINDEX SYSTEM postgres", ""),
    ("CREATE DATABASE another", ""),
    ("DROP DATABASE IF EXISTS another", ""),
    ("ALTER DATABASE postgres SET TABLESPACE pg_default", ""),
    ("CREATE TABLESPACE ts LOCATION '/nowhere'", ""),
    ("DROP TABLESPACE ts", ""),
    ("COMMIT PREPARED 'a'", ""),
    ("ROLLBACK PREPARED 'a'", ""),
    ("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", ""),
    ("VACUUM", ""),
    ("VACUUM FULL t", ""),
    ("VACUUM (ANALYZE) t", ""),
    ("ALTER SYSTEM SET work_mem = '4MB'", ""),
    ("ALTER SYSTEM RESET ALL", ""),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub", ""),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub WITH (create_slot)", ""),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub WITH (connect = true, enabled = off)", ""),
    ("DROP SUBSCRIPTION sub", SUBSCRIPTION),
    ("ALTER SUBSCRIPTION sub REFRESH PUBLICATION", f"{SUBSCRIPTION}; ALTER SUBSCRIPTION sub ENABLE"),
    ("ALTER SUBSCRIPTION sub SET PUBLICATION pub2", f"{SUBSCRIPTION}; ALTER SUBSCRIPTION sub ENABLE"),
    ("ALTER SUBSCRIPTION sub ADD PUBLICATION pub2 WITH (copy_data)", f"{SUBSCRIPTION}; ALTER SUBSCRIPTION sub ENABLE"),
    ("ALTER SUBSCRIPTION sub DROP PUBLICATION old", f"{SUBSCRIPTION}; ALTER SUBSCRIPTION sub ENABLE"),
    ("DISCARD ALL", ""),
    ("CLUSTER", ""),
]
REFUSED_SINCE = {
    "ALTER SUBSCRIPTION sub SET (failover = true)": 170000,
    "ALTER SUBSCRIPTION sub SET (two_phase = false)": 180000,
}
ACCEPTED = [
    ("CREATE INDEX ON t (a)", ""),
    ("DROP INDEX t_b", ""),
    ("REINDEX TABLE t", ""),
    ("REINDEX (CONCURRENTLY false) TABLE t", ""),
    ("REINDEX (CONCURRENTLY off) INDEX t_b", ""),
    ("ALTER DATABASE postgres CONNECTION LIMIT 50", ""),
    ("ALTER TABLE p DETACH PARTITION p1", ""),
    ("ANALYZE", ""),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub WITH (connect = off)", ""),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=/nowhere' PUBLICATION pub WITH (connect = 0, create_slot = 'off')", ""),
    ("ALTER SUBSCRIPTION sub SET PUBLICATION pub2 WITH (refresh = false)", SUBSCRIPTION),
    ("ALTER SUBSCRIPTION sub SET (slot_name = NONE)", SUBSCRIPTION),
    ("ALTER SUBSCRIPTION sub CONNECTION 'host=/elsewhere'", SUBSCRIPTION),
    ("DISCARD PLANS", ""),
    ("CLUSTER t", ""),
    ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", ""),
    ("ALTER TYPE e ADD VALUE 'x'", ""),
    ("CHECKPOINT", ""),
]


@pytest.mark.parametrize("statement", [statement for statement, _ in REFUSED] + list(REFUSED_SINCE))
def test_a_statement_that_refuses_a_transaction_is_known(statement: str):
    assert outside_transaction(node(statement))


@pytest.mark.parametrize("statement", [statement for statement, _ in ACCEPTED])
def test_a_statement_that_accepts_a_transaction_is_known(statement: str):
    assert outside_transaction(node(statement)) is None


def outcome(database: str, statement: str, before: str) -> type[Exception] | None:
    """Run the statement inside a transaction block that is rolled back; return the error it raised."""
    with psycopg.connect(database) as connection:
        if before:
            connection.execute(before)
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            return type(error)
        finally:
            connection.rollback()
    return None


def test_postgresql_refuses_in_a_transaction_what_is_said_to_be_refused(database: str):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCENE)
        version = connection.info.server_version
    since = [(statement, SUBSCRIPTION) for statement, least in REFUSED_SINCE.items() if version >= least]
    assert {statement: outcome(database, statement, before) for statement, before in REFUSED + since} == {
        statement: errors.ActiveSqlTransaction for statement, _ in REFUSED + since
    }


def test_postgresql_accepts_in_a_transaction_what_is_said_to_be_accepted(database: str):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCENE)
    assert {statement: outcome(database, statement, before) for statement, before in ACCEPTED} == {
        statement: None for statement, _ in ACCEPTED
    }


def unwrapped(sql: str) -> tuple[str, list[str]]:
    bare, statements = unwrap(sql, split(sql))
    assert len(bare) == len(sql)
    assert statements == split(bare)
    return bare, [statement.text for statement in statements]


@pytest.mark.parametrize(
    ("begin", "commit"), [("BEGIN", "COMMIT"), ("START TRANSACTION", "END"), ("begin work", "commit work")]
)
def test_one_outer_transaction_is_taken_off_and_offsets_stay(begin: str, commit: str):
    sql = f"-- é\n{begin};\nSELECT 'ü';\n\nSELECT 2;\n{commit} ;\n"
    bare, texts = unwrapped(sql)
    assert texts == ["SELECT 'ü'", "SELECT 2"]
    assert bare == sql.replace(begin + ";", " " * (len(begin) + 1)).replace(commit + " ;", " " * (len(commit) + 2))


def test_comments_between_a_taken_off_statement_and_its_semicolon_stay():
    bare, texts = unwrapped("BEGIN -- go;\n ; SELECT 1; COMMIT /* done */")
    assert bare == "      -- go;\n   SELECT 1;        /* done */"
    assert texts == ["SELECT 1"]


def test_lines_stay_when_a_taken_off_statement_has_several():
    assert unwrapped("BEGIN\nWORK; COMMIT") == ("     \n            ", [])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "",
        "BEGIN",
        "BEGIN; SELECT 1",
        "SELECT 1; COMMIT",
        "BEGIN; SELECT 1; ROLLBACK",
        "BEGIN; SELECT 1; COMMIT; SELECT 2",
        "BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT",
        "BEGIN; SAVEPOINT a; COMMIT",
        "BEGIN; SELECT 1; COMMIT AND CHAIN",
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT",
        "START TRANSACTION READ ONLY; SELECT 1; COMMIT",
        "SELECT 1; BEGIN; COMMIT",
    ],
)
def test_any_other_text_stays_as_it_is(sql: str):
    statements = split(sql)
    assert unwrap(sql, statements) == (sql, statements)
