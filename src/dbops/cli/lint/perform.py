"""What ``dbops lint`` does around its call: settings, the database, progress, printing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dbops
from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.lint.interruption import interruptible
from dbops.cli.lint.progress import Counter
from dbops.cli.render import document
from dbops.errors import ATTENTION, ConfigError, UsageError
from dbops.lint.options import Options, refuse_unknown
from dbops.lint.run.request import Fixing, Outcome, Request
from dbops.output.cells import printable
from dbops.output.stream import put
from dbops.results.lint import LintResult, Severity

if TYPE_CHECKING:
    from dbops.files.migration import Migration
    from dbops.lint.run.database import Database


def lint(common: Common, paths: tuple[str, ...], output: str, flags: dict[str, Any]) -> int:
    """Lint, print, and return the exit status."""
    from dbops.lint.run.lint import lint

    with interruptible(), Counter(common.style(error=True)) as counter:
        request = _request(common, paths, flags, counter)
        outcome = lint(request)
    for note in outcome.notes:
        put(f"warning: {printable(note)}", sys.stderr)
    if request.fixing is Fixing.DIFF and output == "text":
        put(outcome.diff, end="")
        return ATTENTION if outcome.diff and not flags["exit_zero"] else 0
    _print(common, outcome, output)
    least = Severity(common.settings.value("lint.fail-on", flags["fail_on"]))
    return _status(outcome.result, least, exit_zero=flags["exit_zero"])


def rules(common: Common, output: str, slug: str | None) -> None:
    """Print all rules, or one."""
    from dbops.lint.catalogue import catalogue, explain
    from dbops.output.lint import rules as shown

    result: Any = catalogue() if slug is None else explain(slug)
    if output == "json":
        document(result)
    elif slug is None:
        put(shown.table(result, common.style(), screen.width()))
    else:
        put(shown.explanation(result, common.style(), screen.width()))


def _request(common: Common, paths: tuple[str, ...], flags: dict[str, Any], counter: Counter) -> Request:
    settings = common.settings
    _refuse_unknown(flags)
    baseline = settings.value("lint.baseline", flags["baseline"])
    directory = Path(settings.value("migrate.dir", flags["directory"]))
    select = _joined(flags["select"]) or settings.value("lint.select") or ()
    return Request(
        paths=paths,
        options=Options(
            select=select,
            ignore=(*settings.value("lint.ignore"), *_joined(flags["ignore"])),
            severity={name: Severity(value) for name, value in settings.value("lint.severity").items()},
            per_file=settings.value("lint.per-file"),
            pg_version=settings.value("lint.pg-version", flags["pg_version"]) or 0,
            calls=frozenset(settings.value("lint.calls")),
            in_transaction=settings.value("lint.assume-in-transaction", flags["assume_in_transaction"]),
        ),
        directory=directory,
        programs=_programs(directory),
        database=_database(common, flags),
        baseline=None if baseline is None else Path(baseline),
        write_baseline=flags["write_baseline"],
        fixing=Fixing.WRITE if flags["fix"] else Fixing.DIFF if flags["diff"] else Fixing.NO,
        stdin_name=flags["stdin_filename"] or "stdin.sql",
        workers=flags["jobs"],
        cache=not flags["no_cache"],
        progress=counter,
    )


def _programs(directory: Path) -> tuple[Migration, ...]:
    """Return the revisions of an Alembic project, none where the folder of migrations is no such project.

    Only there, where the configuration says that it is the user's: to see their SQL, they are run.
    """
    from dbops.migrate.alembic.project import find

    if find(directory) is None:
        return ()
    from dbops.migrate.source import read

    return read(directory)


def _database(common: Common, flags: dict[str, Any]) -> Database | None:
    """Ask the database that the command line names: without a word there, a linter asks none."""
    if flags["dsn"] is None and not flags["database"]:
        return None
    from dbops.cli import signals
    from dbops.lint.run.database import ask
    from dbops.postgres.dsn import resolve

    dsn = resolve(common.settings, flags["dsn"])
    with signals.interruptible() as interrupt:
        return ask(
            dsn,
            environment=common.settings.value("environment"),
            interrupt=interrupt,
            history=common.settings.value("migrate.schema"),
        )


def _refuse_unknown(flags: dict[str, Any]) -> None:
    """Raise UsageError for a rule of the command line that is not there: no fault of the configuration."""
    for name in ("select", "ignore"):
        try:
            refuse_unknown(_joined(flags[name]), name)
        except ConfigError as error:
            raise UsageError(error.message, hint=error.hint, details=[{"field": f"--{name}"}]) from None


def _joined(given: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(name for names in given for name in names)


def _status(result: LintResult, least: Severity, *, exit_zero: bool) -> int:
    worst = max((finding.severity.rank for finding in result.findings), default=-1)
    return ATTENTION if worst >= least.rank and not exit_zero else 0


def _print(common: Common, outcome: Outcome, output: str) -> None:
    match output:
        case "json":
            document(outcome.result)
        case "github":
            from dbops.output.lint import github

            put(github.render(outcome.result), end="\n" if outcome.result.findings else "")
        case "sarif":
            from dbops.lint.catalogue import catalogue
            from dbops.output.lint import sarif

            put(sarif.render(outcome.result, catalogue(), dbops.__version__))
        case "junit":
            from dbops.output.lint import junit

            put(junit.render(outcome.result, outcome.sources))
        case _:
            _print_text(common, outcome)


def _print_text(common: Common, outcome: Outcome) -> None:
    from dbops.lint.text import is_python
    from dbops.output import target
    from dbops.output.lint import text
    from dbops.sql.redact import lines as without_secrets

    style = common.style()
    if outcome.result.target is not None:
        put(target.line(outcome.result.target, style))
    found = {finding.file for finding in outcome.result.findings}
    sources = {
        path: without_secrets(source, program=is_python(path))
        for path, source in outcome.sources.items()
        if path in found
    }
    put(text.render(outcome.result, sources, style, screen.width()))
