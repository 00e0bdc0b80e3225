"""The rules about running code, timeouts, types and structure: what their examples alone don't show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.lint import example
from dbops.lint.engine import Hit, examine
from dbops.lint.rule import MIGRATION, QUERY
from dbops.lint.script import Origin, Script
from dbops.results.lint import Severity
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema, Table
from dbops.sql.nodes import Relation
from dbops.sql.split import split

ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new', total bigint, note text)"
BIG, SMALL = 400_000_000, 40


def known(sql: str, *, rows: float | None = None) -> Schema:
    schema = EMPTY
    for statement in split(sql):
        schema = fold(schema, statement.node)
    tables = {name: replace(table, rows=rows) for name, table in schema.tables.items()}
    return replace(schema, tables=tables)


def migration(sql: str, schema: Schema = EMPTY) -> Script:
    return replace(example.script(example.Example(sql), MIGRATION), schema=schema)


def down(sql: str, *, before: str, up: str) -> Script:
    return replace(migration(sql, known(f"{before};{up}")), direction="down", base=known(before))


def plain(sql: str, schema: Schema = EMPTY) -> Script:
    return replace(example.script(example.Example(sql, plain=True), QUERY), schema=schema)


def found(slug: str, script: Script) -> list[Hit]:
    return list(examine(script, {slug}))


def marked(slug: str, script: Script) -> list[str]:
    """Return the texts that the rule points at."""
    return [script.sql[slice(*hit.span)] for hit in found(slug, script)]


def fixed(slug: str, script: Script) -> str:
    edits = sorted((edit for hit in found(slug, script) for edit in hit.found.edits), key=lambda edit: -edit.start)
    text = script.sql
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    ("slug", "up", "undoing"),
    [
        ("ban-drop-column", "ALTER TABLE orders ADD COLUMN memo text", "ALTER TABLE orders DROP COLUMN memo"),
        ("ban-drop-table", "CREATE TABLE shops (id bigint PRIMARY KEY)", "DROP TABLE shops"),
        ("ban-drop-type", "CREATE TYPE mood AS ENUM ('a')", "DROP TYPE mood CASCADE"),
        ("ban-drop-domain", "CREATE DOMAIN mood AS text", "DROP DOMAIN mood"),
        ("ban-drop-view", "CREATE VIEW v AS SELECT 1 AS a", "DROP VIEW v"),
        ("ban-drop-schema", "CREATE SCHEMA shop", "DROP SCHEMA shop CASCADE"),
        ("ban-drop-function", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f"),
        (
            "ban-drop-not-null",
            "ALTER TABLE orders ALTER total SET NOT NULL",
            "ALTER TABLE orders ALTER total DROP NOT NULL",
        ),
        (
            "ban-drop-default",
            "ALTER TABLE orders ALTER total SET DEFAULT 0",
            "ALTER TABLE orders ALTER total DROP DEFAULT",
        ),
        (
            "ban-drop-constraint",
            "ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0) NOT VALID",
            "ALTER TABLE orders DROP CONSTRAINT paid",
        ),
        ("renaming-column", "ALTER TABLE orders RENAME note TO memo", "ALTER TABLE orders RENAME memo TO note"),
        ("renaming-table", "ALTER TABLE orders RENAME TO sales", "ALTER TABLE sales RENAME TO orders"),
        ("truncating-table", "CREATE TABLE shops (id bigint PRIMARY KEY)", "TRUNCATE shops"),
    ],
)
def test_a_down_may_undo_what_its_up_did(slug: str, up: str, undoing: str) -> None:
    assert found(slug, down(undoing, before=ORDERS, up=up)) == []
    assert found(slug, migration(undoing, known(f"{ORDERS};{up}")))


def test_a_down_that_drops_more_than_its_up_made_is_found() -> None:
    undoing = down("ALTER TABLE orders DROP COLUMN note", before=ORDERS, up="ALTER TABLE orders ADD COLUMN memo text")
    assert marked("ban-drop-column", undoing) == ["note"]
    both = "CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint)"
    assert found("ban-drop-schema", down("DROP SCHEMA shop CASCADE", before=both, up="SELECT 1"))


def test_a_down_that_puts_a_column_back_says_nothing_of_its_type() -> None:
    before = "CREATE TABLE orders (id integer PRIMARY KEY, at timestamp)"
    again = down("ALTER TABLE orders ADD COLUMN at timestamp", before=before, up="ALTER TABLE orders DROP COLUMN at")
    assert found("prefer-timestamp-tz", again) == []


def test_each_dropped_column_and_table_is_marked_at_its_own_name() -> None:
    schema = known(f"{ORDERS}; CREATE TABLE shops (orders bigint, shops bigint)")
    script = migration("ALTER TABLE shops DROP COLUMN orders, DROP shops", schema)
    assert [hit.span for hit in found("ban-drop-column", script)] == [(30, 36), (43, 48)]
    assert marked("ban-drop-table", migration('DROP TABLE shops, "orders"', schema)) == ["shops", '"orders"']


def test_the_hint_of_a_dropped_column_frees_code_from_writing_it() -> None:
    schema = known("CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL)")
    (hit,) = found("ban-drop-column", migration("ALTER TABLE orders DROP note", schema))
    assert "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL" in (hit.found.hint or "")


@pytest.mark.parametrize(("rows", "severity"), [(SMALL, "info"), (None, "warning"), (BIG, "error")])
def test_dropping_a_default_is_as_bad_as_the_table_is_large(rows: float | None, severity: str) -> None:
    schema = known(ORDERS, rows=rows)
    (hit,) = found("ban-drop-default", migration("ALTER TABLE orders ALTER state DROP DEFAULT", schema))
    assert hit.severity == severity
    assert ("400 M rows" in hit.found.message) == (rows == BIG)


def test_dropping_the_default_of_a_nullable_column_is_advice_however_large_the_table() -> None:
    schema = known("CREATE TABLE orders (id bigint PRIMARY KEY, state text DEFAULT 'new')", rows=BIG)
    (hit,) = found("ban-drop-default", migration("ALTER TABLE orders ALTER state DROP DEFAULT", schema))
    assert hit.severity is Severity.INFO


def test_a_default_that_is_replaced_for_a_change_of_type_is_not_missed() -> None:
    sql = "ALTER TABLE orders ALTER state DROP DEFAULT, ALTER state TYPE varchar, ALTER state SET DEFAULT 'open'"
    assert found("ban-drop-default", migration(sql, known(ORDERS))) == []


def test_a_unique_constraint_is_missed_more_than_a_check() -> None:
    schema = known("CREATE TABLE orders (a int CONSTRAINT one UNIQUE, b int CONSTRAINT paid CHECK (b > 0))")
    (one,) = found("ban-drop-constraint", migration("ALTER TABLE orders DROP CONSTRAINT one", schema))
    (paid,) = found("ban-drop-constraint", migration("ALTER TABLE orders DROP CONSTRAINT paid", schema))
    assert (one.severity, paid.severity) == (Severity.WARNING, Severity.INFO)
    assert "ON CONFLICT (a)" in one.found.message


def test_a_type_is_new_only_when_this_script_made_it() -> None:
    own = "CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood RENAME VALUE 'a' TO 'b'"
    assert found("renaming-object", migration(own)) == []
    assert found("renaming-object", migration(own.replace("mood AS", "other AS")))


def test_names_that_need_quotes_have_them_in_the_hint() -> None:
    schema = known('CREATE TABLE "Orders" (id bigint PRIMARY KEY, "Total" bigint)')
    (hit,) = found("renaming-column", migration('ALTER TABLE "Orders" RENAME "Total" TO "Sum"', schema))
    assert 'ALTER TABLE "Orders" ADD COLUMN "Sum" bigint' in (hit.found.hint or "")


def test_truncate_cascade_names_what_else_it_empties() -> None:
    schema = known(
        "CREATE TABLE shops (id bigint PRIMARY KEY);"
        "CREATE TABLE orders (id bigint PRIMARY KEY, shop bigint REFERENCES shops);"
        "CREATE TABLE items (o bigint REFERENCES orders); CREATE TABLE other (id bigint)"
    )
    (hit,) = found("ban-truncate-cascade", migration("TRUNCATE shops CASCADE", schema))
    assert hit.found.hint == "TRUNCATE shops, public.orders, public.items; -- all that is to be emptied, by name"


LOCK = "ALTER TABLE orders ADD COLUMN memo text;\n"


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        (LOCK + LOCK.replace("memo", "hint"), [1]),
        ("SET lock_timeout = '1s';\n" + LOCK, []),
        ("SET lock_timeout TO 0;\n" + LOCK, [2]),
        ("SET lock_timeout = '1s';\nRESET lock_timeout;\n" + LOCK, [3]),
        ("SET lock_timeout = '1s';\nRESET ALL;\n" + LOCK, [3]),
        ("SET SESSION lock_timeout = 1000;\nBEGIN;\n" + LOCK + "COMMIT;", []),
        ("SET LOCAL lock_timeout = '1s';\n" + LOCK, [2]),
        ("SET LOCAL lock_timeout = '1s';\nBEGIN;\n" + LOCK + "COMMIT;", [3]),
        ("BEGIN;\nSET LOCAL lock_timeout = '1s';\n" + LOCK + "COMMIT;\n" + LOCK, [5]),
        ("BEGIN;\n" + LOCK + "COMMIT;\nBEGIN;\n" + LOCK + "COMMIT;", [2]),
        ("SELECT set_config('lock_timeout', '1s', false);\n" + LOCK, []),
        ("SELECT set_config('statement_timeout', '1s', false);\n" + LOCK, [2]),
        ("CREATE INDEX CONCURRENTLY i ON orders (total);\nUPDATE orders SET total = 1;\n", []),
        ("CREATE INDEX i ON orders (total);\n", [1]),
    ],
)
def test_a_lock_timeout_is_missed_once_and_only_where_none_holds(sql: str, lines: list[int]) -> None:
    hits = found("require-lock-timeout", plain(sql, known(ORDERS)))
    assert [hit.statement.line for hit in hits if hit.statement] == lines


def test_a_runner_that_bounds_waiting_needs_no_lock_timeout() -> None:
    script = plain(LOCK, known(ORDERS))
    assert found("require-lock-timeout", replace(script, bounded=True)) == []
    assert found("require-lock-timeout", replace(script, origin=Origin.PYTHON)) == []


@pytest.mark.parametrize(
    ("slug", "written", "becomes"),
    [
        ("prefer-bigint-over-int", "id int PRIMARY KEY", "id bigint PRIMARY KEY"),
        ("prefer-bigint-over-int", "a text, größe INTEGER, b serial", "a text, größe bigint, b bigserial"),
        ("prefer-bigint-over-int", "id int[], a numeric(4)", "id int[], a numeric(4)"),
        ("prefer-identity", "id BIGSERIAL", "id bigint GENERATED BY DEFAULT AS IDENTITY"),
        ("prefer-timestamp-tz", "a timestamp, b timestamp (0)", "a timestamptz, b timestamptz (0)"),
        ("prefer-timestamp-tz", "a timestamp WITHOUT time zone NULL", "a timestamp with time zone NULL"),
        ("prefer-timestamp-tz", "a timestamp[] DEFAULT '{}'", "a timestamp[] DEFAULT '{}'"),
        ("prefer-timestamp-tz", "a timestamp DEFAULT current_timestamp", "a timestamptz DEFAULT current_timestamp"),
        (
            "prefer-timestamp-tz",
            "a timestamp DEFAULT (now() AT TIME ZONE 'utc')",
            "a timestamp DEFAULT (now() AT TIME ZONE 'utc')",
        ),
        ("prefer-jsonb", "a json NOT NULL", "a jsonb NOT NULL"),
    ],
)
def test_a_new_column_gets_the_better_type_in_place(slug: str, written: str, becomes: str) -> None:
    assert fixed(slug, migration(f"CREATE TABLE t ({written})")) == f"CREATE TABLE t ({becomes})"
    again = migration(f"CREATE TABLE t ({becomes})")
    assert fixed(slug, again) == again.sql


@pytest.mark.parametrize(
    ("column", "severity"),
    [
        ("id int", "warning"), ("shop_id int", "warning"), ('"shopId" int', "warning"),
        ("n int PRIMARY KEY", "warning"),
        ("n int GENERATED ALWAYS AS IDENTITY", "warning"), ("n serial", "warning"),
        ("n int", "info"), ("paid int", "info"), ("valid int", "info"), ("grid int", "info"),
    ],
)  # fmt: skip
def test_a_narrow_integer_is_worse_in_what_looks_like_a_key(column: str, severity: str) -> None:
    (hit,) = found("prefer-bigint-over-int", migration(f"CREATE TABLE t ({column})"))
    assert hit.severity == severity


def test_a_key_of_the_table_constraint_is_a_key() -> None:
    (hit,) = found("prefer-bigint-over-int", migration("CREATE TABLE t (n int, PRIMARY KEY (n))"))
    assert hit.severity is Severity.WARNING


def test_a_column_follows_the_key_that_it_references() -> None:
    schema = known("CREATE TABLE shops (id integer PRIMARY KEY); CREATE TABLE big (id bigint PRIMARY KEY)")
    follows = "CREATE TABLE t (shop_id int, FOREIGN KEY (shop_id) REFERENCES shops)"
    assert found("prefer-bigint-over-int", migration(follows, schema)) == []
    assert found("prefer-bigint-over-int", migration(follows.replace("shops", "big"), schema))


def test_types_of_the_same_name_in_another_schema_are_none_of_postgresqls() -> None:
    assert found("money-field", migration("CREATE TABLE t (a shop.money)")) == []
    assert found("money-field", migration("CREATE TABLE t (a pg_catalog.money)"))


@pytest.mark.parametrize(
    "later",
    [
        "CREATE INDEX ON orders (shop_id)",
        "CREATE INDEX ON public.orders (shop_id, id)",
        "ALTER TABLE orders ADD CONSTRAINT one UNIQUE (shop_id)",
        "CREATE INDEX ON orders USING hash (shop_id)",
    ],
)
def test_an_index_later_in_the_script_serves_a_foreign_key(later: str) -> None:
    made = "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops)"
    assert marked("foreign-key-without-index", migration(made)) == ["REFERENCES shops"]
    assert found("foreign-key-without-index", migration(f"{made}; {later}")) == []


@pytest.mark.parametrize("index", ["(id, shop_id)", "(shop_id) WHERE total > 0", "((shop_id + 1))"])
def test_an_index_that_cant_find_all_rows_serves_no_foreign_key(index: str) -> None:
    made = "CREATE TABLE orders (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops, total bigint)"
    assert found("foreign-key-without-index", migration(f"{made}; CREATE INDEX ON orders {index}"))


def test_a_foreign_key_of_an_unknown_table_may_well_have_its_index() -> None:
    sql = "ALTER TABLE orders ADD CONSTRAINT o FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID"
    assert found("foreign-key-without-index", migration(sql)) == []


def test_a_foreign_key_of_two_columns_needs_both_first_in_any_order() -> None:
    made = "CREATE TABLE items (id bigint PRIMARY KEY, a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES pairs (a, b))"
    assert marked("foreign-key-without-index", migration(made)) == ["FOREIGN KEY"]
    assert found("foreign-key-without-index", migration(f"{made}; CREATE INDEX ON items (b, a)")) == []
    assert found("foreign-key-without-index", migration(f"{made}; CREATE INDEX ON items (a)"))


@pytest.mark.parametrize(
    ("where", "severity"),
    [
        ("", "warning"), ("WHERE total IS NULL", "warning"), ("WHERE id > 7", "warning"), ("WHERE id <> 1", "warning"),
        ("WHERE total = 7", "info"), ("WHERE state = 'new' AND total > 3", "info"),
        ("WHERE id = 7", None), ("WHERE 7 = id", None), ("WHERE id = '7'::bigint AND note = 'x'", None),
        ("WHERE id IN (1, 2)", None), ("WHERE id = ANY (ARRAY[1, 2])", None), ("WHERE id >= 1 AND id < 100", None),
        ("WHERE id IN (SELECT id FROM orders LIMIT 10)", None), ("WHERE id = total", "warning"),
    ],
)  # fmt: skip
def test_a_write_is_judged_by_how_many_rows_it_can_reach(where: str, severity: str | None) -> None:
    for write in ("UPDATE orders SET total = 1", "DELETE FROM orders"):
        hits = found("backfill-in-migration", migration(f"{write} {where}", known(ORDERS)))
        assert [hit.severity for hit in hits] == ([] if severity is None else [severity])


def test_a_backfill_is_as_bad_as_the_table_is_large_and_none_of_a_plain_scripts() -> None:
    sql = "UPDATE orders SET total = 1"
    small, big = (migration(sql, known(ORDERS, rows=rows)) for rows in (SMALL, BIG))
    assert [hit.severity for hit in found("backfill-in-migration", small)] == ["info"]
    assert [hit.severity for hit in found("backfill-in-migration", big)] == ["error"]
    assert found("backfill-in-migration", plain(sql, known(ORDERS))) == []


def test_a_join_with_values_names_its_rows() -> None:
    sql = "UPDATE orders SET total = v.total FROM (VALUES (1, 2), (3, 4)) v (id, total) WHERE orders.id = v.id"
    assert found("backfill-in-migration", migration(sql, known(ORDERS))) == []


@pytest.mark.parametrize(
    "index",
    ["(total DESC)", "(total) WHERE total > 0", "(lower(note))", "(note text_pattern_ops)", "USING hash (total)"],
)
def test_an_index_of_another_sort_is_no_duplicate(index: str) -> None:
    schema = known(f"{ORDERS}; CREATE INDEX a ON orders (total, note); CREATE INDEX b ON orders (note)")
    assert found("adding-duplicate-index", migration(f"CREATE INDEX CONCURRENTLY i ON orders {index}", schema)) == []
    assert found("adding-duplicate-index", migration("CREATE INDEX CONCURRENTLY i ON orders (total)", schema))


def test_an_index_that_takes_the_place_of_another_is_no_duplicate() -> None:
    schema = known(f"{ORDERS}; CREATE INDEX a ON orders (total)")
    sql = "CREATE INDEX CONCURRENTLY b ON orders (total); DROP INDEX CONCURRENTLY a"
    assert found("adding-duplicate-index", migration(sql, schema)) == []


def test_robust_statements_are_made_by_words_in_the_right_places() -> None:
    sql = (
        "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n"
        "ALTER TABLE a ADD COLUMN x int, ADD y int, DROP COLUMN x, DROP y, DROP CONSTRAINT z;\n"
        "DROP MATERIALIZED VIEW v;\nCREATE UNIQUE INDEX i ON a (id);\nCREATE INDEX ON a (id);\n"
        "CREATE INDEX CONCURRENTLY j ON a (id);\nDROP INDEX CONCURRENTLY j"
    )
    assert fixed("prefer-robust-stmts", plain(sql)) == (
        "CREATE TABLE IF NOT EXISTS a (id int);\nCREATE TABLE IF NOT EXISTS b (id int);\n"
        "ALTER TABLE a ADD COLUMN IF NOT EXISTS x int, ADD IF NOT EXISTS y int, DROP COLUMN IF EXISTS x, "
        "DROP IF EXISTS y, DROP CONSTRAINT IF EXISTS z;\nDROP MATERIALIZED VIEW IF EXISTS v;\n"
        "CREATE UNIQUE INDEX IF NOT EXISTS i ON a (id);\nCREATE INDEX ON a (id);\n"
        "CREATE INDEX CONCURRENTLY j ON a (id);\nDROP INDEX CONCURRENTLY j"
    )
    split(fixed("prefer-robust-stmts", plain(sql)))


def test_a_savepoint_of_a_migration_is_refused_and_one_of_a_script_is_not() -> None:
    sql = "BEGIN;\nSAVEPOINT a;\nCOMMIT"
    assert marked("transaction-nesting", migration(sql)) == ["BEGIN", "SAVEPOINT", "COMMIT"]
    assert found("transaction-nesting", plain(sql)) == []


def test_the_begin_that_is_never_committed_is_marked() -> None:
    script = plain("BEGIN;\nSELECT 1;\nCOMMIT;\n\nBEGIN;\nSELECT 2;\nSELECT 3;")
    (hit,) = found("ban-uncommitted-transaction", script)
    assert script.sql[slice(*hit.span)] == "BEGIN"
    assert hit.span[0] > script.sql.index("COMMIT")


def test_names_are_measured_in_bytes() -> None:
    assert found("identifier-too-long", migration(f"CREATE TABLE {'ä' * 31} (id bigint)")) == []
    (hit,) = found("identifier-too-long", migration(f"CREATE TABLE {'ä' * 32} (id bigint)"))
    assert "64 bytes" in hit.found.message


def test_a_domain_without_columns_is_constrained_for_free() -> None:
    sql = "ALTER DOMAIN percent ADD CHECK (value > 0)"
    schema = replace(known("CREATE DOMAIN percent AS int"), complete=True)
    assert found("ban-alter-domain-with-add-constraint", migration(sql, schema)) == []
    used = schema.with_table(known("CREATE DOMAIN percent AS int; CREATE TABLE taxes (rate percent)").tables[TAXES])
    (hit,) = found("ban-alter-domain-with-add-constraint", migration(sql, used))
    assert "taxes" in hit.found.message


TAXES = Relation("public", "taxes")


def test_a_write_to_a_table_of_the_application_is_no_write_to_the_catalog() -> None:
    assert found("update-pg-catalog", migration("UPDATE shop.pg_class SET a = 1")) == []
    assert marked("update-pg-catalog", migration("DELETE FROM pg_catalog . pg_class")) == ["pg_catalog . pg_class"]


def test_a_view_known_only_by_name_can_be_renamed_by_no_script_that_did_not_make_it() -> None:
    schema = EMPTY.with_table(Table(Relation("public", "v"), kind="view"))
    assert marked("renaming-object", migration("ALTER VIEW v RENAME TO w", schema)) == ["v"]
