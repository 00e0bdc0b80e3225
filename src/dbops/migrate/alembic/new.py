"""``migrate new --from-models`` and ``--from-db``: a migration by comparing the target with what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from dbops.errors import UsageError
from dbops.migrate import plan, source
from dbops.migrate.alembic.changes import Rendered, changes
from dbops.migrate.alembic.models import metadata
from dbops.migrate.alembic.project import refuse
from dbops.migrate.options import Options
from dbops.migrate.workplace import Workplace, workplace
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.reach import reachable
from dbops.postgres.session import Session
from dbops.results.migration import State, WrittenResult
from dbops.results.progress import TargetKnown, Warned
from dbops.sql.split import split

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_WAITING = {State.PENDING, State.OUT_OF_ORDER}


def from_models(dsn: Dsn, options: Options, name: str, models: str, *, interrupt: Interrupt) -> WrittenResult:
    """Write what takes the target to the models ``package.module:name``, up and down; nothing when nothing differs.

    Raises UsageError for models that can't be found and a target that is behind the folder, and what comparing raises.
    """
    return _written(dsn, options, name, models, metadata(models), interrupt)


def from_database(dsn: Dsn, options: Options, name: str, other: Dsn, *, interrupt: Interrupt) -> WrittenResult:
    """Write what takes the target to the schema of another database; as :func:`from_models`."""
    with _session(other, interrupt) as session:
        return _written(dsn, options, name, other.shown, session, interrupt)


@contextmanager
def _session(dsn: Dsn, interrupt: Interrupt) -> Iterator[Session]:
    with reachable(dsn, interrupt) as reached, closing(connect(reached, "dbops migrate new", interrupt)) as session:
        yield session


def _written(
    dsn: Dsn, options: Options, name: str, origin: str, wanted: MetaData | Session, interrupt: Interrupt
) -> WrittenResult:
    if options.format is None:
        refuse(options.directory, "makes its own revisions", "`alembic revision --autogenerate` compares models")
    with workplace(dsn, "new", options, interrupt, looks_only=True) as place:
        options.emit(TargetKnown(place.target, place.run_id, None))
        _require_current(place)
        rendered = changes(place.watcher, wanted, without=(options.schema,))
        for each in rendered.left_out:
            options.emit(Warned(f"not in the migration: {each}"))
        up, down = (len(split(sql)) for sql in (rendered.up, rendered.down))
        if not up:
            return WrittenResult(place.target, origin, None, None, name, 0, 0, rendered.left_out)
        made = source.new(options.directory, name, _text(rendered, origin), format=options.format)
        return WrittenResult(place.target, origin, made.path, made.version, made.name, up, down, rendered.left_out)


def _require_current(place: Workplace) -> None:
    """Raise UsageError when the folder has what the target hasn't: it would be written a second time."""
    if not place.options.directory.is_dir():
        return
    statuses = plan.assess(source.chosen(place.options), place.read_history())
    waiting = [status.version for status in statuses if status.state in _WAITING]
    if waiting:
        raise UsageError(
            f"{len(waiting)} pending ({', '.join(waiting[:3])}{' …' if len(waiting) > 3 else ''}): what they do would "
            "be written a second time",
            hint="apply them first with `dbops migrate up`, or compare with a database that has them",
            details=[{"field": "version", "error": "pending", "version": version} for version in waiting],
        )


def _text(rendered: Rendered, origin: str) -> str:
    notes = [f"-- By comparison with {origin}."]
    if rendered.left_out:
        notes += ["-- Not in here:", *(f"--   {' '.join(each.split())}" for each in rendered.left_out)]
    head = "\n".join(notes)
    return f"-- migrate:up\n{head}\n{rendered.up}\n-- migrate:down\n{rendered.down}"
