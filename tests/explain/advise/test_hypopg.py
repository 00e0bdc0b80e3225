"""Asking HypoPG: only what it can be asked without harm, and in a way that leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import psycopg
import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.instances import instances
from dbops.explain.advise.facts import Extension
from dbops.explain.advise.hypopg import HypoPG
from dbops.explain.advise.subject import Subject, gather
from dbops.postgres import hypopg
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation
from explain.advise.scenes import SCHEMA, facts
from explain.advise.shop import Visit, visit

T = Relation("public", "t")
PLAIN = Candidate(T, (Key("a", "a"),))
PARTIAL = Candidate(T, (Key("a", "a"),), predicate="b")
EXPRESSION = Candidate(T, (Key("lower(a)", None),))


def backend(*, single: bool) -> HypoPG:
    subject = Subject("SELECT 1", SCHEMA, (), facts(), (), single)
    return HypoPG(cast(Session, None), subject, Extension("1.4.1", "tools"), 160003)


@pytest.mark.parametrize("candidate", [PARTIAL, EXPRESSION])
def test_conditions_and_expressions_are_asked_about_for_single_tables_only(candidate: Candidate) -> None:
    """With other tables HypoPG misreads them, and behind a view it crashes the server."""
    assert backend(single=True).knows(candidate)
    assert not backend(single=False).knows(candidate)
    assert backend(single=False).knows(PLAIN)


def test_methods_it_lacks_and_missing_extensions_are_not_asked_about() -> None:
    assert not backend(single=True).knows(Candidate(T, (Key("a", "a"),), method="gin"))
    assert not backend(single=True).knows(Candidate(T, (Key("a", "a"),), requires=("CREATE EXTENSION x",)))
    assert backend(single=True).knows(Candidate(T, (Key("a", "a"),), method="brin"))


@pytest.mark.parametrize(
    ("version", "usable"), [("1.0.0", False), ("1.1.0", True), ("1.3.1", True), ("2.0.0beta", True), ("", False)]
)
def test_versions_since_1_1_are_used(version: str, usable: bool) -> None:
    assert hypopg.is_usable(version) is usable


@pytest.mark.parametrize(
    ("query", "single"),
    [
        ("SELECT * FROM t WHERE a = 1", True),
        ("UPDATE t SET b = 1 WHERE a = 1", True),
        ("DELETE FROM t WHERE a = 1", True),
        ("SELECT * FROM ONLY t AS x WHERE x.a = 1 ORDER BY b LIMIT 1", True),
        ("SELECT * FROM v WHERE a = 1", False),
        ("SELECT * FROM t, u WHERE t.a = u.a", False),
        ("SELECT * FROM t WHERE a = 1 UNION ALL SELECT * FROM t WHERE b = 1", False),
        ("SELECT * FROM t WHERE a = (SELECT max(a) FROM t)", False),
        ("SELECT * FROM t WHERE EXISTS (SELECT FROM u)", False),
        ("WITH x AS (SELECT 1) SELECT * FROM t WHERE a = 1", False),
        ("INSERT INTO u SELECT a FROM t", False),
        ("SELECT * FROM p WHERE a = 1", False),
        ("SELECT * FROM p1 WHERE a = 1", False),
        ("SELECT * FROM t, generate_series(1, 2) WHERE a = 1", False),
    ],
)
def test_what_reads_a_single_table_is_told(visited: Visit, query: str, single: bool) -> None:
    found = instances(visited.plan(query), visited.schema)
    assert gather(visited.session, query, found, visited.schema, frozenset()).single is single


@pytest.fixture(scope="module")
def _database(server: Any, admin: psycopg.Connection) -> Iterator[str]:
    name = f"hypothetical_{os.getpid()}"  # the module's tests may be shared out among processes
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    dsn = server.dsn(name)
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(
            "CREATE TABLE t (a int, b int); CREATE TABLE u (a int); CREATE VIEW v AS SELECT * FROM t;"
            "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)"
        )
    yield dsn
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def visited(_database: str) -> Iterator[Visit]:
    with visit(_database) as found:
        yield found
