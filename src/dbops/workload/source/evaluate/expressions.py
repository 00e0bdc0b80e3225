"""What an expression may be worth. Pure."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dbops.workload.source.asked import Where
from dbops.workload.source.django.querysets import QuerySet
from dbops.workload.source.evaluate import binding, builtin, given, loops, names
from dbops.workload.source.modules import Function
from dbops.workload.source.rows import Known, Row
from dbops.workload.source.sqlalchemy.conditions import Column, Condition
from dbops.workload.source.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Call,
    Closure,
    Constant,
    Many,
    Pair,
    Record,
    Slice,
    Super,
    Table,
    Text,
    Value,
    union,
)

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_DEEPEST = 60
"""Expressions within expressions that are looked at."""


def evaluate(node: ast.expr | None, scene: Scene) -> Value:
    """Return what is known of an expression, having taken note of what it asks."""
    if node is None:
        return UNKNOWN
    handler = _HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(node, scene)


def _constant(node: ast.Constant, _scene: Scene) -> Value:
    return Constant(NOTHING, node.value)


def _name(node: ast.Name, scene: Scene) -> Value:
    return names.value(node.id, scene)


def _attribute(node: ast.Attribute, scene: Scene) -> Value:
    known = names.dotted(node, scene)
    if known is not None:
        return known
    value = evaluate(node.value, scene)
    scene.frame.node = node
    found = value.attribute(node.attr, scene)
    if not scene.frame.calls_itself:
        return Value(value.varies) if found is None else found
    if found is None:
        return value.method(node.attr, scene.no_arguments, scene)
    return found.called(scene.no_arguments, scene) if isinstance(found, Bound) else found


def _call(node: ast.Call, scene: Scene) -> Value:
    match node.func:
        case ast.Name(id="super"):
            return _super(scene)
        case ast.Name(id=name) if name in builtin.LOOPS and not names.is_own(name, scene):
            return builtin.looped(name, node, scene)
        case ast.Attribute(value=inner, attr=name):
            receiver = evaluate(inner, scene)
            call = arguments(node, scene)
            binding.grown(inner, name, call, scene)
            known = names.dotted(node.func, scene)
            scene.frame.node = node
            return receiver.method(name, call, scene) if known is None else known.called(call, scene)
    called = evaluate(node.func, scene)
    call = arguments(node, scene)
    scene.frame.node = node
    return called.called(call, scene)


def arguments(node: ast.Call, scene: Scene) -> Call:
    """Return the arguments of a call."""
    args: list[Value] = []
    keywords: dict[str, Value] = {}
    more, spread = False, NOTHING
    for each in node.args:
        if isinstance(each, ast.Starred):
            value = evaluate(each.value, scene)
            if isinstance(value, Pair):
                args += value.items
                continue
            more, spread = True, spread | value.varies
        else:
            args.append(evaluate(each, scene))
    for keyword in node.keywords:
        value = evaluate(keyword.value, scene)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, Record) and not value.more:
            keywords.update(value.entries)
        else:
            more, spread = True, spread | value.varies
    return Call(node, tuple(args), keywords, more, spread)


def _super(scene: Scene) -> Value:
    function = scene.frame.function
    receiver = scene.frame.names.get("self", UNKNOWN)
    return Super(receiver.varies, receiver, None if function is None else function.owner)


def _subscript(node: ast.Subscript, scene: Scene) -> Value:
    known = names.dotted(node, scene)
    if known is not None:
        return known
    value, key = evaluate(node.value, scene), evaluate(node.slice, scene)
    scene.frame.node = node
    return value.item(key, scene)


def _slice(node: ast.Slice, scene: Scene) -> Value:
    lower, upper = evaluate(node.lower, scene), evaluate(node.upper, scene)
    first = lower.value if isinstance(lower, Constant) else 0 if node.lower is None else None
    last = upper.value if isinstance(upper, Constant) else None
    if isinstance(first, int) and isinstance(last, int) and 0 <= first <= last:
        return Slice(NOTHING, last - first)
    return Slice(union((lower, upper)))


def _comprehension(node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scene: Scene) -> Value:
    return _generated(node.generators, lambda: evaluate(node.elt, scene), scene)


def _dictionary_of(node: ast.DictComp, scene: Scene) -> Value:
    pair = _generated(
        node.generators, lambda: Pair(NOTHING, (evaluate(node.key, scene), evaluate(node.value, scene))), scene
    )
    assert isinstance(pair, Many), "a comprehension gives many"
    inner = pair.of
    if not isinstance(inner, Pair):
        return Table()
    return Table(pair.varies, inner.items[0], inner.items[1], pair.bounded)


def _generated(generators: list[ast.comprehension], inner: Callable[[], Value], scene: Scene) -> Value:
    """Return the values that ``inner`` has once the names of all generators are bound."""
    if not generators:
        return inner()
    first, *rest = generators
    over = evaluate(first.iter, scene)
    with loops.over(Where.COMPREHENSION, first.target, first.iter, over, (), scene):
        for test in first.ifs:
            evaluate(test, scene)
        found = _generated(rest, inner, scene)
    open_still = frozenset(loop.number for loop in scene.loops)
    of = found.of if rest and isinstance(found, Many) else found
    return Many((of.varies | over.varies) & open_still, of, over.few)


def _compare(node: ast.Compare, scene: Scene) -> Value:
    left = evaluate(node.left, scene)
    rights = [evaluate(each, scene) for each in node.comparators]
    if isinstance(left, Column) or any(isinstance(each, Column) for each in rights):
        return _condition(node, left, rights)
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        scene.frame.node = node.comparators[0]
        rights[0].looked_at(scene)
    return Value(left.varies | union(rights))


def _condition(node: ast.Compare, left: Value, rights: list[Value]) -> Condition:
    sides = [left, *rights]
    equal = all(isinstance(each, ast.Eq | ast.Is) for each in node.ops)
    varies = union(sides)
    columns = tuple(each.name for each in sides if isinstance(each, Column))
    return Condition(varies, varies if equal else NOTHING, columns if equal and varies else ())


def _either(node: ast.BoolOp, scene: Scene) -> Value:
    values: list[Value] = []
    decides = isinstance(node.op, ast.Or)
    for each in node.values:
        value = evaluate(each, scene)
        values.append(value)
        if given.holds(each, scene) is decides:  # the others are not run
            break
        if each is not node.values[-1]:
            scene.frame.node = each
            value.looked_at(scene)
    return scene.joined(_given_or(values) if isinstance(node.op, ast.Or) else values)


def _given_or(values: list[Value]) -> list[Value]:
    """Return the values of ``given or Post.objects.all()``: of what is given nothing else is known than of the rest."""
    known = [each for each in values if isinstance(each, QuerySet)]
    if len(known) != 1 or any(type(each) is not Value for each in values if each is not known[0]):
        return values
    return [replace(known[0], root=replace(known[0].root, known=Known.NOTHING))]


def _binary(node: ast.BinOp, scene: Scene) -> Value:
    left, right = evaluate(node.left, scene), evaluate(node.right, scene)
    match left, right:
        case (Condition(), _) | (_, Condition()):
            keyed = union([left, right]) if not isinstance(node.op, ast.BitOr) else NOTHING
            named = [each for each in (left, right) if isinstance(each, Condition)]
            known = [each.keyed for each in named]
            return Condition(keyed | union((left, right)), frozenset().union(*known), named[0].columns)
        case QuerySet(), QuerySet():
            return scene.joined([left, right])
        case ((Text() | Constant(value=str())), _):
            return _text_of(left, right, node)
    if isinstance(node.op, ast.Add) and isinstance(left, Many | Pair | QuerySet) and isinstance(right, Many | Pair):
        return scene.joined([left, right]) if not isinstance(left, QuerySet) else Value(union((left, right)))
    return Value(left.varies | right.varies)


def _text_of(left: Value, right: Value, node: ast.BinOp) -> Value:
    text = _string(left)
    if isinstance(node.op, ast.Add):
        return Text(union((left, right)), text + _string(right))
    return Text(union((left, right)), text)


def _string(value: Value) -> str:
    match value:
        case Text(text=text):
            return text
        case Constant(value=str(text)):
            return text
    return "{}"


def _formatted(node: ast.JoinedStr, scene: Scene) -> Value:
    parts, varies = [], NOTHING
    for each in node.values:
        if isinstance(each, ast.FormattedValue):
            value = evaluate(each.value, scene)
            scene.frame.node = each.value
            _shown(value, scene)
            varies |= value.varies
            parts.append(_string(value))
        elif isinstance(each, ast.Constant):
            parts.append(str(each.value))
    return Text(varies, "".join(parts))


def _shown(value: Value, scene: Scene) -> None:
    if isinstance(value, Row):
        value.shown(scene)
    else:
        value.looked_at(scene)


def _conditional(node: ast.IfExp, scene: Scene) -> Value:
    test = evaluate(node.test, scene)
    scene.frame.node = node.test
    test.looked_at(scene)
    holds = given.holds(node.test, scene)
    if holds is not None:
        return evaluate(node.body if holds else node.orelse, scene)
    return scene.joined([evaluate(node.body, scene), evaluate(node.orelse, scene)])


def _items(node: ast.Tuple | ast.List | ast.Set, scene: Scene) -> Value:
    values = tuple(
        evaluate(each.value if isinstance(each, ast.Starred) else each, scene) for each in node.elts[:_DEEPEST]
    )
    if any(isinstance(each, ast.Starred) for each in node.elts):
        inner = [value.element(scene) if isinstance(each, ast.Starred) else value for each, value in
                 zip(node.elts, values, strict=False)]  # fmt: skip
        return Many(union(inner), scene.joined(inner))
    return Pair(union(values), values)


def _dictionary(node: ast.Dict, scene: Scene) -> Value:
    entries: list[tuple[str, Value]] = []
    more = False
    for key, value in zip(node.keys[:_DEEPEST], node.values, strict=False):
        found = evaluate(value, scene)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            entries.append((key.value, found))
        elif key is None and isinstance(found, Record):
            entries += found.entries
            more |= found.more
        elif key is None:
            more = True
        else:
            entries.append((f"\0{ast.unparse(key)}", found))
    return Record(union(value for _, value in entries), tuple(entries), more)


def _lambda(node: ast.Lambda, scene: Scene) -> Value:
    return closure(node, scene)


def closure(node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef, scene: Scene) -> Value:
    """Return a function within a function."""
    return Closure(NOTHING, Function(scene.frame.module, node), {**scene.frame.around, **scene.frame.names})


def _awaited(node: ast.Await | ast.YieldFrom, scene: Scene) -> Value:
    return evaluate(node.value, scene)


def _yielded(node: ast.Yield, scene: Scene) -> Value:
    value = evaluate(node.value, scene)
    scene.frame.returned.append(Many(NOTHING, value))
    return UNKNOWN


def _bound(node: ast.NamedExpr, scene: Scene) -> Value:
    value = evaluate(node.value, scene)
    binding.bind(node.target, value, scene)
    return value


def _opposite(node: ast.UnaryOp, scene: Scene) -> Value:
    value = evaluate(node.operand, scene)
    if isinstance(node.op, ast.Not):
        scene.frame.node = node.operand
        value.looked_at(scene)
    if isinstance(value, Condition):
        return Condition(value.varies)
    return value if isinstance(value, Constant) else Value(value.varies)


def _starred(node: ast.Starred, scene: Scene) -> Value:
    return evaluate(node.value, scene)


_HANDLERS: dict[type, Callable[[Any, Scene], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dictionary_of,
    ast.Compare: _compare,
    ast.BoolOp: _either,
    ast.BinOp: _binary,
    ast.JoinedStr: _formatted,
    ast.IfExp: _conditional,
    ast.Tuple: _items,
    ast.List: _items,
    ast.Set: _items,
    ast.Dict: _dictionary,
    ast.Lambda: _lambda,
    ast.Await: _awaited,
    ast.YieldFrom: _awaited,
    ast.Yield: _yielded,
    ast.NamedExpr: _bound,
    ast.UnaryOp: _opposite,
    ast.Starred: _starred,
}
