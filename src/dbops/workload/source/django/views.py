"""Django's class-based views and REST framework's: which rows they show, with which template or serializer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbops.workload.source.django import admin, serializers
from dbops.workload.source.django.library import rows_of
from dbops.workload.source.django.querysets import QuerySet
from dbops.workload.source.modules import Class, Modules
from dbops.workload.source.templates import render
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Instance, Record, Type, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_LISTS = frozenset(
    {"ListView", "ArchiveIndexView", "YearArchiveView", "MonthArchiveView", "DayArchiveView", "FilterView"}
)
_SHOWS = frozenset({"DetailView", "UpdateView", "DeleteView", "DateDetailView"})
_PLAIN = frozenset({"TemplateView", "FormView", "CreateView"})
_ANSWERS_MANY = frozenset(
    {"ModelViewSet", "ReadOnlyModelViewSet", "ListAPIView", "ListCreateAPIView", "ListModelMixin"}
)
_ANSWERS_ONE = frozenset(
    {"RetrieveAPIView", "RetrieveUpdateAPIView", "RetrieveUpdateDestroyAPIView", "RetrieveModelMixin"}
)
_VIEWS = (
    _LISTS | _SHOWS | _PLAIN | _ANSWERS_MANY | _ANSWERS_ONE | {"GenericViewSet", "GenericAPIView", "APIView", "ViewSet"}
)


def kinds(which: Class, modules: Modules) -> frozenset[str]:
    """Return the views of the frameworks that a class is made of, by their last names."""
    names = (each.name.rpartition(".")[2] for each in modules.ancestors(which) if not isinstance(each, Class))
    return frozenset(names) & _VIEWS


def default(receiver: Instance, name: str, call: Call, scene: Scene) -> Value:
    """Return what a view's own method of that name returns, where the project has none."""
    assert receiver.of is not None
    if not kinds(receiver.of, scene.modules):
        rows = admin.default_rows(receiver.of, scene) if name == "get_queryset" else None
        return Value(receiver.varies | call.varies) if rows is None else rows
    found: Value = Value(receiver.varies | call.varies)
    match name:
        case "get_queryset":
            found = _rows(receiver, scene)
        case "get_object":
            found = _row(receiver, scene)
        case "get_context_data":
            found = _context(receiver, call, scene)
        case "filter_queryset" | "paginate_queryset":
            found = call.args[0] if call.args else UNKNOWN
        case "get_serializer":
            found = _serialized(receiver, call, scene)
        case "get_serializer_class":
            found = receiver.attribute("serializer_class", scene) or UNKNOWN
    return found


def _row(view: Instance, scene: Scene) -> Value:
    rows = view.method("get_queryset", scene.no_arguments, scene)
    return rows.method("get", scene.no_arguments, scene) if isinstance(rows, QuerySet) else UNKNOWN


def attribute(which: Class, name: str, receiver: Value, scene: Scene) -> Value | None:
    """Return what a view sets itself: ``self.object_list``, ``self.object``."""
    if name not in {"object_list", "object"} or not isinstance(receiver, Instance) or not kinds(which, scene.modules):
        return None
    wanted = "get_queryset" if name == "object_list" else "get_object"
    return receiver.method(wanted, scene.no_arguments, scene)


def show(which: Class, view: Instance, scene: Scene) -> None:
    """Follow what a view does when it is asked for."""
    known = kinds(which, scene.modules)
    if known & (_LISTS | _SHOWS | _PLAIN):
        context = view.method("get_context_data", scene.no_arguments, scene)
        name = _template(view, context, scene)
        if name is not None and isinstance(context, Record):
            render.render(name, context, scene, calls_itself=True)
    elif known & _ANSWERS_MANY and scene.method_of(which, "list") is None:
        _answer(view, scene, many=True)
    elif known & _ANSWERS_ONE:
        _answer(view, scene, many=False)


def _answer(view: Instance, scene: Scene, *, many: bool) -> None:
    rows = view.method("get_queryset", scene.no_arguments, scene)
    serializer = view.method("get_serializer_class", scene.no_arguments, scene)
    if not isinstance(serializer, Type):
        serializer = view.attribute("serializer_class", scene) or UNKNOWN
    if isinstance(serializer, Type) and serializer.of is not None and isinstance(rows, QuerySet):
        value = rows if many else rows.method("get", scene.no_arguments, scene)
        serializers.represent(serializer.of, value, scene, many=many)


def _serialized(view: Instance, call: Call, scene: Scene) -> Value:
    serializer = view.method("get_serializer_class", scene.no_arguments, scene)
    return serializer.called(call, scene) if isinstance(serializer, Type) else UNKNOWN


def _rows(view: Instance, scene: Scene) -> Value:
    found = rows_of(view.attribute("queryset", scene), scene) or rows_of(view.attribute("model", scene), scene)
    return UNKNOWN if found is None else found


def _context(view: Instance, call: Call, scene: Scene) -> Value:
    """Return what a view's template is given: the rows under each of the names that Django has for them."""
    assert view.of is not None
    known = kinds(view.of, scene.modules)
    entries: list[tuple[str, Value]] = [("view", view)]
    rows = view.method("get_queryset", scene.no_arguments, scene) if known & (_LISTS | _SHOWS) else None
    if isinstance(rows, QuerySet):
        lower = rows.root.model.name.lower()
        chosen = view.attribute("context_object_name", scene)
        own = chosen.value if isinstance(chosen, Constant) and isinstance(chosen.value, str) else None
        if known & _LISTS:
            names = ["object_list", "page_obj", own or f"{lower}_list"]
            entries += [(name, rows) for name in names]
        else:
            row = rows.method("get", scene.no_arguments, scene)
            entries += [(name, row) for name in ("object", own or lower)]
    entries += call.keywords.items()
    return Record(NOTHING, tuple(entries), more=True)


def _template(view: Instance, context: Value, scene: Scene) -> str | None:
    given = view.attribute("template_name", scene)
    if isinstance(given, Constant) and isinstance(given.value, str):
        return given.value
    assert view.of is not None
    rows = context.get("object_list") or context.get("object") if isinstance(context, Record) else None
    model = rows.root.model if isinstance(rows, QuerySet) else getattr(rows, "model", None)
    if model is None or model.source is None:
        return None
    app = model.source.module.name.split(".")
    folder = app[app.index("models") - 1] if "models" in app[1:] else app[0]
    ending = "_list" if kinds(view.of, scene.modules) & _LISTS else "_detail"
    return f"{folder}/{model.name.lower()}{ending}.html"
