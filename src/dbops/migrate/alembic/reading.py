"""Reading a project: its revisions as migrations, base first, with the SQL that Alembic's offline mode gives."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from dbops.errors import DbopsError, InvalidMigration
from dbops.files.checksum import checksum
from dbops.files.migration import REPEATABLE, at_line
from dbops.files.scaffold import slug
from dbops.migrate.alembic import environment, offline
from dbops.migrate.alembic.failures import line_in, said
from dbops.migrate.alembic.project import Project
from dbops.migrate.alembic.revision import History, Revision

_HINT = "correct it; `alembic history` in that folder shows whether Alembic can read it"


def read(project: Project, shown: Path) -> tuple[Revision, ...]:
    """Return the revisions; ``shown`` is the folder as the user named it, by which paths are spelt.

    Raises InvalidMigration, naming the file.
    """
    where = _Where(project, shown)
    try:
        with warnings.catch_warnings(record=True) as noted, environment.opened(project) as (config, scripts):
            warnings.simplefilter("always")
            found = _loaded(scripts, where)
            _refuse_noted(noted, project)
            read: list[Revision] = []
            environment.run(
                config, scripts, lambda context, kw: read.extend(_revisions(project, found, context, kw, where))
            )
            return tuple(read)
    except DbopsError:
        raise
    except Exception as error:
        raise where.wrong(error) from error


class _Where:
    """Names files as the user does, and finds the one in which an error came up."""

    def __init__(self, project: Project, shown: Path) -> None:
        self._project = project
        self._named = project.scripts or project.root
        self._shown = shown

    def path(self, file: str) -> str:
        """Return a file's path by the way that the user named the folder."""
        try:
            return str(self._shown / Path(file).resolve().relative_to(self._named))
        except ValueError:
            return file

    def wrong(self, error: Exception) -> InvalidMigration:
        """Return the error for a project that can't be read."""
        if isinstance(error, CommandError):
            return _invalid(self._project, said(error).removeprefix("CommandError: "))
        for file in _files(error):
            if Path(file).resolve().is_relative_to(self._project.root) and "site-packages" not in file:
                return at_line(self.path(file), line_in(error, Path(file)) or 1, said(error), _HINT)
        return _invalid(self._project, said(error))


def _files(error: BaseException) -> Iterable[str]:
    """Yield the files that an error passed through, the innermost first."""
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename
    trace, files = error.__traceback__, []
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    yield from reversed(files)


def _invalid(project: Project, message: str) -> InvalidMigration:
    path = str(project.configuration)
    return InvalidMigration(
        f"{path}: {message}", hint=_HINT, details=[{"field": "dir", "error": message, "file": path, "line": 1}]
    )


def _loaded(scripts: ScriptDirectory, where: _Where) -> list[Script]:
    """Return the revisions, each behind those that it stands on, else in Alembic's own order."""
    scripts_by_id = {script.revision: script for script in reversed(list(scripts.walk_revisions()))}
    needs = {revision: _needs(scripts, script) for revision, script in scripts_by_id.items()}
    done: dict[str, Script] = {}
    left = list(scripts_by_id)
    while left:
        ready = next(revision for revision in left if all(need in done for need in needs[revision]))
        left.remove(ready)
        done[ready] = scripts_by_id[ready]
    return list(done.values())


def _needs(scripts: ScriptDirectory, script: Script) -> tuple[str, ...]:
    """Return the ids of the revisions that must be there before: down_revision and depends_on."""
    named = [*_several(script.down_revision), *_several(script.dependencies)]
    found = (each.revision for name in named for each in scripts.get_revisions(name) if each is not None)
    return tuple(dict.fromkeys(found))


def _several(value: Any) -> Sequence[str]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _refuse_noted(noted: Iterable[warnings.WarningMessage], project: Project) -> None:
    """Raise InvalidMigration for what Alembic only warns of: an id that comes twice, or is not there."""
    for warning in noted:
        message = str(warning.message)
        if message.startswith("Revision ") and ("more than once" in message or "is not present" in message):
            raise _invalid(project, message)


def _revisions(
    project: Project, scripts: Sequence[Script], context: MigrationContext, kw: Mapping[str, Any], where: _Where
) -> Iterable[Revision]:
    directory = context.script
    assert directory is not None, "the environment has one"
    depends = {script.revision: _needs(directory, script) for script in scripts}
    history = History(project, depends, str(context.version_table), context.version_table_schema)
    for script in scripts:
        yield _revision(script, history, context, kw, where)


def _revision(
    script: Script, history: History, context: MigrationContext, kw: Mapping[str, Any], where: _Where
) -> Revision:
    path = where.path(script.path)
    text = Path(script.path).read_text(encoding="utf-8-sig")
    if script.revision.startswith(REPEATABLE):
        raise at_line(path, 1, f"a revision can't begin with {REPEATABLE}", "give it another id")
    up, down = offline.sections(script, text, context, kw)
    return Revision(
        version=script.revision,
        name=_name(script),
        path=path,
        text=text,
        checksum=checksum(text),
        up=replace(up, path=path),
        down=down and replace(down, path=path),
        depends=history.depends[script.revision],
        history=history,
    )


def _name(script: Script) -> str:
    try:
        return slug(script.doc or "")
    except ValueError:
        return script.revision
