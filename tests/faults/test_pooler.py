"""Through a pooler in transaction mode: PgBouncer, or the tests' own."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from faults.scene import eventually
from servers import pooler

pytestmark = pytest.mark.fault


@pytest.fixture
def pooled(project, pgbouncer):
    """The project's database through PgBouncer, as a DSN."""
    return pgbouncer.dsn(conninfo_to_dict(project.dsn)["dbname"])


def test_up_status_down_and_redo_work(project, pooled):
    for version in ("0001", "0002", "0003"):
        project.write(
            version, f"INSERT INTO ledger VALUES ('{version}');", f"DELETE FROM ledger WHERE entry = '{version}';"
        )
    assert project.up(dsn=pooled).applied == ["0001", "0002", "0003"]
    assert project.run("status", dsn=pooled).status == 0
    assert project.run("down", dsn=pooled).status == 0
    assert project.run("redo", dsn=pooled).status == 0
    assert project.ledger() == ["0001", "0002"]
    project.assert_finished(["0001", "0002"], pooled=True)


def test_the_runner_lock_holds_between_two_runners(project, pooled):
    project.write("0001", "INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(30);")
    first = project.start("up", dsn=pooled)
    project.wait_for_worker()
    second = project.run("up", "--lock-wait", "1s")  # the pool is the first one's
    assert (second.status, second.error["code"]) == (2, "MIGRATION_LOCKED")
    first.kill()


def test_two_runners_through_one_pool_apply_each_migration_once(project, server):
    versions = [f"{number:04}" for number in range(1, 9)]
    for version in versions:
        project.write(version, f"INSERT INTO ledger SELECT '{version}' FROM pg_sleep(0.1);")
    with pooler.start(server, pool_size=4) as bouncer:
        dsn = bouncer.dsn(conninfo_to_dict(project.dsn)["dbname"])
        ran = [running.finish() for running in [project.start("up", dsn=dsn), project.start("up", dsn=dsn)]]
    assert [one.status for one in ran] == [0, 0], [one.explain() for one in ran]
    assert sorted(ran[0].applied + ran[1].applied) == versions
    assert project.ledger() == versions


def test_nothing_of_a_files_session_stays_with_the_pools_server_connections(project, pooled, role):
    other = role()
    project.write(
        "0001",
        f"SET search_path TO ''; SET statement_timeout = '50ms'; SET work_mem = '1MB'; SET ROLE {other.name};",
    )
    project.write("0002", "SET search_path TO ''; SELECT 1 / 0;")
    assert project.run("up", dsn=pooled).status == 2
    look = (
        "SELECT current_user, current_setting('search_path'), current_setting('statement_timeout'), "
        "current_setting('lock_timeout'), current_setting('application_name'), pg_backend_pid()"
    )
    # Two clients at once, so that both of the pool's server connections are seen.
    plain = make_conninfo(pooled, application_name="another")
    with psycopg.connect(plain) as one, psycopg.connect(plain) as two:
        seen = [connection.execute(look).fetchone() for connection in (one, two)]
    assert [row[:-1] for row in seen] == [("postgres", '"$user", public', "0", "0", "another")] * 2
    assert seen[0][-1] != seen[1][-1]


def test_the_blocker_is_named_through_a_pooler_too_at_every_try(project, pooled):
    project.write("0001", "SELECT 1;")  # what it leaves of the session must not hide the next one
    project.write("0002", "ALTER TABLE items ADD COLUMN note text;")
    with project.connect(application="reports") as other:
        other.execute("BEGIN; LOCK TABLE items")
        ran = project.run("up", "--lock-timeout", "600ms", "--retries", "1", dsn=pooled)
    assert ran.error["code"] == "LOCK_TIMEOUT"
    assert '"reports"' in ran.error["message"]
    retried = [line for line in ran.stderr.splitlines() if "migration_retried" in line]
    assert len(retried) == 1
    assert "reports" in retried[0]


def test_a_concurrent_migration_is_refused_before_anything_is_run(project, pooled):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "CREATE INDEX CONCURRENTLY tagged ON items (tag);")
    ran = project.run("up", dsn=pooled)
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR"), ran.explain()
    assert "direct_url" in ran.error["hint"]
    assert project.ledger() == []
    assert project.column("SELECT nspname FROM pg_namespace WHERE nspname = 'dbops'") == []


def test_a_half_done_migration_is_not_resumed_through_a_pooler(project, pooled):
    project.write("0001", "INSERT INTO ledger VALUES ('one');\nSELECT 1 / 0;", options="transaction:false")
    assert project.run("up").status == 2
    project.write("0001", "INSERT INTO ledger VALUES ('one');\nSELECT 1;")
    ran = project.run("up", dsn=pooled)
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR"), ran.explain()
    project.up()
    project.assert_finished(["0001"], pooled=True)


def test_with_a_direct_url_everything_runs(project, pooled):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "CREATE INDEX CONCURRENTLY tagged ON items (tag);")
    ran = project.up(dsn="", env={"DBOPS_DATABASE_URL": pooled, "DBOPS_DIRECT_URL": project.dsn})
    assert ran.applied == ["0001", "0002"]
    project.assert_finished(["0001", "0002"], pooled=True)


def test_a_pool_of_one_is_a_clear_error_in_bounded_time(project, server):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    with pooler.start(server, pool_size=1) as bouncer:
        ran = project.run("up", dsn=bouncer.dsn(conninfo_to_dict(project.dsn)["dbname"]), timeout=40)
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (3, "CONNECTION_FAILED", True), ran.explain()
    assert "second server connection" in ran.error["message"]
    assert "direct_url" in ran.error["hint"]
    assert project.ledger() == []


def test_a_runner_killed_behind_a_pooler_leaves_the_lock_free_and_nothing_twice(project, pooled):
    project.write(
        "0001",
        "SET LOCAL client_connection_check_interval = 0; INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(2);",
    )
    first = project.start("up", dsn=pooled)
    project.wait_for_worker()
    first.kill()
    eventually(lambda: not project.lock_holders(), "the lock is still held")
    project.up("--lock-timeout", "10s", dsn=pooled)
    assert project.logged("ok") == ["0001"]
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"], pooled=True)
