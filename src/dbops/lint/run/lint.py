"""A run of lint: what there is to read, who reads it, and what is said of it all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dbops.errors import ConfigError, UsageError
from dbops.lint.options import NEWEST
from dbops.lint.report import FileReport
from dbops.lint.run import applied, baseline, mending
from dbops.lint.run.cache import Cache
from dbops.lint.run.database import Database
from dbops.lint.run.examination import Examination
from dbops.lint.run.files import Texts
from dbops.lint.run.plan import Plan
from dbops.lint.run.request import Fixing, Outcome, Request
from dbops.lint.run.saving import replace as write_file
from dbops.lint.text import STDIN, SourceText
from dbops.results.lint import Finding, LintResult


def lint(request: Request) -> Outcome:
    """Lint what the request names.

    Raises UsageError for paths that name nothing, ConfigError for rules that don't exist and a baseline that can't be
    read or written.
    """
    _refuse(request)
    known = _known(request)
    database = request.database
    if not request.options.pg_version:
        version = NEWEST if database is None else database.major
        request = replace(request, options=replace(request.options, pg_version=version))
    texts = Texts(request.stdin_name)
    known_reports = Cache.of(Path(), os.environ) if request.cache else Cache(None)
    examination = Examination(request, texts, known_reports, None if database is None else database.schema)
    mended = _mend(request, texts, examination)
    reports = mended.reports
    known_reports.close()
    if request.write_baseline:
        known = _write_baseline(request, [finding for report in reports for finding in report.findings])
    reports, baselined = baseline.subtract(reports, known, _relative(request))
    result = LintResult(
        findings=tuple(finding for report in reports for finding in report.findings),
        files=len(reports),
        statements=sum(report.statements for report in reports),
        not_analysed=sum(report.not_analysed for report in reports),
        ignored=sum(report.ignored for report in reports),
        baselined=baselined,
        schema=_told_by(examination.plan, database),
        fixed=mended.fixed,
        target=None if database is None else database.target,
    )
    return Outcome(result, _sources(texts, reports), mended.diff, mended.notes)


@dataclass(frozen=True, slots=True)
class _Mended:
    """What fixing did, or would do: then the reports are those of the files as they are."""

    reports: list[FileReport]
    fixed: tuple[str, ...] = ()
    diff: str = ""
    notes: tuple[str, ...] = ()


def _mend(request: Request, texts: Texts, examination: Examination) -> _Mended:
    def examine() -> list[FileReport]:
        return [mending.usable(report) for report in examination.reports()]

    reports = examine()
    if request.fixing is Fixing.NO:
        return _Mended(reports)
    known = None if request.database is None else request.database.applied
    spared = applied.files(examination.plan, known)
    left = mending.mend(texts, reports, examine, spared=spared)
    notes = tuple(applied.notes(examination.plan, known, reports, texts.edited))
    if request.fixing is Fixing.WRITE:
        return _Mended(left, fixed=mending.write(texts), notes=notes)
    diff = mending.diff(texts)
    texts.edited = {}
    return _Mended(reports, diff=diff, notes=notes)


def _refuse(request: Request) -> None:
    if request.write_baseline and request.baseline is None:
        raise UsageError("there is no file to write the baseline into", hint="name it with --baseline FILE")
    if request.fixing is Fixing.WRITE and STDIN in request.paths:
        raise UsageError("--fix can't write to stdin", hint="--diff shows what it would edit")
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the working directory is gone", hint="change into one that exists") from None


def _known(request: Request) -> Counter[str]:
    """Return the old findings; a baseline that is yet to be written knows none."""
    if request.baseline is None or request.write_baseline:
        return Counter()
    try:
        return baseline.read(request.baseline.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"{request.baseline}: the baseline can't be read: {reason}",
            hint="write it anew with --write-baseline",
            details=[{"field": "lint.baseline", "error": reason, "file": str(request.baseline)}],
        ) from None


def _write_baseline(request: Request, findings: list[Finding]) -> Counter[str]:
    assert request.baseline is not None, "it was refused before"
    text = baseline.write(findings, _relative(request))
    try:
        write_file(request.baseline, text)
    except OSError as error:
        raise ConfigError(
            f"{request.baseline}: the baseline can't be written: {error.strerror}",
            hint="check the disk, and the folder's permissions",
            details=[{"field": "lint.baseline", "error": str(error.strerror), "file": str(request.baseline)}],
        ) from None
    return baseline.read(text)


def _relative(request: Request) -> Callable[[str], str]:
    """Return what names a file as seen from the baseline's folder, so that it is known from every working directory."""
    folder = os.path.realpath(request.baseline.parent) if request.baseline is not None else ""

    @cache
    def name(path: str) -> str:
        parent, last = os.path.split(path)
        return os.path.relpath(Path(os.path.realpath(parent), last), folder).replace(os.sep, "/") if folder else path

    return name


def _counted(migrations: int) -> str:
    return "1 migration" if migrations == 1 else f"{migrations} migrations"


def _told_by(plan: Plan, database: Database | None) -> str | None:
    """Say where the tables are known from."""
    told = [f"{_counted(len(folder.steps))} of {folder.path}" for folder in plan.folders]
    if database is not None:
        told.append(f"{database.target.database} @ {database.target.host}")
    return " and ".join(told) or None


def _sources(texts: Texts, reports: list[FileReport]) -> Mapping[str, str]:
    loaded = {report.path: texts.known(report.path) for report in reports}
    return {path: source.text for path, source in loaded.items() if isinstance(source, SourceText)}
