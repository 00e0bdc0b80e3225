"""Proving indexes: a copy of the tables, the indexes built there, the query timed with and without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbops.errors import NotProvable
from dbops.explain.advise.candidate import Candidate
from dbops.explain.prove import basis as grounds
from dbops.explain.prove.basis import Ground
from dbops.explain.prove.contest import Kept, Lost, Outcome, contest
from dbops.explain.prove.definitions import Definitions, definitions
from dbops.explain.prove.failure import on_target
from dbops.explain.prove.involved import Involved, involved
from dbops.explain.prove.load import load, settle, whole
from dbops.explain.prove.restore import drop_foreign_keys, index_all, rehearse, restore
from dbops.explain.prove.scratch import Scratch, scratch
from dbops.explain.prove.stand import Stand
from dbops.explain.prove.surroundings import Surroundings, surroundings
from dbops.explain.prove.trial import Limits, Proof, Proven, Refuted, Trial
from dbops.explain.prove.writes import write_cost
from dbops.postgres import dump
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.postgres.target import Facts, identify
from dbops.results.explain import Basis
from dbops.results.plan import Plan
from dbops.results.progress import Event
from dbops.results.proof import CopiedTable, Preparing, Timing
from dbops.sql.split import SqlSyntaxError


def prove(
    target: Session,
    trial: Trial,
    plan: Plan,
    *,
    dsn: Dsn,
    scratch_dsn: Dsn | None = None,
    limits: Limits | None = None,
    report: Callable[[Event], None] = lambda _event: None,
    interrupt: Interrupt,
) -> Proof:
    """Try the indexes of ``trial`` on a copy of the tables that the query reads, and say what they are worth there.

    ``target`` is an idle session of the database, ``dsn`` what it was opened with; ``plan`` is the query's plan there.
    The copy is made on the server that ``scratch_dsn`` names, else on a throw-away server of our own, of the target's
    major version where its programs are installed. Everything is tried on empty tables first; then ``report`` gets a
    CopyAhead, then rows are copied. On the target nothing is written, and no lock is taken that a SELECT doesn't take.
    At the end the copy is gone, also after an error or an interrupt.

    Raises NotProvable, PermissionDenied, LockTimeout, ConfigError, ConnectionFailed and Interrupted.
    """
    return _Proving(target, trial, limits or Limits(), report, interrupt).proof(plan, dsn, scratch_dsn)


class _Proving:
    """One trial, from the tables it needs to the figures."""

    def __init__(
        self,
        target: Session,
        trial: Trial,
        limits: Limits,
        report: Callable[[Event], None],
        interrupt: Interrupt,
    ) -> None:
        self._target = target
        self._trial = trial
        self._limits = limits
        self._report = report
        self._interrupt = interrupt

    def proof(self, plan: Plan, dsn: Dsn, scratch_dsn: Dsn | None) -> Proof:
        with on_target("looking at the database"):
            facts = identify(self._target)
            near = surroundings(self._target.json(render("prove/surroundings")))
        near = near.with_settings(self._trial.settings)
        relations = involved(self._target, self._trial.query, plan)
        wanted = self._definitions(facts, relations)
        self._report(Preparing("starting a scratch server" if scratch_dsn is None else "making a scratch database"))
        with scratch(facts, near, scratch_dsn, self._interrupt) as made:
            return self._on(made, wanted, relations, near, dsn)

    def _definitions(self, facts: Facts, relations: Sequence[Involved]) -> Definitions:
        binaries = dump.programs(facts.version)
        self._report(Preparing("reading definitions"))
        objects = dump.all_but_relations(self._target, binaries, self._interrupt)
        tables = dump.relations(self._target, binaries, [each.name for each in relations], self._interrupt)
        try:
            return definitions(objects, tables)
        except SqlSyntaxError as error:
            raise NotProvable(
                f"what pg_dump {binaries.version} wrote can't be read: {error.message}",
                hint="update dbops: this PostgreSQL is newer than its parser",
            ) from None

    def _on(
        self, made: Scratch, wanted: Definitions, relations: Sequence[Involved], near: Surroundings, dsn: Dsn
    ) -> Proof:
        candidates = list(dict.fromkeys(candidate for each in self._trial.sets for candidate in each))
        restored = restore(made, wanted, relations, candidates)
        refused = dict(rehearse(restored, wanted, self._trial.query, near.schemas, candidates))
        if set(candidates) <= refused.keys():
            return Proof((), _rejected(candidates, refused, Outcome()), (), made.described)
        copied = load(
            self._target,
            made,
            relations,
            self._limits,
            dsn=dsn,
            interrupt=self._interrupt,
            report=self._report,
        )
        self._report(Preparing("building the indexes that exist, and gathering statistics"))
        foreign_keys = index_all(made, wanted, whole(copied, relations))
        settle(made, relations)
        stand = Stand(made, self._trial.query, self._limits.statement_seconds, self._report)
        refused |= stand.build([each for each in candidates if each not in refused])
        outcome = contest(stand, self._sets(refused), self._limits.seconds, self._on_pair)
        stand.keep(outcome.present)
        drop_foreign_keys(made, foreign_keys)
        ground = _ground(made, relations, near, copied)
        return Proof(
            indexes=tuple(self._proven(made, stand, outcome, kept, ground) for kept in outcome.kept),
            rejected=_rejected(candidates, refused, outcome, ground),
            copied=copied,
            scratch=made.described,
            baseline_ms=outcome.baseline_ms,
        )

    def _sets(self, refused: dict[Candidate, str]) -> list[tuple[Candidate, ...]]:
        """Return the configurations without what can't be built, each once."""
        buildable = (tuple(each for each in one if each not in refused) for one in self._trial.sets)
        return [each for each in dict.fromkeys(buildable) if each]

    def _on_pair(self, name: str, number: int, count: int) -> None:
        self._report(Timing(name, number, count))

    def _proven(self, made: Scratch, stand: Stand, outcome: Outcome, kept: Kept, ground: Ground) -> Proven:
        self._report(Preparing(f"writing rows without and with {kept.candidate.name}"))
        place = outcome.kept.index(kept)
        before = frozenset(each.candidate for each in outcome.kept[:place])
        comparison, built = kept.comparison, stand.built[kept.candidate]
        what, detail = grounds.basis(ground, comparison)
        return Proven(
            candidate=kept.candidate,
            ms_before=comparison.before_ms,
            ms_after=comparison.after_ms,
            speedup=comparison.speedup,
            interval=comparison.interval,
            size_bytes=built.size_bytes,
            build_ms=built.build_ms,
            writes=write_cost(made, stand, kept.candidate, before, self._limits.write_rows),
            basis=what,
            basis_detail=detail,
            pairs=len(comparison.ratios),
            stopped=comparison.stopped_before,
        )


def _ground(
    made: Scratch, relations: Sequence[Involved], near: Surroundings, copied: tuple[CopiedTable, ...]
) -> Ground:
    collated = made.sorts_by is not None and any(each.collated for each in relations if each.read)
    return Ground(
        copied=copied,
        target_version=near.version,
        scratch_version=made.version,
        sorts_by=(made.sorts_by, near.collation) if collated and made.sorts_by is not None else None,
        absent=tuple(str(each.name) for each in relations if each.read and each.kind in "rm" and not each.stored),
        omitted=sum(each.omitted for each in relations),
        differences=made.differences,
    )


def _rejected(
    candidates: Sequence[Candidate], refused: dict[Candidate, str], outcome: Outcome, ground: Ground | None = None
) -> tuple[Refuted, ...]:
    lost = {**{each: Lost(each, reason) for each, reason in refused.items()}, **outcome.lost}
    return tuple(_refuted(lost[each], ground) for each in candidates if each in lost)


def _refuted(lost: Lost, ground: Ground | None) -> Refuted:
    """Return it with what it rests on: times on the copy, or the plan there."""
    if ground is None or lost.before_ms is None:
        return Refuted(lost.candidate, lost.reason, Basis.PLANNED)
    what = Basis.MEASURED if any(grounds.short_of_target(ground)) else Basis.PROVEN
    return Refuted(lost.candidate, lost.reason, what, lost.before_ms, lost.after_ms)
