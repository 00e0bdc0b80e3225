"""What is advised and what isn't, as the prover takes it and as it is shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.explain.advise.candidate import Candidate
from dbops.results.explain import Basis, IndexAdvice, RejectedIndex


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate that helps, and how to make it.

    ``cost_before`` is the query's cost with those chosen before it, ``cost_after`` with it as well, in the planner's
    units. ``create`` and ``drop`` are statements, ``redundant`` existing indexes that nothing needs then.
    """

    candidate: Candidate
    name: str
    create: tuple[str, ...]
    drop: tuple[str, ...]
    basis: Basis
    basis_detail: str
    reason: str
    cost_before: float
    cost_after: float
    size_bytes: int | None = None
    redundant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A candidate that isn't advised; costs are those without it and with it alone, None when nobody asked.

    ``why`` says what it would be for.
    """

    candidate: Candidate
    reason: str
    basis: Basis
    cost_before: float | None = None
    cost_after: float | None = None
    size_bytes: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """``indexes`` belong together: each was chosen beside those before it.

    ``rejected`` has the most interesting of the others first; ``note`` says why nothing is advised, or what the advice
    is worth.
    """

    indexes: tuple[Chosen, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    note: str | None = None


def results(advice: Advice) -> tuple[tuple[IndexAdvice, ...], tuple[RejectedIndex, ...]]:
    """Return the advice as the results of ``dbops explain`` have it."""
    return tuple(map(_advised, advice.indexes)), tuple(map(_rejected, advice.rejected))


def _advised(chosen: Chosen) -> IndexAdvice:
    return IndexAdvice(
        create=";\n".join(chosen.create),
        drop=";\n".join(chosen.drop),
        name=chosen.name,
        table=str(chosen.candidate.table),
        basis=chosen.basis,
        basis_detail=chosen.basis_detail,
        reason=chosen.reason,
        cost_before=chosen.cost_before,
        cost_after=chosen.cost_after,
        size_bytes=chosen.size_bytes,
        redundant=chosen.redundant,
        requires=chosen.candidate.requires,
    )


def _rejected(rejected: Rejected) -> RejectedIndex:
    return RejectedIndex(
        create=rejected.candidate.create(),
        reason=rejected.reason,
        basis=rejected.basis,
        cost_before=rejected.cost_before,
        cost_after=rejected.cost_after,
    )
