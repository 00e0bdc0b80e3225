"""What the page shows, as values that its templates only have to lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dbops.output.ha import cells, sentences
from dbops.output.ha.html.chart import Chart, chart
from dbops.output.ha.html.topology import Picture, pictures
from dbops.output.ha.remedy import Part, parts
from dbops.output.ha.said import MARKS, Kind, Said, acceptance, matters, names, said, tally
from dbops.output.ha.table import COLUMNS
from dbops.output.ha.tree import branches
from dbops.results.figures import size
from dbops.results.ha import Failover, HaNode, HaStatus, Question, Verdict

_MARKS = {Verdict.READY: "✓", Verdict.DEGRADED: "!", Verdict.UNKNOWN: "?", Verdict.NOT_READY: "✗"}
_WHEN = {
    Question.SWITCHOVER: "planned: the primary lives, and is stopped in order",
    Question.EMERGENCY: "the primary is lost",
}


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A verdict, big; ``figures`` are names, figures and (or "") what they are of."""

    question: str
    when: str
    verdict: str
    word: str
    mark: str
    text: str
    figures: tuple[tuple[str, str, str], ...]
    asked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A node in the table; ``depth`` is how far it is from the one that writes."""

    node: HaNode
    depth: int
    cells: tuple[str, ...]
    trouble: int


@dataclass(frozen=True, slots=True)
class SaidView:
    """What a check says, with what to do about it."""

    said: Said
    mark: str
    nodes: str
    only: str
    accepted: str
    remedy: tuple[Part, ...]
    more: str


@dataclass(frozen=True, slots=True)
class View:
    """The page. ``passed`` are ids, ``skipped`` ids and why."""

    title: str
    where: tuple[str, ...]
    writers: str
    answers: tuple[AnswerView, ...]
    automatic: str
    pictures: tuple[Picture, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: Chart | None
    said: tuple[SaidView, ...]
    accepted: tuple[SaidView, ...]
    passed: tuple[str, ...]
    skipped: Mapping[str, str]


def view(status: HaStatus) -> View:
    """Return what the page shows of a status."""
    word = sentences.word(status.verdict).upper()
    columns = [column for column in COLUMNS if any(column.said(node) for node in status.nodes)]
    every = [_said(each) for each in said(status)]
    counts = tally(status.checks)
    return View(
        title=f"{word}: {sentences.cluster(status)}",
        where=tuple(filter(None, (sentences.cluster(status), f"watched for {sentences.span(status.observed_s)}"))),
        writers=_writers(status.nodes),
        answers=tuple(_answers(status)),
        automatic="" if status.automatic is None else sentences.automatic(status.automatic, status.emergency.candidate),
        pictures=pictures(status),
        columns=tuple(column.title for column in columns),
        rows=tuple(
            Row(row.node, row.depth, tuple(column.text(row.node) for column in columns), cells.trouble(row.node))
            for row in branches(status.nodes)
        ),
        chart=chart(status.nodes),
        said=tuple(each for each in every if each.said.kind is not Kind.ACCEPTED),
        accepted=tuple(each for each in every if each.said.kind is Kind.ACCEPTED),
        passed=counts.passed,
        skipped={each.id: each.message for each in status.checks if each.id in counts.skipped},
    )


def _writers(nodes: Sequence[HaNode]) -> str:
    """Return what is wrong about who writes; "" where one node does."""
    writers = [node.name for node in nodes if cells.is_primary(node)]
    if len(writers) > 1:
        return f"{len(writers)} nodes take writes: {names(writers)}"
    return "" if writers or not nodes else "No node is known to take writes"


def _answers(status: HaStatus) -> Iterator[AnswerView]:
    for answer in sentences.answers(status):
        failover = status.switchover if answer.question is Question.SWITCHOVER else status.emergency
        decided = failover.verdict not in {Verdict.READY, Verdict.DEGRADED} or failover.candidate is None
        who = "can take over" if answer.question is Question.SWITCHOVER else "can be promoted"
        yield AnswerView(
            question=answer.question.value,
            when=_WHEN[answer.question],
            verdict=answer.verdict.value,
            word=sentences.word(answer.verdict).upper(),
            mark=_MARKS[answer.verdict],
            text=failover.reason if decided else f"{failover.candidate} {who}; {failover.reason}",
            figures=tuple(_figures(failover, answer.question, status.observed_s)),
            asked=answer.asked,
        )


def _figures(failover: Failover, question: Question, observed_s: float) -> Iterator[tuple[str, str, str]]:
    yield "candidate", failover.candidate or "nobody", ""
    if question is Question.EMERGENCY or failover.loss_bytes is not None:
        yield "loss", *_loss(failover, question, observed_s)
    yield "time to promote", *_time(failover.promote_seconds)


def _loss(failover: Failover, question: Question, observed_s: float) -> tuple[str, str]:
    if failover.loss_bytes is None:
        return "unknown", ""
    window = f"the most in {sentences.span(observed_s)}" if question is Question.EMERGENCY else ""
    if failover.loss_bytes == 0:
        return "0", window
    seconds = "" if failover.loss_seconds is None else f"or {sentences.span(failover.loss_seconds)}"
    return f"≤ {size(failover.loss_bytes)}", ", ".join(filter(None, (seconds, window)))


def _time(seconds: float | None) -> tuple[str, str]:
    """Return the time to promote, and (or "") what it is of."""
    if seconds is None:
        return "unknown", ""
    if seconds == 0:
        return "0 s", "nothing left to replay"
    soon = sentences.SOON
    return (
        (f"under {sentences.span(soon)}", "of replay") if seconds < soon else (f"about {sentences.span(seconds)}", "")
    )


def _said(each: Said) -> SaidView:
    return SaidView(
        said=each,
        mark=MARKS[each.kind],
        nodes=names(each.nodes) or each.where,
        only=matters(each.only),
        accepted="" if each.accepted is None else acceptance(each.accepted),
        remedy=parts(each.remedy),
        more=names(each.more),
    )
