"""A revision in a run of ``up`` and ``down``: with their limits, their watch, their retries and their log."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from dbops.errors import MigrationFailed
from dbops.migrate import limits, transaction
from dbops.migrate.alembic.running import Step
from dbops.migrate.failure import lock_timeout
from dbops.migrate.script import Script
from dbops.migrate.watch import Watch
from dbops.postgres.errors import LOCK_NOT_AVAILABLE, ConnectionLost, ServerError
from dbops.results.migration import RunMigration
from dbops.sql.quote import identifier

if TYPE_CHECKING:
    from dbops.migrate.alembic.revision import Revision
    from dbops.migrate.workplace import Workplace


def run(place: Workplace, script: Script, revision: Revision, action: str) -> RunMigration | None:
    """Run a revision and log it. Returns None when somebody else did so meanwhile.

    Raises LockTimeout, MigrationFailed, NotPrimary or Interrupted when it was seen to its end, with what it leaves in
    their context, and ConnectionLost when its end was not seen.
    """
    started = time.monotonic()
    watch = Watch(place, revision, 0, max(len(script.statements), 1))
    for attempt in itertools.count(1):
        step = Step(script, revision)
        try:
            _once(place, step, action, watch)
        except ServerError as error:
            if error.sqlstate in transaction.RETRIED and not step.kept and attempt <= place.options.retries:
                transaction.pause(place, script, attempt, error, watch)
                continue
            if error.sqlstate == LOCK_NOT_AVAILABLE and not step.kept:
                seconds = time.monotonic() - started
                raise lock_timeout(script, attempt, seconds, watch.blockers, error.report) from None
            raise step.failure(error.report, show_data=place.options.show_data) from None
        if step.took_ms is None:
            return None
        return RunMigration(revision.version, revision.name, step.took_ms, script.transactional, attempt - 1)
    raise AssertionError("the loop has no end")


def _once(place: Workplace, step: Step, action: str, watch: Watch) -> None:
    """Try once, and leave the session as it was."""
    revision, history = step.revision, place.history
    settings, checks = place.worker_facts.settings, place.checks_client
    role = place.options.role
    opening = limits.transactional(place.options, settings, checks_client=checks)
    if not place.target.pooled:  # whose server connections are others' too
        session_wide = limits.alone(place.options, settings, checks_client=checks)
        place.worker.run(";".join([*session_wide, *([f"SET ROLE {identifier(role)}"] if role else [])]))

    def log(took: int) -> str:
        entry = history.log(
            action, "ok", version=revision.version, name=revision.name, checksum=revision.checksum, execution_ms=took
        )
        return ";".join([*history.taking_role(), entry])

    try:
        step.run(
            place.worker,
            opening=[*opening, *([f"SET LOCAL ROLE {identifier(role)}"] if role else [])],
            log=log,
            tick=watch,
            every=min(max(place.options.lock_timeout / 3 or 1.0, 0.1), 1.0),
        )
    except Exception as error:
        if not isinstance(error, (ServerError, ConnectionLost)) and hasattr(error, "context"):
            error.context.setdefault("left", step.left)
        raise
    finally:
        if not place.worker.closed:
            place.worker.run(transaction.reset(place))
    if step.took_ms is not None and not _is_settled(place, step):
        raise MigrationFailed(
            f"{revision.label}: env.py ended its transaction without a commit, so nothing was done",
            hint="run the migrations inside `with context.begin_transaction()`, as Alembic's template does",
            details=[{"field": "file", "error": "not committed", "file": revision.path}],
            context={"left": "rolled back"},
        )


def _is_settled(place: Workplace, step: Step) -> bool:
    from dbops.migrate.alembic.state import heads

    history = step.revision.history
    applied = history.applied(heads(place.worker, history, place.options.search_path))
    return (step.revision.version in applied) == (step.script.direction == "up")
