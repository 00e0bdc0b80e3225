"""CREATE INDEX CONCURRENTLY: what a failed build leaves is cleared away, and nothing that isn't its own."""

from __future__ import annotations

import threading

import pytest

pytestmark = pytest.mark.fault


def test_a_failed_build_leaves_an_invalid_index_that_the_next_run_drops_and_rebuilds(project):
    project.write("0001", "CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);")
    failed = project.run("up")
    assert (failed.status, failed.error["code"]) == (2, "MIGRATION_FAILED")
    assert project.invalid_indexes() == ["tagged"]
    left = project.value("SELECT 'tagged'::regclass::oid")
    project.execute("UPDATE items SET tag = name")
    project.up()
    assert project.value("SELECT 'tagged'::regclass::oid") != left
    project.assert_finished(["0001"])


def test_an_index_that_was_there_before_is_never_dropped(project):
    with pytest.raises(Exception, match="could not create unique index"):
        project.execute("CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag)")
    oid = project.value("SELECT 'tagged'::regclass::oid")
    project.write("0001", "CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);")
    for _ in range(2):
        failed = project.run("up")
        assert failed.error["code"] == "MIGRATION_FAILED"
        assert "already exists" in failed.error["message"]
        assert project.value("SELECT 'tagged'::regclass::oid") == oid


def test_if_not_exists_is_not_content_with_an_invalid_index(project):
    with pytest.raises(Exception, match="could not create unique index"):
        project.execute("CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag)")
    oid = project.value("SELECT 'tagged'::regclass::oid")
    project.write("0001", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS tagged ON items (tag);")
    for _ in range(2):
        failed = project.run("up")
        assert failed.status == 2, failed.explain()
        assert "INVALID" in failed.error["message"]
        assert "DROP INDEX CONCURRENTLY" in failed.error["hint"]
    assert project.value("SELECT 'tagged'::regclass::oid") == oid
    project.execute("UPDATE items SET tag = name; DROP INDEX tagged")
    project.up()
    project.assert_finished(["0001"])


@pytest.mark.parametrize("sees_everything", [True, False])
def test_an_index_that_somebody_else_builds_now_is_waited_for_and_kept(project, role, sees_everything):
    """Also by a role to which pg_stat_progress_create_index says nothing of others' builds."""
    migrating = role()
    project.execute(
        f"CREATE SCHEMA dbops AUTHORIZATION {migrating.name}; ALTER TABLE items OWNER TO {migrating.name};"
        f"GRANT CREATE, USAGE ON SCHEMA public TO {migrating.name}"
    )
    if sees_everything:
        project.execute(f"GRANT pg_read_all_stats TO {migrating.name}")
    dsn = migrating.dsn(project.dsn)
    project.write("0001", "CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);")
    assert project.run("up", dsn=dsn).status == 2
    assert project.invalid_indexes() == ["tagged"]

    # A person takes it in hand, and is still at it when the next run begins.
    project.execute("DROP INDEX tagged")
    build = "CREATE INDEX CONCURRENTLY tagged ON items (slow(name, 1))"
    builder = threading.Thread(target=project.execute, args=[build])
    builder.start()
    try:
        while project.invalid_indexes() != ["tagged"]:
            pass
        oid = project.value("SELECT 'tagged'::regclass::oid")
        ran = project.run("up", dsn=dsn)
    finally:
        builder.join()
    assert ran.status == 0, ran.explain()
    assert project.value("SELECT 'tagged'::regclass::oid") == oid
    project.assert_finished(["0001"])


def test_the_short_lock_timeout_does_not_end_a_build_that_waits_for_an_old_snapshot(project):
    project.write("0001", "CREATE INDEX CONCURRENTLY tagged ON items (tag);")
    with project.connect() as old:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM items")
        running = project.start("up", "--lock-timeout", "200ms", "--retries", "0")
        project.wait_for_worker("wait_event_type = 'Lock' AND state_change < clock_timestamp() - interval '1 s'")
        assert not running.ended
        old.execute("COMMIT")
        ran = running.finish()
    assert ran.status == 0, ran.explain()
    project.assert_finished(["0001"])


def test_the_session_with_the_runner_lock_has_nothing_a_build_could_wait_for(project):
    """A snapshot or lock taken in its open transaction, if only to look how far the build is, would last to its end."""
    project.write("0001", "CREATE INDEX CONCURRENTLY slowly ON items (slow(name, 1.5));")
    running = project.start("up")
    watcher = project.wait_for_watcher()
    project.wait_for_worker()
    seen = set()
    while not running.ended:
        with project.connect() as connection:
            rows = connection.execute(
                "SELECT l.locktype, a.backend_xmin::text FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) "
                "WHERE pid = %s",
                [watcher],
            ).fetchall()
        seen.update(rows)
    assert running.finish().status == 0
    assert seen == {("advisory", None), ("virtualxid", None)}


def test_a_reindex_that_was_cut_leaves_no_copy_behind(project):
    project.execute("CREATE INDEX stuck ON items (stuck_at(name, 3))")
    project.write("0001", "REINDEX INDEX CONCURRENTLY stuck;")
    running = project.start("up")
    pid = project.wait_for_worker()
    project.execute(f"SELECT pg_terminate_backend({pid})")
    ran = running.finish()
    assert (ran.status, ran.error["code"]) == (3, "CONNECTION_FAILED")
    assert project.invalid_indexes() == ["stuck_ccnew"]
    project.up()
    project.assert_finished(["0001"])
