"""The checks of settings: what a standby needs, what should be alike, what archives, what refuses writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.ha.checks import (
    archive_settings,
    preload_libraries,
    read_only_default,
    settings_parity,
    standby_settings,
)
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import RoleSetting, Setting
from dbops.results.ha import Status, Weight
from ha.clusters import changed, healthy, node, primary, standby, with_settings
from ha.outcomes import Examine, only, statuses, without_facts, without_primary

UNKNOWN = {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}
GRANT = "GRANT pg_monitor TO monitor"


def without_setting(cluster: Cluster, name: str, setting: str) -> Cluster:
    """The role may not see a setting: it isn't there."""
    before = cluster.node(name)
    assert before is not None
    settings = {key: value for key, value in (before.settings or {}).items() if key != setting}
    return changed(cluster, name, settings=settings, denied={"settings": GRANT})


def with_setting(cluster: Cluster, name: str, **settings: Setting) -> Cluster:
    before = cluster.node(name)
    assert before is not None
    return changed(cluster, name, settings={**(before.settings or {}), **settings})


@pytest.mark.parametrize(
    "examine",
    [standby_settings.examine, preload_libraries.examine, archive_settings.examine],
    ids=lambda each: each.__module__.rsplit(".", maxsplit=1)[-1],
)
class TestComparedWithThePrimary:
    def test_the_same_passes(self, examine: Examine) -> None:
        cluster = with_settings(with_settings(healthy(), "n2", restore_command="(set)"), "n3", restore_command="(set)")
        assert statuses(examine, cluster) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_without_a_primary_is_unknown(self, examine: Examine) -> None:
        assert statuses(examine, without_primary()) == UNKNOWN

    def test_with_two_primaries_is_unknown(self, examine: Examine) -> None:
        outcome = only(examine, Cluster((primary("n1"), primary("n2"), standby("n3"))), "n3")
        assert outcome.status is Status.UNKNOWN
        assert "there is more than one primary" in outcome.message

    def test_without_facts_is_unknown(self, examine: Examine) -> None:
        assert statuses(examine, without_facts()) == UNKNOWN

    def test_without_the_standbys_settings_is_unknown(self, examine: Examine) -> None:
        assert only(examine, changed(healthy(), "n2", settings=None), "n2").status is Status.UNKNOWN


class TestStandbySettings:
    examine = staticmethod(standby_settings.examine)

    @pytest.mark.parametrize(
        ("version", "consequence"),
        [
            (130023, "13 shuts down when it replays that"),
            (140000, "replay pauses there, and a promotion ends the server"),
            (180006, "replay pauses there, and a promotion ends the server"),
        ],
    )
    def test_lower_than_the_primarys_fails(self, version: int, consequence: str) -> None:
        cluster = with_settings(changed(healthy(), "n2", version=version), "n2", max_connections="50")
        outcome = only(self.examine, cluster, "n2")
        assert outcome.status is Status.FAIL
        assert outcome.message == f"max_connections is 50, the primary's 100: {consequence}"
        assert outcome.remedy == "ALTER SYSTEM SET max_connections = 100; -- then restart n2"

    @pytest.mark.parametrize("name", standby_settings.LIMITS)
    def test_each_of_them_counts(self, name: str) -> None:
        assert only(self.examine, with_settings(healthy(), "n1", **{name: "1000"}), "n2").status is Status.FAIL
        assert only(self.examine, with_settings(healthy(), "n2", **{name: "1000"}), "n2").status is Status.PASS
        assert only(self.examine, without_setting(healthy(), "n1", name), "n2").status is Status.UNKNOWN

    def test_what_waits_for_the_primarys_restart_is_told(self) -> None:
        cluster = with_setting(healthy(), "n1", max_connections=Setting("100", pending_restart=True))
        outcome = only(self.examine, cluster, "n2")
        assert outcome.status is Status.PASS
        assert outcome.message == "as high as the primary's, until that restarts: max_connections will change"

    def test_a_pause_that_may_come_from_them_is_told_where_there_is_no_primary(self) -> None:
        cluster = changed(without_primary(), "n2", pause_state="paused")
        assert "a promotion ends the server" in only(self.examine, cluster, "n2").message


class TestSettingsParity:
    examine = staticmethod(settings_parity.examine)

    def test_all_alike_passes(self) -> None:
        assert set(statuses(self.examine, healthy()).values()) == {Status.PASS}

    @pytest.mark.parametrize("name", settings_parity._SETTINGS)
    def test_a_difference_warns(self, name: str) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n2", **{name: "different"}), "n2")
        assert outcome.status is Status.FAIL
        assert outcome.message.startswith(f"{name} is different, the primary's ")

    def test_units_are_shown(self) -> None:
        cluster = with_setting(healthy(), "n1", shared_buffers=Setting("16384", "8kB"), work_mem=Setting("4096", "kB"))
        cluster = with_setting(cluster, "n2", shared_buffers=Setting("1024", "8kB"), work_mem=Setting("1", "kB"))
        message = only(self.examine, cluster, "n2").message
        assert (
            message
            == "shared_buffers is 1024 × 8kB, the primary's 16384 × 8kB, work_mem is 1 kB, the primary's 4096 kB"
        )

    @pytest.mark.parametrize("name", ["n1", "n2"])
    def test_a_restart_that_is_waited_for_warns(self, name: str) -> None:
        cluster = with_setting(healthy(), name, shared_buffers=Setting("16384", "8kB", pending_restart=True))
        outcome = only(self.examine, cluster, name)
        assert outcome.status is Status.FAIL
        assert outcome.message == "in force only after a restart: shared_buffers"

    @pytest.mark.parametrize("source", ["user", "database", "database user", "client", "session"])
    def test_a_value_of_this_roles_own_hides_the_nodes(self, source: str) -> None:
        own = Setting("0", source=source)
        cluster = with_setting(with_setting(healthy(), "n1", lock_timeout=own), "n2", lock_timeout=own)
        outcome = only(self.examine, cluster, "n2")
        assert outcome.status is Status.UNKNOWN
        assert "lock_timeout" in outcome.message

    def test_a_hidden_setting_is_unknown_with_the_grant(self) -> None:
        outcome = only(self.examine, without_setting(healthy(), "n2", "session_preload_libraries"), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_one_that_the_primary_hides_is_unknown_with_the_grant(self) -> None:
        outcome = only(self.examine, without_setting(healthy(), "n1", "session_preload_libraries"), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_without_a_primary_is_unknown(self) -> None:
        assert statuses(self.examine, without_primary()) == UNKNOWN

    def test_without_facts_is_unknown(self) -> None:
        assert set(statuses(self.examine, without_facts()).values()) == {Status.UNKNOWN}


class TestPreloadLibraries:
    examine = staticmethod(preload_libraries.examine)

    def preloading(self, name: str, libraries: str) -> Cluster:
        return with_settings(healthy(), name, shared_preload_libraries=libraries)

    def test_a_missing_one_warns(self) -> None:
        outcome = only(self.examine, self.preloading("n2", "pgaudit"), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.message == "does not preload pg_stat_statements, as the primary does"

    @pytest.mark.parametrize("library", ["timescaledb", "citus", "pg_tde"])
    def test_one_without_which_tables_fail_blocks(self, library: str) -> None:
        outcome = only(self.examine, self.preloading("n1", f"pg_stat_statements, {library}"), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.BLOCKER)

    def test_spelling_and_what_the_standby_has_besides_are_no_matter(self) -> None:
        cluster = with_settings(
            self.preloading("n1", "pg_stat_statements, auto_explain"),
            "n2",
            shared_preload_libraries='pgaudit,"auto_explain", $libdir/pg_stat_statements',
        )
        assert only(self.examine, cluster, "n2").status is Status.PASS

    def test_one_that_a_restart_will_load_is_told(self) -> None:
        cluster = with_setting(healthy(), "n2", shared_preload_libraries=Setting("", pending_restart=True))
        outcome = only(self.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.FAIL, "restart n2")

    @pytest.mark.parametrize("name", ["n1", "n2"])
    def test_hidden_ones_are_unknown_with_the_grant(self, name: str) -> None:
        outcome = only(self.examine, without_setting(healthy(), name, "shared_preload_libraries"), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)


class TestArchiveSettings:
    examine = staticmethod(archive_settings.examine)

    def test_a_standby_that_would_not_archive_warns(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n2", archive_mode="off"), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.remedy == "ALTER SYSTEM SET archive_mode = 'on'; -- then restart n2"

    def test_one_that_would_after_its_restart_warns(self) -> None:
        cluster = with_setting(healthy(), "n2", archive_mode=Setting("off", pending_restart=True))
        assert only(self.examine, cluster, "n2").remedy == "restart n2"

    def test_one_without_a_command_warns(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n2", archive_command=""), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)

    def test_a_library_does_as_well(self) -> None:
        cluster = with_settings(healthy(), "n2", archive_command="", archive_library="basic_archive")
        assert only(self.examine, cluster, "n2").weight is Weight.INFO

    def test_13_has_no_library(self) -> None:
        cluster = changed(healthy(), "n2", version=130023)
        cluster = without_setting(with_settings(cluster, "n2", archive_command=""), "n2", "archive_library")
        assert only(self.examine, cluster, "n2").status is Status.FAIL

    @pytest.mark.parametrize(("version", "how"), [(130023, "-- then restart n2"), (140000, "SELECT pg_reload_conf()")])
    def test_without_a_restore_command_it_is_only_told(self, version: int, how: str) -> None:
        outcome = only(self.examine, changed(healthy(), "n2", version=version), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.INFO)
        assert outcome.remedy == f"ALTER SYSTEM SET restore_command = '…'; {how}"

    @pytest.mark.parametrize("name", ["archive_mode", "archive_command", "restore_command"])
    def test_a_hidden_setting_is_unknown(self, name: str) -> None:
        outcome = only(self.examine, without_setting(healthy(), "n2", name), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_where_the_primary_does_not_archive_it_is_skipped(self) -> None:
        assert only(self.examine, with_settings(healthy(), "n1", archive_mode="off"), "n2").status is Status.SKIPPED


class TestReadOnlyDefault:
    examine = staticmethod(read_only_default.examine)
    NAME = "default_transaction_read_only"

    def with_roles(self, *settings: RoleSetting) -> Cluster:
        return changed(healthy(), "n1", role_settings=settings)

    def test_off_passes(self) -> None:
        assert set(statuses(self.examine, healthy()).values()) == {Status.PASS}

    def test_on_a_standby_blocks(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n2", **{self.NAME: "on"}), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.remedy == "ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()"

    def test_on_the_primary_warns(self) -> None:
        outcome = only(self.examine, with_settings(healthy(), "n1", **{self.NAME: "on"}), "n1")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)

    @pytest.mark.parametrize("value", ["on", "off"])
    def test_this_roles_own_says_nothing_of_the_nodes(self, value: str) -> None:
        cluster = with_setting(healthy(), "n2", **{self.NAME: Setting(value, source="user")})
        assert only(self.examine, cluster, "n2").status is Status.UNKNOWN

    @pytest.mark.parametrize("value", ["on", "ON", "true", "t", "yes", "y", "1"])
    def test_of_a_database_warns(self, value: str) -> None:
        outcome = only(self.examine, self.with_roles(RoleSetting(self.NAME, value, database="app")))
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)
        assert outcome.remedy == 'ALTER DATABASE "app" RESET default_transaction_read_only'

    def test_of_all_roles_warns(self) -> None:
        outcome = only(self.examine, self.with_roles(RoleSetting(self.NAME, "on")))
        assert (outcome.weight, outcome.remedy) == (Weight.WARNING, f"ALTER ROLE ALL RESET {self.NAME}")

    def test_of_a_single_role_is_only_told(self) -> None:
        outcome = only(self.examine, self.with_roles(RoleSetting(self.NAME, "on", role="reports", database="app")))
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.INFO)

    @pytest.mark.parametrize("setting", [RoleSetting(NAME, "off", role="r"), RoleSetting("work_mem", "on", role="r")])
    def test_what_is_no_such_setting_passes(self, setting: RoleSetting) -> None:
        assert only(self.examine, self.with_roles(setting)).status is Status.PASS

    def test_without_a_primary_a_standby_tells_what_is_replicated(self) -> None:
        fenced = (RoleSetting(self.NAME, "on", database="app"),)
        cluster = changed(changed(without_primary(), "n2", role_settings=fenced), "n3", role_settings=fenced)
        assert only(self.examine, cluster).status is Status.FAIL

    def test_without_facts_is_unknown(self) -> None:
        assert set(statuses(self.examine, without_facts()).values()) == {Status.UNKNOWN}


def test_a_setting_says_whether_it_hides_the_nodes() -> None:
    assert not replace(node("n1").settings["fsync"], source="configuration file").is_sessions_own
    assert not node("n1").settings["fsync"].is_sessions_own
