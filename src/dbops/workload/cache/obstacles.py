"""What stands against answering a call with an earlier one's answer."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.sql.dependence import Dependence
from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose
from dbops.workload.cache.case import Obstacle
from dbops.workload.cache.known import Known, Table

_NEVER, _UNTOLD = "can't be cached", "can't be told"


def obstacles(purpose: Purpose, depends: Dependence, known: Known) -> Iterator[Obstacle]:
    """Yield why answers can't be kept, the most important first."""
    if purpose.unreadable is not None:
        yield Obstacle(_UNTOLD, purpose.unreadable)
    if purpose.refused is not None:
        yield Obstacle("writes or locks" if purpose.query else "no query", purpose.refused)
    for said in _volatile(purpose, known):
        yield Obstacle(_NEVER, said)
    for said in _asks(purpose, depends, known):
        yield Obstacle(_NEVER, f"{said}: that would belong in the key")
    for relation in sorted(purpose.relations):
        for table in known.tables.get(relation, ()):
            for said in _table(table):
                yield Obstacle(_NEVER, said)
        if relation in known.against.unknown:
            untold = f"{relation} is not on this role's search path: which table it reads is not known"
            yield Obstacle(_UNTOLD, untold)
    for function in sorted(purpose.functions & known.against.nowhere, key=str):
        yield Obstacle(_UNTOLD, f"{function}() is not on this role's search path: what it does is not known")


def _asks(purpose: Purpose, depends: Dependence, known: Known) -> Iterator[str]:
    if depends.session:
        yield f"it depends on who asks ({', '.join(sorted(depends.session))})"
    for function in sorted(known.against.called(purpose) & known.asking, key=str):
        yield f"{function}() looks at who asks"


def _volatile(purpose: Purpose, known: Known) -> Iterator[str]:
    yield from _calls(purpose, known)
    for relation in sorted(purpose.relations & known.against.views.keys()):
        view = known.against.views[relation]
        for said in (*([view.refused] if view.refused else []), *_calls(view, known)):
            yield f"through the view {relation}: {said}"


def _calls(purpose: Purpose, known: Known) -> Iterator[str]:
    for name in sorted(purpose.functions & known.against.volatile, key=str):
        yield _says(name, known)
    for implicit in sorted(purpose.implicit & known.against.implicit.keys()):
        yield f"{implicit} calls {known.against.implicit[implicit]}(), which is declared volatile"


def _says(name: Relation, known: Known) -> str:
    if name in known.against.builtin | known.against.compiled:
        return f"{name}() says or does something each time"
    return f"{name}() is declared volatile: if it only reads, say so (ALTER FUNCTION {name}(…) STABLE)"


def _table(table: Table) -> Iterator[str]:
    if table.temporary:
        yield f"{table.name} is temporary: each session has its own"
    if table.row_security:
        yield f"{table.name} has row-level security: the role and what policies look at would belong in the key"
    if table.root and table.catalog:
        yield f"{table.name} is of the server's own catalogs, whose changes nobody tells"
    if table.kind == "S":
        yield f"{table.name} is a sequence, whose changes nobody tells"
