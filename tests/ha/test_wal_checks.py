"""The checks of WAL and archive: what is archived, what piles up, what pg_rewind needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dbops.ha.checks import archiver, disk_wal, exclusive_backup, rewind_possible
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Archiver, Slot, WalFolder
from dbops.results.ha import Status
from ha.clusters import HEAD, NOW, changed, healthy, standby, with_settings
from ha.outcomes import only, silent, statuses, without_facts, without_primary

GB = 1024**3
GRANT = "GRANT pg_monitor TO monitor"


class TestArchiver:
    examine = staticmethod(archiver.examine)

    def of(self, **facts: Any) -> Cluster:
        known: dict[str, Any] = {"archived": 10, "failed": 0, "last_archived_at": NOW - 60, "ready": 0}
        return changed(healthy(), "n1", archiver=Archiver(**(known | facts)))

    def test_that_archives_passes(self) -> None:
        assert statuses(self.examine, healthy()) == {"n1": Status.PASS}

    def test_long_silence_is_no_failure(self) -> None:
        assert only(self.examine, self.of(last_archived_at=NOW - 864000), "n1").status is Status.PASS

    def test_a_failure_since_the_last_success_warns(self) -> None:
        cluster = self.of(failed=3, last_failed_at=NOW - 1, last_failed_wal="00000007000000000000000A", ready=2)
        outcome = only(self.examine, cluster, "n1")
        assert outcome.status is Status.FAIL
        assert outcome.message == "archiving fails (3 times, last on 00000007000000000000000A); 2 segments wait"

    def test_a_failure_without_any_success_warns(self) -> None:
        cluster = self.of(archived=0, last_archived_at=None, failed=1, last_failed_at=NOW)
        assert only(self.examine, cluster, "n1").status is Status.FAIL

    def test_a_failure_before_the_last_success_is_over(self) -> None:
        assert only(self.examine, self.of(failed=3, last_failed_at=NOW - 61), "n1").status is Status.PASS

    @pytest.mark.parametrize(("ready", "status"), [(15, Status.PASS), (16, Status.FAIL)])
    def test_many_that_wait_warn(self, ready: int, status: Status) -> None:
        assert only(self.examine, self.of(ready=ready), "n1").status is status

    def test_a_failure_is_told_where_those_that_wait_may_not_be_counted(self) -> None:
        cluster = changed(self.of(ready=None, failed=3, last_failed_at=NOW), "n1", denied={"archive_status": GRANT})
        assert only(self.examine, cluster, "n1").status is Status.FAIL

    def test_those_that_wait_unseen_are_unknown_with_the_grant(self) -> None:
        outcome = only(self.examine, changed(self.of(ready=None), "n1", denied={"archive_status": GRANT}), "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_archiving_to_nowhere_warns(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n1", archive_command=""), "n1")
        assert outcome.message == "archive_mode is on, archive_command is empty: all WAL stays in pg_wal"

    def test_without_archiving_it_is_skipped(self) -> None:
        assert statuses(self.examine, with_settings(healthy(), "n1", archive_mode="off")) == {"n1": Status.SKIPPED}

    def test_a_standby_that_archives_for_itself_is_judged_too(self) -> None:
        failing = Archiver(0, 5, None, NOW, ready=0)
        cluster = with_settings(changed(healthy(), "n2", archiver=failing), "n2", archive_mode="always")
        assert statuses(self.examine, cluster) == {"n1": Status.PASS, "n2": Status.FAIL}

    @pytest.mark.parametrize("fact", ["archiver", "settings"])
    def test_without_its_facts_it_is_unknown(self, fact: str) -> None:
        assert only(self.examine, changed(healthy(), "n1", **{fact: None}), "n1").status is Status.UNKNOWN

    def test_without_a_primary_it_is_unknown(self) -> None:
        assert statuses(self.examine, without_primary()) == {None: Status.UNKNOWN}


class TestDiskWal:
    examine = staticmethod(disk_wal.examine)

    def of(self, size: int, **facts: Any) -> Cluster:
        return changed(healthy(), "n1", wal_folder=WalFolder(99, size), **facts)

    @pytest.mark.parametrize(("size", "status"), [(2 * GB, Status.PASS), (2 * GB + 1, Status.FAIL)])
    def test_twice_what_the_settings_say_is_too_much(self, size: int, status: Status) -> None:
        assert only(self.examine, self.of(size), "n1").status is status

    def test_the_larger_setting_counts(self) -> None:
        cluster = with_settings(self.of(8 * GB), "n1", wal_keep_size="4096")
        assert only(self.examine, cluster, "n1").status is Status.PASS

    def test_free_space_is_said_to_be_unseen(self) -> None:
        assert all("can't be seen by SQL" in each.message for each in self.examine(healthy()))

    def test_who_holds_it_is_told(self) -> None:
        slots = (Slot("cdc", True, False, retained_bytes=7 * GB), Slot("n3", False, True, retained_bytes=0))
        waiting = Archiver(10, 0, NOW, ready=400)
        message = only(self.examine, self.of(8 * GB, slots=slots, archiver=waiting), "n1").message
        assert 'held by slot "cdc" (7.0 GB), the archiver (400 segments wait)' in message

    def test_replay_may_hold_it(self) -> None:
        positions = tuple(replace(each, replayed=HEAD - 2 * GB) for each in standby().positions)
        cluster = changed(healthy(), "n2", wal_folder=WalFolder(99, 3 * GB), positions=positions)
        assert "held by replay (2.0 GB to go)" in only(self.examine, cluster, "n2").message

    def test_nobody_known_holds_it(self) -> None:
        assert "what holds it is not known" in only(self.examine, self.of(8 * GB, slots=None), "n1").message

    def test_refused_it_is_unknown_with_the_grant(self) -> None:
        cluster = changed(healthy(), "n2", wal_folder=None, denied={"wal_folder": GRANT})
        outcome = only(self.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_facts_it_is_unknown(self) -> None:
        assert set(statuses(self.examine, without_facts()).values()) == {Status.UNKNOWN}
        assert only(self.examine, changed(healthy(), "n1", settings=None), "n1").status is Status.UNKNOWN

    def test_of_a_silent_node_nothing_is_said(self) -> None:
        assert statuses(self.examine, Cluster((silent(), standby("n2")))) == {"n2": Status.PASS}


class TestRewindPossible:
    examine = staticmethod(rewind_possible.examine)

    def test_with_checksums_and_wal_it_passes(self) -> None:
        assert set(statuses(self.examine, healthy()).values()) == {Status.PASS}

    def test_wal_log_hints_do_as_well(self) -> None:
        cluster = with_settings(changed(healthy(), "n1", checksums=False), "n1", wal_log_hints="on")
        assert only(self.examine, cluster, "n1").message == "could be rewound: wal_log_hints, and WAL is kept"

    def test_without_either_it_warns(self) -> None:
        outcome = only(self.examine, changed(healthy(), "n1", checksums=False), "n1")
        assert outcome.status is Status.FAIL
        assert outcome.remedy == "ALTER SYSTEM SET wal_log_hints = 'on'; -- then restart it"

    def test_what_standbys_have_is_no_matter_there(self) -> None:
        assert only(self.examine, changed(healthy(), "n2", checksums=False), "n2").status is Status.PASS

    def test_a_standby_without_full_page_writes_warns(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n2", full_page_writes="off"), "n2")
        assert outcome.message == "full_page_writes is off: pg_rewind takes nothing from it"

    def test_a_primary_without_full_page_writes_could_be_rewound(self) -> None:
        assert only(self.examine, with_settings(healthy(), "n1", full_page_writes="off"), "n1").status is Status.PASS

    def keeping(self, slots: tuple[Slot, ...] = (), archive_mode: str = "off", wal_keep_size: str = "0") -> Status:
        cluster = changed(healthy(), "n1", slots=slots)
        cluster = with_settings(cluster, "n1", archive_mode=archive_mode, wal_keep_size=wal_keep_size)
        return only(self.examine, cluster, "n1").status

    def test_wal_must_be_kept_somehow(self) -> None:
        assert self.keeping() is Status.FAIL
        assert self.keeping(wal_keep_size="64") is Status.PASS
        assert self.keeping(archive_mode="on") is Status.PASS
        assert self.keeping(slots=(Slot("n2", False, True),)) is Status.PASS
        assert self.keeping(slots=(Slot("pg_basebackup", False, True, temporary=True),)) is Status.FAIL

    @pytest.mark.parametrize("fact", ["checksums", "settings"])
    def test_without_its_facts_it_is_unknown(self, fact: str) -> None:
        cluster = changed(healthy(), "n1", **{fact: None})
        assert only(self.examine, cluster, "n1").status is Status.UNKNOWN
        assert set(statuses(self.examine, without_facts()).values()) == {Status.UNKNOWN}

    def test_refused_it_is_unknown_with_the_grant(self) -> None:
        cluster = changed(healthy(), "n1", checksums=None, denied={"checksums": GRANT})
        outcome = only(self.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_a_primary_it_is_unknown(self) -> None:
        assert only(self.examine, without_primary()).status is Status.UNKNOWN


class TestExclusiveBackup:
    examine = staticmethod(exclusive_backup.examine)

    def of(self, exclusive: bool | None, version: int | None = 140000) -> Cluster:
        cluster = healthy()
        for name in ("n1", "n2", "n3"):
            cluster = changed(cluster, name, version=version)
        return changed(cluster, "n1", exclusive_backup=exclusive)

    @pytest.mark.parametrize(
        ("exclusive", "status"), [(True, Status.FAIL), (False, Status.PASS), (None, Status.UNKNOWN)]
    )
    def test_on_14(self, exclusive: bool | None, status: Status) -> None:
        assert only(self.examine, self.of(exclusive), "n1").status is status

    def test_on_15_there_is_none(self) -> None:
        assert only(self.examine, self.of(None, 150000), "n1").status is Status.SKIPPED

    def test_of_an_unknown_version_it_is_unknown(self) -> None:
        assert only(self.examine, self.of(None, None), "n1").status is Status.UNKNOWN

    def test_without_a_primary_standbys_tell_the_version(self) -> None:
        assert only(self.examine, without_primary()).status is Status.SKIPPED
        old = changed(changed(without_primary(), "n2", version=140000), "n3", version=140000)
        assert only(self.examine, old).status is Status.UNKNOWN

    def test_refused_it_is_unknown_with_the_grant(self) -> None:
        outcome = only(self.examine, changed(self.of(None), "n1", denied={"backup": GRANT}), "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)
