"""The checks that hold a standby's programs and libraries against the primary's."""

from __future__ import annotations

import pytest

from dbops.ha.checks import collation_match, extensions_match, version_match
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Collation
from dbops.results.ha import Question, Status, Weight
from ha.clusters import changed, healthy
from ha.outcomes import Examine, only, statuses, without_facts, without_primary

CHECKS = [version_match, collation_match, extensions_match]


@pytest.mark.parametrize("examine", [each.examine for each in CHECKS], ids=lambda each: each.__module__)
class TestEach:
    def test_the_same_passes(self, examine: Examine) -> None:
        assert set(statuses(examine, healthy()).values()) == {Status.PASS}

    def test_without_a_primary_is_unknown(self, examine: Examine) -> None:
        assert statuses(examine, without_primary()) == {"n2": Status.UNKNOWN, "n3": Status.UNKNOWN}

    def test_without_facts_is_unknown(self, examine: Examine) -> None:
        assert set(statuses(examine, without_facts()).values()) == {Status.UNKNOWN}


class TestVersion:
    def of(self, version: int | None) -> Cluster:
        return changed(healthy(), "n2", version=version)

    def test_another_major_version_blocks(self) -> None:
        outcome = only(version_match.examine, self.of(170010), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert outcome.message == "17.10, the primary 18.6: replication works within a major version alone"

    def test_an_older_minor_version_warns_of_more_than_a_newer_one(self) -> None:
        older = only(version_match.examine, self.of(180004), "n2")
        newer = only(version_match.examine, self.of(180007), "n2")
        assert (older.status, older.weight) == (newer.status, newer.weight) == (Status.FAIL, Weight.WARNING)
        assert older.message == "18.4 is older than the primary's 18.6: mended bugs come back, and replay may fail"
        assert newer.message == "18.7 is newer than the primary's 18.6: an update halfway"

    def test_a_version_that_is_not_known_is_unknown(self) -> None:
        assert only(version_match.examine, self.of(None), "n2").message == "its version is unknown"
        cluster = changed(healthy(), "n1", version=None)
        assert only(version_match.examine, cluster, "n2").message == "the primary's version is unknown"


class TestCollation:
    examine = staticmethod(collation_match.examine)

    def of(self, name: str, *collations: Collation, cluster: Cluster | None = None) -> Cluster:
        return changed(cluster or healthy(), name, collations=collations)

    def test_another_version_of_the_library_blocks_a_switchover(self) -> None:
        outcome = only(self.examine, self.of("n2", Collation("database app", "2.36", "2.41")), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert collation_match.MATTERS == (Question.SWITCHOVER,)
        assert outcome.message == "text sorts differently: database app is 2.41 here, 2.36 on n1"

    def test_what_the_primary_recorded_with_another_library_warns(self) -> None:
        outcome = only(self.examine, self.of("n1", Collation("database app", "2.31", "2.36")), "n1")
        assert (outcome.status, outcome.weight) == (Status.FAIL, Weight.WARNING)
        assert outcome.message == "database app was made with 2.31, the library is 2.36"

    @pytest.mark.parametrize("of", ["n1", "n2"])
    def test_a_version_that_one_of_them_lacks_is_unknown(self, of: str) -> None:
        assert only(self.examine, self.of(of, Collation("database app", "2.36", None)), "n2").status is Status.UNKNOWN

    def test_a_recorded_version_that_the_library_does_not_tell_is_unknown(self) -> None:
        cluster = self.of("n1", Collation("database app", "2.36", None))
        assert only(self.examine, cluster, "n1").status is Status.UNKNOWN

    @pytest.mark.parametrize("of", ["n1", "n2"])
    def test_a_collation_that_one_of_them_does_not_show_is_unknown(self, of: str) -> None:
        known = Collation("database app", "2.36", "2.36")
        cluster = changed(self.of(of, known, Collation("de", "153", "153")), "n2", database="other")
        outcome = only(self.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "connect to database app on both")

    def test_without_versions_there_is_nothing_to_compare(self) -> None:
        plain = Collation("database app", None, None)
        cluster = self.of("n2", plain, cluster=self.of("n1", plain))
        assert statuses(self.examine, cluster)["n1"] is Status.SKIPPED
        assert only(self.examine, cluster, "n2").status is Status.SKIPPED

    @pytest.mark.parametrize("of", ["n1", "n2"])
    def test_where_the_databases_own_is_missing_it_is_unknown(self, of: str) -> None:
        cluster = self.of(of, Collation("de", "153", "153"))
        assert only(self.examine, cluster, of).status is Status.UNKNOWN

    @pytest.mark.parametrize("of", ["n1", "n2"])
    def test_refused_it_is_unknown_with_the_grant(self, of: str) -> None:
        cluster = changed(healthy(), of, collations=None, denied={"collations": "GRANT …"})
        outcome = only(self.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT …")


class TestExtensions:
    examine = staticmethod(extensions_match.examine)

    def test_a_missing_one_blocks_a_switchover(self) -> None:
        outcome = only(self.examine, changed(healthy(), "n1", installed_extensions=frozenset({"postgis"})), "n2")
        assert (outcome.status, outcome.weight) == (Status.FAIL, None)
        assert extensions_match.MATTERS == (Question.SWITCHOVER,)
        assert outcome.message == "has no postgis, which database app uses (other databases were not looked at)"
        assert outcome.remedy == "install the packages of postgis on n2"

    def test_what_the_standby_has_besides_is_no_matter(self) -> None:
        cluster = changed(healthy(), "n2", available_extensions=frozenset({"plpgsql", "postgis"}))
        assert only(self.examine, cluster, "n2").status is Status.PASS

    @pytest.mark.parametrize(("of", "fact"), [("n1", "installed_extensions"), ("n2", "available_extensions")])
    def test_refused_it_is_unknown_with_the_grant(self, of: str, fact: str) -> None:
        cluster = changed(healthy(), of, **{fact: None}, denied={"extensions": "GRANT …"})
        outcome = only(self.examine, cluster, "n2")
        assert (outcome.status, outcome.remedy) == (Status.UNKNOWN, "GRANT …")
