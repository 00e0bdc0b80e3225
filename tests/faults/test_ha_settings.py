"""`dbops ha-status` when slots, archiving, synchronous replication or clocks would spoil a failover."""

from __future__ import annotations

import threading

from faults.failover import (
    DEGRADED,
    NOT_READY,
    READY,
    execute,
    settings,
    shell,
    stopped,
    value,
)
from faults.scene import eventually
from servers.server import ARCHIVE_FAILS


def test_a_slot_that_is_lost_and_one_that_nobody_uses(watched):
    primary = watched.primary
    execute(primary, "SELECT pg_create_physical_replication_slot('gone', true)")
    try:
        unused = watched.ask(observe=0.1)
        for _ in range(3):
            execute(primary, "SELECT pg_switch_wal()", "SELECT txid_current()")
        # The standbys' slots must have moved on before anything is removed.
        end = value(primary, "SELECT pg_current_wal_flush_lsn()::text")
        moved = f"SELECT bool_and(restart_lsn >= '{end}') FROM pg_replication_slots WHERE active"
        eventually(lambda: value(primary, moved), "the standbys' slots don't move")
        with settings(primary, max_slot_wal_keep_size="1MB"):
            eventually(lambda: _is_lost(primary, "gone"), "the slot is not lost")
            lost = watched.ask(observe=0.1)
    finally:
        execute(primary, "SELECT pg_drop_replication_slot('gone')")
    assert unused.check("slot-status", "primary").status == "warn", unused.explain()
    assert unused.verdicts == (DEGRADED, DEGRADED, 1)
    check = lost.check("slot-status", "primary")
    assert (check.status, "gone" in check.message) == ("fail", True), lost.explain()
    assert lost.result.switchover.verdict == NOT_READY
    assert lost.result.exit_status == 2


def test_the_slot_of_a_standby_that_is_down_is_unused(watched):
    with stopped(watched.standbys[0]):
        said = watched.ask(observe=0.1)
    check = said.check("slot-status", "primary")
    assert (check.status, "standby1" in check.message) == ("warn", True), said.explain()
    assert said.verdicts == (DEGRADED, DEGRADED, 1)


def test_an_archiver_that_fails_is_a_warning_until_it_succeeds_again(watched):
    primary = watched.primary
    failing = "SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver"
    shell(primary, f"touch {ARCHIVE_FAILS}")
    try:
        execute(primary, "SELECT txid_current()", "SELECT pg_switch_wal()")
        eventually(lambda: value(primary, failing), "archiving does not fail")
        said = watched.ask(observe=0.1)
    finally:
        shell(primary, f"rm {ARCHIVE_FAILS}")
    assert said.check("archiver", "primary").status == "warn", said.explain()
    assert said.verdicts == (DEGRADED, DEGRADED, 1)
    eventually(lambda: value(primary, failing) is False, "archiving does not succeed")
    after = watched.ask()
    assert after.troubles == set(), after.explain()


def test_commits_that_wait_for_a_synchronous_standby_that_does_not_exist(watched):
    primary = watched.primary
    execute(primary, "CREATE TABLE waited (id int)")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with settings(primary, synchronous_standby_names="FIRST 1 (nowhere)"):
        writer = threading.Thread(target=execute, args=[primary, "INSERT INTO waited VALUES (1)"])
        writer.start()
        eventually(lambda: value(primary, waiting), "no commit waits")
        said = watched.ask()
    writer.join()
    failed = [check for check in said.result.checks if (check.id, check.status) == ("sync-standbys", "fail")]
    assert failed, said.explain()
    assert any("wait" in check.message for check in failed)
    assert said.result.switchover.verdict == NOT_READY
    assert said.result.exit_status == 2
    watched.wait_until_well()
    execute(primary, "DROP TABLE waited")


def test_a_synchronous_standby_loses_nothing_and_its_candidate_needs_one_too(watched):
    """ANY 1 of both: the one that is promoted still has the other."""
    with settings(watched.primary, synchronous_standby_names="ANY 1 (standby1, standby2)"):
        eventually(
            lambda: value(watched.primary, "SELECT bool_and(sync_state = 'quorum') FROM pg_stat_replication"),
            "no quorum",
        )
        said = watched.ask()
    assert {said.node(name).sync_state for name in ("standby1", "standby2")} == {"quorum"}
    assert said.loses_nothing, said.explain()
    assert not {trouble for trouble in said.troubles if "fail" in trouble}, said.explain()


def test_logical_slots_that_would_be_lost_block_the_switchover_alone(watched):
    primary = watched.primary
    execute(primary, "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')")
    try:
        watched.wait_until_well()
        said = watched.ask()
    finally:
        execute(primary, "SELECT pg_drop_replication_slot('cdc')")
    failed = [check for check in said.result.checks if (check.id, check.status) == ("logical-slots", "fail")]
    assert failed, said.explain()
    assert all("cdc" in check.message for check in failed)
    assert said.result.switchover.verdict == NOT_READY
    assert "logical-slots" in said.result.switchover.blockers
    assert said.result.emergency.verdict in {READY, DEGRADED}
    assert said.result.exit_status == 2


def test_the_clock_of_a_standby_that_is_ahead_is_told_and_makes_no_lag(watched):
    """Each clock is asked through a function of the database's that is wrong on the standbys alone."""
    execute(
        watched.primary,
        "CREATE SCHEMA wrong",
        "CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
        "$$ SELECT pg_catalog.clock_timestamp() + pg_is_in_recovery()::int * interval '90 s' $$",
        "ALTER DATABASE postgres SET search_path = wrong, pg_catalog",
    )
    try:
        watched.wait_until_well()
        said = watched.ask()
    finally:
        execute(watched.primary, "ALTER DATABASE postgres RESET search_path", "DROP SCHEMA wrong CASCADE")
    assert said.check("clock-skew", "standby1").status == "warn", said.explain()
    assert max(said.node(name).lag_seconds for name in ("standby1", "standby2")) < 80
    assert said.verdicts == (DEGRADED, DEGRADED, 1)


def test_a_standby_of_an_older_minor_version_is_told(watched):
    """A lane has one minor version: a function in front of PostgreSQL's makes the standbys say that they are older."""
    execute(
        watched.primary,
        "CREATE SCHEMA older",
        "CREATE FUNCTION older.current_setting(text) RETURNS text LANGUAGE sql STABLE AS "
        "$$ SELECT CASE WHEN $1 = 'server_version_num' AND pg_is_in_recovery() "
        "THEN (pg_catalog.current_setting($1)::int4 - 1)::text ELSE pg_catalog.current_setting($1) END $$",
        "ALTER DATABASE postgres SET search_path = older, pg_catalog",
    )
    try:
        watched.wait_until_well()
        said = watched.ask()
    finally:
        execute(watched.primary, "ALTER DATABASE postgres RESET search_path", "DROP SCHEMA older CASCADE")
    assert said.check("version-match", "standby1").status == "warn", said.explain()
    assert said.verdicts == (DEGRADED, DEGRADED, 1)


def test_a_setting_that_waits_for_a_restart_is_told(watched):
    first = watched.standbys[0]
    with settings(first, max_locks_per_transaction="100"):
        said = watched.ask(observe=0.1)
    pending = [check for check in said.result.checks if (check.id, check.status) == ("settings-parity", "warn")]
    assert [check.node for check in pending] == ["standby1"], said.explain()


def _is_lost(primary, slot):
    execute(primary, "CHECKPOINT")
    return value(primary, f"SELECT wal_status = 'lost' FROM pg_replication_slots WHERE slot_name = '{slot}'")
