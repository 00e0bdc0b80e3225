from __future__ import annotations

import pytest

from dbops.sql.rows import only_constants
from dbops.sql.split import split

CONSTANTS = (
    "INSERT INTO t (a, b) VALUES (1, 'x')",
    "INSERT INTO s.t (a, b) VALUES (-1.5, NULL), (DEFAULT, true), ($1, B'01')",
    "INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1)",
)
UNREADABLE = CONSTANTS[2:]
"""What sqlglot does not know."""
MORE = (
    "INSERT INTO t VALUES (1)",
    "INSERT INTO t DEFAULT VALUES",
    "INSERT INTO t (a) VALUES (now())",
    "INSERT INTO t (a) VALUES ((SELECT max(a) FROM t))",
    "INSERT INTO t (a) VALUES (1), ((SELECT * FROM t))",
    "INSERT INTO t (a) VALUES (1) RETURNING *",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO t (a) VALUES (1) ORDER BY 1",
    "INSERT INTO t (a) VALUES (1) LIMIT 1",
    "INSERT INTO t (a) VALUES (1) OFFSET 1",
    "INSERT INTO t (a) VALUES (1) UNION VALUES (2)",
    "INSERT INTO t (a) (VALUES (1) FOR UPDATE)",
    "INSERT INTO t (a) WITH w AS (SELECT 1) VALUES (1)",
    "INSERT INTO t (a) SELECT 1",
    "WITH w AS (DELETE FROM u) INSERT INTO t (a) VALUES (1)",
    "SELECT 1",
    "UPDATE t SET a = 1",
)


@pytest.mark.parametrize("sql", CONSTANTS)
def test_rows_that_are_written_out_are_told(sql: str) -> None:
    assert only_constants(split(sql)[0].node)


@pytest.mark.parametrize("sql", MORE)
def test_whatever_may_hold_a_query_or_a_clause_is_not(sql: str) -> None:
    assert not only_constants(split(sql)[0].node)
