"""Where query rules say that something is: the whole of it, and nothing else; and that long statements take no time."""

from __future__ import annotations

import time

import pytest

from dbops.lint import example
from dbops.lint.engine import examine
from dbops.lint.queries import passages
from dbops.lint.queries.query import Query
from dbops.lint.rule import QUERY
from dbops.schema.model import EMPTY
from dbops.sql.query import exp, parse
from dbops.sql.split import split

TABLES = (
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, note text, made timestamptz, due timestamptz)\n"
    "-- schema: CREATE INDEX ON orders (made)\n"
    "-- schema: CREATE INDEX ON orders (note)\n"
)

EXPRESSIONS = (
    "now()", "lower(a)", "extract(year FROM a)", "cast(a AS date)", "a::text", "date '2024-01-01'", "count(*)",
    "coalesce(a, 1)", "f(a, b)", "array[1, 2]", "$1", "$1::int[]", "date_trunc('month', a)", "substring(a FROM 2)",
    "trim(a)", "a IN (1, 2)", '"A"', "((a + b) * 2)::numeric(10, 2)", "(a)::timestamp with time zone",
    "a::pg_catalog.int4 || 'x'", "CAST(lower(f(a::text)) AS varchar(10))", "a = $2", "g()", "s.t.c",
    "(a, b) IN ((1, 2), (3, 4))", "a LIKE ANY (ARRAY['x', 'y'])", "EXISTS (SELECT 1 FROM b)",
    "$3::timestamptz + h()", "a ->> 'b' = 'c'", "a::double precision", "f(g(h(a)))", "f(a)::int = (b)::int",
)  # fmt: skip
CONDITIONS = (
    "a IS NULL", "a = NULL", "NULL <> a", "current_date > a", "a BETWEEN now() AND current_date",
    "now() - interval '1 day' < a", "a = true", "lower(a) = lower($1)", "a LIKE '%x' ESCAPE '!'",
    "a >= date '2024-01-01'", "interval '1 day' + a < b",
)  # fmt: skip


def _read(sql: str) -> Query:
    return Query(sql, 0, split(sql)[0], parse(sql), EMPTY)


@pytest.mark.parametrize("text", EXPRESSIONS)
@pytest.mark.parametrize("around", ["SELECT {} FROM t", "SELECT x, ({}), y FROM t", "SELECT -- f(\n {} AS x FROM t"])
def test_an_expression_stands_where_all_of_it_is_written(text: str, around: str) -> None:
    query = _read(around.format(text))
    item = query.tree.selects[1 if around.count(",") else 0].unalias()  # type: ignore[attr-defined]
    start, end = query.span(item.unnest())
    assert query.sql[start:end] == text


@pytest.mark.parametrize("text", CONDITIONS)
@pytest.mark.parametrize(
    "around",
    [
        "SELECT 1 FROM t WHERE {}",
        "SELECT 1 FROM t WHERE x AND {} AND y",
        "SELECT 1 FROM t JOIN u ON {} WHERE z",
        "SELECT 1 FROM t WHERE x AND {} ORDER BY 1",
        "DELETE FROM t WHERE f(x) > 1 AND {} RETURNING id",
    ],
)
def test_a_condition_stands_where_all_of_it_is_written(text: str, around: str) -> None:
    query = _read(around.format(text))
    joined = query.tree.find(exp.Join)
    clause = joined.args["on"] if joined is not None else query.tree.args["where"].this
    chain = [clause] if not isinstance(clause, exp.And) else list(clause.flatten())
    node = chain[0] if len(chain) == 1 else chain[1]
    start, end = passages.condition(query, node)
    assert query.sql[start:end] == text


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("function-on-indexed-column", "SELECT id FROM orders WHERE <<made::date = current_date>> AND due > now()"),
        (
            "function-on-indexed-column",
            "SELECT id FROM orders WHERE due > now() AND <<extract(year FROM made) = 2024>>",
        ),
        ("function-on-indexed-column", "SELECT id FROM orders WHERE <<cast(made AS date) BETWEEN $1 AND now()::date>>"),
        ("function-on-indexed-column", "SELECT id FROM orders WHERE due > now() AND (<<lower(note) = lower($1)>>)"),
        ("implicit-cast", "SELECT note FROM orders WHERE <<id = $1::numeric>> AND due > now()"),
        ("implicit-cast", "SELECT note FROM orders WHERE (<<id = ANY ($1::numeric[])>>)"),
        ("leading-wildcard-like", "SELECT id FROM orders WHERE <<note ILIKE concat('%', $1, '%')>> OR due > now()"),
        ("leading-wildcard-like", "SELECT id FROM orders WHERE <<lower(note) LIKE ('%' || $1)::text>> LIMIT 5"),
        ("not-in-nullable", "SELECT id FROM orders WHERE <<note NOT IN (SELECT lower(note) FROM orders)>> LIMIT 5"),
        (
            "between-timestamps",
            "SELECT 1 FROM orders WHERE <<made BETWEEN '2024-01-01' AND date '2024-01-31'>> AND id > 1",
        ),
        ("equals-null", "SELECT id FROM orders WHERE id > 5 AND <<NULL = lower(note)>> LIMIT 5"),
        ("limit-without-order-by", "SELECT id FROM orders <<LIMIT 10>>"),
        ("limit-without-order-by", "SELECT id FROM orders <<LIMIT $1::int>> OFFSET 3"),
        ("limit-without-order-by", "SELECT id FROM orders <<FETCH FIRST 5>> ROWS ONLY"),
        ("offset-pagination", "SELECT id FROM orders ORDER BY id LIMIT 10 <<OFFSET ($1 - 1) * 10>>"),
        ("order-by-random", "SELECT id FROM orders ORDER BY <<random() * 2>> DESC LIMIT 3"),
        ("select-star", "SELECT <<o.*>> FROM orders o WHERE id = 1"),
        ("update-without-where", "WITH x AS (UPDATE <<orders>> SET note = '' RETURNING id) SELECT id FROM x"),
        ("unpaginated-query", "/* all */ <<SELECT>> id FROM orders"),
        (
            "count-star-for-existence",
            "SELECT id, <<(SELECT count(*) FROM orders o WHERE o.due > now()) > 0>> FROM orders",
        ),
    ],
)
def test_a_finding_covers_what_it_is_about(rule: str, sql: str) -> None:
    plain = sql.replace("<<", "").replace(">>", "")
    marked = sql[sql.index("<<") + 2 : sql.index(">>")]
    script = example.script(example.read(TABLES + plain), QUERY)
    spans = [hit.span for hit in examine(script) if hit.rule == rule]
    assert [plain[slice(*span)] for span in spans] == [marked]


LONG = {
    "or": "SELECT id FROM orders WHERE " + " OR ".join(f"id = {number} OR note = '{number}'" for number in range(1500)),
    "and": "SELECT id FROM orders WHERE " + " AND ".join(f"note LIKE '%{number}'" for number in range(1500)),
    "casts": "SELECT id FROM orders WHERE " + " AND ".join(f"id = {number}.5" for number in range(1500)),
    "columns": "SELECT " + ", ".join(f"(o.c{n}::numeric * 2)::text" for n in range(500)) + " FROM orders o",
    "union": " UNION ".join(f"SELECT id FROM orders WHERE id > {number}" for number in range(80)),
    "values": "INSERT INTO orders VALUES " + ", ".join(f"({number}, 'x', now())" for number in range(5000)),
    "in": f"SELECT id FROM orders WHERE due IN ({', '.join(f'${number}' for number in range(1, 5000))})",
    "with": "WITH c0 AS (SELECT id FROM orders), "
    + ", ".join(f"c{number} AS (SELECT id FROM c{number - 1} WHERE id > {number})" for number in range(1, 200))
    + " SELECT id FROM c199",
    "joins": "SELECT o.id FROM orders o " + " ".join(f"JOIN i i{number} USING (id)" for number in range(40)),
}


@pytest.mark.parametrize("sql", LONG.values(), ids=LONG)
def test_a_long_statement_is_judged_in_no_time_by_all_rules(sql: str) -> None:
    script = example.script(example.read(TABLES + sql), QUERY)
    began = time.process_time()
    found = [hit.rule for hit in examine(script)]
    assert time.process_time() - began < 4  # a fifth of a second on an idle machine
    assert "not-analysed" not in found
    assert found
