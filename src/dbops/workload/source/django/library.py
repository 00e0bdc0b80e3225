"""Django's functions: shortcuts, conditions, prefetching, pages. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dbops.workload.source.django.conditions import keys
from dbops.workload.source.django.loading import Prefetch, with_lookups
from dbops.workload.source.django.models import user
from dbops.workload.source.django.querysets import DjangoModel, DjangoRow, QuerySet, queryset
from dbops.workload.source.models import Framework
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Many, Named, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_PLACES = ("django.db.models", "django.db.models.query", "django.db.models.query_utils")


@dataclass(frozen=True, slots=True)
class Pages(Value):
    """A paginator, or one of its pages."""

    of: Value = UNKNOWN
    page: bool = False

    @property
    def few(self) -> bool:
        """A loop over pages asks once for each of them."""
        return not self.page

    def attribute(self, name: str, _scene: Scene) -> Value | None:
        """Return the page's rows."""
        return self.of if name == "object_list" else Value(self.varies)

    def method(self, name: str, call: Call, _scene: Scene) -> Value:
        """Return a page."""
        if name in {"page", "get_page"}:
            return Pages(NOTHING, self.of, page=True)
        return Value(self.varies | call.varies)

    def element(self, scene: Scene) -> Value:
        """Return a row of a page, or a page."""
        return self.of.element(scene) if self.page else Pages(NOTHING, self.of, page=True)


def named(name: str, scene: Scene) -> Value | None:
    """Return the manager of a model outside of the project; None for anything else."""
    owner, _, last = name.rpartition(".")
    if last not in {"objects", "_default_manager"} or not _is_model(owner):
        return None
    return queryset(scene.models.external(owner, Framework.DJANGO), f"{owner.rpartition('.')[2]}.{last}")


def _is_model(name: str) -> bool:
    """Whether an imported name stands for a model: ``app.models.Order``, but no enumeration beside them."""
    module, _, last = name.rpartition(".")
    return last[:1].isupper() and ("models" in module.split(".") or module.endswith("_models"))


def called(name: str, scene: Scene) -> Value | None:
    """Return what one of Django's functions returns that are known by their last name alone."""
    if name.endswith(".get_user_model"):
        return DjangoModel(NOTHING, user(scene.models))
    return None


def rows_of(value: Value | None, scene: Scene) -> QuerySet | None:
    """Return the queryset that a shortcut is called with: a model's, a manager's, or that itself."""
    match value:
        case QuerySet():
            return value
        case DjangoModel(model=model):
            return scene.manager(model, "") or queryset(model, f"{model.name}.objects")
        case Named(name=name) if _is_model(name):
            return queryset(scene.models.external(name, Framework.DJANGO), f"{name.rpartition('.')[2]}.objects")
    return None


def _got(call: Call, scene: Scene) -> Value:
    rows = rows_of(call.argument(0, "klass"), scene)
    if rows is None:
        return Value(call.varies)
    return rows.method("get", Call(call.node, call.args[1:], call.keywords, call.more, call.spread), scene)


def _listed(call: Call, scene: Scene) -> Value:
    rows = rows_of(call.argument(0, "klass"), scene)
    if rows is None:
        return Value(call.varies)
    found = rows.method("filter", Call(call.node, call.args[1:], call.keywords, call.more, call.spread), scene)
    return Many(NOTHING, found.element(scene))


def _condition(call: Call, _scene: Scene) -> Value:
    return Value(keys(call))


def _prefetch(call: Call, scene: Scene) -> Value:
    lookup, rows, to = call.argument(0, "lookup"), call.argument(1, "queryset"), call.argument(2, "to_attr")
    if not isinstance(lookup, Constant) or not isinstance(lookup.value, str):
        return Value(call.varies)
    inner = rows.root if isinstance(rows, QuerySet) else None
    name = to.value if isinstance(to, Constant) and isinstance(to.value, str) else None
    row = None if inner is None else DjangoRow(NOTHING, inner, (), inner.model)
    return Prefetch(NOTHING, lookup.value, inner, name, row)


def _prefetched(call: Call, scene: Scene) -> Value:
    """Let all that holds the rows have what ``prefetch_related_objects(rows, …)`` loads."""
    rows = call.argument(0)
    names = scene.frame.names
    for name, value in list(names.items()):
        if value is rows:
            names[name] = _loaded(value, call)
    return UNKNOWN


def _loaded(value: Value, call: Call) -> Value:
    match value:
        case Many(of=DjangoRow(root=root) as row):
            return Many(value.varies, DjangoRow(row.varies, with_lookups(root, call.args[1:]), row.path, row.model))
        case QuerySet(root=root):
            return replace(value, root=with_lookups(root, call.args[1:]))
    return value


def _paged(call: Call, _scene: Scene) -> Value:
    return Pages(NOTHING, call.argument(0, "object_list") or UNKNOWN)


FUNCTIONS: dict[str, Callable[[Call, Scene], Value]] = {
    "django.shortcuts.get_object_or_404": _got,
    "django.shortcuts.aget_object_or_404": _got,
    "rest_framework.generics.get_object_or_404": _got,
    "django.shortcuts.get_list_or_404": _listed,
    "django.core.paginator.Paginator": _paged,
    **{f"{place}.Q": _condition for place in _PLACES},
    **{f"{place}.Prefetch": _prefetch for place in _PLACES},
    **{f"{place}.prefetch_related_objects": _prefetched for place in _PLACES},
}
