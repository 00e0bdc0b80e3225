"""Advice on a real server: what is advised is really used when it is built, and the target stays as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from dbops.explain.advise.advice import Advice, results
from dbops.explain.advise.advise import advise
from dbops.explain.advise.migration import migration
from dbops.explain.advise.search import MOST
from dbops.results.explain import Basis
from explain.advise.shop import Shop, Visit, built, contents, opened, used, visit
from servers.server import SharedServer


@pytest.fixture(scope="module")
def shop(server: SharedServer, admin: psycopg.Connection) -> Iterator[Shop]:
    name = f"shop_{os.getpid()}"
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    yield opened(server.dsn(name))
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def session(shop: Shop) -> Iterator[Visit]:
    with visit(shop.dsn) as found:
        yield found


def definitions(advice: Advice) -> list[str]:
    return [each.candidate.definition.removeprefix("public.") for each in advice.indexes]


# A query, and what the definition of one of the indexes for it begins with.
SHAPES = [
    ("SELECT * FROM orders WHERE placed_at BETWEEN '2023-02-01' AND '2023-02-02'", "orders (placed_at"),
    ("SELECT * FROM orders WHERE status = 'done' ORDER BY placed_at DESC LIMIT 10", "orders ("),
    ("SELECT id, total FROM orders WHERE status = 'new' AND deleted_at IS NULL ORDER BY placed_at LIMIT 20",
     "orders (placed_at) WHERE (status = 'new') AND (deleted_at IS NULL)"),
    ("SELECT * FROM orders WHERE (placed_at, id) < ('2023-02-01', 5000) ORDER BY placed_at DESC, id DESC LIMIT 20",
     "orders (placed_at"),
    ("SELECT o.*, l.qty FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.customer_id = 77", "lines (order_id)"),
    ("SELECT * FROM customers WHERE lower(email) = 'user77@example.com'", "customers ((lower(email)))"),
    ("SELECT * FROM customers WHERE email LIKE 'User77%'", "customers (email"),
    ("SELECT max(placed_at) FROM orders WHERE status = 'sent'", "orders ("),
    ("SELECT c.* FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.status = 'new'"
     " AND NOT o.paid)", "orders ("),
    ("SELECT * FROM open_orders WHERE email = 'User77@example.com'", "customers (email)"),
    ("SELECT count(*) FROM events WHERE kind = 'k7'", "events (kind)"),
    ("UPDATE orders SET status = 'sent' WHERE status = 'new' AND placed_at < '2023-02-01'",
     "orders (placed_at) WHERE status = 'new'"),
    ("DELETE FROM lines WHERE product_id = 77", "lines (product_id)"),
    ("WITH x AS (SELECT * FROM orders WHERE placed_at > '2023-03-20') SELECT c.name FROM x JOIN customers c"
     " ON c.id = x.customer_id", "orders (placed_at"),
    ("SELECT * FROM customers WHERE name ILIKE '%abc%def%'", "customers USING gin (name gin_trgm_ops)"),
    ("SELECT * FROM orders WHERE data @> '{\"kind\": \"k7\"}'", "orders USING gin (data jsonb_path_ops)"),
    ("SELECT * FROM orders WHERE tags && ARRAY['t7', 't8']", "orders USING gin (tags)"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), SHAPES, ids=[query[:70] for query, _ in SHAPES])
def test_what_is_advised_is_used_once_it_is_built_and_lowers_the_cost(
    shop: Shop, session: Visit, query: str, expected: str
) -> None:
    before = session.plan(query).root.estimate.total_cost
    advice = session.advise(query)
    assert any(each.startswith(expected) for each in definitions(advice))
    assert 1 <= len(advice.indexes) <= MOST
    with built(shop.dsn, advice.indexes):
        plan = session.plan(query)
    names = [each.name for each in advice.indexes]
    assert all(any(name in index or _is_of_partition(index, name) for index in used(plan)) for name in names)
    assert plan.root.estimate.total_cost < 0.9 * before


def _is_of_partition(index: str, name: str) -> bool:
    return index.startswith("events_") and name.startswith("events_")


@pytest.mark.parametrize(("query", "expected"), SHAPES, ids=[query[:70] for query, _ in SHAPES])
def test_every_figure_carries_its_basis(shop: Shop, session: Visit, query: str, expected: str) -> None:
    """An index that HypoPG can't be asked about is estimated, and is never said to be planned."""
    single = not any(word in query for word in ("JOIN", "EXISTS", "open_orders", "events"))
    for each in session.advise(query).indexes:
        plain = each.candidate.predicate is None and all(key.column is not None for key in each.candidate.keys)
        known = each.candidate.method == "btree" and (plain or single)
        assert each.basis is (shop.basis if known else Basis.ESTIMATED)
        assert ("HypoPG" in each.basis_detail) is (each.basis is Basis.PLANNED)
        assert each.cost_after < each.cost_before
        assert each.size_bytes is not None
        assert each.size_bytes > 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM orders WHERE id = 5",
        "SELECT * FROM orders WHERE customer_id = 5",
        "SELECT count(*) FROM orders",
        "SELECT * FROM settings WHERE name = 'n7'",
        "SELECT sum(total) FROM orders WHERE total > 5",
        "SELECT status, count(*) FROM orders GROUP BY status",
        "SELECT * FROM orders WHERE date_trunc('month', placed_at) = '2023-02-01'",
        "SELECT 1",
        "SELECT * FROM generate_series(1, 100000) AS g WHERE g = 5",
        "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE a.attname = 'x'",
    ],
)
@pytest.mark.parametrize("analyze", [False, True])
def test_nothing_is_advised_where_nothing_helps_and_it_is_said_why(session: Visit, query: str, analyze: bool) -> None:
    advice = session.advise(query, analyze=analyze)
    assert advice.indexes == ()
    assert advice.note


def test_the_target_is_as_it_was(shop: Shop, session: Visit) -> None:
    before = contents(shop.dsn)
    for query, _ in SHAPES:
        session.advise(query)
    assert contents(shop.dsn) == before
    if "hypopg" in shop.offered:
        assert session.session.json("SELECT count(*) FROM tools.hypopg_list_indexes") == 0
    assert not session.session.in_transaction


def test_advice_is_given_in_a_session_that_may_not_write(session: Visit) -> None:
    session.session.run("SET default_transaction_read_only = on")
    advice = session.advise("SELECT * FROM orders WHERE placed_at > '2023-03-24'")
    assert definitions(advice) == ["orders (placed_at)"]


def test_an_existing_index_is_not_proposed_again(session: Visit) -> None:
    advice = session.advise("SELECT * FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.customer_id = 77")
    held = {each.candidate.definition: each.reason for each in advice.rejected}
    assert held["public.orders (customer_id)"] == "orders_customer has it"
    assert held["public.orders (id)"] == "orders_pkey has it"


def test_an_index_that_becomes_redundant_is_named(session: Visit) -> None:
    query = (
        "SELECT c.name, x.total FROM customers c, LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id"
        " ORDER BY placed_at DESC LIMIT 1) x WHERE c.created_at < '2020-02-01'"
    )
    (advised,) = session.advise(query).indexes
    assert advised.candidate.definition.startswith("public.orders (customer_id, placed_at DESC)")
    assert advised.redundant == ("orders_customer",)


def test_a_value_of_a_parameter_makes_no_partial_index(session: Visit) -> None:
    query = "SELECT * FROM orders WHERE status = ('new'::text) AND placed_at < '2023-02-01'"
    assert all(each.candidate.predicate is None for each in session.advise(query, literals=["('new'::text)"]).indexes)
    assert any(each.candidate.predicate is not None for each in session.advise(query).indexes)


def test_an_element_of_an_array_is_rejected_with_how_to_ask_for_it(session: Visit) -> None:
    advice = session.advise("SELECT * FROM orders WHERE 't7' = ANY (tags)")
    assert advice.indexes == ()
    assert "tags @> ARRAY[…]" in advice.rejected[0].reason


def test_a_budget_that_is_used_up_is_said(session: Visit) -> None:
    query = "SELECT * FROM orders WHERE status = 'new' AND paid AND total > 5 ORDER BY placed_at LIMIT 5"
    assert "the budget of 3 plans" in (session.advise(query, plans=3).note or "")
    assert "budget" not in (session.advise(query).note or "")


def test_a_table_that_was_never_analyzed_is_said(database: str) -> None:
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        connection.execute("CREATE TABLE fresh WITH (autovacuum_enabled = off) AS"
                           " SELECT i AS a, repeat('x', 100) AS b FROM generate_series(1, 20000) AS i")  # fmt: skip
    with visit(database) as session:
        assert "public.fresh was never analyzed" in (session.advise("SELECT * FROM fresh WHERE a = 5").note or "")


def test_a_locked_table_is_not_waited_for(shop: Shop, session: Visit) -> None:
    query = "SELECT * FROM orders WHERE placed_at > '2023-03-24'"
    plan = session.plan(query)
    with closing(psycopg.connect(shop.dsn, connect_timeout=10)) as other:
        other.execute("LOCK TABLE orders")
        advice = advise(session.session, query, plan, session.schema, session.version)
    assert advice.indexes == ()
    assert "lock" in (advice.note or "")
    assert not session.session.closed


def test_without_the_right_to_ask_hypopg_costs_are_estimated(shop: Shop, session: Visit, role: object) -> None:
    someone = role()  # type: ignore[operator]
    with closing(psycopg.connect(shop.dsn, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(sql.SQL("GRANT SELECT ON orders TO {}").format(sql.Identifier(someone.name)))
    with visit(someone.dsn(shop.dsn)) as theirs:
        advice = theirs.advise("SELECT * FROM orders WHERE placed_at > '2023-03-24'")
    with closing(psycopg.connect(shop.dsn, autocommit=True, connect_timeout=10)) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(someone.name)))
    assert [each.basis for each in advice.indexes] == [Basis.ESTIMATED]
    assert ("HypoPG could not be asked" in (advice.note or "")) is ("hypopg" in shop.offered)


def test_the_advice_makes_results_and_a_migration(session: Visit) -> None:
    advice = session.advise("SELECT count(*) FROM events WHERE kind = 'k7'")
    (advised,), _ = results(advice)
    assert advised.table == "public.events"
    assert advised.create.count(";\n") == 4  # the parent's, and two for each of two partitions
    assert advised.create in migration([advised])
