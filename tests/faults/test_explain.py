"""`dbops explain` when it is interrupted or killed, and when its server is: nothing runs on, nothing is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from faults.network import Network
from faults.scene import Ran, Running, eventually
from servers.server import Server

pytestmark = pytest.mark.fault

SLOW = "SELECT count(*), pg_sleep(600) FROM orders"
LONG = ("--timeout", "10min")


class Scene:
    """A database with a table, and dbops explaining on it."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self.started: list[Running] = []
        self.execute("CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) AS i")

    def execute(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self, *words: str, dsn: str | None = None, output: str = "json") -> Running:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBOPS_", "PG"))}
        running = Running(
            subprocess.Popen(
                [sys.executable, "-m", "dbops", "explain", *words, "--dsn", dsn or self.dsn, "-o", output],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=self.folder,
                env=environment,
            )
        )
        self.started.append(running)
        return running

    def running(self) -> int:
        """How many EXPLAINs of ours the server works on."""
        return self.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dbops explain%' "
            "AND state = 'active' AND query LIKE 'EXPLAIN%ANALYZE%' AND datname = current_database()"
        )[0][0]

    def wait_until_it_runs(self) -> None:
        eventually(lambda: self.running() == 1, "the query does not run")

    def close(self) -> None:
        for running in self.started:
            if not running.ended:
                running.kill()


@pytest.fixture
def scene(tmp_path: Path, database: str) -> Iterator[Scene]:
    made = Scene(tmp_path, database)
    yield made
    made.close()


@pytest.fixture
def private_scene(tmp_path: Path, private_server: Server) -> Iterator[Scene]:
    made = Scene(tmp_path, private_server.dsn())
    yield made
    made.close()


def assert_error(ran: Ran, status: int, code: str) -> None:
    assert (ran.status, ran.error["code"]) == (status, code), ran.explain()
    assert ran.error["hint"]
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_cancels_the_query_on_the_server(scene: Scene, number: signal.Signals) -> None:
    running = scene.start(SLOW, *LONG)
    scene.wait_until_it_runs()
    running.signal(number)
    assert_error(running.finish(timeout=20), 130, "INTERRUPTED")
    eventually(lambda: scene.running() == 0, "the query still runs")


def test_an_interrupted_write_is_rolled_back(scene: Scene) -> None:
    running = scene.start("DELETE FROM orders WHERE pg_sleep(600) IS NULL OR id > 0", "--allow-writes", *LONG)
    scene.wait_until_it_runs()
    running.signal(signal.SIGINT)
    assert running.finish(timeout=20).status == 130
    assert scene.execute("SELECT count(*) FROM orders") == [(1000,)]


def test_a_killed_dbops_leaves_a_query_that_the_timeout_ends(scene: Scene) -> None:
    running = scene.start(SLOW, "--timeout", "3s")
    scene.wait_until_it_runs()
    running.kill()
    eventually(lambda: scene.running() == 0, "the query still runs")


def test_a_server_that_crashes_is_a_clear_error(private_scene: Scene, private_server: Server) -> None:
    running = private_scene.start(SLOW, *LONG)
    private_scene.wait_until_it_runs()
    private_server.kill()
    ran = running.finish(timeout=30)
    private_server.start()
    assert_error(ran, 3, "CONNECTION_FAILED")
    assert ran.error["retryable"] is True


def test_a_session_that_is_terminated_is_a_clear_error(scene: Scene) -> None:
    running = scene.start(SLOW, *LONG)
    scene.wait_until_it_runs()
    scene.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'dbops explain%'")
    assert_error(running.finish(timeout=30), 3, "CONNECTION_FAILED")


def test_a_server_that_hangs_is_given_up_in_bounded_time(private_scene: Scene, private_server: Server) -> None:
    running = private_scene.start(SLOW, "--timeout", "1s")
    private_scene.wait_until_it_runs()
    private_server.pause()
    try:
        ran = running.finish(timeout=90)
    finally:
        private_server.resume()
    assert_error(ran, 3, "CONNECTION_FAILED")


@pytest.mark.at_full_count
def test_a_network_that_goes_silent_is_given_up_in_bounded_time(scene: Scene) -> None:
    with Network(scene.dsn) as network:
        running = scene.start(SLOW, "--timeout", "1s", dsn=network.dsn)
        scene.wait_until_it_runs()
        network.silence()
        assert_error(running.finish(timeout=90), 3, "CONNECTION_FAILED")


def test_many_at_once_do_not_disturb_each_other(scene: Scene) -> None:
    started = [scene.start("UPDATE orders SET id = id + 1", "--allow-writes") for _ in range(4)]
    for running in started:
        ran = running.finish()
        # Each waits for the rows of the one before, for as long as lock_timeout lets it.
        assert ran.status == 0 or ran.error["code"] == "LOCK_TIMEOUT", ran.explain()
    assert scene.execute("SELECT min(id), max(id) FROM orders") == [(1, 1000)]
