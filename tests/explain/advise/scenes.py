"""A shop's tables and what a server would know of them, for tests of candidates without a server."""

from __future__ import annotations

from collections.abc import Mapping

from dbops.explain.advise.candidates.demand import Demand, demands
from dbops.explain.advise.candidates.proposals import propose
from dbops.explain.advise.candidates.scene import Scene, scene
from dbops.explain.advise.facts import ColumnFacts, ExistingIndex, Extension, Facts, Leaf, TableFacts
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from schema.scene import folded

DDL = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE customers (id bigint PRIMARY KEY, name text, email varchar(100), country char(2), born date,
    "group" text, created_at timestamptz, profile json, place point);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, status text, placed_at timestamptz, shipped_on date,
    total numeric(10, 2), paid boolean, mood mood, note text, data jsonb, tags text[], words tsvector, "when" timestamp,
    deleted_at timestamptz);
CREATE TABLE lines (order_id bigint, number int, product_id int, qty int, price numeric,
    PRIMARY KEY (order_id, number));
CREATE TABLE events (at timestamptz, kind text, body jsonb) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE VIEW recent AS SELECT id, placed_at FROM orders;
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, total FROM orders;
CREATE FOREIGN TABLE elsewhere (id bigint, name text) SERVER nowhere;
"""
SCHEMA: Schema = folded(DDL)
ORDERS, CUSTOMERS, LINES, EVENTS = (Relation("public", name) for name in ("orders", "customers", "lines", "events"))
_ROWS = 1_000_000.0


def facts(
    *,
    indexes: tuple[ExistingIndex, ...] = (),
    extensions: Mapping[str, Extension] | None = None,
    pages: int = 20_000,
    correlation: float = 0.1,
) -> Facts:
    """Return what is known; ``indexes`` are those of orders beside its primary key."""
    orders = TableFacts(
        (Leaf(ORDERS, _ROWS, pages, 1.0),),
        {
            "customer_id": ColumnFacts(8, 0, 10_000, 0.01, 0.0002),
            "status": ColumnFacts(6, 0, 5, 0.1, 0.9, plain_order=False),
            "placed_at": ColumnFacts(8, 0, -1, correlation),
            "total": ColumnFacts(6, 0, 50_000, 0.0),
            "note": ColumnFacts(400, 0, -1, 0.0, plain_order=False),
        },
        indexes,
    )
    tables = {
        ORDERS: orders,
        CUSTOMERS: TableFacts((Leaf(CUSTOMERS, 10_000.0, 200, 1.0),), {"email": ColumnFacts(20, plain_order=False)}),
    }
    functions = {
        "lower": "immutable",
        "own": "immutable",
        "now": "stable",
        "random": "volatile",
        "own_volatile": "volatile",
    }
    known = {"pg_trgm": Extension()} if extensions is None else extensions
    return Facts(tables, functions, known)


class AllRare(dict[tuple[Relation, str], float]):
    """Shares of conditions that each leave a hundredth of the rows."""

    def get(self, key: object, default: object = None) -> float:  # type: ignore[override]
        return 0.01


def asked(sql: str, *, known: Facts | None = None, parameters: frozenset[str] = frozenset()) -> tuple[Demand, ...]:
    """Return what a query asks of its tables."""
    return demands(seen(sql, known=known, parameters=parameters))


def seen(sql: str, *, known: Facts | None = None, parameters: frozenset[str] = frozenset()) -> Scene:
    return scene(sql, SCHEMA, facts() if known is None else known, parameters)


def proposed(
    sql: str,
    *,
    known: Facts | None = None,
    shares: Mapping[tuple[Relation, str], float] | None = None,
    parameters: frozenset[str] = frozenset(),
) -> list[str]:
    """Return the definitions of the indexes that are proposed for a query, without ``public.``."""
    known = facts() if known is None else known
    found = asked(sql, known=known, parameters=parameters)
    hot = {demand.table.name: 1.0 for demand in found}
    proposals, _ = propose(found, hot, known, AllRare() if shares is None else shares, SCHEMA)
    return [each.candidate.definition.removeprefix("public.") for each in proposals]


def dismissed(sql: str, *, known: Facts | None = None) -> dict[str, str]:
    """Return the reasons of those that are not even asked about."""
    known = facts() if known is None else known
    found = asked(sql, known=known)
    _, refused = propose(found, {demand.table.name: 1.0 for demand in found}, known, AllRare(), SCHEMA)
    return {each.candidate.definition.removeprefix("public."): each.reason for each in refused}
