"""What makes the figures other than they look is said: old versions, settings, resets, statements thrown out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from cli.command import Ran, dbops
from conftest import Role
from dbops import Dsn
from dbops.postgres.embedded import temporary
from dbops.results.progress import Event, QueryRunning
from dbops.workload.caveats import Seen, caveats
from dbops.workload.top import Request, top
from faults.failover import wait_for_replay
from servers.pgbouncer import PgBouncer
from servers.pooler import Pooler
from servers.server import Cluster

COMMANDS = [["top"], ["advise", "replicas"]]
SETTINGS = {"track": "top", "queryids": "auto", "version": "1.12"}
INFO = {"since": 1.0, "at": "2026-11-25T12:00:00+00:00", "thrown_out": 0}
READ = "SELECT id FROM orders WHERE id = 1"


def said(**changed: Any) -> str:
    known: dict[str, Any] = {
        "settings": SETTINGS, "version": (1, 12), "first": INFO, "last": INFO, "totals": False, "lost": 0,
    }  # fmt: skip
    return "; ".join(caveats(Seen(**{**known, **changed})))


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"settings": SETTINGS | {"track": "none"}}, "track is none"),
        ({"settings": SETTINGS | {"queryids": "off"}}, "compute_query_id is off"),
        ({"settings": SETTINGS | {"track": "all", "version": "1.8"}, "version": (1, 8)}, "counts twice"),
        (
            {"version": (1, 8)},
            "pg_stat_statements 1.8 is older than the server's 1.12, and tells less: ALTER EXTENSION",
        ),
        ({"last": INFO | {"since": 2.0}}, "all counters were reset meanwhile"),
        ({"last": INFO | {"thrown_out": 1}, "lost": 5}, "thrown out for want of room once meanwhile"),
        ({"last": INFO | {"thrown_out": 3}, "totals": True}, "thrown out for want of room 3 times: totals are too low"),
        ({"lost": 5}, "5 statements were reset meanwhile"),
        ({"first": None, "last": None, "lost": 5, "version": (1, 12)}, "5 statements were reset or thrown out"),
    ],
)
def test_each_is_said_in_one_sentence(changed: dict[str, Any], word: str) -> None:
    assert word in said(**changed)
    assert ";" not in said(**changed).replace("; raise", "")


@pytest.mark.parametrize(
    "changed", [{}, {"settings": SETTINGS | {"version": None}}, {"first": None, "last": None}, {"version": (2, 0)}]
)
def test_where_nothing_is_the_matter_nothing_is_said(changed: dict[str, Any]) -> None:
    assert said(**changed) == ""


@pytest.mark.parametrize("version", ["1.4", "1.8", "1.9", "1.10"])
def test_an_extension_that_an_upgrade_left_behind_is_read_and_named(database: str, version: str) -> None:
    with closing(psycopg.connect(database, autocommit=True)) as client:
        client.execute(f"CREATE EXTENSION pg_stat_statements VERSION '{version}'")
        newest = "SELECT default_version FROM pg_available_extensions WHERE name = 'pg_stat_statements'"
        ((newest,),) = client.execute(newest).fetchall()
        client.execute("CREATE TABLE orders (id int)")
        for _ in range(7):
            client.execute(READ)
    older = f"pg_stat_statements {version} is older than the server's {newest}"
    for command in COMMANDS:
        totals = dbops(*command, "--dsn", database, "-o", "json")
        interval = dbops(*command, "--dsn", database, "-o", "json", "--for", "100ms")
        for ran in (totals, interval):
            assert ran.status == 0, ran.err
            named = [note for note in ran.data["notes"] if note.startswith(older) and "UPDATE" in note]
            assert len(named) == (version != newest)
        (read,) = [each for each in totals.data["statements"] if (each["query"] or "").startswith("SELECT id FROM ord")]
        assert read["calls"] == 7


@pytest.mark.parametrize("setting", ["pg_stat_statements.track = 'none'", "compute_query_id = 'off'"])
def test_a_server_that_counts_nothing_says_so(database: str, counted: psycopg.Connection, setting: str) -> None:
    counted.execute(f"ALTER DATABASE {counted.info.dbname} SET {setting}")
    for command in COMMANDS:
        notes = dbops(*command, "--dsn", database, "--for", "100ms", "-o", "json").data["notes"]
        assert any("nothing is counted" in note for note in notes)


def test_with_nothing_counted_no_share_and_no_table_is_shown(database: str, counted: psycopg.Connection) -> None:
    with closing(psycopg.connect(database, autocommit=True, options="-c pg_stat_statements.track=none")) as quiet:
        quiet.execute("SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()")
    lines = dbops("top", "--dsn", database).out.splitlines()
    assert lines[1].startswith("No statement ended since ")
    assert not [line for line in lines if "QUERYID" in line]
    assert "No statement ended since" in dbops("advise", "replicas", "--dsn", database).out


def test_a_role_that_may_not_use_its_schema_is_told_the_grant(
    database: str, counted, role: Callable[..., Role]
) -> None:
    counted.execute('CREATE SCHEMA "The stats"; ALTER EXTENSION pg_stat_statements SET SCHEMA "The stats"')
    assert dbops("top", "--dsn", database).status == 0
    ran = dbops("top", "--dsn", role().dsn(database), "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert "USAGE on the schema" in ran.error["hint"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_through_a_pooler_it_tells_the_same(
    pgbouncer: PgBouncer | Pooler, counted: psycopg.Connection, command: list[str]
) -> None:
    for _ in range(5):
        counted.execute(READ)
    ran = dbops(*command, "--dsn", pgbouncer.dsn(counted.info.dbname), "-o", "json")
    (read,) = [each for each in ran.data["statements"] if (each["query"] or "").startswith("SELECT id FROM orders")]
    assert read["calls"] == 5


@pytest.fixture(scope="module")
def crowded() -> Iterator[str]:
    """A server that has room for a hundred statements."""
    settings = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": 100}
    with temporary(settings=settings) as server, closing(psycopg.connect(server.dsn(), autocommit=True)) as client:
        client.execute("CREATE EXTENSION pg_stat_statements")
        yield server.dsn()


def _many(dsn: str, kinds: int) -> None:
    with closing(psycopg.connect(dsn, autocommit=True)) as client:
        for kind in range(kinds):
            client.execute("SELECT " + ", ".join(["1"] * (kind + 1)))


def test_statements_that_are_thrown_out_while_they_are_watched_make_figures_too_low(crowded: str) -> None:
    looks: list[Event] = []

    def looked(event: Event) -> None:
        if isinstance(event, QueryRunning) and not looks:
            looks.append(event)
            _many(crowded, 150)

    result = top(Dsn(crowded, "the test"), Request(seconds=2.2, report=looked))
    assert any("thrown out for want of room" in note and "meanwhile" in note for note in result.notes)
    totals = top(Dsn(crowded, "the test"), Request())
    assert any("totals are too low" in note for note in totals.notes)


def _on(server_dsn: str, command: list[str]) -> Ran:
    return dbops(*command, "--dsn", server_dsn, "-o", "json")


def test_a_standby_tells_of_what_is_asked_there(cluster: Cluster) -> None:
    with closing(psycopg.connect(cluster.primary.dsn(), autocommit=True)) as primary:
        primary.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    standby = cluster.standbys[0]
    wait_for_replay(cluster.primary, standby)
    for command in COMMANDS:
        ran = _on(standby.dsn(), command)
        assert ran.status == 0, ran.err
        assert ran.meta["target"]["in_recovery"] is True
    assert any("this is a standby itself" in note for note in _on(standby.dsn(), COMMANDS[1]).data["notes"])
