"""A history of migrations as a careful team writes it: none of it is worth a warning, and all of it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from dbops.lint import example
from dbops.lint.engine import examine
from dbops.lint.rule import MIGRATION
from dbops.lint.rules import rules
from dbops.lint.script import Script
from dbops.results.lint import Severity
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY

HISTORY = {
    "create shops and customers": """
        CREATE TABLE shops (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            slug text NOT NULL UNIQUE CHECK (length(slug) <= 60),
            opened_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE customers (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            email text NOT NULL,
            settings jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX customers_email ON customers (lower(email));
    """,
    "create orders": """
        CREATE TABLE orders (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            shop_id bigint NOT NULL REFERENCES shops (id),
            customer_id bigint NOT NULL REFERENCES customers (id),
            state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid', 'sent')),
            total numeric(19, 4) NOT NULL DEFAULT 0,
            currency text NOT NULL CHECK (length(currency) = 3),
            placed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX orders_shop_id ON orders (shop_id, placed_at);
        CREATE INDEX orders_customer_id ON orders (customer_id);
    """,
    "create order lines with a key of two columns": """
        CREATE TABLE order_lines (
            order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
            line bigint NOT NULL,
            article text NOT NULL,
            quantity bigint NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (order_id, line)
        );
    """,
    "fill a table of states": """
        CREATE TABLE order_states (code text PRIMARY KEY, label text NOT NULL);
        INSERT INTO order_states (code, label) VALUES ('new', 'New'), ('paid', 'Paid'), ('sent', 'Sent');
    """,
    "add a column that may be null": "ALTER TABLE orders ADD COLUMN note text;",
    "add a column with a constant default": "ALTER TABLE customers ADD COLUMN blocked boolean NOT NULL DEFAULT false;",
    "index for the list of unpaid orders": """
        CREATE INDEX CONCURRENTLY orders_unpaid ON orders (placed_at) WHERE state = 'new';
    """,
    "index for the foreign key of states": "CREATE INDEX CONCURRENTLY orders_state ON orders (state);",
    "reference the states, unchecked": """
        ALTER TABLE orders ADD CONSTRAINT orders_state_known
            FOREIGN KEY (state) REFERENCES order_states (code) NOT VALID;
    """,
    "check the reference": "ALTER TABLE orders VALIDATE CONSTRAINT orders_state_known;",
    "totals are not negative, unchecked": """
        ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;
    """,
    "check the totals": "ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;",
    "notes are set, unchecked": "ALTER TABLE orders ADD CONSTRAINT note_set CHECK (note IS NOT NULL) NOT VALID;",
    "check the notes": "ALTER TABLE orders VALIDATE CONSTRAINT note_set;",
    "notes are not null": "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
    "drop the superfluous check": "ALTER TABLE orders DROP CONSTRAINT note_set;",
    "a unique number, first as an index": "ALTER TABLE orders ADD COLUMN number text;",
    "build the unique index": "CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);",
    "make it a constraint": """
        ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;
    """,
    "change one customer": "UPDATE customers SET blocked = true WHERE id = 4711;",
    "a view of what is paid": """
        CREATE VIEW paid_orders AS SELECT id, shop_id, customer_id, total FROM orders WHERE state = 'paid';
    """,
    "one more column for the view": """
        CREATE OR REPLACE VIEW paid_orders AS
        SELECT id, shop_id, customer_id, total, currency FROM orders WHERE state = 'paid';
    """,
    "a function with a path of its own": """
        CREATE FUNCTION order_count(shop bigint) RETURNS bigint
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS 'SELECT count(*) FROM public.orders WHERE shop_id = shop';
        REVOKE ALL ON FUNCTION order_count(bigint) FROM PUBLIC;
    """,
    "a partitioned log": """
        CREATE TABLE events (
            id bigint GENERATED ALWAYS AS IDENTITY,
            happened_at timestamptz NOT NULL,
            payload jsonb NOT NULL,
            PRIMARY KEY (id, happened_at)
        ) PARTITION BY RANGE (happened_at);
        CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE INDEX events_happened_at ON events (happened_at);
    """,
    "replace an index": "CREATE INDEX CONCURRENTLY orders_unsent ON orders (placed_at) WHERE state <> 'sent';",
    "drop the replaced index": "DROP INDEX CONCURRENTLY orders_unpaid;",
    "rename a table behind a view": """
        ALTER TABLE order_lines RENAME TO order_items;
        CREATE VIEW order_lines AS SELECT order_id, line, article, quantity FROM order_items;
    """,
    "wider limit without a rewrite": """
        ALTER TABLE shops ADD CONSTRAINT shops_slug_short CHECK (length(slug) <= 80) NOT VALID;
    """,
}


def history() -> Iterator[tuple[str, Script]]:
    """Yield each migration with what those before it built."""
    schema = EMPTY
    for name, sql in HISTORY.items():
        script = replace(example.script(example.Example(sql), MIGRATION), schema=schema)
        yield name, script
        for statement in script.statements:
            schema = fold(schema, statement.node)


@pytest.mark.parametrize(("name", "script"), list(history()), ids=list(HISTORY))
def test_a_sound_migration_is_worth_no_warning(name: str, script: Script) -> None:
    asked = {rule.slug for rule in rules(MIGRATION) if rule.default}
    hits = [hit for hit in examine(script, asked) if hit.severity is not Severity.INFO]
    assert [(hit.rule, hit.found.message) for hit in hits] == []


def test_the_sound_migrations_run(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for _, script in history():
            for statement in script.statements:
                connection.execute(statement.text.encode())
        (orders,) = connection.execute("SELECT order_count(1)").fetchone() or (None,)
    assert orders == 0
