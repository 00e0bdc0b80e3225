"""What renders a template: Django's shortcuts, Flask, Starlette and FastAPI, Jinja's own. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dbops.workload.source.templates import render
from dbops.workload.source.values import NOTHING, UNKNOWN, Call, Constant, Named, Record, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene


def _django(name_at: int) -> Callable[[Call, Scene], Value]:
    """Return what renders the template that the argument at this place names, with the context in the next."""

    def handler(call: Call, scene: Scene) -> Value:
        context = call.argument(name_at + 1, "context")
        _render(call.argument(name_at, "template_name"), context, scene, calls_itself=True)
        return UNKNOWN

    return handler


def _flask(call: Call, scene: Scene) -> Value:
    context = Record(NOTHING, tuple(call.keywords.items()), call.more)
    _render(call.argument(0), context, scene, calls_itself=False)
    return UNKNOWN


def method(receiver: Value, name: str, call: Call, scene: Scene) -> Value | None:
    """Return what ``templates.TemplateResponse(…)`` or ``template.render(…)`` returns; None for anything else."""
    if name == "TemplateResponse":
        values = (*call.args, *call.keywords.values())
        chosen = next((each for each in values if isinstance(each, Constant) and isinstance(each.value, str)), None)
        context = next((each for each in values if isinstance(each, Record)), None)
        _render(chosen, context, scene, calls_itself=False)
        return UNKNOWN
    if name in {"get_template", "select_template"} and call.args and isinstance(call.args[0], Constant):
        return Named(NOTHING, f"template()|{call.args[0].value}")
    if name in {"render", "render_async"} and isinstance(receiver, Named) and receiver.name.startswith("template()|"):
        given = call.argument(0, "context")
        context = given if isinstance(given, Record) else Record(NOTHING, tuple(call.keywords.items()), call.more)
        chosen = Constant(NOTHING, receiver.name.partition("|")[2])
        _render(chosen, context, scene, calls_itself=isinstance(given, Record))
        return UNKNOWN
    return None


def _render(name: Value | None, context: Value | None, scene: Scene, *, calls_itself: bool) -> None:
    if isinstance(name, Constant) and isinstance(name.value, str) and isinstance(context, Record):
        render.render(name.value, context, scene, calls_itself=calls_itself)


def _loaded(call: Call, _scene: Scene) -> Value:
    name = call.argument(0)
    return Named(NOTHING, f"template()|{name.value}") if isinstance(name, Constant) else UNKNOWN


FUNCTIONS: dict[str, Callable[[Call, Scene], Value]] = {
    "django.shortcuts.render": _django(1),
    "django.template.loader.render_to_string": _django(0),
    "django.template.response.TemplateResponse": _django(1),
    "django.template.response.SimpleTemplateResponse": _django(0),
    "django.template.loader.get_template": _loaded,
    "flask.render_template": _flask,
    "quart.render_template": _flask,
    "include()": render.include,
    "block()": render.block,
}
