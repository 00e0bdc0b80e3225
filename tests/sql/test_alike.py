"""What one version of PostgreSQL prints, and what another does of the same."""

from __future__ import annotations

import pytest

from dbops.sql.alike import alike, has_extract

SAME = [
    ("SELECT (now() AT TIME ZONE 'utc'::text)", "SELECT timezone('utc'::text, now())"),
    ("SELECT TRIM(BOTH FROM x)", "SELECT btrim(x)"),
    ("SELECT SUBSTRING(n FROM 1 FOR 2)", 'SELECT "substring"(n, 1, 2)'),
    ("SELECT POSITION(('x'::text) IN (n))", "SELECT \"position\"(n, 'x'::text)"),
    ("SELECT OVERLAY(n PLACING 'x' FROM 1)", "SELECT \"overlay\"(n, 'x', 1)"),
    ("SELECT (a +\n 1)", "SELECT a + 1"),
    ("CREATE PROCEDURE p(IN a integer) LANGUAGE sql AS 'x'", "CREATE PROCEDURE p(a integer) LANGUAGE sql AS 'x'"),
]
OF_EXTRACT = [
    ("SELECT EXTRACT(year FROM d) > (2000)::numeric", "SELECT date_part('year'::text, d) > (2000)::double precision"),
    ("SELECT EXTRACT(year FROM d) > 20.5", "SELECT date_part('year'::text, d) > (20.5)::double precision"),
    (
        "SELECT EXTRACT(year FROM d) > ('-1'::integer)::numeric",
        "SELECT date_part('year'::text, d) > ('-1'::integer)::double precision",
    ),
]
OTHER = [
    ("SELECT a + 1", "SELECT a + 2"),
    ("SELECT timezone('utc'::text, now())", "SELECT public.timezone('utc'::text, now())"),
    ("SELECT (now() AT TIME ZONE 'utc'::text)", "SELECT timezone('UTC'::text, now())"),
    ("SELECT EXTRACT(year FROM d)", "SELECT date_part('month'::text, d)"),
    ("SELECT x::numeric", "SELECT x::double precision"),
    ("CREATE PROCEDURE p(INOUT a integer) LANGUAGE sql AS 'x'", "CREATE PROCEDURE p(a integer) LANGUAGE sql AS 'x'"),
    ("no SQL", "no SQL either"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_call_written_as_sql_has_it_is_the_function_that_it_calls(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one, extract_is_date_part=True)


@pytest.mark.parametrize(("one", "other"), OF_EXTRACT)
def test_extract_is_date_part_only_where_that_is_said(one: str, other: str) -> None:
    assert (alike(one, other), alike(one, other, extract_is_date_part=True)) == (False, True)
    assert has_extract(one)
    assert has_extract(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_means_something_else_is_not_alike(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(one, other, extract_is_date_part=True)
    assert alike(one, one)
