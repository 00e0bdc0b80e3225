from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.holes import Guess, filled
from dbops.sql.split import split

HOLE = re.compile(r"_\w_")


def fill(sql: str, guess: Guess = Guess.VALUES) -> str:
    return filled(sql, [match.span() for match in HOLE.finditer(sql)], guess).sql


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM _t_ WHERE b = _x_", "SELECT a FROM _t_ WHERE b = $1"),
        ("SELECT a FROM s._t_ JOIN _u_ ON _c_ = 1", "SELECT a FROM s._t_ JOIN _u_ ON _c_ = 1"),
        ("SELECT _s_.f(1), _f_(2) FROM t", "SELECT _s_.f(1), _f_(2) FROM t"),
        ("SELECT a FROM t _w_", "SELECT a FROM t "),
        ("SELECT a FROM orders__x_ WHERE '_y_'", "SELECT a FROM orders__x_ WHERE '_y_'"),
        ("UPDATE t SET _x_ WHERE a", "UPDATE t SET _x_ = 1 WHERE a"),
        ("SELECT a FROM t WHERE b IN _x_", "SELECT a FROM t WHERE b IN ($1)"),
        ("WITH x AS (_q_) SELECT 1", "WITH x AS (SELECT 1) SELECT 1"),
        ("SELECT a FROM t WHERE b = $1 AND c > _x_", "SELECT a FROM t WHERE b = $1 AND c > $2"),
        ("SELECT a FROM t WHERE b IN (_x_, _y_)", "SELECT a FROM t WHERE b IN ($1, $2)"),
    ],
)
def test_a_hole_gets_what_can_stand_there(sql: str, expected: str):
    assert fill(sql) == expected
    assert split(expected)


def test_holes_are_names_where_values_cannot_be_read():
    assert fill("INSERT INTO t (_c_) VALUES (1)", Guess.NAMES) == "INSERT INTO t (_c_) VALUES (1)"


@pytest.mark.parametrize(
    ("sql", "unknown"),
    [
        ("DELETE FROM t _w_", True),
        ("SELECT a FROM t WHERE _c_", True),
        ("SELECT a FROM t WHERE b AND _c_ ORDER BY a", True),
        ("SELECT a FROM (_q_) AS x", True),
        ("SELECT a FROM t WHERE b = _x_ LIMIT _n_", False),
        ("SELECT a FROM _t_ WHERE _c_ = 1", False),
    ],
)
def test_a_hole_for_a_clause_or_condition_is_said_to_be_unknown(sql: str, unknown: bool):
    found = filled(sql, [match.span() for match in HOLE.finditer(sql)])
    assert bool(found.unknown) == unknown
    assert all(0 <= at <= len(found.sql) for at in found.unknown)


@given(st.lists(st.sampled_from(["_x_", "_y_", " ", "SELECT", "FROM", "WHERE", "(", ")", ".", "'", "=", "SET", "é"])))
def test_any_text_is_taken_and_its_characters_keep_their_place(parts: list[str]):
    sql = "".join(parts)
    found = filled(sql, [match.span() for match in HOLE.finditer(sql)])
    for at, character in enumerate(found.sql):
        if found.offsets.verbatim(at, at + 1):
            assert sql[found.offsets.source(at)] == character
