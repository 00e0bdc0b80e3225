"""Running the statements of a function, one after the other, each branch once. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dbops.workload.source.asked import Where
from dbops.workload.source.evaluate import binding, given, loops
from dbops.workload.source.evaluate.expressions import closure, evaluate
from dbops.workload.source.evaluate.typed import annotated
from dbops.workload.source.modules import Imported, read_class
from dbops.workload.source.values import UNKNOWN, Constant, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

Names = dict[str, Value]


def run(body: Iterable[ast.stmt], scene: Scene) -> None:
    """Run statements in the frame that is open."""
    for statement in body:
        handler = _HANDLERS.get(type(statement))
        if handler is not None:
            handler(statement, scene)


def _expression(node: ast.Expr, scene: Scene) -> None:
    evaluate(node.value, scene)


def _return(node: ast.Return, scene: Scene) -> None:
    if node.value is not None:
        scene.frame.returned.append(evaluate(node.value, scene))


def _assign(node: ast.Assign, scene: Scene) -> None:
    value = evaluate(node.value, scene)
    for target in node.targets:
        binding.bind(target, value, scene)


def _annotated(node: ast.AnnAssign, scene: Scene) -> None:
    value = evaluate(node.value, scene)
    if type(value) is Value:
        value = varying(annotated(node.annotation, ast.unparse(node.target), scene), value.varies)
    if node.value is not None:
        binding.bind(node.target, value, scene)


def _augmented(node: ast.AugAssign, scene: Scene) -> None:
    value = evaluate(node.value, scene)
    if isinstance(node.target, ast.Name):
        held = scene.frame.names.get(node.target.id, UNKNOWN)
        known = scene.joined([held, value])
        number = isinstance(held, Constant) or isinstance(value, Constant)
        scene.frame.names[node.target.id] = Value(known.varies) if number else known


def _branch(scene: Scene, *bodies: Sequence[ast.stmt]) -> None:
    """Run several bodies, each as if the others weren't; afterwards names have what they have in common."""
    before = scene.frame.names
    after: list[Names] = []
    for body in bodies:
        scene.frame.names = dict(before)
        run(body, scene)
        if not _leaves(body):
            after.append(scene.frame.names)
    scene.frame.names = _merged(after, scene) if after else dict(before)


def _merged(several: list[Names], scene: Scene) -> Names:
    first, *others = several
    for other in others:
        for name, value in other.items():
            mine = first.get(name)
            if mine is not value:
                first[name] = value if mine is None else scene.joined([mine, value])
    return first


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _if(node: ast.If, scene: Scene) -> None:
    test = evaluate(node.test, scene)
    scene.frame.node = node.test
    test.looked_at(scene)
    holds = given.holds(node.test, scene)
    if holds is not None:
        _branch(scene, node.body if holds else node.orelse)
    elif loops.remembers(node.test, node.body, scene):
        with scene.muted():
            _branch(scene, node.body, node.orelse)
    else:
        _branch(scene, node.body, node.orelse)


def _for(node: ast.For | ast.AsyncFor, scene: Scene) -> None:
    over = evaluate(node.iter, scene)
    before = dict(scene.frame.names)
    with loops.over(Where.LOOP, node.target, node.iter, over, node.body, scene):
        run(node.body, scene)
    scene.frame.names = _merged([scene.frame.names, before], scene)
    run(node.orelse, scene)


def _while(node: ast.While, scene: Scene) -> None:
    with scene.muted():
        evaluate(node.test, scene)
    before = dict(scene.frame.names)
    with loops.until(node, scene):
        with scene.muted():
            evaluate(node.test, scene)
        run(node.body, scene)
    scene.frame.names = _merged([scene.frame.names, before], scene)
    run(node.orelse, scene)


def _with(node: ast.With | ast.AsyncWith, scene: Scene) -> None:
    for item in node.items:
        value = evaluate(item.context_expr, scene)
        if item.optional_vars is not None:
            binding.bind(item.optional_vars, value.method("__enter__", scene.no_arguments, scene), scene)
    run(node.body, scene)


def _try(node: ast.Try | ast.TryStar, scene: Scene) -> None:
    before = dict(scene.frame.names)
    run([*node.body, *node.orelse], scene)
    after = [] if _leaves(node.body) else [scene.frame.names]
    for handler in node.handlers:
        scene.frame.names = dict(before)
        if loops.missed(handler):
            with scene.muted():
                run(handler.body, scene)
        else:
            run(handler.body, scene)
        if not _leaves(handler.body):
            after.append(scene.frame.names)
    scene.frame.names = _merged(after, scene) if after else before
    run(node.finalbody, scene)


def _match(node: ast.Match, scene: Scene) -> None:
    evaluate(node.subject, scene)
    _branch(scene, *(case.body for case in node.cases), [])


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, scene: Scene) -> None:
    scene.frame.names[node.name] = closure(node, scene)


def _class(node: ast.ClassDef, scene: Scene) -> None:
    from dbops.workload.source.evaluate.names import of_class

    scene.frame.names[node.name] = of_class(read_class(scene.frame.module, node), scene)


def _import(node: ast.Import, scene: Scene) -> None:
    for alias in node.names:
        whole = alias.name if alias.asname else alias.name.partition(".")[0]
        scene.frame.names[alias.asname or whole] = scene.named(whole)


def _import_from(node: ast.ImportFrom, scene: Scene) -> None:
    from dbops.workload.source.evaluate.names import meant

    module = scene.frame.module
    package = module.path.replace("\\", "/").removesuffix(".py").split("/")[:-1]
    base = package[: len(package) - node.level + 1] if node.level else []
    source = ".".join([*base, *([node.module] if node.module else [])])
    for alias in node.names:
        found = scene.modules.imported(module, Imported(source, alias.name))
        scene.frame.names[alias.asname or alias.name] = UNKNOWN if found is None else meant(found, scene)


def _assert(node: ast.Assert, scene: Scene) -> None:
    evaluate(node.test, scene)


_HANDLERS: dict[type, Callable[[Any, Scene], None]] = {
    ast.Expr: _expression,
    ast.Return: _return,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Assert: _assert,
}
