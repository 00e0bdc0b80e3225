"""Many runners at once: one works, the others wait, and what is done is done once."""

from __future__ import annotations

import pytest

from faults.scene import full_count

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("round_", range(full_count(1, 5)))
def test_of_twenty_at_once_each_migration_is_applied_by_one_and_all_succeed(project, round_):
    versions = [f"{number:04}" for number in range(1, 8)]
    for version in versions:
        project.write(version, f"INSERT INTO ledger SELECT '{version}' FROM pg_sleep(0.05);")
    project.write("0008", "CREATE INDEX CONCURRENTLY tagged ON items (tag);\nINSERT INTO ledger VALUES ('0008');")
    runners = [project.start("up", "--lock-wait", "100s") for _ in range(20)]
    ran = [running.finish() for running in runners]
    assert [one.status for one in ran] == [0] * 20, [one.explain() for one in ran if one.status]
    applied = [version for one in ran for version in one.applied]
    assert sorted(applied) == [*versions, "0008"]
    assert project.ledger() == [*versions, "0008"]
    assert project.logged("ok") == [*versions, "0008"]
    project.assert_finished([*versions, "0008"])


def test_a_runner_that_waits_too_long_names_who_holds_the_lock(project):
    project.write("0001", "SELECT pg_sleep(30);")
    first = project.start("up")
    holder = project.wait_for_watcher()
    project.wait_for_worker()
    late = project.run("up", "--lock-wait", "500ms")
    assert (late.status, late.error["code"], late.error["retryable"]) == (2, "MIGRATION_LOCKED", True)
    assert late.error["details"][0]["pid"] == holder
    assert f"pid {holder}" in late.error["message"]
    assert "dbops migrate up" in late.error["message"]
    assert late.error["pending"] == ["0001"]
    first.kill()


def test_the_lock_of_a_killed_runner_is_free_at_once(project):
    project.write("0001", "SET LOCAL client_connection_check_interval = 0; SELECT pg_sleep(4);")
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    first = project.start("up", "--to", "0001")
    watcher = project.wait_for_watcher()
    project.wait_for_worker()
    first.kill()
    # Its work goes on, and the next runner has the lock all the same, and waits for the row.
    second = project.start("up", "--lock-wait", "2s", "--lock-timeout", "6s")
    assert project.wait_for_watcher() != watcher
    ran = second.finish()
    assert ran.status == 0, ran.explain()
    assert ran.applied == ["0002"]
    project.assert_finished(["0001", "0002"])


def test_a_migration_that_somebody_applied_meanwhile_is_not_a_failure(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.up()
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    project.write("0003", "INSERT INTO ledger VALUES ('three');")
    with project.connect() as other:
        other.execute("BEGIN")
        other.execute(
            "INSERT INTO dbops.schema_migrations (version, name, checksum, state, transactional, run_id) "
            "VALUES ('0002', 'm0002', 'x', 'applied', true, 'other')"
        )
        running = project.start("up", "--lock-timeout", "20s", "--allow-modified")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        other.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert ran.applied == ["0003"]
    assert project.ledger() == ["one", "three"]
    project.assert_finished(["0001", "0002", "0003"])


def test_a_migration_that_somebody_reverted_meanwhile_is_not_a_failure(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');", "DELETE FROM ledger;")
    project.up()
    with project.connect() as other:
        other.execute("BEGIN")
        other.execute("DELETE FROM dbops.schema_migrations")
        running = project.start("down", "--lock-timeout", "20s")
        project.wait_for_worker("cardinality(pg_blocking_pids(pid)) > 0")
        other.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert ran.data["reverted"] == []
    assert project.ledger() == ["one"]
    project.assert_finished([])


def test_two_histories_in_one_database_do_not_wait_for_each_other(project):
    project.write("0001", "SELECT pg_sleep(30);")
    first = project.start("up", "--schema", "dbops")
    project.wait_for_worker()
    project.write("0001", "INSERT INTO ledger VALUES ('other');")
    project.up("--schema", "other", "--lock-wait", "1s")
    assert project.ledger() == ["other"]
    assert not first.ended
    first.kill()
