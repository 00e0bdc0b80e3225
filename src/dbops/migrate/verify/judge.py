"""What a trial says of a migration. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from dbops.migrate.script import DOWN, UP
from dbops.results.schema import Change, Difference
from dbops.results.verify import Outcome, ToldDifference

_WITH_ROWS = frozenset({"table", "column"})
AFTER = {DOWN: "after down", UP: "after up again"}


@dataclass(frozen=True, slots=True)
class Ran:
    """One direction that was run: how long it took in milliseconds, or what it failed with."""

    took_ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of rows that went up and down.

    ``lost`` is what is not there any more, ``up_error`` and ``error`` are what up and down failed with, and ``unsure``
    says in words what could not be tried. ``kept`` are names that tables and columns have after up, and that had others
    before.
    """

    lost: tuple[Difference, ...] = ()
    up_error: str | None = None
    error: str | None = None
    unsure: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """A migration that was run up, then down, then up again.

    ``after_down`` is how the schema then differs from that before the first up, ``after_again`` how that after the
    second up differs from that after the first. ``down`` is None without a down, ``again`` when it was not tried, and
    ``carried`` is what another trial with rows came to; ``notes`` are for the judgement to pass on.
    """

    down: Ran | None = None
    after_down: tuple[Difference, ...] = ()
    again: Ran | None = None
    after_again: tuple[Difference, ...] = ()
    carried: Carried = Carried()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What it comes to, with what is wrong, and in words what could not be tried, and what is good to know.

    ``rows_stop_up`` says that up fails where tables have rows.
    """

    outcome: Outcome
    differences: tuple[ToldDifference, ...] = ()
    error: str | None = None
    unsure: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows_stop_up: bool = False


def judge(trial: Trial, *, repeatable: bool = False) -> Judgement:
    """Return the outcome of a trial whose first up succeeded."""
    carried = trial.carried
    stopped = () if carried.up_error is None else (f"up fails where tables have rows: {carried.up_error}",)
    return replace(
        _judge(trial, repeatable=repeatable),
        unsure=(*carried.unsure, *stopped),
        notes=trial.notes,
        rows_stop_up=bool(stopped),
    )


def _judge(trial: Trial, *, repeatable: bool) -> Judgement:
    if trial.down is None and not repeatable:
        return Judgement(Outcome.IRREVERSIBLE)
    if trial.down is not None and trial.down.error is not None:
        return Judgement(Outcome.DOWN_FAILED, error=trial.down.error)
    error = None
    if trial.again is not None and trial.again.error is not None:
        error = f"up again fails: {trial.again.error}"
    after_down = told((*trial.after_down, *trial.carried.lost), AFTER[DOWN])
    if trial.carried.error is not None:
        said = f"down fails where tables have rows: {trial.carried.error}"
        return Judgement(Outcome.DOWN_FAILED, after_down, said)
    if after_down:
        return Judgement(Outcome.NOT_RESTORED, after_down, error)
    if error is not None or trial.after_again:
        return Judgement(Outcome.NOT_REAPPLICABLE, told(trial.after_again, AFTER[UP]), error)
    return Judgement(Outcome.RESTORED)


def told(differences: Iterable[Difference], when: str) -> tuple[ToldDifference, ...]:
    """Return the differences with their text."""
    return tuple(
        ToldDifference(each.kind, each.object, each.change, each.expected, each.actual, each.words(when))
        for each in differences
    )


def noted(by_up: Iterable[Difference], kept: Set[str]) -> tuple[str, ...]:
    """Return which tables and columns that up made go with down, and what is written to them with them.

    Those of the names ``kept`` were there before, and are only renamed.
    """
    new = (each for each in by_up if each.change is Change.UNEXPECTED and each.kind in _WITH_ROWS)
    made = (each for each in new if each.object not in kept)
    return tuple(f"down drops {each.kind} {each.object} with all that was written to it since" for each in made)
