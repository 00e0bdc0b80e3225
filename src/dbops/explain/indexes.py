"""Index advice for a query on a database: what would help by cost, and what helps for sure on a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dbops.explain.advise.advice import Advice, Chosen, Rejected, results
from dbops.explain.advise.advise import advise
from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.statements import Namer, statements
from dbops.explain.capture import Capture
from dbops.explain.parameters.bound import Bound
from dbops.explain.prove.trial import Proof, Proven, Refuted, Trial
from dbops.explain.redact import Redactor
from dbops.explain.request import Proving
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.explain import Basis, IndexAdvice, RejectedIndex
from dbops.results.plan import Plan
from dbops.results.proof import CopiedTable
from dbops.schema.model import Schema

_ALTERNATIVES = 6
"""How many other choices are timed beside the one that costs least: cost is not time."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexes that help, those that don't, a note on what that is worth, and what was copied to find out.

    ``looked`` says whether any were looked for.
    """

    advised: tuple[IndexAdvice, ...] = ()
    rejected: tuple[RejectedIndex, ...] = ()
    note: str | None = None
    copied: tuple[CopiedTable, ...] = ()
    looked: bool = True

    def redacted(self, redactor: Redactor) -> Indexes:
        """Return the same without literals: of conditions and expressions of indexes, and of what is said of them."""
        return replace(
            self,
            advised=tuple(
                replace(
                    each,
                    create=redactor.sql(each.create),
                    reason=redactor.prose(each.reason),
                    basis_detail=redactor.prose(each.basis_detail),
                )
                for each in self.advised
            ),
            rejected=tuple(
                replace(each, create=redactor.sql(each.create), reason=redactor.prose(each.reason))
                for each in self.rejected
            ),
            note=None if self.note is None else redactor.prose(self.note),
        )


@dataclass(frozen=True, slots=True)
class Adviser:
    """Whoever looks for indexes; ``dsn`` is what the session of ``capture`` was opened with."""

    capture: Capture
    dsn: Dsn
    interrupt: Interrupt

    def look(self, bound: Bound, plan: Plan, schema: Schema) -> Indexes:
        """Return what helps a query that has values for all its parameters; ``plan`` is its plan."""
        advice = advise(self.capture.session, bound.sql, plan, schema, self.capture.version, literals=bound.literals)
        advised, rejected = results(advice)
        proving = self.capture.request.prove
        if proving is None:
            return Indexes(advised, rejected, advice.note)
        sets = tuple(_sets(advice))
        if not sets:
            return Indexes(advised, rejected, advice.note)
        return _proven(advice, self._proof(Trial(bound.sql, sets), plan, proving), schema)

    def _proof(self, trial: Trial, plan: Plan, proving: Proving) -> Proof:
        from dbops.explain.prove.prove import prove  # and all that copies and times, which a mere look needs not

        return prove(
            self.capture.session,
            trial,
            plan,
            dsn=self.dsn,
            scratch_dsn=proving.scratch,
            limits=proving.limits,
            report=self.capture.request.report,
            interrupt=self.interrupt,
        )


def _sets(advice: Advice) -> Iterator[tuple[Candidate, ...]]:
    """Yield what is to be timed: the choice, each index of several alone, and those that cost least of the others.

    Where costs are mere estimates, also those are tried that by these save nothing.
    """
    chosen = tuple(each.candidate for each in advice.indexes)
    if chosen:
        yield chosen
    if len(chosen) > 1:
        yield from ((candidate,) for candidate in chosen)
    saving = [each for each in advice.rejected if _saving(each) > 0 or _is_guessed(each)]
    for each in sorted(saving, key=_saving, reverse=True)[:_ALTERNATIVES]:
        yield (each.candidate,)


def _is_guessed(rejected: Rejected) -> bool:
    return rejected.basis is Basis.ESTIMATED and rejected.cost_after is not None


def _saving(rejected: Rejected) -> float:
    if rejected.cost_before is None or rejected.cost_after is None:
        return 0.0
    return rejected.cost_before - rejected.cost_after


def _proven(advice: Advice, proof: Proof, schema: Schema) -> Indexes:
    """Return the advice with what the copy showed in place of what was planned."""
    planned: dict[Candidate, Chosen | Rejected] = {each.candidate: each for each in advice.rejected}
    planned |= {each.candidate: each for each in advice.indexes}
    tried = {each.candidate for each in proof.indexes} | {each.candidate for each in proof.rejected}
    others = Advice(rejected=tuple(each for each in advice.rejected if each.candidate not in tried))
    namer = Namer(schema)
    return Indexes(
        advised=tuple(_shown(each, planned[each.candidate], schema, namer) for each in proof.indexes),
        rejected=(*(_refuted(each, planned[each.candidate]) for each in proof.rejected), *results(others)[1]),
        note=None if proof.indexes else "no index made the query faster on the copy",
        copied=proof.copied,
    )


def _shown(proven: Proven, planned: Chosen | Rejected, schema: Schema, namer: Namer) -> IndexAdvice:
    chosen = planned if isinstance(planned, Chosen) else _risen(proven, planned, schema, namer)
    return replace(
        results(Advice((chosen,)))[0][0],
        cost_before=planned.cost_before,
        cost_after=planned.cost_after,
        basis=proven.basis,
        basis_detail=proven.basis_detail,
        ms_before=proven.ms_before,
        ms_after=proven.ms_after,
        speedup=proven.speedup,
        interval=proven.interval,
        size_bytes=proven.size_bytes,
        build_ms=proven.build_ms,
        writes=proven.writes,
    )


def _risen(proven: Proven, planned: Rejected, schema: Schema, namer: Namer) -> Chosen:
    """Return a candidate that lost by cost and won by time."""
    made = statements(proven.candidate, schema, namer)
    return Chosen(
        candidate=proven.candidate,
        name=made.name,
        create=made.create,
        drop=made.drop,
        basis=proven.basis,
        basis_detail=proven.basis_detail,
        reason=f"{planned.why}; it lost by cost, and won by time",
        cost_before=0.0,
        cost_after=0.0,
    )


def _refuted(refuted: Refuted, planned: Chosen | Rejected) -> RejectedIndex:
    return RejectedIndex(
        create=refuted.candidate.create(),
        reason=refuted.reason,
        basis=refuted.basis,
        cost_before=planned.cost_before,
        cost_after=planned.cost_after,
        ms_before=refuted.ms_before,
        ms_after=refuted.ms_after,
    )
