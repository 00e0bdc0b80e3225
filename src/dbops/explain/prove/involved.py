"""Which relations a query reads, as the server itself knows: those that planning it locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbops.errors import NotProvable, PermissionDenied
from dbops.explain.prove.failure import on_target
from dbops.postgres.explain import LOCK_TIMEOUT, PLAN_TIMEOUT
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier

MOST = 2_000
"""Relations of one query that are copied at most; pg_dump is asked for each by name."""
_GRACE = 15.0
_OWN = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_STORED = frozenset({"r", "m"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that isn't generated, with its type as SQL, and its collation where it isn't the database's."""

    name: str
    type: str
    collation: Relation | None


@dataclass(frozen=True, slots=True)
class Involved:
    """A relation that a copy of the query's world needs.

    ``kind`` is pg_class's letter. ``read``: its rows are read, else only its definition is needed. ``bytes`` are those
    of its rows, with TOAST. ``readable``: the role may SELECT from it. ``hidden``: row level security may hide rows
    from the role. ``extension`` owns it, which makes it itself. ``omitted`` is how many of its partitions (or children)
    the query does not read. ``collated``: it has columns that sort as the database does. ``binary``: its rows can be
    copied in PostgreSQL's binary format. ``statistics`` are the statements that make its statistics objects.
    """

    name: Relation
    kind: str
    read: bool
    bytes: int
    readable: bool
    hidden: bool
    temporary: bool
    extension: str | None
    omitted: int
    collated: bool
    binary: bool
    columns: tuple[Column, ...]
    statistics: tuple[str, ...]

    @property
    def stored(self) -> bool:
        """Whether it has rows of its own that are to be copied."""
        return self.read and self.kind in _STORED and self.extension is None


def involved(target: Session, query: str, plan: Plan) -> tuple[Involved, ...]:
    """Return what the query reads and what that needs, the oldest first.

    The query is planned, in a transaction that is rolled back. Tables that a function reads when it is called are not
    known beforehand. Raises NotProvable for what can't be copied, PermissionDenied for what may not be read.
    """
    _refuse_plan(plan)
    timeouts = f"lock_timeout = {LOCK_TIMEOUT * 1000:.0f}; SET LOCAL statement_timeout = {PLAN_TIMEOUT * 1000:.0f}"
    with on_target("looking up the query's tables"):
        try:
            target.run(f"BEGIN READ ONLY; SET LOCAL {timeouts}")
            target.run(f"EXPLAIN {query}", bound=PLAN_TIMEOUT + _GRACE, heed=True)
            said: Sequence[Mapping[str, Any]] = target.json(render("prove/relations"), bound=PLAN_TIMEOUT) or []
        finally:
            if not target.closed:
                target.run("ROLLBACK")
    found = tuple(map(_involved, said))
    _refuse(found)
    return found


def qualified(name: Relation) -> str:
    """Return a name with its schema as SQL, whatever words they are."""
    return f"{identifier(name.schema or '')}.{identifier(name.name)}"


def _involved(said: Mapping[str, Any]) -> Involved:
    columns = tuple(
        Column(each["name"], each["type"], Relation(*each["collation"]) if each["collation"] else None)
        for each in said["columns"]
    )
    statistics = tuple(statement for each in said["statistics"] for statement in _statistics(each))
    rest = {key: value for key, value in said.items() if key not in {"schema", "name", "columns", "statistics"}}
    return Involved(name=Relation(said["schema"], said["name"]), columns=columns, statistics=statistics, **rest)


def _statistics(said: Mapping[str, Any]) -> Iterator[str]:
    yield said["definition"]
    if said["target"] is not None:
        yield f"ALTER STATISTICS {qualified(Relation(said['schema'], said['name']))} SET STATISTICS {said['target']}"


def _refuse_plan(plan: Plan) -> None:
    for node in plan.nodes():
        if node.kind == "ModifyTable":
            raise _refusal(f"it writes ({node.raw.get('Operation', 'ModifyTable')})", "only SELECT can be proven")
        if node.relation is not None and node.schema in _OWN:
            name = Relation(node.schema, node.relation)
            raise _refusal(f"it reads {name}", "PostgreSQL's own tables can't be copied")


def _refuse(found: Sequence[Involved]) -> None:
    if len(found) > MOST:
        raise _refusal(f"it reads {len(found)} tables and views", f"at most {MOST} are copied")
    _refuse_each("the temporary table", (each for each in found if each.temporary))
    _refuse_each("the foreign table", (each for each in found if each.kind == "f"))
    unreadable = [str(each.name) for each in found if not each.readable and each.kind != "S"]
    if unreadable:
        raise PermissionDenied(
            f"the role may not SELECT from {', '.join(unreadable)}, which the query reads",
            hint="--prove copies whole tables: prove as a role that may read them",
            details=[{"field": "table", "error": f"no SELECT on {name}"} for name in unreadable],
        )
    if not any(each.stored for each in found):
        raise _refusal("it reads no table", "there is nothing to index")


def _refuse_each(what: str, relations: Iterable[Involved]) -> None:
    for each in relations:
        raise _refusal(f"it reads {what} {each.name}", "its rows can't be copied")


def _refusal(why: str, rule: str) -> NotProvable:
    return NotProvable(
        f"the query can't be proven: {why}",
        hint=f"{rule}; without --prove the advice stands as planned",
        details=[{"field": "query", "error": why}],
    )
