"""Whatever the query, reading it never fails, and what is proposed is SQL that PostgreSQL's grammar takes."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.sql.query import QueryUnreadable
from dbops.sql.split import split
from explain.advise.scenes import proposed

_COLUMNS = st.sampled_from(
    [
        "id",
        "customer_id",
        "status",
        "placed_at",
        "total",
        "paid",
        "note",
        "data",
        "tags",
        "words",
        '"when"',
        "mood",
        "x",
    ]
)
_ALIASES = st.sampled_from(["", "o.", "orders.", "c.", "l."])
_VALUES = st.sampled_from(
    [
        "1", "'x'", "NULL", "true", "now()", "$1", "ARRAY['a']", "'{1,2}'::int[]", "(SELECT max(id) FROM orders)",
        "c.id", "o.customer_id", "random()", "current_date", "interval '1 day'", "'%abc%'", "'abc%'", "'a\\_b%'", "1.5",
    ]
)  # fmt: skip
_OPERATORS = st.sampled_from(
    [
        "=", "<>", "<", ">=", "LIKE", "NOT LIKE", "ILIKE", "~", "~*", "@>", "<@", "&&", "?", "?|", "@@", "->", "->>",
        "IS DISTINCT FROM", "||", "SIMILAR TO", "%", "@?", "^@",
    ]
)  # fmt: skip
_TERMS = st.builds("{}{}".format, _ALIASES, _COLUMNS) | _VALUES


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("lower({})".format, inner),
        st.builds("({})::text".format, inner),
        st.builds("({})::date".format, inner),
        st.builds("coalesce({}, 'x')".format, inner),
        st.builds("({} ->> 'k')".format, inner),
        st.builds("date_trunc('day', {})".format, inner),
        st.builds("extract(year FROM {})".format, inner),
        st.builds("({}, id)".format, inner),
        st.builds("({} AT TIME ZONE 'UTC')".format, inner),
        st.builds("own({})".format, inner),
        st.builds("({} + {})".format, inner, inner),
    )


_EXPRESSIONS = st.recursive(_TERMS, _wrapped, max_leaves=4)
_COMPARED = st.one_of(
    st.builds("{} {} {}".format, _EXPRESSIONS, _OPERATORS, _EXPRESSIONS),
    st.builds("{} BETWEEN {} AND {}".format, _EXPRESSIONS, _VALUES, _VALUES),
    st.builds("{} IN ({}, {})".format, _EXPRESSIONS, _VALUES, _VALUES),
    st.builds("{} IN (SELECT customer_id FROM orders WHERE {} = 1)".format, _EXPRESSIONS, _COLUMNS),
    st.builds("{} = ANY ({})".format, _EXPRESSIONS, _EXPRESSIONS),
    st.builds("{} IS NULL".format, _EXPRESSIONS),
    st.builds("{} IS NOT NULL".format, _EXPRESSIONS),
    st.builds("EXISTS (SELECT FROM lines WHERE order_id = {})".format, _EXPRESSIONS),
    _EXPRESSIONS,
)
_CONDITIONS = st.recursive(
    _COMPARED,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
_FROM = st.sampled_from(
    [
        "orders", "orders o", "orders AS o, customers c",
        "orders o LEFT JOIN customers c USING (id)",
        "orders o JOIN customers c ON c.id = o.customer_id JOIN lines l ON l.order_id = o.id",
        "(SELECT * FROM orders) o", "recent o",
        "orders o, LATERAL (SELECT * FROM lines WHERE order_id = o.id LIMIT 1) l",
        "generate_series(1, 2) o", "events o", "orders AS o (a, b)", "orders o NATURAL JOIN customers c",
        "orders o FULL JOIN lines l ON l.order_id = o.id", "ONLY orders o",
    ]
)  # fmt: skip
_TAILS = st.one_of(
    st.just(""),
    st.builds("ORDER BY {} DESC NULLS LAST, {} LIMIT 3".format, _EXPRESSIONS, _COLUMNS),
    st.builds("GROUP BY {}".format, _EXPRESSIONS),
    st.builds("GROUP BY ROLLUP ({})".format, _COLUMNS),
    st.builds("FETCH FIRST 3 ROWS WITH TIES".format),
    st.just("FOR UPDATE"),
)
_OUTPUTS = st.sampled_from(
    ["*", "o.*", "id", "count(*)", "max(total)", "min(o.total), max(id)", "DISTINCT status", "DISTINCT ON (id) total",
     "row_number() OVER (PARTITION BY status ORDER BY total)", "sum(total) FILTER (WHERE paid)", "o", ""]
)  # fmt: skip
_SELECTS = st.builds("SELECT {} FROM {} WHERE {} {}".format, _OUTPUTS, _FROM, _CONDITIONS, _TAILS)
_STATEMENTS = st.one_of(
    _SELECTS,
    st.builds("{} UNION {}".format, _SELECTS, _SELECTS),
    st.builds("WITH x AS ({}) SELECT * FROM x JOIN orders o ON o.id = x.id".format, _SELECTS),
    st.builds("UPDATE orders o SET total = 1 FROM customers c WHERE {}".format, _CONDITIONS),
    st.builds("DELETE FROM orders o USING customers c WHERE {}".format, _CONDITIONS),
    st.builds("INSERT INTO orders (id) {}".format, _SELECTS),
    st.builds("MERGE INTO orders o USING customers c ON {} WHEN MATCHED THEN DELETE".format, _CONDITIONS),
)


@settings(max_examples=150, deadline=None)
@given(_STATEMENTS)
def test_what_is_proposed_is_sql(query: str) -> None:
    try:
        found = proposed(query)
    except QueryUnreadable:
        return
    for definition in found:
        (statement,) = split(f"CREATE INDEX ON {definition}")
        assert type(statement.node).__name__ == "IndexStmt"
        assert not statement.node.HasField("where_clause") or "WHERE" in definition


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.text("SELECT FROMWHERE'();,*=%$\"oid1", max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    with suppress(QueryUnreadable):
        proposed(text)
