"""For Prometheus: the text exposition format, version 0.0.4, also as a file for node_exporter's textfile collector.

What is unknown has no sample: it is never 0. The time of the run is the scraper's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dbops.output.cells import printable
from dbops.output.ha import cells
from dbops.results.ha import Failover, HaCheck, HaNode, HaStatus, Question, Verdict

Labels = tuple[tuple[str, str], ...]


class Family(NamedTuple):
    """A gauge: its name after ``dbops_ha_``, what it says, and its samples by their labels; None is unknown."""

    name: str
    help: str
    samples: dict[Labels, float | None]


def render(status: HaStatus) -> str:
    """Return all families that have a sample."""
    lines: list[str] = []
    for name, text, samples in _families(status):
        known = {_labels(labels): value for labels, value in samples.items() if value is not None}
        if known:
            lines += [f"# HELP dbops_ha_{name} {text}", f"# TYPE dbops_ha_{name} gauge"]
            lines += [f"dbops_ha_{name}{labels} {_value(value)}" for labels, value in known.items()]
    return "\n".join(lines) + "\n"


def _families(status: HaStatus) -> Iterator[Family]:
    yield Family("verdict", "1 for the verdict, 0 for the others.", _states(status.verdict))
    ready = status.verdict is Verdict.READY
    yield Family("ready", "1 if the verdict is READY, 0 if it is any other, UNKNOWN too.", {(): ready})
    yield from _answers({Question.SWITCHOVER: status.switchover, Question.EMERGENCY: status.emergency})
    yield from _nodes(status.nodes)
    yield _checks(status.checks)
    if status.automatic is not None:
        manager = ("manager", status.automatic.manager)
        armed = "1 if the cluster's manager would fail over by itself, 0 if not."
        yield Family("automatic_armed", armed, {(manager,): status.automatic.armed})
    yield Family("observed_seconds", "For how long positions were watched.", {(): status.observed_s})


def _answers(answers: dict[Question, Failover]) -> Iterator[Family]:
    verdicts: dict[Labels, float | None] = {}
    for question, answer in answers.items():
        verdicts |= _states(answer.verdict, ("question", question.value))
    yield Family("question_verdict", "1 for the verdict about a question, 0 for the others.", verdicts)

    def each(name: str, text: str, value: Callable[[Failover], float | None]) -> Family:
        return Family(name, text, {(("question", name.value),): value(answer) for name, answer in answers.items()})

    yield each("blockers", "How many checks stand against it.", lambda answer: len(answer.blockers))
    yield each(
        "loss_bytes", "WAL that it would lose, the most while positions were watched.", lambda answer: answer.loss_bytes
    )
    yield each("loss_seconds", "The same as a length of time.", lambda answer: answer.loss_seconds)
    yield each(
        "promote_seconds",
        "For how long what is received would be replayed before the promotion.",
        lambda answer: answer.promote_seconds,
    )


def _nodes(nodes: Sequence[HaNode]) -> Iterator[Family]:
    def each(name: str, text: str, value: Callable[[HaNode], float | None]) -> Family:
        return Family(name, text, {(("node", node.name),): value(node) for node in nodes})

    yield Family("node_info", "What a node is, as labels; an empty one is unknown.", {_info(node): 1 for node in nodes})
    yield each("node_up", "1 if the node answered, 0 if not: then it may run all the same.", cells.answered)
    yield each("node_answer_seconds", "How long it took to answer.", lambda node: node.seen_s)
    yield each("node_uptime_seconds", "For how long its server has run.", lambda node: node.uptime_seconds)
    yield each("node_timeline", "The timeline that it writes or receives.", lambda node: node.timeline)
    yield each("lag_bytes", "WAL of the primary that it has not replayed.", lambda node: node.lag_bytes)
    yield each("lag_seconds", "For how long it has not replayed it.", lambda node: node.lag_seconds)


def _info(node: HaNode) -> Labels:
    return (
        ("node", node.name),
        ("role", node.role or ""),
        ("state", node.state),
        ("sync_state", node.sync_state or ""),
        ("upstream", node.upstream or ""),
        ("version", node.version or ""),
    )


def _checks(checks: Sequence[HaCheck]) -> Family:
    found: Counter[Labels] = Counter(
        (
            ("check", check.id),
            ("node", check.node or ""),
            ("status", check.status.value),
            ("severity", check.severity.value),
            ("accepted", str(check.accepted is not None and not check.accepted.expired).lower()),
        )
        for check in checks
    )
    text = "How many times a check came out so, about a node or (without a name) the cluster."
    return Family("check_status", text, dict(found))


def _states(verdict: Verdict, *labels: tuple[str, str]) -> dict[Labels, float | None]:
    return {(*labels, ("verdict", each.value)): each is verdict for each in Verdict}


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}" if labels else ""


def _escaped(text: str) -> str:
    """Return a label's value with what would end it escaped, and a sign for what is not seen."""
    shown = "\n".join(map(printable, text.split("\n")))
    return shown.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _value(value: float) -> str:
    return repr(float(value)) if isinstance(value, float) else str(int(value))
