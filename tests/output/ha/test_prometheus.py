"""Prometheus: the exposition format to the letter, and never a 0 for what is unknown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from dbops.output.ha.prometheus import render
from dbops.results.ha import Automatic, HaStatus, Status, Verdict
from output.ha.clusters import (
    SOME,
    check,
    failover,
    healthy,
    hostile,
    node,
    nothing_known,
    primary,
    primary_lost,
    sample,
    silent,
    status,
    statuses,
)

Labels = frozenset[tuple[str, str]]
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\Z)')
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def read(text: str) -> dict[str, dict[Labels, float]]:
    """Return the samples by family: each declared once before them, all of a family together, none twice."""
    assert text.endswith("\n")
    families: dict[str, dict[Labels, float]] = {}
    declared: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            _, _, name, said = line.split(" ", 3)
            assert said
            declared = ["HELP", name]
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {declared[1]} gauge"
            assert declared[0] == "HELP"
            assert declared[1] not in families
            declared = ["TYPE", declared[1]]
            families[declared[1]] = {}
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, line
            assert declared == ["TYPE", match[1]]
            labels = labels_of(match[2] or "")
            assert labels not in families[match[1]], line
            families[match[1]][labels] = float(match[3])
    assert all(families.values())
    return families


def labels_of(text: str) -> Labels:
    found: dict[str, str] = {}
    while text:
        match = _LABEL.match(text)
        assert match, text
        assert match[1] not in found
        found[match[1]] = re.sub(r"\\.", lambda escape: _ESCAPES[escape[0]], match[2])
        text = text[match.end() :]
    return frozenset(found.items())


def shown(about: HaStatus) -> dict[str, dict[Labels, float]]:
    return read(render(about))


def sample_of(about: HaStatus, family: str, **labels: str) -> float | None:
    return shown(about).get(f"dbops_ha_{family}", {}).get(frozenset(labels.items()))


@pytest.mark.parametrize("verdict", Verdict)
def test_the_verdict_is_a_set_of_states_of_which_one_is_1(verdict: Verdict) -> None:
    about = status(primary(), switchover=failover(verdict), emergency=failover(verdict))
    assert {each: sample_of(about, "verdict", verdict=each.value) for each in Verdict} == {
        each: float(each is verdict) for each in Verdict
    }
    assert sample_of(about, "ready") == float(verdict is Verdict.READY)


def test_each_question_has_its_own_verdict_and_price() -> None:
    about = sample()
    assert sample_of(about, "question_verdict", question="switchover", verdict="NOT_READY") == 1
    assert sample_of(about, "question_verdict", question="emergency", verdict="DEGRADED") == 1
    assert sample_of(about, "blockers", question="switchover") == 1
    assert sample_of(about, "loss_bytes", question="emergency") == 1_258_291
    assert sample_of(about, "loss_seconds", question="emergency") == 0.3
    assert sample_of(about, "promote_seconds", question="emergency") == 4
    assert sample_of(about, "loss_bytes", question="switchover") is None


def test_nodes_have_their_lag_and_whether_they_answer() -> None:
    about = sample()
    assert sample_of(about, "lag_bytes", node="n2") == 65536
    assert sample_of(about, "lag_seconds", node="n2") == 0.1
    assert sample_of(about, "node_timeline", node="n2") == 7
    assert [sample_of(about, "node_up", node=name) for name in ("n1", "n2", "n3")] == [1, 1, 0]
    info = {
        "node": "n2", "role": "standby", "state": "streaming", "sync_state": "async", "upstream": "n1",
        "version": "18.1",
    }  # fmt: skip
    assert sample_of(about, "node_info", **info) == 1


@pytest.mark.parametrize("about", [primary_lost(), nothing_known()])
def test_what_is_unknown_has_no_sample(about: HaStatus) -> None:
    found = shown(about)
    assert not {"dbops_ha_lag_bytes", "dbops_ha_lag_seconds", "dbops_ha_loss_bytes", "dbops_ha_loss_seconds"} & set(
        found
    )


def test_whether_a_node_answers_may_itself_be_unknown() -> None:
    assert sample_of(nothing_known(), "node_up", node="n1") == 0
    assert sample_of(nothing_known(), "node_up", node="n2") is None


def test_a_lag_of_0_that_was_measured_is_one() -> None:
    assert sample_of(healthy(), "lag_bytes", node="n3") == 0
    assert sample_of(healthy(), "lag_bytes", node="n1") is None


def test_a_check_that_says_the_same_twice_is_counted() -> None:
    checks = (check("slot-status", about="n1", message="a"), check("slot-status", about="n1", message="b"))
    labels = {"check": "slot-status", "node": "n1", "status": "fail", "severity": "blocker", "accepted": "false"}
    assert sample_of(status(checks=checks), "check_status", **labels) == 2


def test_passed_and_accepted_checks_are_told_too() -> None:
    found = shown(sample())["dbops_ha_check_status"]
    assert {dict(labels)["status"] for labels in found} == {each.value for each in Status}
    assert [dict(labels)["check"] for labels in found if dict(labels)["accepted"] == "true"] == ["archiver"]


@pytest.mark.parametrize(("armed", "value"), [(True, 1), (False, 0), (None, None)])
def test_whether_failover_is_armed_is_told_where_it_is_known(armed: bool | None, value: float | None) -> None:
    about = status(primary(), automatic=Automatic("Patroni", armed, None, None, ""))
    assert sample_of(about, "automatic_armed", manager="Patroni") == value


def test_names_are_escaped_and_come_back_whole() -> None:
    name = 'a\\b"c\nd e=f{g}'
    assert sample_of(status(primary(), node(name)), "lag_bytes", node=name) == 65536
    assert len(shown(hostile())["dbops_ha_node_info"]) == 3


@pytest.mark.parametrize("name", SOME)
def test_some_clusters_parse(name: str) -> None:
    assert {"dbops_ha_verdict", "dbops_ha_ready"} <= set(shown(SOME[name]))


@given(statuses())
def test_any_cluster_parses(about: HaStatus) -> None:
    found = shown(about)
    render(about).encode()
    known = [node for node in about.nodes if node.lag_bytes is not None]
    assert len(found.get("dbops_ha_lag_bytes", {})) <= len(known)
    assert ("dbops_ha_lag_bytes" in found) == bool(known)


def test_a_silent_node_has_nothing_but_that_it_is_silent() -> None:
    found = shown(status(primary(), silent("n3"), checks=()))
    about = {family for family, samples in found.items() for labels in samples if ("node", "n3") in labels}
    assert about == {"dbops_ha_node_info", "dbops_ha_node_up"}
