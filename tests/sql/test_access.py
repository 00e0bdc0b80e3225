"""What the statements of a text read and write."""

from __future__ import annotations

import pytest

from dbops.sql.access import accesses, read_by
from dbops.sql.purpose import Purpose

WRITES = {
    "INSERT INTO s.a SELECT * FROM b": {"s.a"},
    "WITH d AS (DELETE FROM o RETURNING id) SELECT * FROM d JOIN c ON true": {"o"},
    "MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE": {"a"},
    "TRUNCATE a, b": {"a", "b"},
    "COPY a FROM STDIN WITH (FORMAT csv)": {"a"},
    "COPY a TO STDOUT": set(),
    "SELECT * FROM a FOR UPDATE": set(),
    "SELECT * FROM a": set(),
    "EXPLAIN UPDATE a SET x = 1": set(),
    "EXPLAIN (ANALYZE, BUFFERS) UPDATE a SET x = 1": {"a"},
    "EXPLAIN ANALYZE UPDATE a SET x = 1": {"a"},
    "PREPARE p AS DELETE FROM a": set(),
    "DECLARE c CURSOR FOR SELECT * FROM a": set(),
}


@pytest.mark.parametrize("sql", WRITES)
def test_what_is_written_is_named(sql: str) -> None:
    (found,) = accesses(sql)
    assert set(found.writes) == WRITES[sql]


@pytest.mark.parametrize("sql", ["DECLARE c CURSOR FOR SELECT * FROM a", "EXPLAIN SELECT * FROM a",
                                 "COPY (SELECT * FROM a) TO STDOUT", "SELECT * FROM a"])  # fmt: skip
def test_the_query_that_a_statement_is_about_is_its_purpose(sql: str) -> None:
    (found,) = accesses(sql)
    assert found.purpose is not None
    assert (found.purpose.relations, found.purpose.refused) == (frozenset({"a"}), None)


def test_a_table_that_is_copied_to_a_client_is_read() -> None:
    assert read_by("COPY s.a TO STDOUT") == Purpose(None, relations=frozenset({"s.a"}))
    assert read_by("COPY (SELECT * FROM a) TO STDOUT").relations == {"a"}


@pytest.mark.parametrize(
    "sql", ["COPY a TO '/tmp/a'", "COPY (SELECT 1) TO PROGRAM 'x'", "COPY a FROM STDIN", "SET a = 1"]
)
def test_what_writes_a_file_or_asks_nothing_is_no_query(sql: str) -> None:
    assert read_by(sql).refused == "it is no query"


@pytest.mark.parametrize("sql", ["SET a = 1", "SHOW a", "FETCH 5 FROM c", "CLOSE c", "DISCARD ALL", "DEALLOCATE x"])
def test_what_a_standby_takes_without_a_query_has_no_purpose(sql: str) -> None:
    (found,) = accesses(sql)
    assert (found.purpose, found.writes, found.control) == (None, frozenset(), None)


@pytest.mark.parametrize(
    "sql", ["COMMIT PREPARED 'x'", "LISTEN x", "CALL p()", "CREATE INDEX ON a (b)", "EXECUTE p(1)"]
)
def test_what_a_standby_refuses_or_nobody_knows_is_no_query(sql: str) -> None:
    (found,) = accesses(sql)
    assert found.purpose is not None
    assert found.purpose.refused == "it is no query"


MODES = {
    "BEGIN": True,
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY": True,
    "START TRANSACTION READ ONLY DEFERRABLE": True,
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ": True,
    "SET statement_timeout = 5": True,
    "BEGIN ISOLATION LEVEL SERIALIZABLE": False,
    "START TRANSACTION READ WRITE": False,
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY": False,
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE": False,
}


@pytest.mark.parametrize("sql", MODES)
def test_a_transaction_that_a_standby_does_not_take_is_refused(sql: str) -> None:
    (found,) = accesses(sql)
    assert (found.purpose is None) is MODES[sql]


def test_statements_of_one_text_are_told_apart() -> None:
    begin, update, end = accesses("BEGIN; UPDATE a SET x = 1; COMMIT AND CHAIN")
    assert (begin.control, end.control, end.chained) == ("BEGIN", "COMMIT", True)
    assert update.writes == {"a"}


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT (", "\x00", "SELECT '\ud800'"])
def test_what_can_not_be_parsed_is_one_unreadable_statement(sql: str) -> None:
    (found,) = accesses(sql)
    assert found.purpose is not None
    assert found.purpose.unreadable is not None


def test_a_text_of_comments_alone_does_nothing() -> None:
    assert accesses("-- nothing\n/* at all */") == ()
