"""What other sessions, and our own long statement, are doing right now."""

from __future__ import annotations

from typing import Any

from dbops.postgres.query import render
from dbops.postgres.session import Session as Connection
from dbops.results.progress import Session


def blockers(watcher: Connection, pid: int, application: str, *, bound: float) -> tuple[Session, ...]:
    """Return the sessions that backend ``pid`` waits for; pid 0 is whoever has this application name."""
    rows = watcher.json(render("blockers", pid=pid, application=application), bound=bound) or []
    return tuple(Session(**row) for row in rows)


def index_progress(watcher: Connection, pid: int) -> str | None:
    """Return how far the index build of backend ``pid`` is, in words, or None when it builds none."""
    said: dict[str, Any] | None = watcher.json(render("index_progress", pid=pid))
    if said is None or said["phase"] is None:
        return None
    for what in ("lockers", "tuples", "blocks"):
        total = said[f"{what}_total"]
        if total:
            done = said[f"{what}_done"] or 0
            waiting = f", waiting for pid {said['locker_pid']}" if what == "lockers" and said["locker_pid"] else ""
            return f"{said['phase']}: {done / total:.0%} of {total} {what}{waiting}"
    return str(said["phase"])
