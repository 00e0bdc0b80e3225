"""What stands against answering a call with an earlier one's answer."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.sql.dependence import Dependence
from dbops.sql.nodes import Relation
from dbops.sql.purpose import Purpose
from dbops.workload.cache.known import Known


def obstacles(purpose: Purpose, depends: Dependence, known: Known) -> Iterator[str]:
    """Yield in phrases why answers can't be kept, the most important first."""
    if purpose.unreadable is not None:
        yield purpose.unreadable
    if purpose.refused is not None:
        yield purpose.refused
    yield from _volatile(purpose, known)
    yield from _of_the_session(purpose, depends)
    for relation in sorted(purpose.relations):
        tables = known.tables.get(relation, ())
        if any(each.temporary for each in tables):
            yield f"{relation} is temporary: each session has its own"
        for each in tables:
            if each.row_security:
                yield f"{each.name} has row-level security: the role and what policies look at would belong in the key"
        if any(each.root and each.catalog for each in tables):
            yield f"{relation} is of the server's own catalogs, whose changes nobody tells"
        if relation in known.against.unknown:
            yield f"{relation} is not on this role's search path: which table it reads is not known"


def _volatile(purpose: Purpose, known: Known) -> Iterator[str]:
    for name in sorted(purpose.functions, key=str):
        if name in known.against.volatile:
            yield _says(name, known)
    for relation in sorted(purpose.relations):
        for name in sorted(known.against.views.get(relation, ()), key=str):
            if name in known.against.volatile:
                yield f"through the view {relation}: {_says(name, known)}"


def _says(name: Relation, known: Known) -> str:
    if name in known.against.builtin:
        return f"{name.name}() says or does something each time"
    return f"{name}() is declared volatile: if it only reads, say so (ALTER FUNCTION {name}(…) STABLE)"


def _of_the_session(purpose: Purpose, depends: Dependence) -> Iterator[str]:
    if depends.session:
        yield f"it depends on who asks ({', '.join(sorted(depends.session))}): that would belong in the key"
