from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from cli.command import dbops
from migrate.scene import query, snapshot

TABLES = (
    "CREATE TABLE orders (id int PRIMARY KEY, note text, total int); CREATE TABLE items (id int, order_id int);"
    "INSERT INTO orders SELECT n, 'x', n FROM generate_series(1, 2000) AS n;"
    "CREATE VIEW totals AS SELECT sum(total) FROM orders"
)


@pytest.fixture
def traced(folder, migrate, database):
    """Return what ``plan --trace`` of one migration says of its statements, without changing anything."""

    def run(up, options="", tables=TABLES):
        query(database, tables)
        folder.write("0001_it", up, options=options)
        before = snapshot(database)
        ran = migrate("plan", "--trace")
        assert ran.status == 0, ran.everything
        assert snapshot(database) == before
        return [each["traced"] for each in ran.data["migrations"][0]["statements"]], ran

    return run


def test_a_rewrite_is_told_with_the_targets_size_and_the_lock(traced, database):
    (statement, scan), ran = traced(
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint;" + "\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
        # Autovacuum would make the table larger meanwhile: it has a visibility map then.
        tables=TABLES.replace(
            "CREATE VIEW totals AS SELECT sum(total) FROM orders", "ALTER TABLE orders SET (autovacuum_enabled = off)"
        ),
    )
    size = query(database, "SELECT pg_total_relation_size('orders')")[0][0]
    rewritten = {"relation": "public.orders", "bytes": size, "blocks": "reads and writes"}
    assert statement["rewrites"] == [rewritten]
    assert statement["locks"] == [
        {"relation": "public.orders", "lock": "ACCESS EXCLUSIVE", "blocks": "reads and writes"}
    ]
    assert [(each["index"], each["again"]) for each in statement["builds"]] == [("public.orders_pkey", True)]
    assert scan["scans"] == [rewritten], "the lock of the statement before is still held"
    assert scan["locks"] == []
    assert ran.data["trace"]["basis"].startswith("measured on an empty copy; sizes from the target")


def test_what_only_changes_the_catalog_rewrites_builds_and_scans_nothing(traced):
    (statement,), _ = traced("ALTER TABLE orders ADD COLUMN more int NOT NULL DEFAULT 0;")
    assert (statement["rewrites"], statement["builds"], statement["scans"]) == ([], [], [])


def test_the_validation_of_a_constraint_is_seen_as_a_scan(traced):
    (quick, slow), _ = traced(
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n"
        "ALTER TABLE orders VALIDATE CONSTRAINT positive;"
    )
    assert quick["scans"] == []
    assert [each["relation"] for each in slow["scans"]] == ["public.orders"]


def test_a_foreign_key_locks_both_tables(traced):
    (statement,), _ = traced("ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders (id);")
    assert {(each["relation"], each["lock"]) for each in statement["locks"]} == {
        ("public.items", "SHARE ROW EXCLUSIVE"),
        ("public.orders", "SHARE ROW EXCLUSIVE"),
    }


def test_what_runs_outside_of_a_transaction_has_unknown_locks_and_its_index(traced):
    (statement,), _ = traced("CREATE INDEX CONCURRENTLY by_note ON orders (note);")
    assert statement["locks"] is None
    assert statement["scans"] is None
    assert [(each["index"], each["again"]) for each in statement["builds"]] == [("public.by_note", False)]


def test_a_truncation_is_no_rewrite(traced):
    (statement,), _ = traced("TRUNCATE orders;")
    assert (statement["rewrites"], statement["builds"], statement["scans"]) == ([], [], [])


def test_a_statement_that_would_fail_says_so_and_nothing_behind_it_was_run(traced):
    (failed, behind), _ = traced("ALTER TABLE orders ALTER COLUMN total TYPE bigint;\nSELECT 1;")
    assert "0001_it.sql:2" in failed["failure"]
    assert "view or rule" in failed["failure"]
    assert behind is None


def test_the_table_shows_the_trace_under_each_statement(folder, migrate, database):
    query(database, TABLES)
    folder.write("0001_it", "ALTER TABLE items ALTER COLUMN order_id TYPE bigint;")
    ran = migrate("plan", "--trace", output="table")
    assert "→ rewrites public.items, 0 B, blocks reads and writes" in ran.out
    assert "measured on an empty copy; sizes from the target" in ran.out


def test_a_role_without_rights_on_a_table_is_told(folder, migrate, database, role):
    query(database, TABLES)
    folder.write("0001_it", "CREATE TABLE x ();")
    ran = migrate("plan", "--trace", dsn=role().dsn(database))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")


def test_the_target_itself_is_no_scratch_server(folder, migrate, database):
    folder.write("0001_it", "CREATE TABLE x ();")
    ran = migrate("plan", "--trace", "--scratch-dsn", database)
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")


def test_a_scratch_server_without_trace_is_a_wrong_command_line(nowhere):
    assert dbops("migrate", "plan", "--scratch-dsn", "x").status == 64


@pytest.mark.fault
def test_ctrl_c_ends_a_trace_and_nothing_is_left(folder, database):
    query(database, TABLES)
    folder.write("0001_it", "SELECT pg_sleep(60);")
    command = [sys.executable, "-m", "dbops", "migrate", "plan", "--trace", "--dir", folder.path, "--dsn", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()  # the target is named: from here on a signal is heeded
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 130
    left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^dbops'"
    assert query(database, left) == [(0,)]
