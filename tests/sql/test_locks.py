from __future__ import annotations

import pytest

from dbops.sql.locks import Lock, Mode, taken
from dbops.sql.split import split

AE, SRE, SUE = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"
AS, RS, RE = "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"


def locks(statement: str) -> dict[str, str]:
    (found,) = split(statement)
    return {lock.relation: str(lock.mode) for lock in taken(found.node).locks}


def unknown(statement: str) -> str | None:
    (found,) = split(statement)
    return taken(found.node).unknown


@pytest.mark.parametrize(
    ("mode", "blocks"),
    [
        (AS, "nothing but other DDL"),
        (RS, "nothing but other DDL"),
        (RE, "nothing but other DDL"),
        (SUE, "nothing but other DDL"),
        ("SHARE", "writes"),
        (SRE, "writes"),
        ("EXCLUSIVE", "writes"),
        (AE, "reads and writes"),
    ],
)
def test_a_mode_says_what_it_blocks(mode: str, blocks: str):
    assert Mode(mode).blocks == blocks


def test_modes_are_as_strong_as_postgresqls_numbers():
    assert [mode.strength for mode in Mode] == list(range(1, 9))


def test_the_strongest_lock_comes_first_and_each_relation_once():
    (found,) = split("ALTER TABLE s.t VALIDATE CONSTRAINT c, ADD FOREIGN KEY (a) REFERENCES o, ADD b int REFERENCES o")
    result = taken(found.node)
    assert result.strongest == Lock(Mode.ACCESS_EXCLUSIVE, "s.t")
    assert result.locks == (result.strongest, Lock(Mode.SHARE_ROW_EXCLUSIVE, "o"))


def test_a_statement_without_locks_has_no_strongest():
    (found,) = split("CREATE TABLE new (id int)")
    assert (taken(found.node).strongest, taken(found.node).unknown) == (None, None)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE INDEX ON t (a)", {"t": "SHARE"}),
        ("CREATE INDEX CONCURRENTLY ON t (a)", {"t": SUE}),
        ("DROP INDEX i", {"i": AE, "the table of index i": AE}),
        ("DROP INDEX CONCURRENTLY s.i", {"s.i": SUE, "the table of index s.i": SUE}),
        ("REINDEX INDEX i", {"i": AE, "the table of index i": "SHARE"}),
        ("REINDEX TABLE CONCURRENTLY t", {"t": SUE, "the indexes of t": SUE}),
        ("VACUUM t", {"t": SUE}),
        ("VACUUM (FULL) t", {"t": AE}),
        ("VACUUM (FULL off) t", {"t": SUE}),
        ("VACUUM", {"every table of the database": SUE}),
        ("ALTER TABLE t ADD c int", {"t": AE}),
        ("ALTER TABLE t ADD c int REFERENCES t", {"t": AE}),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES s.o", {"t": SRE, "s.o": SRE}),
        ("ALTER TABLE t ADD CHECK (a > 0) NOT VALID", {"t": AE}),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", {"t": SUE}),
        ("ALTER TABLE t DISABLE TRIGGER ALL", {"t": SRE}),
        ("ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = off)", {"t": SUE}),
        ("ALTER TABLE t SET (fillfactor = 70, user_catalog_table)", {"t": AE}),
        ("ALTER TABLE t RESET (extension_option)", {"t": AE}),
        ("ALTER TABLE t ALTER a SET STATISTICS 5, ALTER b SET DEFAULT 1", {"t": AE}),
        ("ALTER TABLE p ATTACH PARTITION c DEFAULT", {"p": SUE, "c": AE}),
        ("ALTER TABLE p DETACH PARTITION c", {"p": AE, "c": AE}),
        ("ALTER TABLE p DETACH PARTITION c CONCURRENTLY", {"p": SUE, "c": AE}),
        ("ALTER INDEX i RENAME TO j", {"i": SUE}),
        ("ALTER TABLE t RENAME TO u", {"t": AE}),
        ("COMMENT ON COLUMN s.t.a IS 'x'", {"s.t": SUE}),
        ("LOCK TABLE t, u IN SHARE MODE", {"t": "SHARE", "u": "SHARE"}),
        ("CREATE TABLE n (id int REFERENCES o, up int REFERENCES n)", {"o": SRE}),
        ("CREATE OR REPLACE VIEW v AS SELECT f(a) FROM t", {"v": AE, "t": AS}),
        ("SELECT * FROM t, s.u", {"t": AS, "s.u": AS}),
        ("SELECT * FROM a JOIN b x ON true FOR SHARE OF x", {"a": AS, "b": RS}),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {"t": AS}),
        ("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT * FROM t) SELECT * FROM t", {}),
        ("WITH c AS (SELECT 1), d AS (SELECT * FROM c) SELECT * FROM d, s.c", {"s.c": AS}),
        ("WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t", {"t": RE}),
        ("WITH d AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM d", {"a": RE, "b": RE}),
        ("INSERT INTO t VALUES ((SELECT max(id) FROM u))", {"t": RE, "u": AS}),
        ("SELECT * INTO n FROM t", {"t": AS}),
        ("CREATE TABLE n AS SELECT * FROM t", {"t": AS}),
        ("EXPLAIN CREATE TABLE n AS SELECT * FROM t", {"t": AS}),
        ("COPY t FROM '/f'", {"t": RE}),
        ("CREATE POLICY p ON t USING (a IN (SELECT id FROM u))", {"t": AE, "u": AS}),
        ("CREATE SCHEMA s CREATE TABLE n (a int REFERENCES o)", {"o": SRE}),
        ("ALTER DOMAIN d ADD CHECK (VALUE > 0)", {"the tables with columns of domain d": "SHARE"}),
        ("ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID", {}),
    ],
)
def test_the_locks_of_a_statement(statement: str, expected: dict[str, str]):
    assert locks(statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "DO 'BEGIN END'",
        "CALL p()",
        "EXECUTE p",
        "SELECT f()",
        "SELECT s.lower('A')",
        "SELECT nextval('s')",
        "UPDATE t SET a = f(b)",
        "CREATE TABLE n AS SELECT f()",
        "DROP SCHEMA s CASCADE",
        "DROP TABLE t",
        "DROP OWNED BY r",
        "REASSIGN OWNED BY r TO q",
        "TRUNCATE t CASCADE",
        "ALTER TABLE t DROP COLUMN a",
        "ALTER TABLE t DROP CONSTRAINT c",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "ALTER TABLE p ATTACH PARTITION c DEFAULT",
        "ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b",
        "REFRESH MATERIALIZED VIEW m",
        "CREATE EXTENSION x",
        "DROP EXTENSION x",
        "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "FETCH c",
    ],
)
def test_what_the_text_cannot_tell_is_unknown(statement: str):
    assert unknown(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*), pg_catalog.lower('A') FROM t",
        "INSERT INTO t VALUES (now())",
        "CREATE VIEW v AS SELECT f() FROM t",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN END'",
        "SET lock_timeout = '1s'",
        "CREATE ROLE r",
        "ALTER TYPE e ADD VALUE 'x'",
        "DROP FUNCTION f()",
        "CREATE TYPE t AS (a int)",
        "ALTER TABLE t ADD c int",
        "REFRESH MATERIALIZED VIEW m WITH NO DATA",
        "SET CONSTRAINTS ALL DEFERRED",
        "BEGIN",
    ],
)
def test_what_the_text_tells_is_not_called_unknown(statement: str):
    assert unknown(statement) is None


def test_a_statement_too_deep_to_read_has_unknown_locks():
    assert taken(None).locks == ()
    assert taken(None).unknown


def test_every_kind_of_statement_of_the_grammar_is_either_handled_or_known_to_lock_nothing():
    from postgast import pg_query_pb2

    from dbops.sql import locks as room

    fields = pg_query_pb2.Node.DESCRIPTOR.fields
    kinds = {field.message_type.name for field in fields if field.message_type.name.endswith("Stmt")}
    parts = {"RawStmt", "SetOperationStmt", "ReturnStmt", "PLAssignStmt", "ReplicaIdentityStmt"}  # within statements
    known = room._HANDLERS.keys() | room._WHY_UNKNOWN.keys() | room._NO_RELATION
    assert kinds - parts == known
