"""What a revision does as SQL, by Alembic's offline mode: for lint and plan, which see it before it runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from sqlalchemy.engine.mock import MockConnection

from dbops.files.migration import Section
from dbops.migrate.alembic.failures import line_in, said
from dbops.migrate.alembic.writer import Writer

_UP, _DOWN = "upgrade", "downgrade"
_EMPTY, _REFUSES = "empty", "refuses"


def sections(
    script: Script, text: str, context: MigrationContext, kw: Mapping[str, Any]
) -> tuple[Section, Section | None]:
    """Return both directions of a revision; ``context`` is what env.py configured, ``kw`` what it gives to revisions.

    There is no down where downgrade() is missing, raises NotImplementedError, or does nothing where upgrade() does
    something.
    """
    bodies = _bodies(text)
    up = _section(script, text, _UP, context, kw)
    down = bodies.get(_DOWN)
    if down == _REFUSES or not hasattr(script.module, _DOWN) or (down == _EMPTY and bodies.get(_UP) != _EMPTY):
        return up, None
    return up, _section(script, text, _DOWN, context, kw)


def _bodies(text: str) -> dict[str, str]:
    """Return which of the file's functions do nothing, and which only raise NotImplementedError."""
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    return {function.name: _kind(function) for function in functions}


def _kind(function: ast.FunctionDef) -> str:
    said = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if all(isinstance(node, ast.Pass) for node in said):
        return _EMPTY
    first = said[0]
    raised = first.exc if isinstance(first, ast.Raise) else None
    named = raised.func if isinstance(raised, ast.Call) else raised
    return _REFUSES if isinstance(named, ast.Name) and named.id == "NotImplementedError" else ""


def _section(script: Script, text: str, function: str, context: MigrationContext, kw: Mapping[str, Any]) -> Section:
    written = Writer(script.path)
    offline = _Offline(context, written)
    starts = _line_starts(text)
    first = _line_of(text, function)
    try:
        with Operations.context(offline):
            call: Callable[..., None] = getattr(script.module, function)
            call(**kw)
    except Exception as error:  # a revision may do anything
        line = line_in(error, Path(script.path)) or first
        why = f"line {line} asks the database" if isinstance(error, _Asks) else f"line {line}: {said(error)}"
        return Section("", 0, line, variables=False, unknown=why, places=((0, starts[line - 1]),))
    sql, places = "", [(0, starts[first - 1])]
    for statement, line in zip(written.statements, written.lines, strict=True):
        places.append((len(sql), starts[line - 1]))
        sql += f"{statement};\n"
    return Section(sql, 0, first, transaction=False if offline.alone else None, variables=False, places=tuple(places))


def _line_starts(text: str) -> list[int]:
    """Return the offset of each line's first character that is no blank."""
    starts, at = [], 0
    for line in text.splitlines(keepends=True) or [""]:
        starts.append(at + len(line) - len(line.lstrip(" \t")))
        at += len(line)
    return starts


def _line_of(text: str, function: str) -> int:
    found = (node.lineno for node in ast.parse(text).body if getattr(node, "name", None) == function)
    return next(found, 1)


class _Asks(Exception):
    """A revision reads from the database, which offline mode has none of."""


class _Offline(MigrationContext):
    """A context that writes SQL; ``alone`` says that there was a block outside of the transaction."""

    def __init__(self, online: MigrationContext, written: Writer) -> None:
        options = {**online.opts, "as_sql": True, "output_buffer": written, "literal_binds": True}
        options.pop("output_encoding", None)
        super().__init__(online.dialect, None, options, online.environment_context)
        self.alone = False

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Note it; what begins and ends transactions is no part of the migration."""
        self.alone = True
        yield

    def _stdout_connection(self, _connection: Any) -> MockConnection:
        """Return what ``op.get_bind()`` gives: a connection that writes, and that can't be asked."""

        def execute(statement: Any, *_args: Any, **_options: Any) -> None:
            if getattr(statement, "is_select", False) or str(statement).lstrip()[:6].upper() in {"SELECT", "WITH"}:
                raise _Asks
            self.impl.execute(statement)

        return MockConnection(self.dialect, execute)
