"""Conditions that a team lives with: named in the configuration, with a reason and, if they should, an end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dbops.errors import ConfigError
from dbops.results.ha import Acceptance, HaCheck, Status

_NOTHING_TO_ACCEPT = frozenset({Status.PASS, Status.SKIPPED})


@dataclass(frozen=True, slots=True)
class Accepting:
    """An entry of ``[[ha.accept]]``; without a ``node`` it is for all of them, without ``expires`` for ever."""

    check: str
    reason: str
    node: str | None = None
    expires: date | None = None

    def covers(self, check: HaCheck) -> bool:
        """Whether it is about what this check says."""
        return check.id == self.check and self.node in {None, check.node}


def apply(checks: Iterable[HaCheck], accepting: Sequence[Accepting], today: date) -> tuple[HaCheck, ...]:
    """Return the checks with what is accepted marked; what has expired is marked so, and counts again."""
    return tuple(_marked(check, accepting, today) for check in checks)


def counts(check: HaCheck) -> bool:
    """Whether a verdict has to heed the check: it isn't accepted, or not any more."""
    return check.accepted is None or check.accepted.expired


def refuse_unacceptable(accepting: Iterable[Accepting], known: Iterable[str], essential: Iterable[str]) -> None:
    """Raise ConfigError for an entry about a check that doesn't exist, or without which there is no verdict."""
    known, essential = set(known), set(essential)
    for entry in accepting:
        if entry.check not in known:
            raise ConfigError(
                f"ha.accept: there is no check {entry.check!r}",
                hint="`dbops ha-status --checks` lists them",
                details=[{"field": "ha.accept", "error": "unknown check"}],
            )
        if entry.check in essential:
            raise ConfigError(
                f"ha.accept: {entry.check} can't be accepted: without it nothing is known about a failover",
                hint=f"mend it, or take the node out of ha.nodes; `dbops ha-status --explain {entry.check}` says how",
                details=[{"field": "ha.accept", "error": "essential check"}],
            )


def _marked(check: HaCheck, accepting: Sequence[Accepting], today: date) -> HaCheck:
    if check.status in _NOTHING_TO_ACCEPT or (check.essential and check.status is Status.UNKNOWN):
        return check  # without what is essential nothing is known, of which nobody can say that they live with it
    entries = [entry for entry in accepting if entry.covers(check)]
    # One that still holds goes before one that has expired.
    entries.sort(key=lambda entry: _expired(entry, today))
    if not entries:
        return check
    first = entries[0]
    expires = None if first.expires is None else first.expires.isoformat()
    return replace(check, accepted=Acceptance(first.reason, expires, _expired(first, today)))


def _expired(entry: Accepting, today: date) -> bool:
    return entry.expires is not None and entry.expires < today
