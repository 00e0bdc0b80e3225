from __future__ import annotations

import pytest

from dbops.sql.index import ConcurrentIndex, concurrent_index
from dbops.sql.nodes import Relation
from dbops.sql.split import split


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        (
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t (a)",
            ConcurrentIndex("create", "INDEX", (Relation("s", "i"),), Relation("s", "t"), conditional=True),
        ),
        ("CREATE INDEX CONCURRENTLY ON t (a)", ConcurrentIndex("create", "INDEX", (), Relation(None, "t"))),
        (
            'DROP INDEX CONCURRENTLY IF EXISTS s."I", j',
            ConcurrentIndex("drop", "INDEX", (Relation("s", "I"), Relation(None, "j")), conditional=True),
        ),
        ("REINDEX INDEX CONCURRENTLY s.i", ConcurrentIndex("reindex", "INDEX", (Relation("s", "i"),))),
        ("REINDEX (CONCURRENTLY, VERBOSE) TABLE t", ConcurrentIndex("reindex", "TABLE", (Relation(None, "t"),))),
        ("REINDEX SCHEMA CONCURRENTLY s", ConcurrentIndex("reindex", "SCHEMA", (Relation(None, "s"),))),
        ("REINDEX DATABASE CONCURRENTLY d", ConcurrentIndex("reindex", "DATABASE", (Relation(None, "d"),))),
        ("REINDEX DATABASE CONCURRENTLY", ConcurrentIndex("reindex", "DATABASE", ())),
        ("REINDEX SYSTEM CONCURRENTLY d", None),
        ("REINDEX (CONCURRENTLY off) TABLE t", None),
        ("REINDEX TABLE t", None),
        ("CREATE INDEX i ON t (a)", None),
        ("DROP INDEX i", None),
        ("DROP TABLE t", None),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", None),
    ],
)
def test_what_runs_concurrently_on_indexes_is_known(statement: str, fact: ConcurrentIndex | None):
    (found,) = split(statement)
    assert concurrent_index(found.node) == fact


def test_a_statement_too_deep_to_read_has_no_such_fact():
    assert concurrent_index(None) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (Relation(None, "t"), "t"),
        (Relation("s", "t$1"), "s.t$1"),
        (Relation("S", 'a"b'), '"S"."a""b"'),
        (Relation(None, "größe"), '"größe"'),
        (Relation(None, "1a"), '"1a"'),
    ],
)
def test_a_relation_reads_as_to_regclass_would_take_it(name: Relation, text: str):
    assert str(name) == text
