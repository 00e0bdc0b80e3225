"""The locks that `taken` claims, against those that PostgreSQL takes."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from dbops.sql.locks import Locks, Mode, taken
from dbops.sql.split import split
from sql.scene import SCENE

# Run inside a transaction; then pg_locks is read.
STATEMENTS = """
CREATE INDEX ON t (a)
CREATE UNIQUE INDEX ON free (c)
CREATE INDEX ON m (id)
DROP INDEX t_b
DROP TABLE free
DROP TABLE t CASCADE
DROP TABLE p1
DROP TABLE child
DROP VIEW v
DROP MATERIALIZED VIEW m
DROP SEQUENCE s
DROP TRIGGER trg ON t
DROP RULE r ON t
DROP POLICY pol ON t
DROP STATISTICS st
DROP FUNCTION f CASCADE
DROP FUNCTION touch_o
DROP DOMAIN d CASCADE
DROP TYPE ct
DROP PUBLICATION pub
DROP SCHEMA sc
ALTER STATISTICS st SET STATISTICS 100
ALTER STATISTICS st RENAME TO x
CREATE STATISTICS x ON a, id FROM t
TRUNCATE t
TRUNCATE o CASCADE
TRUNCATE free RESTART IDENTITY
CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()
CREATE CONSTRAINT TRIGGER x AFTER INSERT ON t FROM o FOR EACH ROW EXECUTE FUNCTION f()
ALTER TRIGGER trg ON t RENAME TO x
ALTER TRIGGER trg ON t DEPENDS ON EXTENSION plpgsql
ALTER INDEX t_b RENAME TO x
ALTER TABLE t_b RENAME TO x
ALTER INDEX t_b SET (fillfactor = 50)
ALTER INDEX t_b SET TABLESPACE pg_default
ALTER INDEX p_i ATTACH PARTITION p1_i
ALTER INDEX t_b DEPENDS ON EXTENSION plpgsql
ALTER VIEW v RENAME TO x
ALTER VIEW v RENAME COLUMN a TO x
ALTER VIEW v ALTER COLUMN a SET DEFAULT 1
ALTER VIEW v SET (security_barrier)
ALTER VIEW v SET SCHEMA sc
ALTER VIEW v OWNER TO CURRENT_USER
ALTER MATERIALIZED VIEW m RENAME TO x
ALTER MATERIALIZED VIEW m CLUSTER ON m_i
ALTER MATERIALIZED VIEW m DEPENDS ON EXTENSION plpgsql
ALTER SEQUENCE s RESTART
ALTER SEQUENCE s OWNED BY t.a
ALTER SEQUENCE s RENAME TO x
ALTER SEQUENCE s SET SCHEMA sc
ALTER SEQUENCE s OWNER TO CURRENT_USER
CREATE SEQUENCE x OWNED BY t.a
CREATE SEQUENCE x OWNED BY NONE
CREATE POLICY x ON t USING (a IN (SELECT id FROM o))
ALTER POLICY pol ON t USING (true)
ALTER POLICY pol ON t RENAME TO x
CREATE RULE x AS ON DELETE TO t DO ALSO INSERT INTO o VALUES (touch_o())
CREATE OR REPLACE RULE r AS ON UPDATE TO t DO ALSO NOTHING
ALTER RULE r ON t RENAME TO x
COMMENT ON TABLE t IS 'x'
COMMENT ON COLUMN t.a IS 'x'
COMMENT ON INDEX t_b IS 'x'
COMMENT ON VIEW v IS 'x'
COMMENT ON MATERIALIZED VIEW m IS 'x'
COMMENT ON SEQUENCE s IS 'x'
COMMENT ON CONSTRAINT ck ON t IS 'x'
COMMENT ON TRIGGER trg ON t IS 'x'
COMMENT ON RULE r ON t IS 'x'
COMMENT ON POLICY pol ON t IS 'x'
COMMENT ON STATISTICS st IS 'x'
COMMENT ON TYPE e IS 'x'
ANALYZE t
ANALYZE
CLUSTER t
CLUSTER t USING t_b
REINDEX TABLE t
REINDEX INDEX t_b
REFRESH MATERIALIZED VIEW m
REFRESH MATERIALIZED VIEW m WITH NO DATA
REFRESH MATERIALIZED VIEW CONCURRENTLY m
LOCK TABLE t
LOCK TABLE t IN SHARE MODE
LOCK TABLE t, o IN ROW SHARE MODE
GRANT SELECT ON t TO PUBLIC
REVOKE SELECT ON t FROM PUBLIC
GRANT USAGE ON SEQUENCE s TO PUBLIC
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC
SELECT * FROM t
TABLE t
VALUES (1)
SELECT count(*), max(lower(b)) FROM t
SELECT touch_o()
SELECT nextval('s')
SELECT * FROM t FOR UPDATE
SELECT * FROM t JOIN o x ON true FOR NO KEY UPDATE OF x
SELECT * FROM (SELECT * FROM free) q FOR SHARE
WITH t AS (SELECT * FROM t) SELECT * FROM t
WITH RECURSIVE o AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM o WHERE n < 3) SELECT * FROM o
WITH gone AS (DELETE FROM o2 RETURNING *) SELECT * FROM gone
WITH o2 AS (SELECT 5 AS id) INSERT INTO o2 SELECT id FROM o2
INSERT INTO o VALUES (99)
INSERT INTO o2 SELECT id FROM t
UPDATE o2 SET id = t.id FROM t WHERE t.id = o2.id
DELETE FROM o2 USING o WHERE o.id = o2.id
SELECT * INTO x FROM t
COPY free FROM '/dev/null'
COPY t TO '/dev/null'
COPY (SELECT * FROM t) TO '/dev/null'
CREATE TABLE x (id int)
CREATE TABLE x (LIKE t INCLUDING ALL)
CREATE TABLE x () INHERITS (parent)
CREATE TABLE x PARTITION OF p FOR VALUES IN (7)
CREATE TABLE x PARTITION OF lone FOR VALUES IN (7)
CREATE TABLE x OF ct
CREATE TABLE x (i int REFERENCES o)
CREATE TABLE x (id int PRIMARY KEY, up int REFERENCES x, FOREIGN KEY (up) REFERENCES o2 (id))
CREATE TABLE x AS SELECT * FROM t
CREATE MATERIALIZED VIEW x AS SELECT * FROM t
CREATE VIEW x AS SELECT touch_o() FROM t
CREATE OR REPLACE VIEW v AS SELECT * FROM t
CREATE SCHEMA x CREATE TABLE y (i int REFERENCES o)
CREATE FUNCTION x() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t'
CREATE FUNCTION x() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN count(*) FROM t; END'
CREATE PROCEDURE x() LANGUAGE sql AS 'INSERT INTO o VALUES (1)'
CREATE PUBLICATION x FOR TABLE t
CREATE PUBLICATION x FOR ALL TABLES
ALTER PUBLICATION pub ADD TABLE t
ALTER PUBLICATION pub SET TABLE t
ALTER PUBLICATION pub DROP TABLE o
ALTER DOMAIN d ADD CHECK (VALUE > 0)
ALTER DOMAIN d ADD CHECK (VALUE > 0) NOT VALID
ALTER DOMAIN d SET NOT NULL
ALTER DOMAIN d SET DEFAULT 1
ALTER TYPE ct ADD ATTRIBUTE b int
ALTER TYPE ct RENAME ATTRIBUTE a TO b
ALTER TYPE ct RENAME TO x
ALTER TYPE ct OWNER TO CURRENT_USER
ALTER TYPE ct SET SCHEMA sc
ALTER TYPE e ADD VALUE 'b'
ALTER TYPE e RENAME VALUE 'a' TO 'b'
ALTER TABLE t RENAME TO x
ALTER TABLE t RENAME a TO x
ALTER TABLE t RENAME CONSTRAINT ck TO x
ALTER TABLE t SET SCHEMA sc
ALTER TABLE t OWNER TO CURRENT_USER
ALTER TABLE t ADD c int
ALTER TABLE t ADD c int REFERENCES o2
ALTER TABLE t ADD c float DEFAULT random()
ALTER TABLE t ALTER a SET DEFAULT 1
ALTER TABLE t ALTER a SET NOT NULL
ALTER TABLE t ALTER a DROP NOT NULL
ALTER TABLE t ALTER a SET STATISTICS 10
ALTER TABLE t ALTER a SET (n_distinct = 5)
ALTER TABLE t ALTER a RESET (n_distinct)
ALTER TABLE t ALTER b SET STORAGE EXTERNAL
ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY
ALTER TABLE free ALTER a TYPE bigint
ALTER TABLE free DROP c
ALTER TABLE t ADD CHECK (a > 0) NOT VALID
ALTER TABLE t ADD UNIQUE (b)
ALTER TABLE free ADD CONSTRAINT x UNIQUE USING INDEX free_a
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES o2
ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES o2 NOT VALID
ALTER TABLE t VALIDATE CONSTRAINT ck
ALTER TABLE t VALIDATE CONSTRAINT t_p
ALTER TABLE t ALTER CONSTRAINT t_o DEFERRABLE
ALTER TABLE t DROP CONSTRAINT ck
ALTER TABLE t DROP CONSTRAINT t_o
ALTER TABLE t DROP COLUMN b CASCADE
ALTER TABLE t DISABLE TRIGGER trg
ALTER TABLE t DISABLE TRIGGER USER
ALTER TABLE t ENABLE TRIGGER ALL
ALTER TABLE t ENABLE REPLICA TRIGGER trg
ALTER TABLE t ENABLE ALWAYS TRIGGER trg
ALTER TABLE t DISABLE RULE r
ALTER TABLE t CLUSTER ON t_b
ALTER TABLE t SET WITHOUT CLUSTER
ALTER TABLE free SET UNLOGGED
ALTER TABLE t SET TABLESPACE pg_default
ALTER TABLE t SET (fillfactor = 50)
ALTER TABLE t RESET (fillfactor)
ALTER TABLE t SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)
ALTER TABLE t SET (vacuum_truncate = off, parallel_workers = 2, toast_tuple_target = 200)
ALTER TABLE t SET (log_autovacuum_min_duration = 5, vacuum_index_cleanup = off)
ALTER TABLE t SET (fillfactor = 50, user_catalog_table = on)
ALTER TABLE t REPLICA IDENTITY FULL
ALTER TABLE t ENABLE ROW LEVEL SECURITY
ALTER TABLE free INHERIT parent
ALTER TABLE child NO INHERIT parent
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2)
ALTER TABLE p DETACH PARTITION p1
ALTER TABLE lone ATTACH PARTITION p2 FOR VALUES IN (2)
ALTER TABLE lone DETACH PARTITION lone1
PREPARE x AS SELECT touch_o() FROM t
DECLARE x CURSOR FOR SELECT * FROM t
EXPLAIN SELECT * FROM t
EXPLAIN ANALYZE DELETE FROM o2
DO 'BEGIN PERFORM 1 FROM t; END'
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC
SET CONSTRAINTS ALL DEFERRED
SET LOCAL lock_timeout = '1s'
CREATE TYPE x AS (y t)
CREATE AGGREGATE x (int) (sfunc = int4pl, stype = int)
CREATE CAST (ct AS text) WITH INOUT
ALTER FUNCTION touch_o() RENAME TO x
CREATE FOREIGN DATA WRAPPER x
""".strip().splitlines()

SINCE = {
    "CREATE FUNCTION x() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM t; END": 140000,
    "CREATE OR REPLACE TRIGGER trg AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()": 140000,
    "ALTER TABLE t ALTER b SET COMPRESSION pglz": 140000,
    "MERGE INTO o2 USING o ON o.id = o2.id WHEN MATCHED THEN DELETE": 150000,
    "CREATE PUBLICATION x FOR TABLES IN SCHEMA public": 150000,
    "ALTER TABLE t SET ACCESS METHOD heap": 150000,
    "ALTER SEQUENCE s SET LOGGED": 150000,
    "ALTER TABLE t ADD CONSTRAINT x NOT NULL a": 180000,
}

# What locks.py leaves out: children, views' tables.
LEFT_OUT = {
    "CREATE INDEX ON p (id)": {"p1", "pd"},
    "ALTER TABLE p ADD c int": {"p1", "pd"},
    "ALTER TABLE parent ADD c int": {"child"},
    "LOCK TABLE v": {"t"},
    "SELECT * FROM v": {"t"},
}

RELATIONS = """
SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'I')"
HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
MODES = {mode.title().replace(" ", "") + "Lock": mode for mode in Mode}


def claimed(statement: str) -> Locks:
    (found,) = split(statement)
    return taken(found.node)


def held(connection: psycopg.Connection, statement: str, names: dict[int, str]) -> dict[str, Mode]:
    """Run the statement, undo it, and return the strongest lock it took on each relation that was there before."""
    connection.execute(statement)
    found: dict[str, Mode] = {}
    for oid, lock in connection.execute(HELD):
        name, mode = names.get(oid), MODES[lock]
        if name is not None:
            found[name] = max(mode, found.get(name, mode), key=lambda mode: mode.strength)
    connection.rollback()
    return found


def test_named_locks_are_those_postgresql_takes_and_others_only_where_that_is_said(database: str):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCENE)
        version = connection.info.server_version
        names = dict(connection.execute(RELATIONS).fetchall())
        tables = {name for (name,) in connection.execute(TABLES)}
    statements = [*STATEMENTS, *LEFT_OUT, *(statement for statement, least in SINCE.items() if version >= least)]
    wrong = {}
    with psycopg.connect(database) as connection:
        connection.prepare_threshold = None
        for statement in statements:
            claim = claimed(statement)
            named = {lock.relation: lock.mode for lock in claim.locks if lock.named}
            found = held(connection, statement, names)
            if {name: found.get(name) for name in named} != named and not _grant_of_old(statement, version):
                wrong[statement] = (named, found)
            others = (found.keys() & tables) - named.keys()
            said = claim.unknown is not None or any(not lock.named for lock in claim.locks)
            if others - LEFT_OUT.get(statement, set()) and not said:
                wrong[statement] = (named, found)
            strongest = max((lock.mode.strength for lock in claim.locks), default=0)
            if claim.unknown is None and any(mode.strength > strongest for mode in found.values()):
                wrong[statement] = (named, found)
    assert wrong == {}


def _grant_of_old(statement: str, version: int) -> bool:
    return statement.startswith(("GRANT", "REVOKE")) and version < 180000


ALONE = [
    ("CREATE INDEX CONCURRENTLY ON t (a)", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("DROP INDEX CONCURRENTLY t_b", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("REINDEX TABLE CONCURRENTLY t", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("REINDEX INDEX CONCURRENTLY t_b", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("REINDEX SCHEMA public", "free", Mode.SHARE),
    ("ALTER TABLE lone DETACH PARTITION lone1 CONCURRENTLY", "lone", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("ALTER TABLE lone DETACH PARTITION lone1 CONCURRENTLY", "lone1", Mode.ACCESS_EXCLUSIVE),
    ("VACUUM t", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
    ("VACUUM (FULL) t", "t", Mode.ACCESS_EXCLUSIVE),
    ("VACUUM (FULL off, ANALYZE) t", "t", Mode.SHARE_UPDATE_EXCLUSIVE),
]
# The weakest lock that each mode waits for.
CONFLICTS = {
    Mode.SHARE_UPDATE_EXCLUSIVE: Mode.SHARE_UPDATE_EXCLUSIVE,
    Mode.SHARE: Mode.ROW_EXCLUSIVE,
    Mode.ACCESS_EXCLUSIVE: Mode.ACCESS_SHARE,
}
WAITING = """
SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = %s AND NOT l.granted
"""


@pytest.mark.parametrize(("statement", "table", "mode"), ALONE)
def test_a_statement_that_refuses_a_transaction_waits_for_the_claimed_lock(
    database: str, statement: str, table: str, mode: Mode
):
    assert mode in {lock.mode for lock in claimed(statement).locks if lock.relation == table or not lock.named}
    with (
        psycopg.connect(database, autocommit=True) as watcher,
        psycopg.connect(database) as blocker,
        psycopg.connect(database, autocommit=True) as runner,
    ):
        watcher.execute(SCENE)
        blocker.execute(f"LOCK TABLE {table} IN {CONFLICTS[mode]} MODE")
        thread = threading.Thread(target=runner.execute, args=(statement,))
        thread.start()
        try:
            name, waited_for = _waits_for(watcher, runner.info.backend_pid)
        finally:
            blocker.rollback()
            thread.join()
    assert (name, MODES[waited_for]) == (table, mode)


def _waits_for(watcher: psycopg.Connection, pid: int) -> tuple[str, str]:
    for _ in range(400):
        row = watcher.execute(WAITING, (pid,)).fetchone()
        if row is not None:
            return row
        time.sleep(0.02)
    raise AssertionError("the statement waits for no lock")
