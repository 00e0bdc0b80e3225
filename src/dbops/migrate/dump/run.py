"""``dump``: the target's schema by pg_dump, made stable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dbops.errors import UsageError
from dbops.migrate.dump.text import difference, document, statements
from dbops.migrate.options import Options
from dbops.migrate.record import APPLIED
from dbops.migrate.workplace import workplace
from dbops.postgres import dump as pg_dump
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.dump import DumpResult


def dump(dsn: Dsn, options: Options, *, grants: bool = False, interrupt: Interrupt | None = None) -> DumpResult:
    """Return the target's schema without the history's, and which migrations are applied. A standby will do.

    Raises what pg_dump's run raises: PermissionDenied, LockTimeout, ConnectionFailed, ConfigError; Interrupted.
    """
    with workplace(dsn, "dump", options, interrupt, looks_only=True) as place:
        record = place.read_history()
        programs = pg_dump.programs(place.facts.version)
        text = pg_dump.whole(place.watcher, programs, place.interrupt, without=(options.schema,), grants=grants)
        applied = [f"{row.version} {row.name}".strip() for row in record.rows if row.state == APPLIED]
        return DumpResult(place.target, place.run_id, document(statements(text, place.facts.version), sorted(applied)))


def compared(result: DumpResult, file: Path) -> DumpResult:
    """Return the result with how a file differs from it. Raises UsageError for a file that can't be read."""
    try:
        there = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"{file}: can't be read: {error}",
            hint="name the file that `dbops migrate dump -f` wrote",
            details=[{"field": "check", "error": str(error)}],
        ) from None
    found = difference(there, result.schema, str(file))
    return replace(result, file=str(file), stale=bool(found), diff=found or None)
