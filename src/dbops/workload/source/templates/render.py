"""Running a template with what a view gives it. Pure."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.modules import Module
from dbops.workload.source.values import NOTHING, Call, Constant, Record, Value

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene
    from dbops.workload.source.templates.parse import Template

_DEEPEST = 12


def render(name: str, context: Record, scene: Scene, *, calls_itself: bool) -> None:
    """Run the template of that name, and those it extends and includes."""
    template = scene.templates.find(name)
    key = ("template", name, context)
    if template is None or key in scene.known:
        return
    scene.known[key] = context
    blocks: dict[str, tuple[Template, list[ast.stmt]]] = {}
    for _ in range(_DEEPEST):
        for block, body in template.blocks.items():
            blocks.setdefault(block, (template, body))
        above = scene.templates.find(template.extends) if template.extends else None
        if above is None or above is template:
            break
        template = above
    names = dict(context.entries)
    run(template, template.body, names, blocks, scene, calls_itself=calls_itself)


def run(
    template: Template,
    body: list[ast.stmt],
    names: dict[str, Value],
    blocks: dict[str, tuple[Template, list[ast.stmt]]],
    scene: Scene,
    *,
    calls_itself: bool,
) -> None:
    """Run a template's statements with names."""
    from dbops.workload.source.evaluate.statements import run as run_all

    if len(scene.frames) > _DEEPEST:
        return
    module = Module(template.path, "", ast.Module([], []), {}, [])
    frame = Frame(
        module, template.path, module.tree, {**names}, calls_itself=calls_itself, template=True, blocks=blocks
    )
    with scene.within(frame):
        run_all(body, scene)


def include(call: Call, scene: Scene) -> Value:
    """Run a template within another."""
    frame, name = scene.frame, call.argument(0)
    template = scene.templates.find(name.value) if isinstance(name, Constant) and isinstance(name.value, str) else None
    if template is not None:
        names = {**frame.names, **call.keywords}
        run(template, template.body, names, frame.blocks, scene, calls_itself=frame.calls_itself)
    return Value(NOTHING)


def block(call: Call, scene: Scene) -> Value:
    """Run a block: that of the template that is rendered, where it has one."""
    frame, name = scene.frame, call.argument(0)
    found = frame.blocks.get(name.value) if isinstance(name, Constant) and isinstance(name.value, str) else None
    if found is not None:
        template, body = found
        run(template, body, frame.names, frame.blocks, scene, calls_itself=frame.calls_itself)
    return Value(NOTHING)
