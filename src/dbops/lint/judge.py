"""Judging one file: its scripts, what the rules find in them, what comments silence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dbops.lint.engine import Hit, examine
from dbops.lint.fixes import to_source
from dbops.lint.options import Options, Selection, slugs
from dbops.lint.places import Places
from dbops.lint.report import FileReport
from dbops.lint.rule import Edit
from dbops.lint.rules import NOT_ANALYSED, UNUSED_IGNORE
from dbops.lint.script import Origin, Script
from dbops.lint.sources import migration as migrations
from dbops.lint.sources import sql as texts
from dbops.lint.sources.reading import Problem, Reading
from dbops.lint.step import Step, step
from dbops.lint.suppression.suppressions import Suppressions, suppressions
from dbops.lint.text import NotText, SourceText, is_python
from dbops.results.lint import Finding, Severity
from dbops.schema.model import Schema
from dbops.schema.settings import next_session
from dbops.sql.split import Statement

Span = tuple[int, int]


def judge_file(source: SourceText, schema: Schema, options: Options) -> FileReport:
    """Judge a file that stands for itself."""
    if not is_python(source.path):
        return judge_step(step(source), schema, options)[0]
    from dbops.lint.sources import python as programs

    reading = programs.read(source.path, source.text, schema=schema, pg_version=options.pg_version, calls=options.calls)
    return _report(source, reading, options)


def judge_step(step: Step, before: Schema, options: Options) -> tuple[FileReport, Schema]:
    """Judge a migration; return what is said of it, and the schema after it."""
    if isinstance(step.source, NotText):
        return unreadable(step.source), before
    if step.wrong is not None:
        return _report(step.source, _refused(step, Places(step.path, step.source.text)), options), before
    reading = _reading(step, before, options)
    return _report(step.source, reading, options), _after(step, reading, before)


def fold_step(step: Step, before: Schema, options: Options) -> Schema:
    """Return the schema after a migration, without judging it."""
    if isinstance(step.source, NotText) or step.wrong is not None:
        return before
    if step.down:
        return before
    if step.migration is not None:  # of which the next ones find only what its up made
        step = replace(step, migration=replace(step.migration, down=None))
    return _after(step, _reading(step, before, options), before)


def unreadable(source: NotText) -> FileReport:
    """Return what is said of a file that is no text."""
    finding = Finding(
        rule=NOT_ANALYSED,
        severity=Severity.ERROR,
        message=f"not looked at by any rule: it {source.reason}",
        hint=source.hint,
        file=source.path,
        line=source.line,
        column=1,
        end_line=source.line,
        end_column=1,
        statement="",
    )
    return FileReport(source.path, (finding,), ((),), not_analysed=1)


def _reading(step: Step, before: Schema, options: Options) -> Reading:
    assert isinstance(step.source, SourceText), "it was looked at before"
    if step.migration is not None:
        return migrations.read(step.migration, schema=before, pg_version=options.pg_version)
    if not step.down:
        return _plain(step.source, before, options)
    if step.up is None:
        return _plain(step.source, before, options, direction="down")
    made = _plain(step.up, before, options).scripts[0].after
    return _plain(step.source, made, options, direction="down", base=before)


def _plain(
    source: SourceText, schema: Schema, options: Options, *, direction: str | None = None, base: Schema | None = None
) -> Reading:
    reading = texts.read(
        source.path, source.text, schema=schema, pg_version=options.pg_version, direction=direction, base=base
    )
    if not options.in_transaction:
        return reading
    scripts = tuple(replace(script, transactional=True, insists=True) for script in reading.scripts)
    return replace(reading, scripts=scripts)


def _after(step: Step, reading: Reading, before: Schema) -> Schema:
    return before if step.down else next_session(reading.scripts[0].after)


def _refused(step: Step, places: Places) -> Reading:
    """Read a migration that dbops would refuse: it is said as the refusal says it."""
    assert step.wrong is not None, "it was looked at before"
    detail = step.wrong.details[0] if step.wrong.details else {}
    start = places.offset(detail.get("line") or 1, detail.get("column") or 1)
    message = f"not looked at by any rule, and refused by `dbops migrate up`: {detail.get('error', step.wrong.message)}"
    return Reading((), (Problem(start, start, message, Severity.ERROR),))


@dataclass(frozen=True, slots=True)
class _Said:
    """What is to be said, before it is known whether a comment silences it; offsets are the file's."""

    rule: str
    severity: Severity
    message: str
    hint: str | None
    span: Span
    statement: str = ""
    within: Span | None = None
    edits: tuple[Edit, ...] = ()
    failed: bool = False


def _report(source: SourceText, reading: Reading, options: Options) -> FileReport:
    selection = options.selection(source.path)
    said = [*_problems(reading), *_hits(source, reading, selection)]
    silenced = suppressions(source.text, reading.scripts, python=is_python(source.path), known=slugs())
    loud = [each for each in said if not silenced.silences(each.rule, *each.span, each.within)]
    ignored = len(said) - len(loud)
    if UNUSED_IGNORE in selection:
        loud += _unused(silenced, selection)
    kept = sorted((each for each in dict.fromkeys(loud) if each.rule in selection), key=_order)
    places = Places(source.path, source.text)
    return FileReport(
        path=source.path,
        findings=tuple(_finding(places, each, options) for each in kept),
        fixes=tuple(each.edits for each in kept),
        statements=sum(len(script.statements) for script in reading.scripts),
        not_analysed=_not_analysed(reading, said),
        ignored=ignored,
        lasting=not any(each.failed for each in said),
    )


def _order(said: _Said) -> tuple[Span, str]:
    return said.span, said.rule


def _problems(reading: Reading) -> Iterator[_Said]:
    for problem in reading.problems:
        yield _Said(NOT_ANALYSED, problem.severity, problem.message, None, (problem.start, problem.end))


def _hits(source: SourceText, reading: Reading, selection: Selection) -> Iterator[_Said]:
    mendable = source.newline is not None
    for script in reading.scripts:
        for hit in examine(script, selection):
            yield _said(source, script, hit, mendable=mendable)


def _said(source: SourceText, script: Script, hit: Hit, *, mendable: bool) -> _Said:
    start, end = hit.span
    within = _span(script, hit.statement)
    return _Said(
        rule=hit.rule,
        severity=hit.severity,
        message=_without(script.holes, hit.found.message),
        hint=None if hit.found.hint is None else _without(script.holes, hit.found.hint),
        span=(script.offsets.source(start), script.offsets.source(end, end=True)),
        statement=source.text[slice(*within)] if script.origin is not Origin.PYTHON else hit.statement.text,
        within=within,
        edits=to_source(hit.found.edits, script.offsets) if mendable and script.mendable else (),
        failed=hit.failed,
    )


def _without(holes: Mapping[str, str], text: str) -> str:
    """Put what is shown in place of the words that stand for what only a program or a run knows."""
    for hole, shown in holes.items():
        text = text.replace(hole, shown)
    return text


def _span(script: Script, statement: Statement) -> Span:
    end = statement.start + len(statement.text)
    return script.offsets.source(statement.start), script.offsets.source(end, end=True)


def _unused(silenced: Suppressions, selection: Selection) -> Iterator[_Said]:
    """Say which of dbops' own comments silence nothing; one for a rule that is not asked may."""
    for unused in silenced.unused():
        if unused.slug in selection or unused.slug not in slugs():
            yield _Said(UNUSED_IGNORE, Severity.WARNING, unused.message, None, (unused.start, unused.end))


def _not_analysed(reading: Reading, said: list[_Said]) -> int:
    whole = sum(problem.counts_as_not_analysed for problem in reading.problems)
    return whole + sum(each.rule == NOT_ANALYSED and each.within is not None for each in said)


def _finding(places: Places, said: _Said, options: Options) -> Finding:
    return places.finding(
        said.rule,
        options.severity_of(said.rule, said.severity),
        said.message,
        said.hint,
        said.span,
        statement=said.statement,
        edits=said.edits,
    )
