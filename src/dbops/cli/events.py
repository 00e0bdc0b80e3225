"""A running migration or query as log events."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from dbops import log
from dbops.results.progress import (
    Event,
    MigrationFailed,
    MigrationRetried,
    NodesAsked,
    Notice,
    QueryRunning,
    StatementRunning,
    TargetKnown,
    TenantEnded,
    Waiting,
    Warned,
)
from dbops.results.proof import CopyAhead, Copying, Timing

REPEAT_EVERY = 15.0
"""Seconds between two lines about the same wait."""

_WORRYING = (MigrationRetried, Warned, MigrationFailed, CopyAhead)
_REPEATED = (Waiting, StatementRunning, QueryRunning, Copying, Timing)


class Logged:
    """Logs events; those that repeat every second only now and then.

    Notices may hold row values and are never logged, nor is the course of a command that is bound to a few seconds.
    """

    def __init__(self, *, only_waits: bool = False, also: Callable[[Event], None] | None = None) -> None:
        self._only_waits = only_waits
        self._also = also
        self._said: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Log one event, and hand it on."""
        if self._also is not None:
            self._also(event)
        if isinstance(event, Notice | NodesAsked) or (self._only_waits and not isinstance(event, _REPEATED)):
            return
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
        if isinstance(event, _REPEATED) and not self._due(name):
            return
        fields = asdict(event)
        fields.pop("run_id", None)
        if isinstance(event, TargetKnown):
            fields["target"] = f"{event.target.database} @ {event.target.host}"
        if isinstance(event, MigrationFailed):
            # PostgreSQL's message may quote values; the code and the version say enough for a log.
            fields.pop("message")
        if isinstance(event, TenantEnded):
            fields |= _tenant(fields.pop("tenant"))
        (log.warning if isinstance(event, _WORRYING) else log.info)(name, **fields)

    def _due(self, name: str) -> bool:
        now = time.monotonic()
        if now - self._said.get(name, -REPEAT_EVERY) < REPEAT_EVERY:
            return False
        self._said[name] = now
        return True


def _tenant(tenant: dict[str, Any]) -> dict[str, Any]:
    """Return what a log needs of a tenant; PostgreSQL's message may quote values."""
    error = tenant["error"] or {}
    return {"name": tenant["name"], "state": tenant["state"], "took_ms": tenant["took_ms"], "error": error.get("code")}
