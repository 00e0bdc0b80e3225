"""Proving an index that is interrupted, killed, or loses a server: a clear error, and nothing is left anywhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from dbops.postgres import embedded
from dbops.postgres.embedded import EmbeddedServer, process
from faults.scene import PATIENCE, eventually

pytestmark = pytest.mark.fault

_LONG = pytest.mark.at_full_count
QUICK = "SELECT * FROM items WHERE name = 'item 7'"
SLOW = "SELECT items.name FROM items, pg_sleep(0.2) WHERE name = 'item 7'"
CLERK = "clerk"


class Proving:
    """A process that proves an index, and what it has said so far."""

    def __init__(self, *words: str) -> None:
        tests = str(Path(__file__).parents[1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("prove_process.py")), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"PYTHONPATH": tests},
        )
        self.said: list[dict[str, Any]] = []

    def wait_for(self, event: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if self.said[-1].get("event") == event:
                return
        raise AssertionError(f"it ended before {event}: {self.said}\n{self.process.communicate()[1]}")

    @property
    def home(self) -> Path:
        """Where its scratch server is."""
        return next(Path(each["home"]) for each in self.said if "home" in each)

    def finish(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """Wait for its end and return the error that it told."""
        stdout, stderr = self.process.communicate(timeout=timeout)
        self.said += [json.loads(line) for line in stdout.splitlines()]
        assert "Traceback" not in stderr, stderr
        assert "error" in self.said[-1], self.said
        return self.said[-1]["error"]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


class Scene:
    """A database with items, whose rows are slow to read for one role."""

    def __init__(self, dsn: str, role: str) -> None:
        self.dsn = dsn
        self.role = role
        self.started: list[Proving] = []
        self.execute(
            "CREATE TABLE items AS SELECT n AS id, 'item ' || n AS name FROM generate_series(1, 5000) AS n",
            "CREATE FUNCTION slow() RETURNS bool VOLATILE LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(0.05); RETURN true; END'",
            "ALTER TABLE items ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY slowly ON items USING (slow())",
            f"GRANT SELECT ON items TO {role}",
        )
        self.before = self.objects()

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        with closing(psycopg.connect(self.dsn, autocommit=True, connect_timeout=10)) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def objects(self) -> list[tuple[Any, ...]]:
        return self.execute("SELECT oid, relname, relfilenode FROM pg_class WHERE oid >= 16384 ORDER BY oid")

    def start(self, query: str, scratch_dsn: str | None = None, *, slowly: bool = False) -> Proving:
        """Prove; ``slowly`` as the role for whom copying takes minutes."""
        dsn = make_conninfo(self.dsn, user=self.role, password="secret") if slowly else self.dsn
        proving = Proving(dsn, query, *([] if scratch_dsn is None else [scratch_dsn]))
        self.started.append(proving)
        return proving

    def wait_until_it_copies(self) -> None:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'COPY%'"
        eventually(lambda: self.execute(asleep) == [(1,)], "nothing is copied")

    def assert_as_before(self) -> None:
        """Nothing of dbops is at work in the target's database, and nothing has changed there."""
        ours = (
            "SELECT application_name, query FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'dbops%'"
        )
        eventually(lambda: not self.execute(ours), "a session of dbops is left")
        assert self.objects() == self.before

    def close(self) -> None:
        for proving in self.started:
            if proving.process.poll() is None:
                proving.kill()


@pytest.fixture
def scene(database, role) -> Iterator[Scene]:
    made = Scene(database, role().name)
    yield made
    made.close()


@pytest.fixture
def lent() -> Iterator[EmbeddedServer]:
    """A server that is lent for the scratch database."""
    with embedded.temporary() as server:
        yield server


def assert_no_server(home: Path) -> None:
    assert not home.exists()
    assert process.workers(home / "data") == []


def databases(server: EmbeddedServer) -> list[tuple[Any, ...]]:
    with closing(psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10)) as connection:
        return connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'dbops%'").fetchall()


def assert_interrupted(proving: Proving, number: signal.Signals) -> None:
    error = proving.finish(timeout=30)
    assert (error["code"], proving.process.returncode) == ("INTERRUPTED", 130)
    assert number.name in error["message"]


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=_LONG)])
def test_a_signal_while_rows_are_copied_leaves_nothing(scene, number):
    proving = scene.start(QUICK, slowly=True)
    proving.wait_for("CopyAhead")
    scene.wait_until_it_copies()
    proving.process.send_signal(number)
    assert_interrupted(proving, number)
    assert_no_server(proving.home)
    scene.assert_as_before()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=_LONG)])
def test_a_signal_while_the_query_is_timed_leaves_nothing(scene, number):
    proving = scene.start(SLOW)
    proving.wait_for("Timing")
    proving.process.send_signal(number)
    assert_interrupted(proving, number)
    assert_no_server(proving.home)
    scene.assert_as_before()


@pytest.mark.parametrize("moment", ["Timing", pytest.param("CopyAhead", marks=_LONG)])
def test_a_signal_leaves_no_database_on_a_server_that_was_lent(scene, lent, moment):
    proving = scene.start(SLOW, lent.dsn(), slowly=moment == "CopyAhead")
    proving.wait_for(moment)
    assert len(databases(lent)) == 1
    proving.process.send_signal(signal.SIGTERM)
    assert_interrupted(proving, signal.SIGTERM)
    assert databases(lent) == []
    scene.assert_as_before()


def test_what_a_killed_process_leaves_is_found_and_cleaned(scene):
    proving = scene.start(SLOW)
    proving.wait_for("Timing")
    proving.kill()
    folder = proving.home.parent
    (left,) = [each for each in embedded.leftovers() if each.path == folder]
    embedded.clean(left)
    assert_no_server(proving.home)
    scene.assert_as_before()


def test_a_target_that_crashes_while_rows_are_copied_is_a_clear_error(private_server):
    with closing(psycopg.connect(private_server.dsn(), autocommit=True)) as connection:
        connection.execute(f"CREATE ROLE {CLERK} LOGIN PASSWORD 'secret'")
    scene = Scene(private_server.dsn(), CLERK)
    proving = scene.start(QUICK, slowly=True)
    proving.wait_for("CopyAhead")
    scene.wait_until_it_copies()
    private_server.kill()
    error = proving.finish(timeout=30)
    assert (error["code"], error["retryable"]) == ("CONNECTION_FAILED", True)
    assert "the connection to the database was lost while copying public.items" in error["message"]
    assert_no_server(proving.home)
    private_server.start()
    scene.assert_as_before()


def test_a_scratch_server_that_crashes_while_the_query_is_timed_is_a_clear_error(scene):
    proving = scene.start(SLOW)
    proving.wait_for("Timing")
    server = EmbeddedServer.existing(proving.home)
    assert server is not None
    server.kill()
    error = proving.finish(timeout=30)
    assert (error["code"], error["retryable"]) == ("CONNECTION_FAILED", True)
    assert "the scratch server was lost while running the query" in error["message"]
    assert_no_server(proving.home)
    scene.assert_as_before()


def test_a_scratch_server_that_crashes_while_rows_are_copied_is_a_clear_error(scene):
    proving = scene.start(QUICK, slowly=True)
    proving.wait_for("CopyAhead")
    scene.wait_until_it_copies()
    server = EmbeddedServer.existing(proving.home)
    assert server is not None
    server.kill()
    error = proving.finish(timeout=30)
    assert (error["code"], error["retryable"]) == ("CONNECTION_FAILED", True)
    assert "the server that the rows were copied to was lost" in error["message"]
    assert_no_server(proving.home)
    scene.assert_as_before()


def test_a_lent_server_that_is_gone_at_the_end_says_what_is_left_there(scene, lent):
    proving = scene.start(SLOW, lent.dsn())
    proving.wait_for("Timing")
    lent.kill()
    error = proving.finish(timeout=30)
    assert error["code"] == "CONNECTION_FAILED"
    assert any("is left there" in detail["error"] for detail in error["details"])
    scene.assert_as_before()
