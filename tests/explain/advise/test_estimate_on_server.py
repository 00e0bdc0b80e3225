"""dbops's own estimate beside what the planner says once the index is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.instances import instances
from dbops.explain.advise.subject import estimate, gather
from dbops.sql.nodes import Relation
from explain.advise.shop import Visit, visit

TABLE = """
CREATE TABLE t (a int, k int, at timestamptz, v text, flag boolean, x float8);
INSERT INTO t SELECT i, (i * 7919) % 500, timestamptz '2024-01-01' + i * interval '1 min', md5(i::text), i % 400 = 0,
    ((i * 7919) % 60000) / 3.0 FROM generate_series(1, 60000) AS i;
CREATE TABLE u (k int, name text);
INSERT INTO u SELECT i, 'u' || i FROM generate_series(1, 500) AS i;
SET max_parallel_workers_per_gather = 0;
"""
T = Relation("public", "t")


def index(*columns: str, **rest: object) -> Candidate:
    keys = tuple(Key(name, name) for name in columns)
    return Candidate(T, keys, **rest)  # type: ignore[arg-type]


CASES = [
    ("SELECT * FROM t WHERE a = 77", index("a")),
    ("SELECT * FROM t WHERE k = 77", index("k")),
    ("SELECT * FROM t WHERE k IN (7, 77, 177)", index("k")),
    ("SELECT * FROM t WHERE at BETWEEN '2024-01-03' AND '2024-01-05'", index("at")),
    ("SELECT * FROM t WHERE x < 700", index("x")),
    ("SELECT a FROM t WHERE x < 700", index("x", include=("a",))),
    ("SELECT * FROM t WHERE k = 77 AND x < 700", index("k", "x")),
    ("SELECT * FROM t WHERE flag AND x < 700", index("x", predicate="flag")),
    ("SELECT * FROM t WHERE k = 77 ORDER BY x LIMIT 5", index("k", "x")),
    ("SELECT * FROM t ORDER BY x DESC LIMIT 10", index("x")),
    ("SELECT max(x) FROM t", index("x")),
    ("SELECT max(x) FROM t WHERE k = 7", index("k", "x")),
    ("SELECT t.v FROM t JOIN u ON u.k = t.k WHERE u.name = 'u7'", index("k")),
    ("SELECT (SELECT count(*) FROM t WHERE t.k = u.k AND t.x < 700) FROM u WHERE u.name < 'u2'", index("k", "x")),
]


@pytest.fixture
def session(database: str) -> Iterator[Visit]:
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(TABLE)
        connection.execute("VACUUM ANALYZE")
    with visit(database) as found:
        found.session.run("SET max_parallel_workers_per_gather = 0")
        yield found


def test_the_estimate_is_near_what_the_planner_says_of_the_real_index(session: Visit, database: str) -> None:
    wrong: list[str] = []
    for query, candidate in CASES:
        plan = session.plan(query)
        found = instances(plan, session.schema)
        subject = gather(session.session, query, found, session.schema, frozenset())
        reckoned = estimate(session.session, subject, plan, found).price((candidate,)).cost
        with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
            connection.execute(candidate.create(concurrently=False, name="tried").encode())
            real = session.plan(query).root.estimate.total_cost
            connection.execute("DROP INDEX tried")
        if not 0.7 * real - 2 <= reckoned <= 1.4 * real + 2:
            wrong.append(f"{query}: {plan.root.estimate.total_cost:.0f}, reckoned {reckoned:.2f}, really {real:.2f}")
    assert wrong == []
