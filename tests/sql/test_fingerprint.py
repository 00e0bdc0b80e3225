"""A text is told by its shape alone, whatever its values, and as libpg_query tells it."""

from __future__ import annotations

import postgast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.fingerprint import fingerprint

SHAPES = [
    "SELECT a FROM t WHERE b = {} AND c > {} LIMIT 10",
    'SELECT "part 1", "ok" FROM "t 2" WHERE "b 3" IN ({}, {})',
    "INSERT INTO t VALUES ({}, -{}), (1.5e3, now())",
    "SELECT {}::numeric(10, 2), interval '{}' day, t.a1, $1 FROM t1",
    "UPDATE t SET a = {} || '{}' WHERE b BETWEEN 1 AND 2e5",
    "SELECT E'a\\'b', $$ {} $$, {} -- 'it''s\n FROM t",
    "SELECT date '2020-01-01', B'101', x'1f', {}, U&'\\0041', {} /* '{ */ FROM t",
    "SELECT CAST({} AS float(20)), CAST({} AS float(50))",
    "SELECT a[{}], b[1:{}] FROM t",
    "CREATE TABLE t (a varchar({}), b char({}))",
    "SELECT {}",
]
VALUES = st.one_of(
    st.integers(0, 10**6).map(str),
    st.floats(0, 1e6).map(lambda number: f"{number:.3f}"),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8).map(
        lambda text: "'" + text.replace("'", "''") + "'"
    ),
)


def plain(sql: str) -> str | None:
    try:
        return str(postgast.fingerprint(sql).hex)
    except (postgast.PgQueryError, UnicodeEncodeError):
        return None


@given(st.sampled_from(SHAPES), VALUES, VALUES)
def test_it_is_libpg_querys_own(shape: str, one: str, other: str) -> None:
    sql = shape.replace("{}", one, 1).replace("{}", other)
    assert fingerprint(sql) == plain(sql)


@given(st.text(st.sampled_from("'\"$- ./*\\1ae=,()E"), max_size=14))
def test_it_is_libpg_querys_own_for_odd_texts(text: str) -> None:
    sql = f"SELECT {text} FROM t"
    assert fingerprint(sql) == plain(sql)


@pytest.mark.parametrize("sql", ["", "SELECT nothing FORM", "\ud800"])
def test_what_can_not_be_parsed_has_none(sql: str) -> None:
    assert fingerprint(sql) == plain(sql)
