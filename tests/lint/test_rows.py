"""INSERTs of constants, of which a seed has millions, are not shown to the query rules: none finds anything there."""

from __future__ import annotations

import pytest

from dbops.lint.options import NEWEST
from dbops.lint.queries.query import Query
from dbops.lint.rule import QUERY, Rule
from dbops.lint.rules import rules
from dbops.sql.query import parse
from dbops.sql.split import split
from schema.scene import folded
from sql.test_rows import CONSTANTS, UNREADABLE

KNOWN = folded("CREATE TABLE t (a bigint, b text, c date); CREATE SCHEMA s; CREATE TABLE s.t (a bigint, b text)")
WIDE = f"INSERT INTO t (a, b) VALUES {', '.join(f'({n}, {chr(39)}%x{chr(39)})' for n in range(3000))}"


@pytest.mark.parametrize("rule", rules(QUERY), ids=lambda rule: rule.slug)
@pytest.mark.parametrize(
    "sql",
    [*(each for each in CONSTANTS if each not in UNREADABLE), "INSERT INTO t (a, c) VALUES ('1', '2026-01-01')", WIDE],
)
def test_no_rule_finds_anything_in_rows_that_are_written_out(rule: Rule, sql: str) -> None:
    (statement,) = split(sql)
    query = Query(
        sql=sql,
        start=0,
        statement=statement,
        tree=parse(sql),
        schema=KNOWN,
        pg_version=NEWEST,
        in_migration=False,
    )
    assert list(rule.check(query)) == []
