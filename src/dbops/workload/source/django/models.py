"""Django's models: the fields of classes, and what leads back from the other side. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from dbops.workload.source.models import Framework, Model, Models, Relation, classes, names_of
from dbops.workload.source.modules import Class, External, Meaning, Modules, Set, last_name

_BASES = (
    "django.db.models.Model",
    "django.db.models.base.Model",
    "django.contrib.auth.models.AbstractUser",
    "django.contrib.auth.models.AbstractBaseUser",
    "django.contrib.auth.models.PermissionsMixin",
    "wagtail.models.Page",
    "mptt.models.MPTTModel",
    "treebeard.mp_tree.MP_Node",
    "model_utils.models.TimeStampedModel",
    "django_extensions.db.models.TimeStampedModel",
    "polymorphic.models.PolymorphicModel",
)
_ONE = ("ForeignKey", "ParentalKey", "OneToOneField", "OneToOneRel")
_MANY = ("ManyToManyField", "ParentalManyToManyField", "SortedManyToManyField")
_GENERIC = ("GenericForeignKey",)
_GENERIC_MANY = ("GenericRelation",)


class _Field(NamedTuple):
    name: str
    kind: str
    node: ast.Call
    owner: Class


def read(models: Models) -> None:
    """Add the models of a project that are Django's."""
    found = [Model(each.name, Framework.DJANGO, each) for each in classes(models.modules) if _is(models.modules, each)]
    for model in found:
        models.add(model)
    for model in found:
        assert model.source is not None
        model.abstract = bool(_meta(model.source, "abstract"))
        model.ordered = any(
            isinstance(each, Class) and _meta(each, "ordering") for each in models.modules.ancestors(model.source)
        )
    fields = {model: list(_fields(models.modules, model)) for model in found}
    for model in found:
        for each in fields[model]:
            _add(models, model, each)
    for model in found:
        if not model.abstract:
            for each in fields[model]:
                _lead_back(models, model, each)
            _lead_down(models, model)
    _inherit(models, found)


def _is(modules: Modules, which: Class) -> bool:
    names = list(names_of(modules, which))
    if any(name.endswith(_BASES) for name in names):
        return True
    ours = [each for each in modules.ancestors(which) if isinstance(each, Class)]
    return any(_of_models(modules, each, value) for each in ours for value in each.members.values())


def _of_models(modules: Modules, which: Class, value: object) -> bool:
    """Whether a member is a field of django.db.models: of a base class outside of the project nothing else is known."""
    if not isinstance(value, ast.Call) or last_name(value.func) not in {*_ONE, *_MANY, "CharField", "TextField"}:
        return False
    func = modules.dotted(which.module, value.func)
    return isinstance(func, External) and func.name.startswith(("django.db.models.", "django.contrib.gis.db.models."))


def _meta(which: Class, name: str) -> bool:
    meta = which.members.get("Meta")
    value = meta.members.get(name) if isinstance(meta, Class) else None
    return isinstance(value, ast.expr) and not (isinstance(value, ast.Constant) and not value.value)


def _fields(modules: Modules, model: Model) -> Iterator[_Field]:
    """Yield the fields of a model and of its abstract bases."""
    assert model.source is not None
    seen: set[str] = set()
    for each in modules.ancestors(model.source):
        if not isinstance(each, Class) or (each is not model.source and _concrete(modules, each)):
            continue
        for name, value in each.members.items():
            if isinstance(value, ast.Call) and name not in seen:
                kind = last_name(value.func) or ""
                seen.add(name)
                if kind.endswith((*_ONE, *_MANY, *_GENERIC, *_GENERIC_MANY, "Field")):
                    yield _Field(name, kind, value, each)


def _concrete(modules: Modules, which: Class) -> bool:
    return _is(modules, which) and not _meta(which, "abstract")


def _add(models: Models, model: Model, field: _Field) -> None:
    if field.kind.endswith(_GENERIC):
        model.relations[field.name] = Relation(field.name, None, many=False, generic=True)
    elif field.kind.endswith((*_MANY, *_GENERIC_MANY)):
        model.relations[field.name] = Relation(field.name, _target(models, model, field), many=True)
    elif field.kind.endswith(_ONE):
        target = _target(models, model, field)
        model.relations[field.name] = Relation(field.name, target, many=False, column=f"{field.name}_id")
    else:
        model.columns.add(field.name)


def _target(models: Models, model: Model, field: _Field) -> Model | None:
    node = field.node.args[0] if field.node.args else _keyword(field.node, "to")
    match node:
        case ast.Constant(value="self"):
            return model
        case ast.Constant(value=str(name)):
            return models.named(name, field.owner.module, Framework.DJANGO)
        case ast.Attribute(attr="AUTH_USER_MODEL"):
            return user(models)
        case ast.expr():
            return _meant(models, models.modules.dotted(field.owner.module, node))
    return None


def _meant(models: Models, meaning: Meaning | None) -> Model | None:
    match meaning:
        case Class():
            return models.by_class.get(meaning)
        case Set(node=node) if last_name(node) == "get_user_model":
            return user(models)
        case External(name):
            return models.external(name, Framework.DJANGO)
    return None


def user(models: Models) -> Model:
    """Return the project's model of users: what AUTH_USER_MODEL names, else Django's own."""
    if models.user is None:
        models.user = _user(models)
    return models.user


def _user(models: Models) -> Model:
    for module in models.modules.by_path.values():
        match module.names.get("AUTH_USER_MODEL"):
            case ast.Constant(value=str(name)):
                found = models.named(name, module, Framework.DJANGO)
                if found is not None:
                    return found
    return models.external("django.contrib.auth.models.User", Framework.DJANGO)


def _lead_back(models: Models, model: Model, field: _Field) -> None:
    """Add to the other side what leads back to this one."""
    relation = model.relations.get(field.name)
    if relation is None or relation.target is None or relation.generic or field.kind.endswith(_GENERIC_MANY):
        return
    symmetrical = relation.many and relation.target is model
    name = _back_name(model, field, one=field.kind.endswith("OneToOneField"))
    if name is None or symmetrical or name in relation.target.relations:
        return
    many = not field.kind.endswith("OneToOneField")
    back = None if relation.many else field.name
    relation.target.relations[name] = Relation(name, model, many=many, back=back)


def _back_name(model: Model, field: _Field, *, one: bool) -> str | None:
    given = _keyword(field.node, "related_name")
    lower = model.name.lower()
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        name = given.value.replace("%(class)s", lower).replace("%(model_name)s", lower)
        return None if name.endswith("+") or "%(" in name else name
    if given is not None:
        return None
    return lower if one else f"{lower}_set"


def _lead_down(models: Models, model: Model) -> None:
    """Add to a model whose table this one's extends the one-to-one relation that leads here."""
    assert model.source is not None
    for base in model.source.node.bases:
        found = models.modules.dotted(model.source.module, base)
        parent = models.by_class.get(found) if isinstance(found, Class) else None
        if parent is not None and not parent.abstract and not _meta(model.source, "proxy"):
            parent.relations.setdefault(model.name.lower(), Relation(model.name.lower(), model, many=False))


def _inherit(models: Models, found: list[Model]) -> None:
    """Give each model what leads away from those whose tables it extends."""
    for model in found:
        assert model.source is not None
        for each in models.modules.ancestors(model.source):
            parent = models.by_class.get(each) if isinstance(each, Class) else None
            if parent is not None and parent is not model and not parent.abstract:
                for name, relation in parent.relations.items():
                    model.relations.setdefault(name, relation)
                model.columns |= parent.columns


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in node.keywords if each.arg == name), None)
