"""What of a statement's text are values, which columns they are compared with, and which columns it mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.counter import Counter, counter
from dbops.sql.dependence import dependence
from dbops.sql.keyed import UNTOLD, key_of, keyed
from dbops.sql.mentioned import mentioned
from dbops.sql.shape import bare, offsets, shape

SHAPES = {
    "SELECT 1": ("SELECT ?", ("1",)),
    "SELECT a1, t2.b3 FROM t2 WHERE x = 'it''s' AND y=$1": (
        "SELECT a1, t2.b3 FROM t2 WHERE x = ? AND y=?",
        ("'it''s'", "$1"),
    ),
    "SELECT 1.5e-3, 1e5, E'a\\'b'": ("SELECT ?, ?, ?", ("1.5e-3", "1e5", "E'a\\'b'")),
    'SELECT "col 1" FROM t -- 7\n WHERE a = $$x\'y$$': ('SELECT "col 1" FROM t  \n WHERE a = ?', ("$$x'y$$",)),
    "SELECT 1 /*route='/x%3F1'*/": ("SELECT ?", ("1",)),
}


@pytest.mark.parametrize("sql", SHAPES)
def test_values_are_told_from_the_rest(sql: str) -> None:
    assert shape(sql) == SHAPES[sql]


@given(st.text(), st.integers())
def test_what_differs_in_values_alone_has_one_shape(text: str, number: int) -> None:
    quoted = text.replace("'", "''").replace("\0", "")
    found = shape(f"SELECT a FROM t WHERE b = '{quoted}' AND c = {abs(number)}")
    assert found.text == "SELECT a FROM t WHERE b = ? AND c = ?"
    assert tuple(map(bare, found.values)) == (text.replace("\0", ""), str(abs(number)))


@given(st.text())
def test_any_text_has_a_shape(text: str) -> None:
    assert len(offsets(text)) == len(shape(text).values)


def test_places_count_bytes_as_the_parser_does() -> None:
    found = keyed("SELECT 'ü' AS é FROM t WHERE ï = 5 AND id = 7")
    assert found is not None
    assert found.rows == ({"ï": 1, "id": 2},)


KEYS = {
    "SELECT name FROM u WHERE id = 5": (0,),
    "SELECT name FROM u WHERE 5 = id AND kind = 'x'": (0,),
    "SELECT name FROM u AS v WHERE v.kind = 1 AND v.id = '5'::bigint": (1,),
    "UPDATE u SET name = 'x' WHERE id = $2": (1,),
    "DELETE FROM ONLY s.u WHERE id = 5": (0,),
    "INSERT INTO u (id, name) VALUES (5, 'x')": (0,),
    "INSERT INTO u (name, id) VALUES ('x', 5) ON CONFLICT DO NOTHING": (1,),
    "INSERT INTO u (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = excluded.n": (0,),
    "INSERT INTO u (id, n) VALUES (5, 1) ON CONFLICT (n) DO UPDATE SET name = 'x'": None,
    "INSERT INTO u (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET id = 6": None,
    "UPDATE u SET id = 6 WHERE id = 5": None,
    "UPDATE u SET name = 'x' WHERE id > 5": None,
    "SELECT name FROM u WHERE id = 5 OR id = 6": None,
    "INSERT INTO u (id) VALUES (nextval('s'))": None,
}


@pytest.mark.parametrize("sql", KEYS)
def test_the_key_of_a_row_is_found_where_it_is_named(sql: str) -> None:
    found = keyed(sql)
    assert found is not None
    assert key_of(found, ("id",), found.rows[0]) == KEYS[sql]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM u, v WHERE u.id = 5",
        "UPDATE u SET a = 1 FROM v WHERE u.id = 5",
        "DELETE FROM u USING v WHERE u.id = 5",
        "WITH x AS (SELECT 1) SELECT 1 FROM x WHERE id = 5",
        "INSERT INTO u SELECT 5",
        "INSERT INTO u VALUES (5)",
        "INSERT INTO u (id) VALUES (5) ON CONFLICT ON CONSTRAINT c DO UPDATE SET n = 1",
        "INSERT INTO u (id) VALUES (5) ON CONFLICT (lower(id)) DO UPDATE SET n = 1",
        "SELECT name, (SELECT max(n) FROM u) FROM u WHERE id = 5",
        "SELECT 1 UNION SELECT 2",
        "TRUNCATE u",
        "SELEC 1",
        "SELECT 1; SELECT 2",
    ],
)
def test_what_is_about_more_than_one_table_or_about_no_known_rows_has_no_key(sql: str) -> None:
    assert keyed(sql) is None


def test_each_row_that_is_inserted_has_its_own_key_and_a_default_has_none() -> None:
    found = keyed("INSERT INTO u (id, n) VALUES (1, 2), (DEFAULT, now())")
    assert found is not None
    assert found.rows == ({"id": 0, "n": 1}, {"n": UNTOLD})


COUNTERS = {
    "UPDATE p SET n = n + 1 WHERE id = 5": Counter("p", ("n",), ("id",)),
    "UPDATE p SET n = $1 + n, seen = now() WHERE id = $2": Counter("p", ("n",), ("id",)),
    "UPDATE p SET n = coalesce(n, 0) + 1, m = m - 2 WHERE id = 5 AND day = '2026-11-25'": Counter(
        "p", ("n", "m"), ("day", "id")
    ),
    "INSERT INTO p (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = p.n + 1, seen = now()": Counter(
        "p", ("n",), ("id",)
    ),
    "INSERT INTO p (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = p.n + excluded.n": Counter(
        "p", ("n",), ("id",)
    ),
    "INSERT INTO p (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = excluded.n": None,
    "INSERT INTO p (id, n) VALUES (5, 1) ON CONFLICT (id) DO UPDATE SET n = p.n + 1 WHERE p.n < 9": None,
    "INSERT INTO p (id, n) VALUES (5, 1), (6, 1) ON CONFLICT (id) DO UPDATE SET n = p.n + 1": None,
    "INSERT INTO p (id, n) VALUES (5, 1)": None,
    "UPDATE p SET n = 5 WHERE id = 5": None,
    "UPDATE p SET n = m + 1 WHERE id = 5": None,
    "UPDATE p SET n = 1 - n WHERE id = 5": None,
    "UPDATE p SET n = n + 1, name = 'x' WHERE id = 5": None,
    "UPDATE stock SET n = n - 1 WHERE id = 5 AND n > 0": None,
    "UPDATE p SET n = n + 1": None,
    "UPDATE p SET n = n + 1 WHERE id = 5 RETURNING n": None,
    "UPDATE p SET n = n + 1 WHERE n = 5": None,
    "SELECT 1": None,
    "UPDATE": None,
}


@pytest.mark.parametrize("sql", COUNTERS)
def test_what_only_counts_is_told_from_what_decides_or_answers(sql: str) -> None:
    assert counter(sql) == COUNTERS[sql]


@pytest.mark.parametrize(
    ("sql", "session", "time"),
    [
        ("SELECT current_user, session_user", {"CURRENT_USER", "SESSION_USER"}, set()),
        ("SELECT current_setting('app.user')", {"current_setting()"}, set()),
        ("SELECT 1 WHERE has_table_privilege('t', 'select')", {"has_table_privilege()"}, set()),
        ("SELECT now(), current_date, localtimestamp(3)", set(), {"now()", "CURRENT_DATE", "LOCALTIMESTAMP"}),
        ("SELECT * FROM o WHERE at > now() - interval $1", set(), {"now()"}),
        ("SELECT age(a, b), current_catalog, app.now()", set(), set()),
        ("SELECT age(a)", set(), {"age()"}),
        ("SELEC", set(), set()),
    ],
)
def test_who_asks_and_when_is_seen_where_it_matters(sql: str, session: set[str], time: set[str]) -> None:
    assert dependence(sql) == (session, time)


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT a, count(*) FROM t WHERE b = 1 GROUP BY a ORDER BY c", {"a", "b", "c"}),
        ("SELECT t.a FROM t JOIN u USING (k)", {"a", "k"}),
        ("SELECT * FROM t", None),
        ("SELECT t.* FROM t", None),
        ("SELECT t FROM t", None),
        ("SELECT x FROM t AS x", None),
        ("SELECT a FROM t NATURAL JOIN u", None),
        ("SELECT b FROM t AS x (b, c)", None),
        ("SELECT a, g.i FROM t, generate_series(1, 2) AS g (i)", {"a", "i"}),
        ("SELECT a, xmin FROM t", None),
        ("SELECT a FROM t ORDER BY t.ctid", None),
        ("SELEC", None),
    ],
)
def test_the_columns_that_a_query_mentions_are_all_of_them(sql: str, columns: set[str] | None) -> None:
    assert mentioned(sql) == columns
