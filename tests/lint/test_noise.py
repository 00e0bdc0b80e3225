"""What is said once is not said again, and what only undoes an up is hardly spoken of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import MIGRATION, QUERY
from dbops.lint.script import Script
from dbops.results.lint import Severity
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql.split import split

ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, total int, note text, state text)"
TABLES = f"{ORDERS}; CREATE TABLE customers (id bigint PRIMARY KEY, name text); CREATE TABLE shops (id bigint)"


def known(sql: str) -> Schema:
    schema = EMPTY
    for statement in split(sql):
        schema = fold(schema, statement.node)
    return schema


def migration(sql: str, before: str = TABLES) -> Script:
    return replace(example.script(example.Example(sql), MIGRATION), schema=known(before))


def down(sql: str, *, up: str) -> Script:
    return replace(migration(sql, f"{TABLES}; {up}"), direction="down", base=known(TABLES))


def plain_down(sql: str, before: str = TABLES) -> Script:
    """Return what a folder of NAME.up.sql and NAME.down.sql gives: the down knows what was there before its up."""
    script = example.script(example.Example(sql, plain=True), QUERY)
    return replace(script, schema=known(before), direction="down")


def found(slug: str, script: Script) -> list[Hit]:
    return list(examine(script, {slug}))


def test_of_all_slow_statements_under_a_lock_the_first_one_is_told() -> None:
    slow = "ALTER TABLE orders ADD COLUMN memo text; UPDATE orders SET memo = ''; UPDATE customers SET name = ''"
    (hit,) = found("holding-access-exclusive", migration(f"{slow}; CREATE INDEX ON shops (id)"))
    assert (hit.statement.index, hit.severity) == (1, Severity.WARNING)


def test_of_tables_that_are_retyped_one_after_the_other_the_second_one_is_told() -> None:
    retyped = "; ".join(
        f"ALTER TABLE {name} ALTER {column} TYPE varchar(9)"
        for name, column in (("orders", "note"), ("customers", "name"), ("orders", "state"))
    )
    (hit,) = found("holding-access-exclusive", migration(retyped))
    assert hit.statement.index == 1


def test_the_third_table_under_a_lock_is_not_told_again() -> None:
    adds = "; ".join(f"ALTER TABLE {name} ADD COLUMN memo text" for name in ("orders", "customers", "shops"))
    (hit,) = found("holding-access-exclusive", migration(adds))
    assert (hit.statement.index, hit.severity) == (1, Severity.INFO)


def test_each_transaction_is_told_of() -> None:
    one = "BEGIN; ALTER TABLE orders ADD COLUMN {} text; UPDATE orders SET total = 1; COMMIT"
    script = example.script(example.Example(f"{one.format('a')}; {one.format('b')}", plain=True), QUERY)
    assert len(found("holding-access-exclusive", replace(script, schema=known(TABLES)))) == 2


def test_a_constant_default_that_may_not_be_null_is_no_pass_through_the_table() -> None:
    adds = "; ".join(f"ALTER TABLE orders ADD COLUMN c{number} int NOT NULL DEFAULT 0" for number in range(2))
    (hit,) = found("multiple-alter-table", migration(adds))
    assert hit.severity is Severity.INFO


def test_a_down_that_undoes_several_tables_is_not_told_to_take_them_one_by_one() -> None:
    up = "ALTER TABLE orders ADD COLUMN memo text; ALTER TABLE customers ADD COLUMN memo text"
    undoing = "ALTER TABLE orders DROP COLUMN memo; ALTER TABLE customers DROP COLUMN memo"
    assert found("holding-access-exclusive", down(undoing, up=up)) == []


def test_the_index_that_a_down_drops_is_worth_no_warning_unless_it_is_older() -> None:
    up = "CREATE INDEX orders_total ON orders (total)"
    (hit,) = found("require-concurrent-index-deletion", down("DROP INDEX orders_total", up=up))
    assert hit.severity is Severity.INFO
    (hit,) = found("require-concurrent-index-deletion", migration("DROP INDEX orders_total", f"{TABLES}; {up}"))
    assert hit.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("slug", "undoing"),
    [
        ("ban-drop-table", "DROP TABLE invoices"),
        ("ban-drop-column", "ALTER TABLE orders DROP COLUMN memo"),
        ("require-concurrent-index-deletion", "DROP INDEX orders_memo"),
        ("ban-drop-sequence", "DROP SEQUENCE numbers"),
    ],
)
def test_a_down_of_its_own_file_may_drop_what_was_not_there_before_its_up(slug: str, undoing: str) -> None:
    assert found(slug, plain_down(undoing)) == []


def test_a_down_of_its_own_file_may_not_drop_what_was_there_before_its_up() -> None:
    assert found("ban-drop-table", plain_down("DROP TABLE orders"))
    assert found("ban-drop-column", plain_down("ALTER TABLE orders DROP COLUMN note"))


def test_a_hint_has_the_whole_statement_as_it_was_written() -> None:
    index = "CREATE UNIQUE INDEX ON orders USING btree (lower(note) DESC) INCLUDE (total) WHERE total > 0"
    (hit,) = found("require-concurrent-index-creation", migration(index))
    assert hit.found.hint == (
        "-- in a migration of its own (no transaction):\nCREATE UNIQUE INDEX CONCURRENTLY orders_lower_total_idx ON "
        "orders USING btree (lower(note) DESC) INCLUDE (total) WHERE total > 0;"
    )
    key = "ALTER TABLE orders ADD FOREIGN KEY (total) REFERENCES shops (id) ON DELETE SET NULL DEFERRABLE"
    (hit,) = found("adding-foreign-key-constraint", migration(key))
    assert "REFERENCES shops (id) ON DELETE SET NULL DEFERRABLE NOT VALID;" in (hit.found.hint or "")


def test_a_run_of_statements_is_shown_joined() -> None:
    run = (
        "ALTER TABLE orders ADD COLUMN a numeric(9, 2), ADD b text; ALTER TABLE ONLY orders ALTER note SET DEFAULT 'x'"
    )
    (hit,) = found("multiple-alter-table", migration(run))
    assert hit.found.hint == (
        "ALTER TABLE orders ADD COLUMN a numeric(9, 2), ADD b text,\n  ALTER note SET DEFAULT 'x';"
    )
