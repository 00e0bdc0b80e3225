"""The functions, modules and templates that are being run. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbops.workload.source.modules import Function, Module
from dbops.workload.source.templates.parse import Template
from dbops.workload.source.values import Value


@dataclass(slots=True)
class Frame:
    """A function, module or template that is being run: ``node`` is where, ``names`` what is known of its variables.

    ``calls_itself`` says that what an attribute gives is called, as Django's templates do; ``blocks`` are those of the
    ``template``, each with the template that has it. ``given`` are the parameters of which it is known what they are,
    with the value that stands for them at first.
    """

    module: Module
    path: str
    node: ast.AST
    names: dict[str, Value] = field(default_factory=dict)
    around: Mapping[str, Value] = field(default_factory=dict)
    given: Mapping[str, tuple[Value, object]] = field(default_factory=dict)
    function: Function | None = None
    returned: list[Value] = field(default_factory=list)
    calls_itself: bool = False
    template: bool = False
    blocks: dict[str, tuple[Template, list[ast.stmt]]] = field(default_factory=dict)
    muted: int = 0
