"""What a trial says of a migration. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbops.migrate.script import DOWN, UP
from dbops.results.schema import Difference
from dbops.results.verify import Outcome, ToldDifference

AFTER = {DOWN: "after down", UP: "after up again"}


@dataclass(frozen=True, slots=True)
class Ran:
    """One direction that was run: how long it took in milliseconds, or what it failed with."""

    took_ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A migration that was run up, then down, then up again.

    ``after_down`` is how the schema then differs from that before the first up, ``after_again`` how that after the
    second up differs from that after the first. ``down`` is None without a down, ``again`` when it was not tried.
    """

    down: Ran | None = None
    after_down: tuple[Difference, ...] = ()
    again: Ran | None = None
    after_again: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What it comes to, with what is wrong."""

    outcome: Outcome
    differences: tuple[ToldDifference, ...] = ()
    error: str | None = None


def judge(trial: Trial, *, repeatable: bool = False) -> Judgement:
    """Return the outcome of a trial whose first up succeeded."""
    if trial.down is None and not repeatable:
        return Judgement(Outcome.IRREVERSIBLE)
    if trial.down is not None and trial.down.error is not None:
        return Judgement(Outcome.DOWN_FAILED, error=trial.down.error)
    error = None
    if trial.again is not None and trial.again.error is not None:
        error = f"up again fails: {trial.again.error}"
    if trial.after_down:
        return Judgement(Outcome.NOT_RESTORED, told(trial.after_down, AFTER[DOWN]), error)
    if error is not None or trial.after_again:
        return Judgement(Outcome.NOT_REAPPLICABLE, told(trial.after_again, AFTER[UP]), error)
    return Judgement(Outcome.RESTORED)


def told(differences: Iterable[Difference], when: str) -> tuple[ToldDifference, ...]:
    """Return the differences with their text."""
    return tuple(
        ToldDifference(each.kind, each.object, each.change, each.expected, each.actual, each.words(when))
        for each in differences
    )
