from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.sql.parameters import numbered
from dbops.sql.split import split

STYLES = {
    "SELECT a FROM t WHERE b = %s AND c=%s": "SELECT a FROM t WHERE b = $1 AND c=$2",
    "SELECT %(a)s, %(b)s, %(a)s": "SELECT $1, $2, $1",
    "SELECT %(some name)s": "SELECT $1",
    "SELECT %b, %t": "SELECT $1, $2",
    "SELECT :a, :b + :a": "SELECT $1, $2 + $1",
    "SELECT :a::int, (:b)::text": "SELECT $1::int, ($2)::text",
    "SELECT :1, :2": "SELECT $1, $2",
    "SELECT ? WHERE a = ? AND b=? AND c LIKE '%'||?||'%'": "SELECT $1 WHERE a = $2 AND b=$3 AND c LIKE '%'||$4||'%'",
    "SELECT a ? ? FROM t": "SELECT a ? $1 FROM t",
    "SELECT ?-1, -?": "SELECT $1-1, -$2",
    "SELECT :'v', :v": "SELECT $1, $1",
    'SELECT 1 AS :"v"': 'SELECT 1 AS "v"',
    "SELECT :{?v}": "SELECT TRUE",
    "SELECT $1, :a, $3": "SELECT $1, $4, $3",
    "SELECT a FROM :t WHERE b": "SELECT a FROM _t_ WHERE b",
    "SELECT a FROM s.:t": "SELECT a FROM s._t_",
    "SELECT extract(epoch FROM :t)": "SELECT extract(epoch FROM $1)",
    "SELECT a IS DISTINCT FROM :b": "SELECT a IS DISTINCT FROM $1",
    "SELECT a FROM t WHERE b IN %s": "SELECT a FROM t WHERE b IN ($1)",
    "INSERT INTO t VALUES %s": "INSERT INTO t VALUES ($1)",
    "SELECT a FROM t LIMIT :n OFFSET ?": "SELECT a FROM t LIMIT $1 OFFSET $2",
    "SELECT a FROM t FETCH FIRST :n ROWS ONLY": "SELECT a FROM t FETCH FIRST $1 ROWS ONLY",
    "SELECT now() AT TIME ZONE %s": "SELECT now() AT TIME ZONE $1",
    "SELECT interval :x": "SELECT interval '1'",
    "SELECT ARRAY[:a, :b], x[:i + :c]": "SELECT ARRAY[$1, $2], x[:i + $3]",
    "SELECT json_object('a': :b)": "SELECT json_object('a': $1)",
    r"SELECT a\:\:int": "SELECT a::int",
}

# What looks like a parameter and is none, in SQL that PostgreSQL reads as it is.
NONE = [
    "SELECT 5 %s FROM t",
    "SELECT a.x %s, (b) %s, c[1] %s FROM t",
    "SELECT x %(y), x%2, x %sum(1)",
    "SELECT a ? 'b', a ?| array['b'], a ?& array['b'], '{}'::jsonb ? 'b', (a) ? 'b', a[1] ? 'b'",
    "SELECT a @? '$.b', a @@ '$.b'",
    "SELECT ?| lseg '((0,0),(1,1))', ?- lseg '((0,0),(1,1))'",
    "SELECT a ?# b, a ?-| b, a ?|| b FROM t",
    "SELECT \"a\" ? 'b', \"where\" ? 'b'",
    "SELECT a::text, 'a'::text, $1::int, a :: text",
    "SELECT a[1:2], a[:2], a[1:], a[:], a[b:c], a[b.d:c], (a)[f(x):n], a[1:2][b:c], a[m:n]::text",
    "SELECT f(a := 1), f(a:=b)",
    "SELECT json_object('a':b, c:d), json_object('a' : b), json_objectagg(k:v)",
    "SELECT '%s :x ?', $$ %s :x ? $$, E'\\' %s', \"%s\" -- %s :x ?\n /* :x %(a)s */",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN x := :y; RETURN x %s; END $$",
]


@pytest.mark.parametrize(("sql", "expected"), STYLES.items())
def test_a_parameter_becomes_postgresqls_own(sql: str, expected: str):
    assert numbered(sql)[0] == expected
    assert len(split(expected)) == 1


@pytest.mark.parametrize("sql", NONE)
def test_what_only_looks_like_a_parameter_stays(sql: str):
    made, offsets = numbered(sql)
    assert made == sql
    assert offsets.verbatim(0, len(sql))
    assert split(sql)


OPERAND = st.sampled_from(
    [
        "a",
        "t.a",
        '"a?"',
        "1",
        "2.5",
        "'%s'",
        "(a)",
        "f(a)",
        "a[1:n]",
        "a[:n]",
        "$1",
        "NULL",
        "a::text",
        "$$?$$",
        "now()",
    ]
)
OPERATOR = st.sampled_from(
    [" ? ", " ?| ", " ?& ", "%", " % ", " %", " @? ", " = ", "||", "<", " ~ ", " IS DISTINCT FROM ", " AND ", " LIKE "]
)


@settings(deadline=None)
@given(OPERAND, st.lists(st.tuples(OPERATOR, OPERAND), max_size=6))
def test_sql_without_parameters_comes_back_as_it_is(first: str, rest: list[tuple[str, str]]):
    sql = f"SELECT {first}{''.join(operator + operand for operator, operand in rest)} FROM t"
    assert numbered(sql)[0] == sql


@settings(deadline=None)
@given(st.lists(st.tuples(OPERAND, st.sampled_from(["%s", "?", ":p", "%(p)s"])), min_size=1, max_size=5))
def test_every_parameter_between_ordinary_operands_is_found(terms: list[tuple[str, str]]):
    sql = "SELECT " + ", ".join(f"{operand} = {mark}" for operand, mark in terms)
    made, offsets = numbered(sql)
    split(made)
    at = 0
    for operand, mark in terms:
        found = made.index(f"{operand} = $", at) + len(operand) + 3
        assert sql[offsets.source(found) :].startswith(mark)
        at = found


SIGNS = ("%s", "%(a)s", "%%", ":a", ":'a'", ':"a"', "?", "'", '"', "[", "]", "(", ":", " ", "a", "$$", "--", "\n", "é")
PIECES = st.lists(st.sampled_from((*SIGNS, "in", "from", "."))).map("".join)


@given(PIECES, st.booleans())
def test_any_text_is_taken_and_its_characters_keep_their_place(sql: str, percent: bool):
    made, offsets = numbered(sql, percent=percent)
    for at, character in enumerate(made):
        if offsets.verbatim(at, at + 1):
            assert sql[offsets.source(at)] == character
    assert 0 <= offsets.source(len(made)) <= len(sql)


def test_a_client_that_formats_gets_its_percent_signs_back():
    sql = "SELECT a %% 2, 'x%%' -- 5%%\nFROM t WHERE b %s"
    made, offsets = numbered(sql, percent=True)
    assert made == "SELECT a % 2, 'x%' -- 5%\nFROM t WHERE b $1"
    assert offsets.source(made.index("FROM")) == sql.index("FROM")


def test_a_place_behind_a_parameter_is_found():
    sql = "SELECT a FROM t WHERE b = %(long_name)s AND c"
    made, offsets = numbered(sql)
    assert offsets.source(made.index("AND c")) == sql.index("AND c")
    at = made.index("$1")
    assert (offsets.source(at), offsets.source(at + 2, end=True)) == (sql.index("%"), sql.index(" AND"))
