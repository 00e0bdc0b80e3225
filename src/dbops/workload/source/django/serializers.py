"""REST framework's serializers: what each of their fields touches of a row. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dbops.workload.source.asked import Where
from dbops.workload.source.evaluate.frames import Frame
from dbops.workload.source.modules import Class, Modules, last_name
from dbops.workload.source.rows import Row
from dbops.workload.source.values import NOTHING, Bound, Call, Constant, Instance, Value, varying

if TYPE_CHECKING:
    from dbops.workload.source.evaluate.scene import Scene

_SERIALIZERS = frozenset(
    {"Serializer", "ModelSerializer", "HyperlinkedModelSerializer", "ListSerializer", "BaseSerializer"}
)
_KEYS = frozenset({"PrimaryKeyRelatedField", "HyperlinkedRelatedField", "HyperlinkedIdentityField"})
"""Fields that show the key of the one row that a relation leads to, which is in the row's own column."""
_TEXTS = frozenset({"StringRelatedField"})
_NAMED = frozenset({"SlugRelatedField"})
_DEEPEST = 4


class _Field(NamedTuple):
    name: str
    node: ast.AST
    owner: Class
    call: ast.Call | None


@dataclass(frozen=True, slots=True)
class Serializer(Value):
    """A serializer with what it is given."""

    of: Class | None = None
    given: Value | None = None
    many: bool = False

    def attribute(self, name: str, scene: Scene) -> Value | None:
        """Return its data: then it reads what it was given."""
        if name == "data" and self.of is not None and self.given is not None:
            represent(self.of, self.given, scene, many=self.many)
        return Value(self.varies)


def is_serializer(which: Class, modules: Modules) -> bool:
    """Whether a class is a serializer of REST framework's."""
    return any(
        not isinstance(each, Class) and each.name.rpartition(".")[2] in _SERIALIZERS and "rest_framework" in each.name
        for each in modules.ancestors(which)
    )


def made(which: Class, call: Call, _scene: Scene) -> Value:
    """Return what ``PostSerializer(posts, many=True)`` makes."""
    many = call.keywords.get("many")
    is_many = isinstance(many, Constant) and many.value is True
    return Serializer(call.varies, which, call.argument(0, "instance"), is_many)


def represent(which: Class, given: Value, scene: Scene, *, many: bool, depth: int = 0) -> None:
    """Follow a serializer over what it is given: one row, or many of them."""
    if depth > _DEEPEST:
        return
    module = which.module
    element = given.element(scene) if many else given
    with scene.within(Frame(module, module.path, which.node)):
        if not many:
            _fields(which, element, scene, depth)
            return
        with scene.loop(Where.SERIALIZER, ast.Name(which.name, ast.Load()), given, many=not given.few) as differs:
            _fields(which, varying(element, differs), scene, depth)


def _fields(which: Class, row: Value, scene: Scene, depth: int) -> None:
    own = scene.method_of(which, "to_representation")
    if own is not None:
        scene.call(own, Call(ast.Call(ast.Name("_", ast.Load()), [], []), (row,)), Instance(NOTHING, which))
        return
    if not isinstance(row, Row):
        return
    for field in _shown(which, row, scene):
        scene.frame.path = field.owner.module.path
        _field(which, field, row, scene, depth)


def _field(which: Class, field: _Field, row: Row, scene: Scene, depth: int) -> None:
    kind = last_name(field.call.func) if field.call is not None else None
    many = field.call is not None and _is_true(field.call, "many")
    if field.call is not None and kind == "SerializerMethodField":
        name = _text(field.call, "method_name") or f"get_{field.name}"
        function = scene.method_of(which, name)
        scene.frame.node = _at(ast.Name(f"{name}()", ast.Load()), field.node)
        if function is not None:
            scene.call(function, Call(scene.no_arguments.node, (row,)), Instance(NOTHING, which))
        return
    steps = ((_text(field.call, "source") if field.call is not None else None) or field.name).split(".")
    if steps == ["*"] or _only_key(kind, steps, row, many=many):
        return
    value = _followed(row, steps, field, scene)
    nested = scene.modules.dotted(field.owner.module, field.call.func) if field.call is not None else None
    if isinstance(nested, Class) and is_serializer(nested, scene.modules):
        represent(nested, value, scene, many=many, depth=depth + 1)
        return
    element = value.element(scene) if many or not isinstance(value, Row | Instance) else value
    if kind in _TEXTS and isinstance(element, Row):
        element.shown(scene)
    if kind in _NAMED and isinstance(element, Row) and field.call is not None:
        element.attribute(_text(field.call, "slug_field") or "", scene)


def _only_key(kind: str | None, steps: list[str], row: Row, *, many: bool) -> bool:
    """Whether it shows no more than the key of the one row that a relation leads to."""
    relation = row.model.relations.get(steps[0])
    implicit = kind is None and relation is not None and relation.column is not None
    return len(steps) == 1 and not many and (kind in _KEYS or implicit)


def _followed(row: Row, steps: list[str], field: _Field, scene: Scene) -> Value:
    value: Value = row
    node: ast.expr = ast.Name(row.model.name.lower(), ast.Load())
    for step in steps:
        node = _at(ast.Attribute(node, step, ast.Load()), field.node)
        scene.frame.node = node
        found = value.attribute(step, scene)
        if found is None:
            found = value.method(step, scene.no_arguments, scene)
        value = found.called(scene.no_arguments, scene) if isinstance(found, Bound) else found
    return value


def _at(node: ast.expr, where: ast.AST) -> ast.expr:
    node.lineno = getattr(where, "lineno", 1)
    return node


def _shown(which: Class, row: Row, scene: Scene) -> Iterator[_Field]:
    """Yield the fields that a serializer shows: those of ``Meta.fields``, or all that are declared."""
    declared = _declared(which, scene.modules)
    names = _listed(which, scene)
    if names is None:
        yield from declared.values()
        return
    if names == ["__all__"]:
        yield from declared.values()
        meta = scene.modules.member(which, "Meta")
        place = meta[1].node if meta is not None and isinstance(meta[1], Class) else which.node
        for name, relation in row.model.relations.items():
            if relation.many and name not in declared and row.model.source is not None:
                own = scene.modules.member(row.model.source, name)  # what leads back is not among all
                if own is not None:
                    yield _Field(name, place, which, None)
        return
    for name, node, owner in _named(which, scene):
        yield declared.get(name) or _Field(name, node, owner, None)


def _declared(which: Class, modules: Modules) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    for each in modules.ancestors(which):
        if isinstance(each, Class):
            for name, value in each.members.items():
                if isinstance(value, ast.Call) and not _is_true(value, "write_only"):
                    found.setdefault(name, _Field(name, value, each, value))
    return found


def _listed(which: Class, scene: Scene) -> list[str] | None:
    names = [name for name, _, _ in _named(which, scene)]
    return names or None


def _named(which: Class, scene: Scene) -> Iterator[tuple[str, ast.AST, Class]]:
    """Yield the names of ``Meta.fields``, each with where it stands."""
    found = scene.modules.member(which, "Meta")
    if found is None or not isinstance(found[1], Class):
        return
    fields = scene.modules.member(found[1], "fields")
    if fields is None:
        return
    for node in ast.walk(fields[1]) if isinstance(fields[1], ast.expr) else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node, fields[0]


def _is_true(call: ast.Call, name: str) -> bool:
    return any(each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is True
               for each in call.keywords)  # fmt: skip


def _text(call: ast.Call, name: str) -> str | None:
    for each in call.keywords:
        if each.arg == name and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            return each.value.value
    return None
