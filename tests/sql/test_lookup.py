"""What looks rows up by a key is told from what doesn't, and asked for many keys at once it means the same."""

from __future__ import annotations

import pytest

from dbops.sql.lookup import batched, lookup


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("SELECT * FROM a WHERE b = 1", "b"),
        ("SELECT * FROM a WHERE b = $1", "b"),
        ("SELECT * FROM a WHERE $1::int = a.b", "a.b"),
        ("SELECT * FROM a WHERE b IN (1)", "b"),
        ("SELECT * FROM a WHERE b = ANY($1)", "b"),
        ("SELECT * FROM a WHERE c > 1 AND (b = 'x' AND d)", "b"),
        ("SELECT count(*) FROM (SELECT a.id FROM a WHERE a.b = 3) AS counted", "a.b"),
        ("SELECT EXISTS (SELECT 1 FROM a WHERE b = $1)", "b"),
        ("WITH c AS (SELECT * FROM a WHERE b = $1) SELECT * FROM c", "b"),
        ("SELECT * FROM a JOIN c ON c.a = a.id AND c.b = 1", "c.b"),
        ("SELECT * FROM a WHERE id IN (SELECT a FROM c WHERE b = $1)", "b"),
        ("SELECT 1 FROM a WHERE b = 1 UNION ALL SELECT 2 FROM c", "b"),
        ('SELECT "t1"."id" FROM "a" AS "t1" WHERE ("t1"."b" = $1) LIMIT 1 OFFSET 0', "t1.b"),
    ],
)
def test_a_lookup_is_told_with_its_column(sql: str, column: str) -> None:
    found = lookup(sql)
    assert found is not None
    assert [each.column for each in found.equalities] == [column]
    assert not found.paged


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a",
        "SELECT * FROM a WHERE b > 1",
        "SELECT * FROM a WHERE b = 1 OR c = 2",
        "SELECT * FROM a WHERE b IN (1, 2)",
        "SELECT * FROM a WHERE b IN ($1 /*, ... */)",
        "SELECT * FROM a WHERE a.b = a.c",
        "SELECT count(*) FROM (SELECT 1 UNION SELECT 2) AS two",
        "UPDATE a SET c = 1 WHERE b = 1",
        "SELECT nothing FORM a",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_what_looks_nothing_up_is_no_lookup(sql: str) -> None:
    assert lookup(sql) is None


@pytest.mark.parametrize("sql", ["SELECT * FROM t WHERE (a, b) = ($1, 2)", "SELECT * FROM t WHERE (a, b) IN (($1, 2))"])
def test_rows_are_compared_column_by_column(sql: str) -> None:
    found = lookup(sql)
    assert found is not None
    assert [(each.column, each.value) for each in found.equalities] == [("a", "$1"), ("b", "2")]
    assert batched(sql, 0) is None


@pytest.mark.parametrize(
    ("page", "paged", "offset"),
    [("", False, None), ("OFFSET 0", False, None), ("OFFSET 20", True, None), ("LIMIT $2 OFFSET $3", False, 3)],
)
def test_rows_that_are_skipped_are_told(page: str, paged: bool, offset: int | None) -> None:
    found = lookup(f"SELECT * FROM a WHERE b = $1 {page}")
    assert found is not None
    assert (found.paged, found.offset) == (paged, offset)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT x FROM a WHERE b = 1", "SELECT x, b FROM a WHERE b = ANY($1)"),
        ("SELECT a.x FROM a WHERE 1 = a.b", "SELECT a.x, a.b FROM a WHERE a.b = ANY($1)"),
        ("SELECT * FROM a WHERE b = $1 LIMIT $2 OFFSET $3", "SELECT * FROM a WHERE b = ANY($1)"),
        ("SELECT * FROM a WHERE b = 5 LIMIT 21", "SELECT * FROM a WHERE b = ANY($1)"),
        ("SELECT count(*) FROM a WHERE b = 5", "SELECT count(*), b FROM a WHERE b = ANY($1) GROUP BY b"),
        ("SELECT * FROM a WHERE b = ANY('{7}')", "SELECT * FROM a WHERE b = ANY($1)"),
    ],
)
def test_a_lookup_is_asked_for_many_keys(sql: str, expected: str) -> None:
    assert batched(sql, 0) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a WHERE b = 1 LIMIT 10",
        "SELECT * FROM a WHERE b = 1 ORDER BY c LIMIT 1",
        "SELECT * FROM a WHERE b = 1 OFFSET 10",
        "SELECT row_number() OVER (ORDER BY c) FROM a WHERE b = 1",
        "SELECT count(*) FROM (SELECT a.id FROM a WHERE a.b = 3) AS counted",
        "SELECT * FROM a WHERE b = $1 AND c IN ($2 /*, ... */)",
    ],
)
def test_what_would_mean_something_else_is_not_asked_for_many(sql: str) -> None:
    assert batched(sql, 0) is None
