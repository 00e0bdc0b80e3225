"""SQLAlchemy's declarative models: classes with ``relationship``. Pure."""

from __future__ import annotations

import ast
import re

from dbops.workload.source.models import Framework, Lazy, Model, Models, Relation, classes, names_of
from dbops.workload.source.modules import Class, Modules, last_name

_BASES = (
    "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.orm.DeclarativeBaseNoMeta",
    "sqlalchemy.ext.declarative.declarative_base()",
    "sqlalchemy.orm.declarative_base()",
    "declarative_base()",
    "SQLAlchemy().Model",
    "sqlmodel.SQLModel",
    "advanced_alchemy.base.UUIDBase",
    "advanced_alchemy.base.BigIntBase",
)
_RELATIONSHIP = frozenset({"relationship", "relation", "Relationship"})
_COLUMNS = frozenset({"Column", "mapped_column", "Field", "column_property", "deferred", "query_expression"})
_COLLECTIONS = re.compile(r"(list|List|set|Set|Sequence|Collection|Iterable|WriteOnlyMapped|DynamicMapped)\Z")
_LAZY = {
    "selectin": Lazy.LOADED,
    "joined": Lazy.LOADED,
    "subquery": Lazy.LOADED,
    "immediate": Lazy.LOADED,
    "raise": Lazy.LOADED,
    "raise_on_sql": Lazy.LOADED,
    "noload": Lazy.LOADED,
    "dynamic": Lazy.QUERY,
    "write_only": Lazy.QUERY,
}


def read(models: Models) -> None:
    """Add the models of a project that are SQLAlchemy's."""
    found = [Model(each.name, Framework.SQLALCHEMY, each) for each in classes(models.modules) if _is(models, each)]
    for model in found:
        models.add(model)
    for model in found:
        _describe(models, model)
    for model in found:
        _lead_back(models, model)


def _is(models: Models, which: Class) -> bool:
    if which in models.by_class:
        return False
    if any(name.endswith(_BASES) for name in names_of(models.modules, which)):
        return True
    return "__tablename__" in which.members and any(
        isinstance(value, ast.Call) and last_name(value.func) in _RELATIONSHIP | _COLUMNS
        for value in which.members.values()
    )


def _ancestors(modules: Modules, model: Model) -> list[Class]:
    assert model.source is not None
    return [each for each in modules.ancestors(model.source) if isinstance(each, Class)]


def _describe(models: Models, model: Model) -> None:
    for each in _ancestors(models.modules, model):
        for name, value in each.members.items():
            call = value
            if not isinstance(call, ast.Call):
                continue
            kind = last_name(call.func)
            if kind in _RELATIONSHIP and name not in model.relations:
                model.relations[name] = _relation(models, each, name, call)
            elif kind in _COLUMNS:
                model.columns.add(name)
                if kind == "deferred" or _is_true(_keyword(call, "deferred")):
                    model.deferred.add(name)
        for name in each.annotations:
            if name not in model.relations:
                model.columns.add(name)


def _relation(models: Models, owner: Class, name: str, call: ast.Call) -> Relation:
    annotation = owner.annotations.get(name)
    target, many = _annotated(annotation)
    if call.args and last_name(call.func) != "Relationship":
        target = _name(call.args[0]) or target
    elif (argument := _keyword(call, "argument")) is not None:
        target = _name(argument) or target
    uselist = _keyword(call, "uselist")
    if isinstance(uselist, ast.Constant) and isinstance(uselist.value, bool):
        many = uselist.value
    lazy = _lazy(call)
    if annotation is not None and last_name(annotation) in {"WriteOnlyMapped", "DynamicMapped"}:
        lazy, many = Lazy.QUERY, True
    found = _model(models, owner, target)
    if annotation is None and uselist is None:
        many = _side(models, owner, found, call)
    return Relation(name, found, many=many, lazy=lazy, back=_text(_keyword(call, "back_populates")))


def _lazy(call: ast.Call) -> Lazy:
    given = _keyword(call, "lazy")
    inner = _keyword(call, "sa_relationship_kwargs")
    if given is None and isinstance(inner, ast.Dict):
        pairs = zip(inner.keys, inner.values, strict=True)
        given = next((value for key, value in pairs if key is not None and _text(key) == "lazy"), None)
    match given:
        case ast.Constant(value=False):
            return Lazy.LOADED
        case ast.Constant(value=str(word)):
            return _LAZY.get(word, Lazy.ASKS)
        case None | ast.Constant():
            return Lazy.ASKS
    return Lazy.LOADED  # what a program decides on is not known


def _annotated(annotation: ast.expr | None) -> tuple[str | None, bool]:
    """Read ``Mapped[list["Comment"]]``: the model's name, and whether it is many."""
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return _annotated(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError):
                return None, False
        case ast.Subscript(value=outer, slice=inner):
            target, many = _annotated(inner)
            return target, many or _COLLECTIONS.match(last_name(outer) or "") is not None
        case ast.BinOp(left=left, right=right):
            return next((found for found in (_annotated(left), _annotated(right)) if found[0]), (None, False))
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name, False
    return None, False


def _side(models: Models, owner: Class, target: Model | None, call: ast.Call) -> bool:
    """Whether a relation without an annotation is many: it isn't where its own table has the other's key."""
    if _keyword(call, "secondary") is not None:
        return True
    table = None if target is None or target.source is None else _text(target.source.members.get("__tablename__"))
    return not any(
        _refers(value, table) or (name == "__table_args__" and _constrains(value, table))
        for each in models.modules.ancestors(owner)
        if isinstance(each, Class)
        for name, value in each.members.items()
    )


def _refers(value: object, table: str | None) -> bool:
    """Whether a column has a foreign key to a table; to any, where the table's name is not known."""
    if not isinstance(value, ast.Call) or last_name(value.func) not in _COLUMNS:
        return False
    for argument in (*value.args, *(each.value for each in value.keywords)):
        if isinstance(argument, ast.Call) and last_name(argument.func) == "ForeignKey" and argument.args:
            text = _text(argument.args[0])
            if table is None or text is None or table in text.split("."):
                return True
    return False


def _constrains(value: object, table: str | None) -> bool:
    """Whether a table's constraints have a foreign key to a table."""
    for node in ast.walk(value) if isinstance(value, ast.expr) else ():
        if isinstance(node, ast.Call) and last_name(node.func) == "ForeignKeyConstraint":
            names = [_text(each) or "" for argument in node.args for each in ast.walk(argument)]
            if table is None or any(table in name.split(".")[:-1] for name in names):
                return True
    return False


def _lead_back(models: Models, model: Model) -> None:
    """Add what ``backref`` makes of the other side."""
    for each in _ancestors(models.modules, model):
        for name, value in each.members.items():
            if not isinstance(value, ast.Call) or last_name(value.func) not in _RELATIONSHIP:
                continue
            backref = _keyword(value, "backref")
            called = backref.args[0] if isinstance(backref, ast.Call) and backref.args else backref
            text, relation = _text(called), model.relations.get(name)
            if text is None or relation is None or relation.target is None:
                continue
            lazy = _lazy(backref) if isinstance(backref, ast.Call) else Lazy.ASKS
            many = not relation.many or _keyword(value, "secondary") is not None
            relation.target.relations.setdefault(text, Relation(text, model, many=many, lazy=lazy, back=name))
            model.relations[name] = Relation(name, relation.target, many=relation.many, lazy=relation.lazy, back=text)


def _model(models: Models, owner: Class, name: str | None) -> Model | None:
    if name is None:
        return None
    found = models.modules.meaning(owner.module, name.rpartition(".")[2])
    if isinstance(found, Class) and found in models.by_class:
        return models.by_class[found]
    return models.named(name, owner.module, Framework.SQLALCHEMY)


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Lambda(body=body):
            return _name(body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _text(node: object) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in node.keywords if each.arg == name), None)
