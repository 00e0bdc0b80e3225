"""What the statements of a database read, and how often that is written: what advice on them begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbops.results.workload import Order, TopStatement
from dbops.sql.access import read_by
from dbops.sql.purpose import Purpose, purpose, together
from dbops.workload.ranking import ranked
from dbops.workload.watched import Watched


def statements(watched: Watched) -> tuple[TopStatement, ...]:
    """Return what clients called in the window, by its time."""
    sums = watched.window.sums()
    wanted = {(key.database, key.queryid) for key in sums if key.queryid is not None}
    found = ranked(watched.window, watched.texts(wanted), Order.TOTAL, watched.meaning)
    return tuple(each for each in found.statements if not each.nested)


def so_far(watched: Watched) -> tuple[TopStatement, ...]:
    """Return what clients have called so far, whatever the window has: what is to be looked at while it is watched."""
    probe = Watched(watched.session, watched.target, watched.where, watched.everywhere, watched.settings)
    probe.totals()
    return statements(probe)


def purposes(called: Iterable[TopStatement]) -> dict[str, Purpose]:
    """Return by their texts what statements are for, of those whose text is known."""
    return {each.query: read_by(each.query) for each in called if each.query is not None}


def relations(known: Mapping[str, Purpose]) -> frozenset[str]:
    """Return the relations that any of the statements reads."""
    return frozenset().union(*(each.relations for each in known.values()))


def views_do(definitions: Iterable[tuple[str, str]]) -> dict[str, Purpose]:
    """Return what each view does, with what the views do that it reads."""
    found: dict[str, list[Purpose]] = {}
    for view, definition in definitions:
        found.setdefault(view, []).append(purpose(definition))
    return {view: together(each) for view, each in found.items()}


def written(said: Mapping[str, Any]) -> dict[int, int]:
    """Return how many rows of each table, by its oid, were written so far; see :mod:`dbops.postgres.routing`."""
    return {oid: rows for _, oid, rows in said["tables"]}


def rates(said: Mapping[str, Any], before: Mapping[int, int], seconds: float) -> dict[str, float]:
    """Return the rows a second that were written of what is behind each relation."""
    found: dict[str, float] = {}
    for name, oid, rows in said["tables"]:
        found[name] = found.get(name, 0.0) + max(rows - before.get(oid, rows), 0) / max(seconds, 0.001)
    return found
