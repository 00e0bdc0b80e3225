"""What a query would cost with indexes that don't exist: one interface for whoever can tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dbops.explain.advise.candidate import Candidate
from dbops.results.explain import Basis


@dataclass(frozen=True, slots=True)
class Priced:
    """The query's total cost with some candidates, which of them its plan uses, and their sizes in bytes."""

    cost: float
    used: frozenset[Candidate] = frozenset()
    sizes: Mapping[Candidate, int] = field(default_factory=dict)


class WhatIf(Protocol):
    """A backend: HypoPG on the target, dbops's own estimate, or another planner that knows the target's statistics.

    ``basis`` and ``detail`` ("HypoPG 1.3.1 on PostgreSQL 15.18") say what its prices are worth.
    """

    @property
    def basis(self) -> Basis:
        """Return ``planned`` where a planner saw the indexes, else ``estimated``."""

    @property
    def detail(self) -> str:
        """Return which planner of which version it was."""

    def knows(self, candidate: Candidate) -> bool:
        """Whether it can price such an index: HypoPG has no GIN, for one."""

    def price(self, candidates: Collection[Candidate]) -> Priced:
        """Return what the query costs with these indexes beside those that exist; none give the cost as it is."""
