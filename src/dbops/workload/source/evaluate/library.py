"""What functions from outside of the project return: Python's, Django's, SQLAlchemy's, drivers'. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from dbops.workload.source import drivers, schemas
from dbops.workload.source.django import library as django
from dbops.workload.source.django import views
from dbops.workload.source.django.querysets import DjangoRow, QuerySet
from dbops.workload.source.evaluate import builtin
from dbops.workload.source.sqlalchemy import library as sqlalchemy
from dbops.workload.source.templates import library as templates
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Instance, Many, Named, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_FLASK = re.compile(r".*\bSQLAlchemy\(\)\.")
_FEW = ("django.conf.settings.", "django.db.connections", "django.apps.apps.")

Handler = Callable[[Call, "Scene"], Value]
_FUNCTIONS: dict[str, Handler] = {
    **builtin.FUNCTIONS,
    **django.FUNCTIONS,
    **sqlalchemy.FUNCTIONS,
    **templates.FUNCTIONS,
}


def named(name: str, varies: frozenset[int], scene: Scene) -> Value:
    """Return what is known of something outside of the project."""
    found = django.named(name, scene)
    if found is not None:
        return found
    if name.startswith(_FEW):
        return Many(NOTHING, UNKNOWN, bounded=True)
    return Named(varies, name)


def call(name: str, receiver: Named, method: str, call: Call, scene: Scene) -> Value:
    """Return what a function outside of the project returns."""
    handler = _FUNCTIONS.get(name) or _FUNCTIONS.get(_FLASK.sub("sqlalchemy.", name))
    if handler is not None:
        return handler(call, scene)
    found = django.called(name, scene)
    if found is not None:
        return found
    if name.startswith(_FEW):
        return Many(NOTHING, UNKNOWN, bounded=True)
    if method:
        return unknown_method(receiver, method, call, scene)
    return Named(receiver.varies | call.varies, f"{name}()")


def unknown_method(receiver: Value, name: str, call: Call, scene: Scene) -> Value:
    """Return what a method returns of something that is not known: what it is called with may tell."""
    if name in {"__enter__", "__aenter__", "begin", "connect"}:
        return receiver
    for knows in (sqlalchemy.method, drivers.method, templates.method, schemas.method):
        found = knows(receiver, name, call, scene)
        if found is not None:
            return found
    if isinstance(receiver, Instance):
        return views.default(receiver, name, call, scene)
    if isinstance(receiver, Named):
        return Named(receiver.varies | call.varies, f"{receiver.name}.{name}()")
    return Value(receiver.varies | call.varies)


def raw(query: QuerySet, call: Call, scene: Scene) -> Value:
    """Return the rows of a model that the text of a statement brings."""
    drivers.ask(call, scene)
    return Many(NOTHING, DjangoRow(NOTHING, query.root, (), query.root.model))
