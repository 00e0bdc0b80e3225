"""Which indexes would help a query on a server. Nothing is built there, and the query is not run."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from dbops.explain.advise.advice import Advice, Chosen, Rejected
from dbops.explain.advise.candidate import Candidate
from dbops.explain.advise.candidates.hot import hot
from dbops.explain.advise.candidates.instances import instances
from dbops.explain.advise.candidates.proposals import propose
from dbops.explain.advise.existing import Existing
from dbops.explain.advise.hypopg import HypoPG, is_hypothetical
from dbops.explain.advise.reasons import MOST_SHOWN, losers
from dbops.explain.advise.search import LEAST_SAVING, MOST, Found, Prices, search
from dbops.explain.advise.statements import Namer, statements
from dbops.explain.advise.subject import Subject, estimate, gather
from dbops.explain.advise.whatif import WhatIf
from dbops.explain.advise.worth import large_enough, never_analyzed, too_cheap
from dbops.postgres.errors import ServerError
from dbops.postgres.session import Session
from dbops.results.explain import Basis
from dbops.results.plan import Plan
from dbops.schema.model import Schema


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be asked of a what-if backend: plans, and seconds."""

    plans: int = 150
    seconds: float = 2.0


DEFAULT_BUDGET = Budget()


def advise(
    session: Session,
    query: str,
    plan: Plan,
    schema: Schema,
    version: int,
    *,
    literals: Collection[str] = (),
    budget: Budget = DEFAULT_BUDGET,
) -> Advice:
    """Return the indexes that would help a query, and those that were looked at and won't do.

    ``query`` has no parameters left; ``literals`` are the texts that were put in their place, which make no partial
    index. ``plan`` is the query's, run or only planned, with VERBOSE. ``schema`` is the target's, ``version`` its
    ``server_version_num``. The session is left as it was. A requested interrupt raises Interrupted; a lost connection
    ConnectionLost.
    """
    reason = too_cheap(plan)
    found = () if reason is not None else instances(plan, schema)
    if not found:
        return Advice(note=reason or "the query reads no table that an index could be made on")
    try:
        subject = gather(session, query, found, schema, frozenset(literals))
        return _Choice(session, subject, plan, version, _Purse(budget)).advice()
    except ServerError as error:
        return Advice(note=f"no index was looked for, because the server refused a question: {error.report.message}")


class _Purse:
    """The budget, and what is left of it."""

    def __init__(self, budget: Budget) -> None:
        self._left = budget.plans
        self._until = time.monotonic() + budget.seconds
        self.budget = budget

    def may_ask(self) -> bool:
        self._left -= 1
        return self._left >= 0 and time.monotonic() < self._until


class _Choice:
    """The choice for one query."""

    def __init__(self, session: Session, subject: Subject, plan: Plan, version: int, purse: _Purse) -> None:
        self._session = session
        self._subject = subject
        self._plan = plan
        self._version = version
        self._purse = purse
        self._namer = Namer(subject.schema)
        self._existing = Existing(subject.facts, subject.schema)
        self._why: dict[Candidate, str] = {}
        self._notes: list[str] = []

    def advice(self) -> Advice:
        """Return what the planner would use, and after it what only an estimate can be made of."""
        subject = self._subject
        tables = large_enough(hot(subject.instances), subject.facts)
        if not tables:
            return Advice(note="its tables are too small for an index to save anything, or take too little of it")
        for table in never_analyzed(tables, subject.facts):
            self._notes.append(f"{table} was never analyzed: ANALYZE it first, for these costs are guesses")
        proposals, dismissed = propose(subject.demands, tables, subject.facts, subject.shares, subject.schema)
        self._why = {each.candidate: each.why for each in proposals}
        backend = self._backend()
        held = [*self._held(backend), *(Rejected(each.candidate, each.reason, backend.basis) for each in dismissed)]
        pool = [each for each in self._why if each not in {other.candidate for other in held}]
        chosen, lost = self._by_both(backend, pool)
        shown = (*held[: MOST_SHOWN // 2], *lost)[:MOST_SHOWN]
        rejected = tuple(replace(each, why=self._why.get(each.candidate, "")) for each in shown)
        return Advice(tuple(chosen), rejected, self._note(chosen, pool))

    def _backend(self) -> WhatIf:
        extension = self._subject.facts.extensions.get("hypopg")
        if extension is not None and HypoPG.is_there(extension):
            backend = HypoPG(self._session, self._subject, extension, self._version)
            try:
                backend.price(())
            except ServerError as error:
                self._notes.append(f"HypoPG could not be asked ({error.report.message}), so costs are estimated")
            else:
                return backend
        return estimate(self._session, self._subject, self._plan, self._subject.instances)

    def _held(self, backend: WhatIf) -> Iterator[Rejected]:
        for candidate in self._why:
            holder = self._existing.holder(candidate)
            if holder is not None:
                yield Rejected(candidate, f"{holder} has it", backend.basis)

    def _by_both(self, backend: WhatIf, pool: Sequence[Candidate]) -> tuple[list[Chosen], list[Rejected]]:
        """Choose by the backend, then among what it does not know by an estimate from the plan it has led to."""
        known = [each for each in pool if backend.knows(each)]
        found, chosen, rejected = self._chosen(backend, known)
        others = [each for each in pool if each not in known]
        if not isinstance(backend, HypoPG) or not others or len(chosen) == MOST:
            return chosen, rejected
        plan = backend.plan(found.chosen)
        left = [each for each in instances(plan, self._subject.schema) if not is_hypothetical(each.node)]
        reckoned = estimate(self._session, self._subject, plan, left)
        _, more, less = self._chosen(reckoned, others, base=found.base)
        return [*chosen, *more][:MOST], [*less, *rejected]

    def _chosen(
        self, backend: WhatIf, pool: Sequence[Candidate], *, base: float | None = None
    ) -> tuple[Found, list[Chosen], list[Rejected]]:
        prices = Prices(backend, self._purse.may_ask)
        least = LEAST_SAVING if backend.basis is Basis.PLANNED else 2 * LEAST_SAVING  # an estimate is less sure
        found = search(prices, pool, base=base, least=least)
        refused = backend.refused if isinstance(backend, HypoPG) else {}
        rejected = losers(prices, found, pool, refused, backend.basis)
        if prices.spent_up:
            budget = self._purse.budget
            self._notes.append(
                f"not all was tried: the budget of {budget.plans} plans and {budget.seconds:g} s was used up"
            )
        return found, list(self._as_chosen(backend, prices, found)), rejected

    def _as_chosen(self, backend: WhatIf, prices: Prices, found: Found) -> Iterator[Chosen]:
        for place, candidate in enumerate(found.chosen):
            made = statements(candidate, self._subject.schema, self._namer)
            before, after = found.costs[place], found.costs[place + 1]
            yield Chosen(
                candidate=candidate,
                name=made.name,
                create=made.create,
                drop=made.drop,
                basis=backend.basis,
                basis_detail=backend.detail,
                reason=self._reason(found, place),
                cost_before=before,
                cost_after=after,
                size_bytes=prices.sizes.get(candidate),
                redundant=self._existing.redundant(candidate),
            )

    def _reason(self, found: Found, place: int) -> str:
        before, after = found.costs[place], found.costs[place + 1]
        why = self._why[found.chosen[place]]
        if after >= before:
            return f"{why}; it helps together with the next one"
        share = (before - after) / before * 100
        return f"{why}; the query's cost falls by {'more than 99' if share > 99 else f'{share:.0f}'} %"

    def _note(self, chosen: Sequence[Chosen], pool: Sequence[Candidate]) -> str | None:
        notes = list(dict.fromkeys(self._notes))
        if not pool:
            notes.insert(0, "it has no condition, join or order that an index it lacks could answer")
        elif not chosen:
            notes.insert(0, f"none of the {len(pool)} indexes that were considered saves enough of the query's cost")
        if any(each.basis is Basis.ESTIMATED for each in chosen):
            notes.append(self._of_estimates())
        return "; ".join(notes) or None

    def _of_estimates(self) -> str:
        extension = self._subject.facts.extensions.get("hypopg")
        if extension is not None and extension.installed is not None:
            return "what is estimated HypoPG can't be asked about, so dbops reckoned what it would cost"
        offered = (
            "CREATE EXTENSION hypopg lets" if extension is not None else "with the extension HypoPG dbops can have"
        )
        return f"what is estimated no planner saw; {offered} the planner judge"
