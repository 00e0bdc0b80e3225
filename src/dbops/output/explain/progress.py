"""A running query, and a proof on a copy, in a line."""

from __future__ import annotations

from dbops.results.progress import Event, QueryRunning, duration
from dbops.results.proof import CopyAhead, Copying, Preparing, Timing


def ahead(event: CopyAhead) -> str:
    """Return what is said before rows leave the database: which, how many, and where to."""
    tables = ", ".join(name if percent >= 100 else f"{percent:.2g} % of {name}" for name, percent in event.tables)
    return f"copies rows (they may be personal data) of {tables}, about {_megabytes(event.bytes)}, to {event.to}"


def under_way(event: Event) -> str:
    """Return what is being done; nothing for another kind of event."""
    match event:
        case QueryRunning():
            bound = f" of {duration(event.bound_s)} at most" if event.bound_s else ""
            return f"  {event.what} {duration(event.running_s)}{bound}"
        case Copying():
            return f"  copying {event.table} {_megabytes(event.bytes)} of {_megabytes(event.of_bytes)}"
        case Preparing():
            return f"  {event.what} …"
        case Timing():
            return f"  timing with and without {event.what}: {event.pairs} of {event.of_pairs} pairs"
    return ""


def _megabytes(count: int) -> str:
    return f"{count / 2**20:.1f} MB"
