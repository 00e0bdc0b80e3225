"""What a run makes of the names that people and Patroni use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.errors import UsageError
from dbops.ha.accept import Accepting
from dbops.ha.catalogue import examine
from dbops.ha.cluster import Cluster
from dbops.ha.request import Request
from dbops.ha.status import _status, _wanted, _warn
from dbops.results.ha import Verdict
from dbops.results.progress import Event, Warned
from ha.clusters import healthy, primary, standby
from ha.patronis import patroni


def on_one_host() -> Cluster:
    return Cluster((primary(host="db", port=1), standby("n2", host="db", port=2), standby("n3", host="db", port=3)))


def test_a_candidate_is_known_by_its_name_its_host_and_its_place() -> None:
    assert _wanted(on_one_host(), "n3") == "n3"
    assert _wanted(on_one_host(), "db:2") == "n2"
    assert _wanted(Cluster((primary(), standby("n2", host="db"))), "db") == "n2"


def test_a_host_of_several_nodes_names_no_candidate() -> None:
    with pytest.raises(UsageError, match="n1, n2, n3"):
        _wanted(on_one_host(), "db")


def test_a_name_goes_before_the_host_of_another() -> None:
    assert _wanted(Cluster((primary(), standby("n2", host="n3"), standby("n3"))), "n3") == "n3"


def test_a_candidate_that_is_the_primary_by_now_is_no_error() -> None:
    status = _status(Request((), candidate="n1"), healthy(), examine(healthy()), 2.0)
    assert (status.verdict, status.emergency.reason) == (Verdict.NOT_READY, "n1 takes writes already")


def test_an_acceptance_of_a_node_that_is_not_there_is_told() -> None:
    told: list[Event] = []
    accepting = Accepting("apply-delay", "it is late on purpose", "n33")
    _warn(Request((), accept=(accepting,), report=told.append), healthy())
    (event,) = told
    assert isinstance(event, Warned)
    assert event.message == "ha.accept: apply-delay names the node 'n33'; the nodes are n1, n2, n3"


def test_a_candidate_that_was_promoted_beside_the_primary_does_not_hide_that() -> None:
    cluster = Cluster((primary(standbys=()), primary("n2", timeline=8, standbys=())))
    status = _status(Request((), candidate="n2"), cluster, examine(cluster), 2.0)
    assert status.verdict is Verdict.NOT_READY
    assert status.emergency.blockers == ("single-writer",)
    assert status.emergency.reason == "n2 takes writes already; 1 blocker: single-writer"


def test_whom_patroni_would_promote_is_the_candidate_whatever_it_is_called_here() -> None:
    nodes = (primary("boss", host="n1"), standby("one", host="n3"), standby("two", host="n2"))
    status = _status(Request(()), Cluster(nodes, patroni=patroni()), (), 2.0)
    assert status.automatic is not None
    assert (status.automatic.leader, status.automatic.chooses) == ("boss", "two")
    assert status.emergency.candidate == "two"


def test_a_member_that_is_none_of_the_nodes_keeps_its_name() -> None:
    asked = Cluster((primary("n1"),), patroni=replace(patroni(), position=None))
    status = _status(Request(()), asked, (), 2.0)
    assert status.automatic is not None
    assert (status.automatic.leader, status.automatic.chooses) == ("n1", "n2")
