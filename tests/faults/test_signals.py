"""Ctrl-C and SIGTERM: what runs is cancelled on the server and rolled back, and the command says so and exits 130."""

from __future__ import annotations

import signal
import subprocess

import pytest

from faults.network import Network
from faults.scene import Project, eventually

pytestmark = pytest.mark.fault

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def assert_interrupted(ran, number):
    assert ran.status == 130, ran.explain()
    assert ran.error["code"] == "INTERRUPTED"
    assert number.name in ran.error["message"]
    assert ran.stderr.count("Traceback") == 0


@SIGNALS
def test_a_long_statement_is_cancelled_and_rolled_back(project, number):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "INSERT INTO ledger VALUES ('two');\nSELECT pg_sleep(600);")
    running = project.start("up")
    project.wait_for_worker()
    running.signal(number)
    ran = running.finish(timeout=20)
    assert_interrupted(ran, number)
    assert ran.applied == ["0001"]
    assert ran.error["failed"]["version"] == "0002"
    assert ran.error["pending"] == ["0002"]
    assert ran.error["left"] == "rolled back"
    assert project.ledger() == ["one"]
    assert project.logged("failed") == ["0002"]
    project.assert_finished(["0001"])
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    project.up()
    assert project.ledger() == ["one", "two"]


def test_a_copy_whose_rows_go_nowhere_is_cancelled_like_any_statement(project):
    project.write("0001", "COPY items TO STDOUT; INSERT INTO ledger VALUES ('one');")
    project.write("0002", "INSERT INTO ledger VALUES ('two'); COPY (SELECT generate_series(1, 1e12)) TO STDOUT;")
    running = project.start("up")
    project.wait_for_worker("query LIKE '%1e12%' AND state_change < clock_timestamp() - interval '500 ms'")
    running.signal(signal.SIGINT)
    ran = running.finish(timeout=20)
    assert_interrupted(ran, signal.SIGINT)
    assert ran.applied == ["0001"]
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])


def test_a_person_reads_that_nothing_was_kept(project):
    project.write("0001", "SELECT pg_sleep(600);")
    running = project.start("up", output="table")
    project.wait_for_worker()
    running.signal(signal.SIGINT)
    ran = running.finish(timeout=20)
    assert ran.status == 130
    assert "INTERRUPTED" in ran.stderr
    assert "rolled back" in ran.stdout + ran.stderr
    project.assert_quiet()


def test_waiting_for_the_runner_lock_ends(project):
    project.write("0001", "SELECT pg_sleep(600);")
    first = project.start("up")
    project.wait_for_worker()
    second = project.start("up")
    # It waits once it has asked for the lock: then it says whom it waits for.
    for line in second.process.stderr:
        if '"waiting"' in line:
            break
    second.signal(signal.SIGTERM)
    ran = second.finish(timeout=20)
    assert_interrupted(ran, signal.SIGTERM)
    assert ran.applied == []
    assert not first.ended
    first.kill()


def test_waiting_for_a_table_ends(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one'); ALTER TABLE items ADD COLUMN note text;")
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        running = project.start("up", "--lock-timeout", "60s")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        running.signal(signal.SIGINT)
        assert_interrupted(running.finish(timeout=20), signal.SIGINT)
    assert project.ledger() == []
    project.assert_finished([])


def test_the_pause_between_two_tries_ends(project):
    project.write("0001", "ALTER TABLE items ADD COLUMN note text;")
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        running = project.start("up", "--lock-timeout", "100ms", "--retries", "1000")
        for line in running.process.stderr:
            if "migration_retried" in line:
                break
        running.signal(signal.SIGINT)
        assert_interrupted(running.finish(timeout=20), signal.SIGINT)
    project.assert_finished([])


def test_waiting_for_a_server_that_is_not_there_ends(tmp_path):
    project = Project(tmp_path / "migrations", "host=127.0.0.1 port=1 dbname=x user=x")
    project.write("0001", "SELECT 1;")
    running = project.start("up", "--connect-wait", "100s")
    for line in running.process.stderr:
        if '"waiting"' in line:
            break
    running.signal(signal.SIGTERM)
    assert_interrupted(running.finish(timeout=20), signal.SIGTERM)


def test_a_concurrent_build_is_cancelled_and_its_invalid_index_rebuilt_by_the_next_run(project):
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('before');\nCREATE INDEX CONCURRENTLY slowly ON items (slow(name));",
        options="transaction:false",
    )
    running = project.start("up")
    project.wait_for_worker()
    running.signal(signal.SIGINT)
    ran = running.finish(timeout=20)
    assert_interrupted(ran, signal.SIGINT)
    assert "journalled" in ran.error["left"]
    assert project.invalid_indexes() == ["slowly"]
    project.assert_quiet()
    assert project.run("status").status == 2
    project.up()
    assert project.ledger() == ["before"]
    project.assert_finished(["0001"])


def test_a_second_signal_ends_at_once_even_when_nothing_answers(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(600);")
    with Network(project.dsn) as network:
        running = project.start("up", dsn=network.dsn)
        project.wait_for_worker()
        network.silence()
        running.signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.process.wait(timeout=1)
        running.signal(signal.SIGINT)
        ran = running.finish(timeout=3)
    assert ran.status == 130
    assert "dbops migrate status" in ran.stderr
    project.assert_quiet()
    assert project.ledger() == []


def test_between_two_migrations_the_rest_is_left_alone(project):
    """A signal during the last moments of a migration: it is done, and the next is not begun, or it is rolled back."""
    for number in range(1, 40):
        project.write(f"{number:04}", f"INSERT INTO ledger SELECT '{number:04}' FROM pg_sleep(0.05);")
    running = project.start("up")
    for line in running.process.stderr:
        if "migration_done" in line:
            break
    running.signal(signal.SIGTERM)
    ran = running.finish(timeout=20)
    assert_interrupted(ran, signal.SIGTERM)
    assert ran.applied == project.ledger()
    assert len(ran.applied) + len(ran.error["pending"]) == 39
    project.assert_finished(ran.applied)


def test_a_signal_that_comes_after_the_commit_finds_the_migration_applied(project):
    """What then runs is only the session's reset; here it takes long, for there are many temporary tables to drop."""
    project.write("0001", "SELECT 1;")
    project.up()
    project.write(
        "0002",
        "DO $$ BEGIN FOR n IN 1..1500 LOOP EXECUTE format('CREATE TEMP TABLE t%s ()', n); END LOOP; END $$;"
        "INSERT INTO ledger VALUES ('two');",
    )
    project.write("0003", "INSERT INTO ledger VALUES ('three'); SELECT pg_sleep(600);")
    running = project.start("up")
    with project.connect() as connection:
        look = "SELECT count(*) FROM dbops.schema_migrations"
        eventually(lambda: connection.execute(look).fetchone() == (2,) or running.ended, "0002 is not committed")
    running.signal(signal.SIGINT)
    ran = running.finish(timeout=20)
    assert_interrupted(ran, signal.SIGINT)
    assert ran.applied == ["0002"]
    assert ran.error["pending"] == ["0003"]
    assert "0002" not in project.logged("failed")
    assert project.ledger() == ["two"]
    project.assert_finished(["0001", "0002"])
