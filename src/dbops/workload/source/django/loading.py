"""What ``select_related``, ``prefetch_related`` and ``Prefetch`` load. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dbops.workload.source.rows import Known, Root
from dbops.workload.source.values import Call, Constant, Many, Pair, Value


@dataclass(frozen=True, slots=True)
class Prefetch(Value):
    """``Prefetch("comments", queryset=…, to_attr=…)``: ``inner`` is the root of the queryset."""

    lookup: str = ""
    inner: Root | None = None
    to: str | None = None
    rows: Value | None = None


def loaded(root: Root, name: str, call: Call) -> Root:
    """Return a query's root with what the call loads; what can't be told may be everything."""
    if call.more or (name == "select_related" and not call.args):
        return replace(root, known=Known.EVERYTHING)
    return with_lookups(root, call.args)


def with_lookups(root: Root, lookups: Iterable[Value]) -> Root:
    """Return a root with lookups loaded: names, ``a__b``, Prefetch, or tuples of these."""
    for each in lookups:
        match each:
            case Constant(value=str(text)):
                root = root.loading(tuple(text.split("__")))
            case Constant(value=None):
                root = replace(root, loaded=frozenset())
            case Prefetch():
                root = _prefetched(root, each)
            case Pair(items=items):
                root = with_lookups(root, items)
            case _:
                root = replace(root, known=Known.EVERYTHING)
    return root


def _prefetched(root: Root, prefetch: Prefetch) -> Root:
    path = tuple(prefetch.lookup.split("__"))
    if prefetch.to is not None:
        root = root.loading(path[:-1]) if path[:-1] else root
        return root.with_extra(prefetch.to, Many(of=prefetch.rows or Value())) if len(path) == 1 else root
    root = root.loading(path)
    if prefetch.inner is not None:
        root = root.loading(*((*path, *each) for each in prefetch.inner.loaded))
        if prefetch.inner.known is Known.EVERYTHING:
            root = replace(root, known=Known.EVERYTHING)
    return root
