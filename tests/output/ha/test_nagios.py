"""Nagios: one status line, performance data that parses, long output without a pipe."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from hypothesis import given

from dbops.output.ha.nagios import render
from dbops.results.ha import HaStatus, Verdict
from output.ha.clusters import (
    MB,
    SOME,
    failover,
    healthy,
    hostile,
    many,
    node,
    nothing_known,
    primary,
    primary_lost,
    sample,
    silent,
    status,
    statuses,
)

_NUMBER = r"-?\d+(?:\.\d+)?"
# The guidelines' 'label'=value[UOM];[warn];[crit];[min];[max]
_DATUM = re.compile(
    rf"(?:'(?P<quoted>(?:[^'=]|'')+)'|(?P<plain>[^' =]+))=(?P<value>{_NUMBER})(?P<unit>[a-zA-Z%]*)"
    rf"(?:;(?P<warn>{_NUMBER})?)?(?:;(?P<crit>{_NUMBER})?)?(?:;(?P<min>{_NUMBER})?)?(?:;(?P<max>{_NUMBER})?)?(?: |\Z)"
)


class Datum(NamedTuple):
    value: float
    unit: str
    warn: str | None
    crit: str | None
    least: str | None


def read(output: str) -> tuple[str, dict[str, Datum], list[str]]:
    """Return a plugin's status line, performance data and long output; it must be all that the guidelines allow."""
    first, *others = output.split("\n")
    assert first.count("|") == 1
    assert not any("|" in each for each in others)
    text, rest = first.split(" | ")
    data: dict[str, Datum] = {}
    while rest:
        match = _DATUM.match(rest)
        assert match, rest
        label = match["plain"] or match["quoted"].replace("''", "'")
        data[label] = Datum(float(match["value"]), match["unit"], match["warn"], match["crit"], match["min"])
        rest = rest[match.end() :]
    return text, data, others


def shown(about: HaStatus) -> tuple[str, dict[str, Datum], list[str]]:
    return read(render(about, warning_lag=16 * MB, critical_lag=256 * MB, warning_delay=30.0, critical_delay=300.0))


def test_the_first_line_has_the_verdict_in_nagios_words_and_both_answers() -> None:
    text, _, _ = shown(sample())
    assert text == (
        "HA CRITICAL - production: switchover not ready: 1 blocker: logical-slots; the best candidate is n2; "
        "emergency degraded: n2 promotable; loss up to 1.2 MB or 0.3 s (max of 60 s); about 4 s to promote; "
        "3 warnings: sync-commit, replication-login, node-answers"
    )


@pytest.mark.parametrize(
    ("verdict", "word", "exit_status"),
    [
        (Verdict.READY, "OK", 0),
        (Verdict.DEGRADED, "WARNING", 1),
        (Verdict.NOT_READY, "CRITICAL", 2),
        (Verdict.UNKNOWN, "UNKNOWN", 3),
    ],
)
def test_the_word_is_that_of_the_exit_status(verdict: Verdict, word: str, exit_status: int) -> None:
    about = status(primary(), emergency=failover(verdict))
    assert shown(about)[0].startswith(f"HA {word} - ")
    assert about.exit_status == exit_status


def test_figures_have_units_and_their_limits() -> None:
    _, data, _ = shown(sample())
    assert data == {
        "nodes": Datum(3, "", None, None, "0"),
        "nodes_answering": Datum(2, "", None, None, "0"),
        "checks_fail": Datum(1, "", None, None, "0"),
        "checks_warning": Datum(2, "", None, None, "0"),
        "checks_unknown": Datum(2, "", None, None, "0"),
        "loss": Datum(1_258_291, "B", None, None, "0"),
        "loss_time": Datum(0.3, "s", None, None, "0"),
        "promote_time": Datum(4, "s", None, None, "0"),
        "n2_lag": Datum(65536, "B", "16777216", "268435456", "0"),
        "n2_delay": Datum(0.1, "s", "30", "300", "0"),
    }


def test_a_check_that_speaks_of_many_nodes_is_counted_once() -> None:
    _, data, _ = shown(many())
    assert (data["checks_unknown"].value, data["checks_warning"].value) == (1, 1)


def test_without_limits_none_are_told() -> None:
    _, data, _ = read(render(healthy()))
    assert data["n2_lag"] == Datum(65536, "B", None, None, "0")


@pytest.mark.parametrize("about", [primary_lost(), nothing_known()])
def test_what_is_unknown_is_left_out(about: HaStatus) -> None:
    _, data, _ = shown(about)
    assert not {"loss", "loss_time", "n1_lag", "n2_lag", "n3_lag", "n2_delay", "n3_delay"} & set(data)


def test_a_node_of_which_it_is_unknown_whether_it_answered_is_not_counted() -> None:
    _, data, _ = shown(nothing_known())
    assert (data["nodes"].value, data["nodes_answering"].value) == (2, 0)


def test_what_did_not_pass_follows_with_what_to_do() -> None:
    _, _, lines = shown(sample())
    assert lines[0] == (
        '[fail] logical-slots n2: slot "cdc" of database app is not synced: its subscriber is lost at a switchover; '
        "remedy: ALTER SUBSCRIPTION cdc SET (failover = true);"
    )
    assert lines[-2:] == [
        "[accepted] archiver n1: archiving fails since 12 m; accepted until 2027-03-31: the archive moves in March",
        "3 checks passed, 1 skipped",
    ]


def test_labels_are_quoted_where_they_need_it() -> None:
    names = ["n2", "db-1.example:5432", "it's", "two words", "a=b|c\nd"]
    output = render(status(primary(), *(node(name) for name in names)))
    for label in (" n2_lag=", " db-1.example:5432_lag=", " 'it''s_lag'=", " 'two words_lag'=", " 'a_b/c d_lag'="):
        assert label in output


def test_its_own_words_are_ascii() -> None:
    for name, about in SOME.items():
        assert name == "hostile" or render(about).isascii()


@given(statuses())
def test_the_output_of_any_cluster_parses(about: HaStatus) -> None:
    text, data, _ = shown(about)
    assert re.match(r"HA (OK|WARNING|CRITICAL|UNKNOWN) - ", text)
    known = sum(value is not None for node in about.nodes for value in (node.lag_bytes, node.lag_seconds))
    assert len(data) <= known + 8


def test_hostile_names_stay_in_their_label() -> None:
    _, data, lines = shown(hostile())
    assert len(data) == 8 + 2
    assert len(lines) == 3
    assert not [each for each in data if each in {"a", "hacked"}]


def test_a_silent_node_has_no_figures() -> None:
    _, data, _ = shown(status(primary(), silent("n3")))
    assert not [label for label in data if label.startswith("n3")]
