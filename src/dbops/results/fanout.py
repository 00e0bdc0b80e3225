"""One command over many tenants; the field names are the contract of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dbops.results.target import Target


class TenantState(StrEnum):
    """What became of a tenant."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One schema or database: ``result`` is the command's data for it, ``error`` what it failed with, as in JSON."""

    name: str
    state: TenantState
    took_ms: int | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FanOutResult:
    """All tenants by name; ``kind`` is ``schema`` or ``database``; ``stopped`` says why some were not started."""

    target: Target
    tenants: tuple[Tenant, ...]
    kind: str
    canaries: int
    stopped: str | None

    def count(self, state: TenantState) -> int:
        """Return how many tenants are in a state."""
        return sum(tenant.state is state for tenant in self.tenants)
