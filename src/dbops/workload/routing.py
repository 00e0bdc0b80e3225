"""Which statements a standby could answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose
from dbops.sql.volatility import HARMLESS, HARMLESS_OF_EXTENSIONS, OF_THE_SESSION, REFUSED

NO_TABLE = "it reads no table"
_WHAT = {"u": "is unlogged", "t": "is temporary"}


class Verdict(NamedTuple):
    """Whether a standby could answer; None: it can't be told."""

    routable: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind the names of queries; see :func:`dbops.postgres.routing.behind`.

    Of the functions that are declared ``volatile`` some are PostgreSQL's own (``builtin``), some in C (``compiled``).
    ``views`` are the functions that each relation calls which is a view, also by the views that it reads.
    """

    volatile: frozenset[Relation] = frozenset()
    builtin: frozenset[Relation] = frozenset()
    compiled: frozenset[Relation] = frozenset()
    views: Mapping[str, frozenset[Relation]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    @classmethod
    def read(cls, said: Mapping[str, Any], views: Mapping[str, frozenset[Relation]]) -> Behind:
        """Return what the server said."""
        asked = [(Relation(schema, name), found, in_c) for schema, name, found, in_c in said["functions"]]
        return cls(
            frozenset(name for name, _, _ in asked),
            frozenset(name for name, schema, _ in asked if schema == "pg_catalog"),
            frozenset(name for name, _, in_c in asked if in_c),
            views,
            {relation: f"{name} {_WHAT[kind]}" for relation, name, kind in said["absent"]},
            frozenset(said["unknown"]),
        )


def judge(purpose: Purpose, behind: Behind) -> Verdict:
    """Say whether a standby could answer a query, and why or why not."""
    fine = Verdict(True, "it only reads" if purpose.relations else NO_TABLE)
    return next(_against(purpose, behind), fine)


def _against(purpose: Purpose, behind: Behind) -> Iterator[Verdict]:
    """Yield what stands against it, what is certain before what can't be told."""
    if purpose.unreadable is not None:
        yield Verdict(None, purpose.unreadable)
    if purpose.refused is not None:
        yield Verdict(False, purpose.refused)
    for name in sorted(purpose.functions, key=str):
        found = _function(name, behind)
        if found is not None:
            yield found
    for relation in sorted(purpose.relations):
        if relation in behind.absent:
            yield Verdict(False, f"{behind.absent[relation]}: a standby has no rows of it")
        for called in sorted(behind.views.get(relation, ()), key=str):
            found = _function(called, behind)
            if found is not None:
                yield Verdict(found.routable, f"through the view {relation}: {found.reason}")
    for relation in sorted(purpose.relations & behind.unknown):
        yield Verdict(None, f"{relation} is not on this role's search path: which table it reads is not known")


def _function(name: Relation, behind: Behind) -> Verdict | None:
    builtin = name.schema in {None, "pg_catalog"}
    if builtin and name.name in REFUSED:
        return Verdict(False, f"{name.name}() is refused by a standby")
    if builtin and name.name in OF_THE_SESSION:
        return Verdict(False, f"{name.name}() is about what its own session did")
    if name not in behind.volatile:
        return None
    if name in behind.builtin:
        return None if name.name in HARMLESS else Verdict(False, f"{name.name}() is volatile")
    if name in behind.compiled:
        return (
            None
            if name.name in HARMLESS_OF_EXTENSIONS
            else Verdict(None, f"what {name}() does can't be told: it is in C")
        )
    return Verdict(False, f"{name}() is declared volatile: if it only reads, say so (ALTER FUNCTION {name}(…) STABLE)")
