"""What a type that a program annotates says of a value. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dbops.workload.source.django.querysets import DjangoRow, queryset
from dbops.workload.source.models import Framework, Model
from dbops.workload.source.modules import Class, last_name
from dbops.workload.source.rows import Known, Root
from dbops.workload.source.sqlalchemy.rows import SQLAlchemyRow
from dbops.workload.source.values import NOTHING, UNKNOWN, Instance, Many, Pair, Table, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_COLLECTIONS = frozenset({"list", "List", "set", "Set", "frozenset", "tuple", "Tuple", "Sequence", "Iterable"})
_COLLECTIONS |= {"Iterator", "Collection", "Generator", "AsyncIterator", "AsyncIterable", "ScalarResult", "deque"}
_TABLES = frozenset({"dict", "Dict", "Mapping", "defaultdict", "MutableMapping", "OrderedDict"})
_WRAPPERS = frozenset({"Optional", "Annotated", "Awaitable", "Final", "ClassVar", "Mapped", "Required", "Coroutine"})
_QUERYSETS = frozenset({"QuerySet", "BaseManager", "Manager", "RelatedManager"})


def annotated(node: ast.expr | None, text: str, scene: Scene) -> Value:
    """Return what is known of a value of that type; ``text`` is its name. What was loaded with rows is not known."""
    match node:
        case ast.Constant(value=str(quoted)):
            return _quoted(quoted, text, scene)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            known = [found for found in (annotated(each, text, scene) for each in (left, right)) if found != UNKNOWN]
            return known[0] if len(known) == 1 else UNKNOWN
        case ast.Subscript(value=outer, slice=inner):
            return _generic(last_name(outer) or "", inner, text, scene)
        case ast.Name() | ast.Attribute():
            found = scene.modules.dotted(scene.frame.module, node)
            return _of(found, text, scene) if isinstance(found, Class) else UNKNOWN
    return UNKNOWN


def _quoted(quoted: str, text: str, scene: Scene) -> Value:
    try:
        return annotated(ast.parse(quoted, mode="eval").body, text, scene)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNKNOWN


def _of(which: Class, text: str, scene: Scene) -> Value:
    model = scene.models.by_class.get(which)
    return Instance(NOTHING, which) if model is None else row(model, text)


def row(model: Model, text: str) -> Value:
    """Return a row that was given, of which is not known what was loaded with it."""
    root = Root(model, text, known=Known.NOTHING)
    kind = DjangoRow if model.framework is Framework.DJANGO else SQLAlchemyRow
    return kind(NOTHING, root, (), model)


def _generic(outer: str, inner: ast.expr, text: str, scene: Scene) -> Value:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    found: Value = UNKNOWN
    if not parts:
        return found
    first = annotated(parts[0], text, scene)
    if outer in _WRAPPERS:
        found = first
    elif outer in _QUERYSETS and isinstance(first, DjangoRow):
        found = queryset(first.model, text, known=Known.NOTHING)
    elif outer in {"tuple", "Tuple"} and len(parts) > 1 and not _is_dots(parts[-1]):
        found = Pair(NOTHING, tuple(annotated(each, text, scene) for each in parts))
    elif outer in _COLLECTIONS:
        found = Many(NOTHING, first)
    elif outer in _TABLES and len(parts) == 2:
        found = Table(NOTHING, first, annotated(parts[1], text, scene))
    return found


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
