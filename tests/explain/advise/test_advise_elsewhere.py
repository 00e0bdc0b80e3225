"""Advice on a standby, and as a migration that dbops runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import psycopg

from cli.command import Ran, dbops
from dbops.explain.advise.advice import results
from dbops.explain.advise.migration import migration
from dbops.postgres.embedded.process import wait_until
from explain.advise.shop import opened, visit
from migrate.conftest import folder, migrate, nowhere
from migrate.scene import Folder
from servers.server import Cluster

__all__ = ["folder", "migrate", "nowhere"]


def _arrived(dsn: str) -> bool:
    with closing(psycopg.connect(dsn, autocommit=True, connect_timeout=10)) as connection:
        return connection.execute("SELECT to_regclass('public.orders_customer')").fetchone() != (None,)


def test_a_standby_explains_and_gives_advice_and_takes_no_write(cluster: Cluster) -> None:
    shop = opened(cluster.primary.dsn())
    standby = cluster.standbys[0].dsn()
    assert wait_until(lambda: _arrived(standby), timeout=60)
    with visit(standby) as session:
        (advised,) = session.advise("SELECT * FROM orders WHERE placed_at > '2023-03-24'").indexes
    assert advised.candidate.definition == "public.orders (placed_at)"
    assert advised.basis is shop.basis
    ran = dbops("explain", "SELECT * FROM orders WHERE placed_at > '2023-03-24'", "--dsn", standby, "-o", "json")
    assert ran.meta["target"]["standing"] == "standby"
    assert ran.data["summary"]["execution_ms"] > 0
    ran = dbops("explain", "DELETE FROM orders", "--dsn", standby, "--allow-writes", "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "NOT_PRIMARY")


def test_what_is_advised_becomes_a_migration_up_and_down(
    database: str, folder: Folder, migrate: Callable[..., Ran]
) -> None:
    opened(database)
    queries = [
        "SELECT count(*) FROM events WHERE kind = 'k7'",
        "SELECT * FROM customers WHERE name ILIKE '%abc%def%'",
        "SELECT id, total FROM orders WHERE status = 'new' AND deleted_at IS NULL ORDER BY placed_at LIMIT 20",
    ]
    with visit(database) as session:
        advised = [each for query in queries for each in results(session.advise(query))[0]]
    folder.raw("0001_index.sql", migration(advised).encode())
    assert migrate("up").status == 0
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        valid = (
            "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indexrelid::regclass::text = ANY (%s)"
        )
        found = dict(connection.execute(valid, [[each.name for each in advised]]).fetchall())
        assert found == {each.name: True for each in advised}
        assert migrate("down").status == 0
        assert connection.execute(valid, [[each.name for each in advised]]).fetchall() == []
