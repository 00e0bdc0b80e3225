"""kill -9 of the runner: whatever it was doing, the next run finishes, and nothing is applied twice or half."""

from __future__ import annotations

import random
import time

import pytest

from faults.scene import full_count

pytestmark = pytest.mark.fault

UNCHECKED = "SET LOCAL client_connection_check_interval = 0;\n"
"""As on PostgreSQL 13: the server doesn't notice that its client is gone, and goes on."""


def write_batch(project, first):
    """Write a transactional, a concurrent and a statement-by-statement migration; return their versions."""
    versions = [f"{first + number:04}" for number in range(4)]
    for version in (versions[0], versions[3]):
        project.write(
            version,
            f"INSERT INTO ledger VALUES ('{version}.1'); SELECT pg_sleep(0.1);\n"
            f"INSERT INTO ledger VALUES ('{version}.2');",
        )
    project.write(versions[1], f"CREATE INDEX CONCURRENTLY items_{first} ON items (slow(name, 0.05));")
    project.write(
        versions[2],
        f"INSERT INTO ledger VALUES ('{versions[2]}.1');\nSELECT pg_sleep(0.1);\nVACUUM items;\n"
        f"INSERT INTO ledger SELECT '{versions[2]}.2' FROM pg_sleep(0.1);",
        options="transaction:false",
    )
    return versions


def entries(batch):
    return [f"{version}.{part}" for version in (batch[0], batch[2], batch[3]) for part in (1, 2)]


def test_killed_at_random_points_the_next_run_finishes_and_nothing_runs_twice_or_half(project):
    versions, expected, kills = [], [], 0
    dice = random.Random()
    while kills < full_count(4, 100):
        batch = write_batch(project, len(versions) + 1)
        versions += batch
        expected += entries(batch)
        running = project.start("up")
        while not running.ended:
            time.sleep(dice.uniform(0.15, 0.9))
            if running.ended:
                break
            running.kill()
            kills += 1
            running = project.start("up", "--lock-wait", "30s")
        ran = running.finish()
        assert ran.status == 0, ran.explain()
    project.up()
    assert project.ledger() == sorted(expected)
    project.assert_finished(versions)
    # What an orphan finished stands in the log by the orphan's own hand: once and no more.
    assert sorted(project.logged("ok")) == versions


def test_an_orphan_that_goes_on_is_waited_for_and_its_migration_not_run_again(project):
    project.write(
        "0001", UNCHECKED + "INSERT INTO ledger VALUES ('once'); SELECT pg_sleep(3); INSERT INTO ledger VALUES ('end');"
    )
    first = project.start("up")
    orphan = project.wait_for_worker()
    first.kill()
    second = project.start("up", "--lock-timeout", "4s")
    waiting = project.wait_for_worker(f"{orphan} = ANY (pg_blocking_pids(pid))")
    assert waiting != orphan
    ran = second.finish()
    assert ran.status == 0, ran.explain()
    assert ran.applied == []
    assert project.ledger() == ["end", "once"]
    project.assert_finished(["0001"])


def test_an_orphan_is_ended_by_the_server_and_its_migration_run_anew(project):
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('once'); SELECT pg_sleep(CASE nextval('tries') WHEN 1 THEN 600 ELSE 0 END);",
    )
    first = project.start("up")
    project.wait_for_worker()
    first.kill()
    ran = project.up("--lock-timeout", "8s")
    assert ran.applied == ["0001"]
    assert project.value("SELECT last_value FROM tries") == 2
    assert project.ledger() == ["once"]
    project.assert_finished(["0001"])


def test_killed_between_statements_of_a_non_transactional_file_each_runs_once(project):
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('1');\nSET client_connection_check_interval = 0;\n"
        "INSERT INTO ledger SELECT '2' FROM pg_sleep(2);\nINSERT INTO ledger VALUES ('3');",
        options="transaction:false",
    )
    first = project.start("up")
    orphan = project.wait_for_worker()
    first.kill()
    assert project.ledger() == ["1"]
    second = project.start("up", "--lock-timeout", "4s")
    project.wait_for_worker(f"{orphan} = ANY (pg_blocking_pids(pid))")
    ran = second.finish()
    assert ran.status == 0, ran.explain()
    assert project.ledger() == ["1", "2", "3"]
    project.assert_finished(["0001"])


def test_an_index_that_an_orphan_still_builds_is_left_to_it(project):
    project.write(
        "0001",
        "SET client_connection_check_interval = 0;\nCREATE INDEX CONCURRENTLY slowly ON items (slow(name));\n"
        "INSERT INTO ledger VALUES ('after');",
    )
    first = project.start("up")
    orphan = project.wait_for_worker()
    first.kill()
    oid = project.value("SELECT 'slowly'::regclass::oid")
    assert project.invalid_indexes() == ["slowly"]
    assert orphan in project.workers()
    project.up()
    assert project.value("SELECT 'slowly'::regclass::oid") == oid
    assert project.ledger() == ["after"]
    project.assert_finished(["0001"])


def test_an_index_whose_build_was_killed_is_dropped_and_built_anew(project):
    project.write(
        "0001",
        "CREATE INDEX CONCURRENTLY slowly ON items (stuck_at(name, 1));\nINSERT INTO ledger VALUES ('after');",
    )
    first = project.start("up")
    orphan = project.wait_for_worker()
    first.kill()
    oid = project.value("SELECT 'slowly'::regclass::oid")
    second = project.start("up")
    project.wait_for_watcher()
    project.execute(f"SELECT pg_terminate_backend({orphan})")
    ran = second.finish()
    assert ran.status == 0, ran.explain()
    assert ran.applied == ["0001"]
    assert project.value("SELECT 'slowly'::regclass::oid") != oid
    assert project.ledger() == ["after"]
    project.assert_finished(["0001"])


@pytest.mark.parametrize(("resume_at", "calls"), [("2", 2), ("3", 1)][: full_count(1, 2)])
def test_a_call_that_nobody_saw_end_is_not_run_again_until_a_person_has_looked(project, resume_at, calls):
    project.execute(
        "CREATE PROCEDURE work() LANGUAGE plpgsql AS 'BEGIN INSERT INTO ledger VALUES (''call''); COMMIT; "
        "PERFORM pg_sleep(1); END'"
    )
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('before');\nCALL work();\nINSERT INTO ledger VALUES ('after');",
        options="transaction:false",
    )
    first = project.start("up")
    project.wait_for_worker()
    first.kill()
    refused = project.run("up")
    assert refused.status == 2, refused.explain()
    assert refused.error["code"] == "MIGRATION_FAILED"
    assert "repair 0001 --resume-at 2" in refused.error["hint"]
    assert refused.error["failed"]["version"] == "0001"
    assert project.ledger() == ["before", "call"]

    assert project.run("repair", "0001", "--resume-at", resume_at, "--reason", "looked").status == 0
    project.up()
    assert project.ledger() == sorted(["before", "after", *["call"] * calls])
    project.assert_finished(["0001"])
