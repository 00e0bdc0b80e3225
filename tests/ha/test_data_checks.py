"""The checks of what a failover takes along: unlogged tables, prepared transactions, damage, age."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.ha.checks import checksum_failures, prepared_transactions, transaction_age, unlogged_tables
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Database
from dbops.results.ha import Status, Weight
from ha.clusters import changed, healthy, primary, standby, with_settings
from ha.outcomes import only, silent, statuses, without_facts, without_primary

GRANT = "GRANT pg_monitor TO monitor"
MILLION = 1_000_000


def aged(xid: int, multixact: int = 10) -> Cluster:
    return changed(healthy(), "n1", databases=(Database("young", 5, 5, 0), Database("app", xid, multixact, 0)))


class TestUnloggedTables:
    examine = staticmethod(unlogged_tables.examine)

    def test_none_pass(self) -> None:
        assert statuses(self.examine, healthy()) == {"n1": Status.PASS}

    @pytest.mark.parametrize(("count", "words"), [(1, "1 unlogged table:"), (2, "2 unlogged tables:")])
    def test_some_are_told_with_the_database_that_was_looked_at(self, count: int, words: str) -> None:
        outcome = only(self.examine, changed(healthy(), "n1", unlogged_tables=count), "n1")
        assert outcome.status is Status.FAIL
        assert outcome.message.startswith(f"database app has {words}")
        assert unlogged_tables.WEIGHT is Weight.INFO

    def test_without_a_primary_standbys_tell(self) -> None:
        assert statuses(self.examine, without_primary()) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_unseen_are_unknown(self) -> None:
        outcome = only(
            self.examine, changed(healthy(), "n1", unlogged_tables=None, denied={"transactions": GRANT}), "n1"
        )
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)


class TestPreparedTransactions:
    examine = staticmethod(prepared_transactions.examine)

    @pytest.mark.parametrize(("count", "status"), [(0, Status.PASS), (1, Status.FAIL), (2, Status.FAIL)])
    def test_on_the_primary(self, count: int, status: Status) -> None:
        assert statuses(self.examine, changed(healthy(), "n1", prepared_transactions=count)) == {"n1": status}
        assert prepared_transactions.WEIGHT is Weight.INFO

    def test_a_standby_shows_none_and_is_not_believed(self) -> None:
        assert statuses(self.examine, without_primary()) == {None: Status.UNKNOWN}

    def test_unseen_are_unknown(self) -> None:
        cluster = changed(healthy(), "n1", prepared_transactions=None, denied={"transactions": GRANT})
        assert only(self.examine, cluster, "n1").remedy == GRANT
        assert only(self.examine, without_facts(), "n1").status is Status.UNKNOWN


class TestChecksumFailures:
    examine = staticmethod(checksum_failures.examine)

    def of(self, failures: int | None, **facts: Any) -> Cluster:
        databases = (Database("app", 5, 5, failures), Database("shared catalogs", None, None, 0))
        return changed(healthy(), "n2", databases=databases, **facts)

    def test_none_pass(self) -> None:
        assert set(statuses(self.examine, healthy()).values()) == {Status.PASS}

    def test_some_warn_on_the_node_that_has_them(self) -> None:
        assert statuses(self.examine, self.of(3)) == {"n1": Status.PASS, "n2": Status.FAIL, "n3": Status.PASS}
        assert only(self.examine, self.of(3), "n2").message == "pages failed their checksum: app: 3"

    def test_those_of_shared_catalogs_count(self) -> None:
        cluster = changed(healthy(), "n2", databases=(Database("shared catalogs", None, None, 1),))
        assert only(self.examine, cluster, "n2").status is Status.FAIL

    def test_not_counted_is_not_zero(self) -> None:
        assert only(self.examine, self.of(None), "n2").status is Status.UNKNOWN

    def test_without_checksums_there_is_nothing_to_count(self) -> None:
        assert only(self.examine, self.of(None, checksums=False), "n2").status is Status.SKIPPED

    @pytest.mark.parametrize(("fact", "part"), [("checksums", "checksums"), ("databases", "databases")])
    def test_refused_they_are_unknown_with_the_grant(self, fact: str, part: str) -> None:
        outcome = only(self.examine, changed(healthy(), "n2", **{fact: None}, denied={part: GRANT}), "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_of_a_silent_node_nothing_is_said(self) -> None:
        assert statuses(self.examine, Cluster((silent(), standby("n2")))) == {"n2": Status.PASS}


class TestTransactionAge:
    examine = staticmethod(transaction_age.examine)

    @pytest.mark.parametrize(
        ("age", "status", "weight"),
        [
            (200 * MILLION, Status.PASS, None),
            (400 * MILLION - 1, Status.PASS, None),
            (400 * MILLION, Status.FAIL, Weight.WARNING),
            (2**31 - 40 * MILLION - 1, Status.FAIL, Weight.WARNING),
            (2**31 - 40 * MILLION, Status.FAIL, None),
        ],
    )
    def test_of_transaction_ids(self, age: int, status: Status, weight: Weight | None) -> None:
        outcome = only(self.examine, aged(age), "n1")
        assert (outcome.status, outcome.weight) == (status, weight)

    @pytest.mark.parametrize(
        ("age", "status"), [(800 * MILLION - 1, Status.PASS), (800 * MILLION, Status.FAIL), (2**31 - 1, Status.FAIL)]
    )
    def test_of_multixact_ids(self, age: int, status: Status) -> None:
        assert only(self.examine, aged(5, age), "n1").status is status

    def test_is_told_with_the_database_and_what_mends_it(self) -> None:
        outcome = only(self.examine, aged(2**31 - 30 * MILLION), "n1")
        assert outcome.message == "database app: the oldest transaction id is 2117 million ids old: 30 million are left"
        assert outcome.remedy == 'VACUUM (FREEZE) in database "app", once nothing holds its oldest ids'

    def test_a_setting_close_to_the_end_does_not_put_the_warning_off(self) -> None:
        cluster = with_settings(aged(1600 * MILLION), "n1", autovacuum_freeze_max_age="2000000000")
        assert only(self.examine, cluster, "n1").status is Status.FAIL

    def test_without_the_setting_only_the_worst_is_known(self) -> None:
        assert only(self.examine, changed(aged(500 * MILLION), "n1", settings=None), "n1").status is Status.UNKNOWN
        assert only(self.examine, changed(aged(1600 * MILLION), "n1", settings=None), "n1").status is Status.FAIL

    def test_without_a_primary_standbys_tell(self) -> None:
        assert statuses(self.examine, without_primary()) == {"n2": Status.PASS, "n3": Status.PASS}

    def test_refused_it_is_unknown_with_the_grant(self) -> None:
        cluster = changed(healthy(), "n1", databases=None, denied={"databases": GRANT})
        outcome = only(self.examine, cluster, "n1")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, GRANT)

    def test_of_two_primaries_both_are_told(self) -> None:
        cluster = Cluster((primary("n1"), primary("n2"), standby("n3")))
        assert statuses(self.examine, cluster) == {"n1": Status.PASS, "n2": Status.PASS}
