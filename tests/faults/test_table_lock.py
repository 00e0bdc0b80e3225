"""A table that another session holds: short waits, tried again, and at last an error that names who is in the way."""

from __future__ import annotations

import time

import pytest

from faults.scene import eventually

pytestmark = pytest.mark.fault


def test_after_all_tries_it_fails_naming_the_blocker_and_nothing_is_changed(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "INSERT INTO ledger VALUES ('two'); ALTER TABLE items ADD COLUMN note text;")
    with project.connect(application="reports") as other:
        other.execute("BEGIN; SELECT * FROM items")
        ran = project.run("up", "--lock-timeout", "500ms", "--retries", "1")
        error = ran.error
        pid = other.info.backend_pid
    assert (ran.status, error["code"], error["retryable"]) == (2, "LOCK_TIMEOUT", True)
    assert f'blocked by pid {pid} "reports", idle in transaction' in error["message"]
    assert "2 tries" in error["message"]
    assert (error["details"][0]["pid"], error["details"][0]["application"]) == (pid, "reports")
    assert ran.applied == ["0001"]
    assert error["pending"] == ["0002"]
    assert project.ledger() == ["one"]
    assert project.logged("failed") == ["0002"]
    assert project.value("SELECT count(*) FROM information_schema.columns WHERE column_name = 'note'") == 0
    project.assert_finished(["0001"])
    project.up()
    assert project.ledger() == ["one", "two"]


def test_when_the_lock_is_given_up_in_time_it_succeeds_and_between_tries_it_holds_none_itself(project):
    project.write(
        "0001", "LOCK TABLE ledger; INSERT INTO ledger VALUES ('one'); ALTER TABLE items ADD COLUMN note text;"
    )
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        running = project.start("up", "--lock-timeout", "200ms")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        pid = eventually(lambda: project.workers("state = 'idle'"), "the first try does not end")[0]
        assert project.value(f"SELECT count(*) FROM pg_locks WHERE pid = {pid}") == 0
        project.execute("SET lock_timeout = '1s'; INSERT INTO ledger VALUES ('in between')")
        other.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert ran.data["applied"][0]["retries"] >= 1
    assert project.ledger() == ["in between", "one"]
    project.assert_finished(["0001"])


def test_a_statement_of_a_non_transactional_file_is_tried_again_too_and_runs_once(project):
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('first');\nALTER TABLE items ADD COLUMN note text;\nVACUUM items;\n"
        "INSERT INTO ledger VALUES ('last');",
    )
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        running = project.start("up", "--lock-timeout", "200ms")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        eventually(lambda: project.workers("state = 'idle'"), "the first try does not end")
        other.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert ran.data["applied"][0]["retries"] >= 1
    assert project.ledger() == ["first", "last"]
    project.assert_finished(["0001"])


def test_a_deadlock_is_tried_again(project):
    project.write("0001", "LOCK TABLE ledger; LOCK TABLE items; INSERT INTO ledger VALUES ('one');")
    with project.connect() as other:
        other.execute("SET deadlock_timeout = '1h'; SET lock_timeout = '20s'; BEGIN; LOCK TABLE items")
        running = project.start("up", "--lock-timeout", "20s")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        other.execute("LOCK TABLE ledger")  # dbops is the one that PostgreSQL ends
        other.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert ran.data["applied"][0]["retries"] == 1
    assert project.ledger() == ["one"]


def test_max_duration_ends_the_tries(project):
    project.write("0001", "ALTER TABLE items ADD COLUMN note text;")
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        began = time.monotonic()
        ran = project.run("up", "--lock-timeout", "200ms", "--retries", "1000", "--max-duration", "2s")
        took = time.monotonic() - began
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (2, "MIGRATION_FAILED", True)
    assert "--max-duration" in ran.error["message"]
    assert took < 10, "the pause between tries is part of the duration"
    project.assert_finished([])
