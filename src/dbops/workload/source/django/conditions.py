"""What a queryset's conditions compare with: keys, or the bounds of a range. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dbops.workload.source.models import Model
from dbops.workload.source.values import Call, Constant, union

_BOUNDS = frozenset({"gt", "gte", "lt", "lte", "range"})


def keys(call: Call) -> frozenset[int]:
    """Return the loops in which what is compared for equality, or in another way than a range's, differs."""
    found = union(call.args) | call.spread
    for name, value in call.keywords.items():
        if name.rpartition("__")[2] not in _BOUNDS and not _batch(call, name):
            found |= value.varies
    return found


def compared(call: Call) -> Iterator[str]:
    """Yield the names that are compared with a key, without ``__exact``."""
    for name, value in call.keywords.items():
        if value.varies:
            yield name.removesuffix("__exact")


def empty(call: Call, model: Model) -> Iterator[str]:
    """Yield the foreign keys that are NULL, as ``author=None`` or ``author__isnull=True`` has it: these ask nothing."""
    for name, value in call.keywords.items():
        path, _, lookup = name.rpartition("__")
        wanted = (name, None) if lookup != "isnull" else (path, True)
        relation = model.relations.get(wanted[0])
        if relation is not None and not relation.many and isinstance(value, Constant) and value.value is wanted[1]:
            yield relation.name


def _batch(call: Call, name: str) -> bool:
    """Whether it is ``pk__in=chunk`` for a name: what a loop over batches gives is asked for together."""
    node = next((each.value for each in call.node.keywords if each.arg == name), None)
    return name.endswith("__in") and isinstance(node, ast.Name)
