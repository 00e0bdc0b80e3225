"""What rules about locks, scans and rewrites say, beyond their examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import psycopg
import pytest

from dbops.lint import example
from dbops.lint.changes import columns
from dbops.lint.changes.retype import Cost, cost
from dbops.lint.engine import examine
from dbops.lint.fixes import apply
from dbops.lint.rule import MIGRATION, Found, Rule
from dbops.lint.rules import rules
from dbops.lint.script import Script
from dbops.results.lint import Severity
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql.nodes import Relation
from dbops.sql.split import split

ORDERS = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, code varchar(20), at timestamp)\n"
CUSTOMERS = "-- schema: CREATE TABLE customers (id bigint PRIMARY KEY, name text)\n"
EVENTS = (
    "-- schema: CREATE TABLE events (id bigint PRIMARY KEY, order_id bigint) PARTITION BY RANGE (id)\n"
    "-- schema: CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (1000)\n"
)
FIXED = [
    pytest.param(rule, text, id=f"{rule.slug}-{number}")
    for rule in rules(MIGRATION)
    if rule.fixable
    for number, text in enumerate(rule.bad)
]


def script(text: str) -> Script:
    return example.script(example.read(text), MIGRATION)


def said(slug: str, given: str | Script) -> list[Found]:
    """Return what a rule finds, with the severity that it comes to."""
    hits = examine(script(given) if isinstance(given, str) else given, {slug})
    return [replace(hit.found, severity=hit.severity) for hit in hits]


def only(slug: str, given: str | Script) -> Found:
    (found,) = said(slug, given)
    return found


def sized(given: Script, table: str, rows: float, size: int) -> Script:
    known = given.schema.table(Relation(None, table))
    assert known is not None
    return replace(given, schema=given.schema.with_table(replace(known, rows=rows, bytes=size)))


def built(*statements: str) -> Schema:
    schema = EMPTY
    for statement in split(";".join(statements)):
        schema = fold(schema, statement.node)
    return schema


@pytest.mark.parametrize(
    ("rows", "size", "severity", "shown"),
    [(40, 8192, Severity.INFO, "8 kB"), (4e8, 60 * 2**30, Severity.ERROR, "400 M rows, 60 GB")],
)
def test_the_size_of_the_table_decides_how_bad_a_scan_is(rows, size, severity, shown):
    found = only(
        "adding-not-nullable-field",
        sized(script(f"{ORDERS}ALTER TABLE orders ALTER total SET NOT NULL"), "orders", rows, size),
    )
    assert found.severity is severity
    assert shown in found.message


def test_a_down_may_do_anything_to_a_table_that_its_up_made():
    down = script(f"{ORDERS}CREATE INDEX orders_total ON orders (total)")
    assert said("require-concurrent-index-creation", replace(down, direction="down", base=EMPTY)) == []


def test_a_down_is_judged_like_an_up_where_the_table_is_older():
    down = script(f"{ORDERS}CREATE INDEX orders_total ON orders (total)")
    assert said("require-concurrent-index-creation", replace(down, direction="down", base=down.schema))


def test_a_down_is_judged_like_an_up_where_nobody_knows_the_table():
    down = script("CREATE INDEX orders_total ON orders (total)")
    assert said("require-concurrent-index-creation", replace(down, direction="down", base=EMPTY))


def test_a_table_that_was_renamed_is_not_new():
    renamed = f"{ORDERS}ALTER TABLE orders RENAME TO purchases;\nCREATE INDEX purchases_total ON purchases (total)"
    assert said("require-concurrent-index-creation", renamed)


def test_a_table_that_is_dropped_and_made_again_is_new():
    again = f"{ORDERS}DROP TABLE orders;\nCREATE TABLE orders (id bigint);\nCREATE INDEX orders_id ON orders (id)"
    assert said("require-concurrent-index-creation", again) == []


def test_an_index_gets_concurrently_only_where_it_may_stand_alone():
    alone = only("require-concurrent-index-creation", f"{ORDERS}CREATE INDEX i ON orders (total)")
    among = only(
        "require-concurrent-index-creation", f"{ORDERS}CREATE INDEX i ON orders (total);\nUPDATE orders SET id = 1"
    )
    assert alone.edits
    assert not among.edits


def test_an_index_on_a_partitioned_table_is_to_be_built_below_it():
    found = only("require-concurrent-index-creation", f"{EVENTS}CREATE INDEX events_order ON events (order_id)")
    assert found.hint is not None
    assert "CREATE INDEX events_order ON ONLY events" in found.hint
    assert not found.edits


def test_an_index_that_is_given_a_name_gets_a_free_one():
    taken = f"{ORDERS}-- schema: CREATE INDEX orders_total_idx ON orders (id)\nCREATE INDEX ON orders (total)"
    assert only("require-concurrent-index-creation", taken).edits[0].text == " CONCURRENTLY orders_total_idx1"


def test_the_index_of_a_partitioned_table_can_only_be_dropped_quickly():
    found = only(
        "require-concurrent-index-deletion", f"{EVENTS}-- schema: CREATE INDEX e ON events (order_id)\nDROP INDEX e"
    )
    assert found.severity is Severity.INFO
    assert not found.edits


def test_several_indexes_are_dropped_one_by_one():
    found = only("require-concurrent-index-deletion", "DROP INDEX a, b, c, d")
    assert found.hint is not None
    assert found.hint.count("DROP INDEX CONCURRENTLY") == 3
    assert "…" in found.hint


def test_a_refresh_is_told_that_it_needs_a_unique_index_first():
    view = "-- schema: CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id\n"
    found = only("require-concurrent-refresh", f"{view}REFRESH MATERIALIZED VIEW totals")
    assert found.hint is not None
    assert "needs a unique index" in found.hint
    partial = f"{view}-- schema: CREATE UNIQUE INDEX t ON totals (id) WHERE id > 0\nREFRESH MATERIALIZED VIEW totals"
    assert not only("require-concurrent-refresh", partial).edits


@pytest.mark.parametrize(
    ("version", "way"), [(17, "CHECK (total IS NOT NULL) NOT VALID"), (18, "NOT NULL total NOT VALID")]
)
def test_the_way_to_not_null_is_that_of_the_version(version, way):
    found = only("adding-not-nullable-field", f"{ORDERS}-- pg: {version}\nALTER TABLE orders ALTER total SET NOT NULL")
    assert found.hint is not None
    assert way in found.hint


def test_a_check_that_waits_to_be_validated_is_named():
    waiting = "-- schema: ALTER TABLE orders ADD CONSTRAINT present CHECK (total IS NOT NULL) NOT VALID\n"
    found = only("adding-not-nullable-field", f"{ORDERS}{waiting}ALTER TABLE orders ALTER total SET NOT NULL")
    assert found.hint is not None
    assert "VALIDATE CONSTRAINT present" in found.hint


def test_before_18_a_partitioned_table_gets_its_foreign_key_from_its_partitions():
    statement = "ALTER TABLE events ADD CONSTRAINT e FOREIGN KEY (order_id) REFERENCES orders"
    old = only("adding-foreign-key-constraint", f"{ORDERS}{EVENTS}-- pg: 17\n-- plain\n{statement}")
    new = only("adding-foreign-key-constraint", f"{ORDERS}{EVENTS}-- pg: 18\n-- plain\n{statement}")
    assert old.hint is not None
    assert "each partition" in old.hint
    assert not old.edits
    assert new.edits


def test_a_foreign_key_is_not_mended_where_one_transaction_would_hold_both_statements():
    statement = "ALTER TABLE orders ADD CONSTRAINT o FOREIGN KEY (total) REFERENCES customers"
    assert not only("adding-foreign-key-constraint", f"{ORDERS}{CUSTOMERS}{statement}").edits
    assert not only("adding-foreign-key-constraint", f"{ORDERS}{CUSTOMERS}-- plain\nBEGIN;\n{statement};\nCOMMIT").edits


@pytest.mark.parametrize(
    "constraint", ["ADD CHECK (total > 0) NOT ENFORCED", "ADD paid int CHECK (paid > 0) NOT ENFORCED"]
)
def test_a_constraint_that_is_not_enforced_scans_nothing(constraint):
    assert said("constraint-missing-not-valid", f"{ORDERS}ALTER TABLE orders {constraint}") == []


def test_each_subcommand_is_found_where_it_stands():
    text = (
        f"{ORDERS}ALTER TABLE orders ADD note text DEFAULT f(1, 2), ALTER total SET NOT NULL, ALTER code SET NOT NULL"
    )
    given = script(text)
    places = [given.sql[found.start : found.end] for found in said("adding-not-nullable-field", given)]
    assert places == ["SET NOT NULL", "SET NOT NULL"]
    assert [found.message.split()[4] for found in said("adding-not-nullable-field", given)] == ["total", "code"]


def test_a_default_is_shown_as_it_is_written():
    column = "lot int DEFAULT floor(random() * (1 + 2)) NOT NULL CHECK (lot > 0)"
    hint = only("adding-field-with-default", f"{ORDERS}ALTER TABLE orders ADD COLUMN {column}, ADD b int").hint
    assert hint is not None
    assert "SET DEFAULT floor(random() * (1 + 2));" in hint


def test_a_time_zone_that_decides_is_said():
    found = only("changing-column-type", f"{ORDERS}ALTER TABLE orders ALTER at TYPE timestamptz")
    assert "unless TimeZone is UTC" in found.message


@pytest.mark.parametrize(
    ("change", "rebuilds"), [('text COLLATE "C"', True), ("text", False), ("varchar(30)", False), ("varchar", False)]
)
def test_another_collation_rebuilds_the_index_and_another_length_does_not(database: str, change: str, rebuilds: bool):
    text = f"{ORDERS}-- schema: CREATE INDEX orders_code ON orders (code)\nALTER TABLE orders ALTER code TYPE {change}"
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in example.read(text).schema:
            connection.execute(statement)
        before = connection.execute("SELECT pg_relation_filenode('orders_code')").fetchone()
        connection.execute(example.read(text).sql)
        after = connection.execute("SELECT pg_relation_filenode('orders_code')").fetchone()
    assert (before != after) is rebuilds
    assert [found.message.startswith("changing the collation") for found in said("changing-column-type", text)] == (
        [True] if rebuilds else []
    )


def test_of_an_unknown_column_a_rewrite_is_only_possible():
    assert "may rewrite" in only("changing-column-type", "ALTER TABLE orders ALTER total TYPE text").message


def test_a_trigger_takes_its_lock_for_an_instant_so_that_require_lock_timeout_is_the_one_to_warn():
    statement = "CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()"
    assert only("creating-trigger", f"{ORDERS}{statement}").severity is Severity.INFO
    assert only("creating-trigger", f"{ORDERS}-- plain\n{statement}").severity is Severity.INFO
    assert only("require-lock-timeout", f"{ORDERS}-- plain\n{statement}").severity is Severity.WARNING


def test_a_run_of_statements_is_reported_once():
    run = ";\n".join(f"ALTER TABLE orders ADD c{number} int" for number in range(4))
    found = only("multiple-alter-table", ORDERS + run)
    assert found.severity is Severity.INFO
    assert found.message.startswith("4 ALTER TABLE of orders")


def test_a_run_that_goes_through_the_table_again_and_again_is_worse():
    run = "ALTER TABLE orders ADD a uuid DEFAULT gen_random_uuid();\nALTER TABLE orders ADD CHECK (total > 0)"
    assert only("multiple-alter-table", ORDERS + run).severity is Severity.WARNING


def test_not_null_and_the_drop_of_its_proof_are_not_to_be_joined():
    run = "ALTER TABLE orders ALTER total SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT present"
    assert said("multiple-alter-table", ORDERS + run) == []


def test_slow_work_under_a_lock_names_the_line_that_took_it():
    text = "\n-- first\nALTER TABLE orders ADD note text;\n\nDELETE FROM customers WHERE name = 'x'"
    found = only("holding-access-exclusive", ORDERS + CUSTOMERS + text)
    assert "orders is locked ACCESS EXCLUSIVE since line 3" in found.message
    later = replace(script(ORDERS + CUSTOMERS + text), first_line=11)
    assert "since line 13" in only("holding-access-exclusive", later).message


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customers WITH made AS (VALUES (1, 'x')) SELECT column1, column2 FROM made",
        "INSERT INTO customers SELECT oid, relname FROM pg_class",
        "DELETE FROM customers WHERE id = 5",
        "CREATE VIEW v AS SELECT id FROM orders",
        "ALTER SEQUENCE s RESTART",
        "ALTER SEQUENCE s RENAME TO x",
        "ALTER VIEW v RENAME COLUMN a TO b",
        "ALTER INDEX i RENAME TO x",
        "ALTER TABLE orders ALTER total SET NOT NULL",
    ],
)
def test_what_is_done_in_an_instant_may_follow_a_lock(statement):
    assert said("holding-access-exclusive", f"{ORDERS}{CUSTOMERS}ALTER TABLE orders ADD note text;\n{statement}") == []


def test_a_validation_in_the_transaction_of_its_constraint_is_found_once():
    text = "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c"
    assert said("constraint-missing-not-valid", ORDERS + text)
    assert said("holding-access-exclusive", ORDERS + text) == []


def test_a_view_that_is_replaced_is_no_locked_table():
    views = "CREATE OR REPLACE VIEW v AS SELECT 1;\nDROP VIEW w;\nDROP INDEX i;\nUPDATE orders SET total = 0"
    assert said("holding-access-exclusive", views) == []


@pytest.mark.parametrize(("rule", "text"), FIXED)
def test_a_fix_leaves_nothing_to_fix(rule: Rule, text: str):
    given = script(text)
    fixes = [found.edits for found in said(rule.slug, given) if found.edits]
    mended, _ = apply(given.sql, fixes)
    again = replace(given, sql=mended, statements=split(mended))
    assert not any(found.edits for found in said(rule.slug, again))


TYPES = [
    ("varchar(20)", ["varchar(10)", "varchar(30)", "varchar", "text", "char(20)", "bytea"]),
    ("varchar", ["varchar(30)", "text"]),
    ("text", ["varchar", "varchar(30)", "char(3)"]),
    ("char(5)", ["char(6)", "text", "varchar(5)"]),
    ("numeric(10,2)", ["numeric(12,2)", "numeric(9,2)", "numeric(12,3)", "numeric(12,1)", "numeric", "int"]),
    ("numeric", ["numeric(10,2)"]),
    ("int", ["bigint", "smallint", "numeric", "oid", "int"]),
    ("timestamp", ["timestamp(3)", "timestamp(6)", "timestamptz", "timestamptz(3)", "date"]),
    ("timestamp(3)", ["timestamp", "timestamp(4)", "timestamptz", "timestamptz(3)"]),
    ("timestamptz", ["timestamp", "timestamptz(0)", "timestamptz(6)"]),
    ("time(3)", ["time", "time(2)"]),
    ("interval(3)", ["interval(6)", "interval"]),
    ("varbit(8)", ["varbit(16)", "varbit", "varbit(4)"]),
    ("bit(8)", ["bit(9)"]),
    ("cidr", ["inet", "text"]),
    ("inet", ["cidr"]),
    ("json", ["jsonb"]),
    ("xml", ["text"]),
    ("int[]", ["bigint[]"]),
]


def test_what_a_change_of_type_costs_is_what_postgresql_does(database: str):
    wrong = []
    with psycopg.connect(database, autocommit=True) as connection:
        for old, new in pairs():
            names = [spelled(connection, each) for each in (old, new)]
            expected = cost(*names)
            does = {zone: rewrites(connection, old, new, zone) for zone in ("UTC", "Asia/Tokyo")}
            seen = {
                (False, False): Cost.NOTHING,
                (True, True): Cost.REWRITE,
                (False, True): Cost.REWRITE_UNLESS_UTC,
            }[does["UTC"], does["Asia/Tokyo"]]
            if expected not in {seen, Cost.UNKNOWN}:
                wrong.append((old, new, expected, seen))
    assert wrong == []


def pairs() -> Iterable[tuple[str, str]]:
    return ((old, new) for old, others in TYPES for new in others)


def spelled(connection: psycopg.Connection, name: str) -> str:
    connection.execute("DROP TABLE IF EXISTS t")
    connection.execute(f"CREATE TABLE t (c {name})")
    (text,) = connection.execute(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'"
    ).fetchone() or ("",)
    return text


def rewrites(connection: psycopg.Connection, old: str, new: str, zone: str) -> bool:
    connection.execute("DROP TABLE IF EXISTS t")
    connection.execute(f"CREATE TABLE t (c {old})")
    connection.execute(f"SET TimeZone = '{zone}'")
    before = connection.execute("SELECT pg_relation_filenode('t')").fetchone()
    connection.execute(f"ALTER TABLE t ALTER c TYPE {new} USING c::{new}")
    return connection.execute("SELECT pg_relation_filenode('t')").fetchone() != before


@pytest.mark.parametrize(("old", "new"), [("mood", "text"), ("integer", "mood"), ("geometry(Point,4326)", "text")])
def test_what_a_type_of_the_users_costs_is_not_known(old, new):
    assert cost(old, new) is Cost.UNKNOWN


def test_the_functions_that_are_taken_for_not_volatile_are_not(database: str):
    with psycopg.connect(database) as connection:
        volatile = connection.execute(
            "SELECT DISTINCT proname FROM pg_proc WHERE provolatile = 'v' AND proname = ANY(%s) "
            "AND 'timetz'::regtype <> ALL (proargtypes)",  # timezone(text, timetz) was volatile until 13
            (list(columns.NOT_VOLATILE),),
        ).fetchall()
        steady = connection.execute(
            "SELECT DISTINCT proname FROM pg_proc WHERE provolatile <> 'v' AND proname = ANY(%s)",
            (list(columns.VOLATILE),),
        ).fetchall()
    assert (volatile, steady) == ([], [])
