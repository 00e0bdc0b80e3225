"""Where indexes are tried: all of them built beside each other, and for each run those dropped that shall not be there.

A DROP INDEX in a transaction that is rolled back takes an index away for one run. So both sides of a comparison read
the same heap through the same cache, and may take turns as often as one likes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dbops.explain.advise.candidate import Candidate
from dbops.explain.prove.failure import on_scratch
from dbops.explain.prove.involved import qualified
from dbops.explain.prove.scratch import Scratch
from dbops.postgres.errors import QUERY_CANCELED, ServerError
from dbops.postgres.explain import Options, explain
from dbops.postgres.query import render
from dbops.results.progress import Event
from dbops.results.proof import Preparing
from dbops.sql.nodes import Relation
from dbops.sql.redact import message as without_secrets

Present = frozenset[Candidate]


@dataclass(frozen=True, slots=True)
class Built:
    """An index on the copy: how long its build took, and its size."""

    name: str
    build_ms: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """The time of planning and executing the query once, in ms; ``stopped`` at the limit, it is more than that."""

    ms: float
    stopped: bool = False


class Stand:
    """The query on the copy, with any of the candidates. A requested interrupt ends whatever it does."""

    def __init__(self, scratch: Scratch, query: str, seconds: float, report: Callable[[Event], None]) -> None:
        self._scratch = scratch
        self._session = scratch.session
        self._query = query
        self._seconds = seconds
        self._report = report
        self._plans: dict[Present, Mapping[str, Any]] = {}
        self.built: dict[Candidate, Built] = {}

    def build(self, candidates: Collection[Candidate]) -> dict[Candidate, str]:
        """Build them, and return why those can't be built that can't."""
        refused: dict[Candidate, str] = {}
        for candidate in candidates:
            self._report(Preparing(f"building {candidate.name}"))
            name = f"dbops_candidate_{len(self.built) + len(refused) + 1}"
            try:
                with on_scratch("building an index"):
                    self._build(candidate, name, refused)
            finally:
                self._plans.clear()
        self._analyze([each for each in self.built if any(key.column is None for key in each.keys)])
        return refused

    def _build(self, candidate: Candidate, name: str, refused: dict[Candidate, str]) -> None:
        started = time.monotonic()
        try:
            self._session.run(candidate.create(concurrently=False, name=name), bound=None, heed=True)
        except ServerError as error:
            refused[candidate] = f"can't be built: {without_secrets(error.report.message)}"
            return
        took = (time.monotonic() - started) * 1000
        index = qualified(Relation(candidate.table.schema, name))
        self.built[candidate] = Built(name, took, int(self._session.json(render("prove/index_size", index=index))))

    def _analyze(self, candidates: Collection[Candidate]) -> None:
        """Gather statistics about expressions, which nothing has before an index is on them."""
        for table in {candidate.table for candidate in candidates}:
            with on_scratch("gathering statistics"):
                self._session.run(f"ANALYZE {qualified(table)}", bound=None, heed=True)

    def size(self, present: Present) -> int:
        """Return the bytes that these indexes take on the copy."""
        return sum(self.built[candidate].size_bytes for candidate in present)

    def same_plan(self, one: Present, other: Present) -> bool:
        """Say whether the planner makes the same plan, with the same estimates, with these as with those indexes."""
        return self._plan(one) == self._plan(other)

    def _plan(self, present: Present) -> Mapping[str, Any]:
        if present not in self._plans:
            options = Options(verbose=False, buffers=False, writes=True, before=self.dropping(present))
            with on_scratch("planning the query"):
                document = explain(self._session, self._query, self._scratch.version, options)
            self._plans[present] = document["Plan"]
        return self._plans[present]

    def run(self, present: Present) -> Run:
        """Run the query with just these indexes, and say how long it took."""
        options = Options(
            analyze=True,
            timing=False,
            buffers=False,
            verbose=False,
            writes=True,
            timeout=self._seconds,
            # Planned once before: the catalog's caches, which a DROP INDEX empties in part, are warm on both sides.
            before=(*self.dropping(present), f"EXPLAIN {self._query}"),
        )
        with on_scratch("running the query"):
            try:
                document = explain(self._session, self._query, self._scratch.version, options)
            except ServerError as error:
                if error.sqlstate == QUERY_CANCELED:
                    return Run(self._seconds * 1000, stopped=True)
                raise
        return Run(float(document["Planning Time"]) + float(document["Execution Time"]))

    def dropping(self, present: Present) -> tuple[str, ...]:
        """Return the statements that take away what was built beside these."""
        return tuple(
            candidate.drop(concurrently=False, name=built.name)
            for candidate, built in self.built.items()
            if candidate not in present
        )

    def keep(self, present: Present) -> None:
        """Drop all others for good."""
        with on_scratch("dropping indexes"):
            for statement in self.dropping(present):
                self._session.run(statement, heed=True)
        self.built = {candidate: built for candidate, built in self.built.items() if candidate in present}
        self._plans.clear()
