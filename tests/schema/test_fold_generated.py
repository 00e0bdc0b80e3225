"""fold never fails, whatever DDL comes in whatever order."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql.split import SqlSyntaxError, split
from schema.scene import folded
from schema.scripts import SCRIPTS, SINCE
from sql.test_locks_on_server import LEFT_OUT, STATEMENTS

ODD = """
DROP CAST (int AS text)
DROP TRANSFORM FOR int LANGUAGE sql
DROP OPERATOR + (int, int)
DROP AGGREGATE f(int)
DROP OPERATOR CLASS c USING btree
DROP TRIGGER g ON t
DROP TABLE a.b.c, d
DROP SCHEMA s, public CASCADE
CREATE SCHEMA AUTHORIZATION CURRENT_USER CREATE TABLE t (a int)
CREATE SCHEMA IF NOT EXISTS s
CREATE TABLE p PARTITION OF p DEFAULT
CREATE TABLE t () INHERITS (t)
CREATE TABLE p () INHERITS (t)
CREATE TABLE t () INHERITS (p)
CREATE TABLE t OF x (PRIMARY KEY (a), b WITH OPTIONS DEFAULT 1)
CREATE TABLE t ()
CREATE TABLE a.b.c (d a.b.c.e, f g.h[])
CREATE TABLE t (a int, a int, PRIMARY KEY (b), UNIQUE (c), FOREIGN KEY (d) REFERENCES t)
CREATE TABLE t (a int CHECK (t IS NOT NULL), CHECK ((t).a > 0), CHECK (t.* IS NOT NULL), CHECK (true))
CREATE TABLE t (a vector(3), b geometry(Point, 4326), c numeric(3, -2), d interval(9), e "time"(99), f int[][])
CREATE TABLE t AS EXECUTE q (1)
CREATE TABLE t AS VALUES (1)
SELECT INTO t
SELECT *, t.*, a.b.c, (x).y, (SELECT 1), ARRAY(SELECT 1), EXISTS (SELECT), $1 INTO t FROM f(), LATERAL (SELECT) x
SELECT 1 INTO t UNION SELECT 2 UNION SELECT 3
CREATE VIEW v (a, b) AS SELECT 1
CREATE RECURSIVE VIEW v (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM v
CREATE INDEX ON t (((SELECT 1)), (a[1]), ((a).b), (CURRENT_DATE), (xmlelement(name a)), (f()), ("f g"(1)))
CREATE INDEX i ON t (a) WITH (fillfactor = 50) WHERE EXISTS (SELECT)
ALTER TABLE p ATTACH PARTITION t DEFAULT
ALTER TABLE t ATTACH PARTITION p DEFAULT
ALTER TABLE p INHERIT t
ALTER TABLE t INHERIT p
ALTER TABLE t DETACH PARTITION p CONCURRENTLY
ALTER TABLE t DETACH PARTITION p FINALIZE
ALTER TABLE t OF x, NOT OF, SET ACCESS METHOD heap, ALTER a SET STORAGE plain, ALTER 1 SET STATISTICS 3
ALTER TABLE t ADD CHECK (a > 0) NO INHERIT, ADD EXCLUDE USING gist ((a + 1) WITH =, b WITH &&) WHERE (c)
ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (a, b) REFERENCES p (c, d) MATCH FULL ON DELETE SET NULL (a) NOT VALID
ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b
ALTER TYPE x ADD ATTRIBUTE a int, DROP ATTRIBUTE b
ALTER TYPE x RENAME ATTRIBUTE a TO b CASCADE
ALTER DOMAIN d RENAME CONSTRAINT a TO b
ALTER FUNCTION f(int) SET SCHEMA s
ALTER AGGREGATE f(*) RENAME TO g
ALTER EXTENSION e SET SCHEMA s
ALTER SEQUENCE s SET SCHEMA u
ALTER SCHEMA public RENAME TO s
ALTER DATABASE d RENAME TO e
SET search_path = ''
SET search_path TO DEFAULT
SET search_path FROM CURRENT
SET LOCAL search_path = 1, s
RESET ALL
DISCARD ALL
SELECT set_config('search_path', NULL, false), set_config($1, 's', true), set_config()
SELECT set_config('search_path', 's', false)
""".strip().splitlines()

POOL = [
    *ODD,
    *(statement.text for script in (*SCRIPTS, *SINCE) for statement in split(script)),
    *STATEMENTS,
    *LEFT_OUT,
]
NAMES = ("t", "u", "p", "p1", "o", "v", "a", "b", "c", "s", "i", "public.t", "s.t", "pg_temp.t", '"T x"')


def sound(schema: Schema) -> bool:
    """Say whether a schema keeps what it promises of itself."""
    return all(
        name == table.name
        and name.schema is not None
        and len({column.name for column in table.columns}) == len(table.columns)
        and len({index.name for index in table.indexes}) == len(table.indexes)
        for name, table in schema.tables.items()
    )


def test_odd_statements_fold() -> None:
    for known in (EMPTY, folded("CREATE TABLE t (a int); CREATE TABLE p (a int) PARTITION BY LIST (a)")):
        schema = known
        for text in ODD * 2:
            for statement in split(text):
                fold(known, statement.node)
                schema = fold(schema, statement.node)
        assert sound(schema)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=25))
def test_statements_in_any_order_fold(statements: list[str]) -> None:
    schema = EMPTY
    for text in statements:
        for statement in split(text):
            schema = fold(schema, statement.node)
    assert sound(schema)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_statements_with_words_exchanged_fold(statements: list[str], choices: random.Random) -> None:
    schema = EMPTY
    for text in statements:
        words = text.split(" ")
        for _ in range(choices.randrange(4)):
            words[choices.randrange(len(words))] = choices.choice((*NAMES, *choices.choice(POOL).split(" ")))
        try:
            mutated = split(" ".join(words))
        except SqlSyntaxError:
            mutated = split(text)
        for statement in mutated:
            schema = fold(schema, statement.node)
    assert sound(schema)
