"""What is written down: failures too, once and for all, and readable by the dbops that finds it."""

from __future__ import annotations

import psycopg
import pytest

pytestmark = pytest.mark.fault


def test_a_failure_stands_in_the_log_with_its_code_and_who_it_was(project):
    project.write("0001", "SELECT 1 / 0;")
    assert project.run("up", "--change-id", "JIRA-1").status == 2
    with project.connect() as connection:
        row = connection.execute(
            "SELECT action, outcome, version, name, error_code, sqlstate, change_id, db_user, host <> '', "
            "application LIKE 'dbops migrate up%' FROM dbops.migration_log"
        ).fetchall()
    assert row == [("up", "failed", "0001", "m0001", "MIGRATION_FAILED", "22012", "JIRA-1", "postgres", True, True)]
    note = project.run("status").data["migrations"][0]
    assert note["state"] == "pending"


def test_a_failure_stands_in_the_log_after_the_server_was_restarted(private_project, private_server):
    project = private_project
    project.write("0001", "INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(600);")
    running = project.start("up")
    project.wait_for_worker()
    private_server.restart()
    ran = running.finish()
    assert ran.error["outcome"] == "rolled_back"
    assert project.logged("failed") == ["0001"]


def test_the_log_is_append_only(project):
    project.write("0001", "SELECT 1 / 0;")
    project.run("up")
    for change in (
        "UPDATE dbops.migration_log SET error = NULL",
        "DELETE FROM dbops.migration_log",
        "DELETE FROM dbops.migration_log WHERE false",
        "TRUNCATE dbops.migration_log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            project.execute(change)
    assert project.logged("failed") == ["0001"]


def test_a_history_made_by_a_newer_dbops_is_refused(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');", "DELETE FROM ledger;")
    project.up()
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    project.execute("INSERT INTO dbops.history_version (version, dbops_version) VALUES (99, '42.0')")
    for command in ("up", "down", "status", "plan", "repair"):
        ran = project.run(command)
        assert (ran.status, ran.error["code"]) == (3, "HISTORY_NEWER"), ran.explain()
        assert "42.0" in ran.error["message"]
    assert project.ledger() == ["one"]
    assert project.states() == {"0001": "applied"}


def test_a_history_that_its_own_migration_tears_down_is_rolled_back(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one'); DROP SCHEMA dbops CASCADE;")
    ran = project.run("up")
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED"), ran.explain()
    assert "history can't be written" in ran.error["message"]
    assert project.ledger() == []
    assert project.states() == {}
    assert project.logged("failed") == ["0001"]
