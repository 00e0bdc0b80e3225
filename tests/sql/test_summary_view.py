"""A query that sums up as a materialised view: which have one, and on a server, that it gives the same rows."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from dbops.sql.summary_view import NotPossible, summary, summary_view

SCHEMA = """
CREATE TABLE shops (id int PRIMARY KEY, region text, "user" text);
INSERT INTO shops SELECT i, CASE WHEN i % 3 > 0 THEN 'r' || i % 3 END, 'u' || i FROM generate_series(1, 6) AS i;
CREATE TABLE orders (id int PRIMARY KEY, shop int, status text, total numeric, at timestamptz);
INSERT INTO orders SELECT
    i, CASE WHEN i % 7 > 0 THEN i % 7 END, (ARRAY['new', 'paid', 'sent', NULL])[1 + i % 4], i % 100,
    timestamptz '2026-11-25 00:00 UTC' + i * interval '1 hour'
FROM generate_series(1, 500) AS i;
"""
# Each query, and the values that it is asked with.
QUERIES: dict[str, list[tuple[object, ...]]] = {
    "SELECT count(*), sum(total), avg(total) FROM orders": [()],
    "SELECT status, count(*), sum(total), count(DISTINCT shop) FROM orders GROUP BY status ORDER BY count(*) DESC, 1": [
        ()
    ],
    "SELECT count(*), sum(total) AS t, max(at) FROM orders WHERE shop = $1 AND total > 10": [(3,), (99,), (None,)],
    "SELECT status, max(total) FROM orders WHERE $1 = shop GROUP BY 1 ORDER BY 1 NULLS FIRST LIMIT $2": [
        (3, 2), (9, 5)
    ],
    "SELECT s.region, o.status, count(*) FROM orders AS o JOIN shops AS s ON s.id = o.shop "
    "WHERE s.region = $1 AND o.status = $2 GROUP BY s.region, o.status": [("r1", "new"), ("r2", "sent"), ("r9", "new")],
    "SELECT count(*) FROM orders GROUP BY shop, status ORDER BY 1": [()],
    'SELECT "user", count(*) AS "order" FROM shops GROUP BY "user" ORDER BY "user"': [()],
    "SELECT status, count(*) FROM orders WHERE status IS NOT NULL GROUP BY status HAVING count(*) > 1 "
    "ORDER BY status": [()],
    "SELECT o.shop, s.id, count(*) FROM orders o LEFT JOIN shops s ON s.id = o.shop WHERE s.id = $1 "
    "GROUP BY o.shop, s.id": [(3,)],
    "SELECT status, count(*), count(total), rank() OVER (ORDER BY count(*) DESC) FROM orders GROUP BY status "
    "ORDER BY 1": [()],
    "SELECT max(shop) AS status, count(*) FROM orders GROUP BY status": [()],
    "SELECT json_agg(shop ORDER BY id), count(*) FROM orders": [()],
    "SELECT CASE WHEN shop > 3 THEN status ELSE region END, (CASE WHEN shop > 3 THEN 1 END)::int8, ARRAY[region], "
    "nullif(shop, 1), greatest(shop, 2), coalesce(shop, 1), region COLLATE \"C\", (ARRAY[shop])[1], count(*), "
    "(SELECT max(id) FROM shops), EXISTS (SELECT 1), ARRAY(SELECT 1), GROUPING(region), current_date, shop + 1, "
    "(SELECT 1 AS one), CASE WHEN true THEN 1 ELSE count(*) END, 'a'::text, int '5' "
    "FROM orders CROSS JOIN (SELECT region FROM shops) AS s GROUP BY region, shop, status": [()],
    "WITH paid AS (SELECT * FROM orders WHERE status = 'paid') SELECT shop, sum(total) FROM paid WHERE shop = $1::int "
    "GROUP BY shop": [(2,), (77,)],
}  # fmt: skip


@pytest.mark.parametrize("sql", QUERIES)
def test_a_view_gives_the_rows_of_its_query_and_is_refreshed_beside_readers(emptied: str, sql: str) -> None:
    view = summary_view(sql)
    with closing(psycopg.connect(emptied, autocommit=True)) as connection:
        connection.execute(SCHEMA)
        connection.execute(view.create)
        connection.execute(view.unique_index)
        for round in range(2):
            for values in QUERIES[sql]:
                types = f"({', '.join(map(_type, values))})" if values else ""
                answers = []
                for text in (sql, view.query):
                    connection.execute(f"PREPARE asked{types} AS {text}")
                    given = ", ".join("NULL" if value is None else repr(value) for value in values)
                    cursor = connection.execute(f"EXECUTE asked({given})" if values else "EXECUTE asked")
                    answers.append(([column.name for column in cursor.description or ()], cursor.fetchall()))
                    connection.execute("DEALLOCATE asked")
                (names, rows), (again, same) = answers
                assert names == again
                assert rows == same if "ORDER" in sql else sorted(rows, key=repr) == sorted(same, key=repr)
            if not round:
                connection.execute("INSERT INTO orders VALUES (0, 3, 'new', 7, now()), (-1, 99, 'sent', 20, now())")
                connection.execute(view.refresh)


def _type(value: object) -> str:
    return "text" if isinstance(value, str) else "int"


REFUSED = {
    "SELECT json_agg(shop) FROM orders": "nothing that a unique index can be on",
    "SELECT json_build_object('n', count(*)), array_agg(id) FROM orders": "nothing that a unique index can be on",
    "SELECT shop, unnest(array_agg(id)) FROM orders GROUP BY shop": "several rows for each group",
    "SELECT (shop, status), count(*) FROM orders GROUP BY shop, status": "a row as a value",
    "SELECT tableoid, count(*) FROM orders GROUP BY 1": "it returns tableoid",
    "SELECT shop AS ctid, count(*) FROM orders GROUP BY 1": "PostgreSQL's own",
    "SELECT id FROM orders": "sums nothing up",
    "SELECT 1": "sums nothing up",
    "SELEC": "sums nothing up",
    "UPDATE orders SET total = 1": "sums nothing up",
    "SELECT date_trunc($1, at), count(*) FROM orders GROUP BY 1": "it stands in date_trunc($1, at)",
    "SELECT count(*) FROM orders WHERE total > $1": "$1 can't become a column",
    "SELECT count(*) FROM orders WHERE shop = $1 OR shop = $2": "$1 can't become a column",
    "SELECT count(*) FROM (SELECT * FROM orders WHERE shop = $1) AS x": "its FROM",
    "WITH a AS (SELECT 1), b AS (SELECT $1) SELECT count(*) FROM a, b": "its FROM or WITH",
    "SELECT shop, count(*) FROM orders GROUP BY shop HAVING count(*) > $1": "$1 can't become a column",
    "SELECT count(*) + 1 FROM orders WHERE shop = $1": "for a value that no row has",
    "SELECT count(*) FROM orders WHERE shop = $1 HAVING count(*) > 5": "for a value that no row has",
    "SELECT shop, rank() OVER (ORDER BY count(*)) FROM orders WHERE shop = $1 GROUP BY shop": "window functions",
    "SELECT shop, count(*) FROM orders GROUP BY ROLLUP (shop)": "GROUPING SETS",
    "SELECT DISTINCT count(*) FROM orders GROUP BY shop": "DISTINCT",
    "SELECT s.* FROM shops s GROUP BY s.id": "returns *",
    "SELECT count(*) FROM orders GROUP BY shop ORDER BY shop": "sorted by shop, which it does not return",
    "SELECT count(*) FROM orders WHERE shop = $1 AND shop = $2": "compared with two values",
    "SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY 2 FETCH FIRST 3 ROWS WITH TIES": "WITH TIES",
}  # fmt: skip


@pytest.mark.parametrize("sql", REFUSED)
def test_what_has_no_view_that_gives_the_same_is_refused_with_the_reason(sql: str) -> None:
    with pytest.raises(NotPossible) as refused:
        summary_view(sql)
    assert REFUSED[sql] in str(refused.value)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT count(*) FROM orders", "orders_summary"),
        ("SELECT count(*) FROM app.orders WHERE shop = $1", "orders_by_shop"),
        ("SELECT status, count(*) FROM orders WHERE shop = $1 GROUP BY 1", "orders_by_shop_status"),
        (f"SELECT count(*) FROM {'o' * 63} WHERE shop = $1", "o" * 63),
    ],
)
def test_a_view_is_named_by_its_table_and_what_it_is_asked_by(sql: str, name: str) -> None:
    assert summary_view(sql).name == name
    other = summary_view(sql, {name}).name
    assert other != name
    assert len(other) <= 63
    assert other.endswith("_2")


def test_a_query_that_sums_up_is_told_from_one_that_does_not() -> None:
    assert summary("SELECT lower(name), count(*) OVER () FROM shops") is None
    assert summary("SELECT shop FROM orders GROUP BY shop") is not None
    assert summary("SELECT count(*) UNION SELECT 1") is None
