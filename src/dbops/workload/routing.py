"""Which statements a standby could answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose
from dbops.sql.volatility import HARMLESS, HARMLESS_OF_EXTENSIONS, OF_THE_SESSION, REFUSED

NO_TABLE = "it reads no table"
_WHAT = {
    "u": "is unlogged: a standby has no rows of it",
    "t": "is temporary: a standby has no rows of it",
    "S": "is a sequence: on a standby it is ahead of the primary's",
}
_ITS_OWN = re.compile(r"(.*\.)?(pg_stat(io)?_\w+|pg_(settings|locks|cursors|replication_slots|prepared_\w+))")
"""Views of what a server does or is set to, no data: pg_statistic and pg_stats are data."""
_ABOUT_IT = re.compile(r"pg_stat_get_\w+|pg_stat_statements|inet_server_\w+|pg_postmaster_start_time|pg_conf_load_time")

_ANOTHER = "tells of the server that is asked: a standby tells of itself"


class Verdict(NamedTuple):
    """Whether a standby could answer; None: it can't be told."""

    routable: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind the names of queries; see :func:`dbops.postgres.routing.behind`.

    Of the functions that are declared ``volatile`` some are PostgreSQL's own (``builtin``), some in C (``compiled``);
    ``nowhere`` are those that this role does not find, ``opaque`` those that may read any table. ``implicit`` are the
    volatile functions that operators, and casts to types, call, by the names of these. ``views`` is what each relation
    does which is a view, also by the views that it reads.
    """

    volatile: frozenset[Relation] = frozenset()
    builtin: frozenset[Relation] = frozenset()
    compiled: frozenset[Relation] = frozenset()
    nowhere: frozenset[Relation] = frozenset()
    opaque: frozenset[Relation] = frozenset()
    implicit: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, Purpose] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    @classmethod
    def read(cls, said: Mapping[str, Any], views: Mapping[str, Purpose], opaque: Collection[Relation]) -> Behind:
        """Return what the server said."""
        asked = [(Relation(schema, name), found, in_c) for schema, name, found, in_c in said["functions"]]
        return cls(
            frozenset(name for name, _, _ in asked),
            frozenset(name for name, schema, _ in asked if schema == "pg_catalog"),
            frozenset(name for name, _, in_c in asked if in_c),
            frozenset(Relation(schema, name) for schema, name in said["nowhere"]),
            frozenset(opaque),
            dict(said["implicit"]),
            views,
            {relation: f"{name} {_WHAT[kind]}" for relation, name, kind in said["absent"]},
            frozenset(said["unknown"]),
        )

    def called(self, purpose: Purpose) -> frozenset[Relation]:
        """Return the functions that a query calls, also by the views that it reads."""
        through = (self.views[name].functions for name in purpose.relations if name in self.views)
        return purpose.functions.union(*through)

    def may_read_any(self, purpose: Purpose) -> bool:
        """Whether a query calls a function that may read any table."""
        return not self.called(purpose).isdisjoint(self.opaque)


def judge(purpose: Purpose, behind: Behind) -> Verdict:
    """Say whether a standby could answer a query, and why or why not: what is certain before what can't be told."""
    reads = purpose.relations or behind.may_read_any(purpose)
    against = list(_against(purpose, behind))
    certain = (each for each in against if each.routable is False)
    return next(certain, against[0] if against else Verdict(True, "it only reads" if reads else NO_TABLE))


def _against(purpose: Purpose, behind: Behind) -> Iterator[Verdict]:
    if purpose.unreadable is not None:
        yield Verdict(None, purpose.unreadable)
    if purpose.refused is not None:
        yield Verdict(False, purpose.refused)
    yield from _calls(purpose, behind)
    for relation in sorted(purpose.relations):
        if _ITS_OWN.fullmatch(relation):
            yield Verdict(False, f"{relation} {_ANOTHER}")
        if relation in behind.views:
            for found in _of_view(behind.views[relation], behind):
                yield Verdict(found.routable, f"through the view {relation}: {found.reason}")
        if relation in behind.absent:
            yield Verdict(False, behind.absent[relation])
    for relation in sorted(purpose.relations & behind.unknown):
        yield Verdict(None, f"{relation} is not on this role's search path: which table it reads is not known")


def _of_view(view: Purpose, behind: Behind) -> Iterator[Verdict]:
    """Yield what stands against a view; that the server can't be asked of what it reads does not."""
    if view.refused is not None:
        yield Verdict(False, view.refused)
    yield from _calls(view, behind)
    for relation in sorted(view.relations):
        if _ITS_OWN.fullmatch(relation):
            yield Verdict(False, f"{relation} {_ANOTHER}")


def _calls(purpose: Purpose, behind: Behind) -> Iterator[Verdict]:
    for name in sorted(purpose.functions, key=str):
        found = _function(name, behind)
        if found is not None:
            yield found
    for operator in sorted(purpose.implicit & behind.implicit.keys()):
        called = behind.implicit[operator]
        yield Verdict(False, f"{operator} calls {called}(), which is declared volatile")


def _function(name: Relation, behind: Behind) -> Verdict | None:
    about = _known(name.name) if name.schema in {None, "pg_catalog"} else None
    if about is not None:
        return Verdict(False, f"{name.name}() {about}")
    if name in behind.nowhere:
        return Verdict(None, f"{name}() is not on this role's search path: what it does is not known")
    return _volatile(name, behind) if name in behind.volatile else None


def _known(builtin: str) -> str | None:
    """Return what stands against one of PostgreSQL's own functions, however it is declared."""
    if builtin in REFUSED:
        return "is refused by a standby"
    if builtin in OF_THE_SESSION:
        return "is about what its own session did"
    return _ANOTHER if _ABOUT_IT.fullmatch(builtin) else None


def _volatile(name: Relation, behind: Behind) -> Verdict | None:
    if name in behind.builtin:
        return None if name.name in HARMLESS else Verdict(False, f"{name.name}() is volatile")
    if name in behind.compiled:
        return (
            None
            if name.name in HARMLESS_OF_EXTENSIONS
            else Verdict(None, f"what {name}() does can't be told: it is in C")
        )
    return Verdict(False, f"{name}() is declared volatile: if it only reads, say so (ALTER FUNCTION {name}(…) STABLE)")
