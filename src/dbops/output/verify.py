"""Verified migrations as lines, and as a JUnit report."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from dbops.output import junit
from dbops.output.style import Style
from dbops.results.progress import ScratchReady, Verified, duration
from dbops.results.verify import Outcome, VerifiedMigration, VerifyResult

_NAME_WIDTH = 28
_WORDS = {
    Outcome.RESTORED: "restored",
    Outcome.IRREVERSIBLE: "irreversible: there is no down",
    Outcome.NOT_REAPPLICABLE: "not re-appliable",
    Outcome.NOT_RESTORED: "not restored",
    Outcome.DOWN_FAILED: "down failed",
    Outcome.UP_FAILED: "up failed",
}
_MARKS = {Outcome.RESTORED: ("✓", "green"), Outcome.IRREVERSIBLE: ("!", "yellow")}


def begun(event: ScratchReady, style: Style) -> str:
    """Return the first line: where all is run, and how much."""
    others = event.migrations - event.verified
    rest = f", {others} more only applied" if others else ""
    return f"{style(event.where, 'bold')}  {event.verified} to verify{rest}"


def ended(event: Verified, style: Style) -> str:
    """Return the lines of a migration that was verified."""
    migration = event.migration
    mark, colour = _MARKS.get(migration.result, ("✗", "red"))
    words = _WORDS[migration.result]
    if migration.result is Outcome.RESTORED and migration.rows_stop_up:
        mark, colour, words = "?", "yellow", "restored, but up fails where tables have rows"
    named = f"{migration.version} {migration.name}"
    label = f"{migration.version if migration.version.endswith(migration.name) else named:<{_NAME_WIDTH + 5}}"
    lines = [f"{style(mark, colour)} {label} {_times(migration):>17}  {style(words, colour)}"]
    lines += [f"    {text}" for text in (*_wrong(migration), *migration.notes)]
    return "\n".join(lines)


def render(result: VerifyResult, style: Style) -> str:
    """Return the line that counts; each migration has had its own when it was done."""
    counts = [f"{count} {_WORDS[each].split(':')[0]}" for each in Outcome if (count := result.count(each))]
    if result.not_run:
        counts.append(style(f"{len(result.not_run)} not run", "red"))
    lines = [f"{style('?', 'yellow')} {warning}" for warning in (*result.warnings, *result.unsure)]
    lines.append(f"{len(result.migrations)} verified: {', '.join(counts)}" if counts else "Nothing to verify.")
    return "\n".join(lines)


def report(result: VerifyResult) -> str:
    """Return the JUnit document: a test a migration; an irreversible one passes and says so."""
    root = Element("testsuites", name="dbops migrate verify")
    bad = [each for each in result.migrations if each.result not in _MARKS]
    total = len(result.migrations) + len(result.not_run)
    failures = str(len(bad) + len(result.not_run))
    suite = SubElement(root, "testsuite", name="migrations", tests=str(total), failures=failures, errors="0")
    for migration in result.migrations:
        _case(suite, migration)
    for version in result.not_run:
        case = SubElement(suite, "testcase", name=junit.text(version), classname="migrations")
        SubElement(case, "failure", type="not_run", message="not run: an earlier one failed")
    return junit.document(root)


def _case(suite: Element, migration: VerifiedMigration) -> None:
    seconds = ((migration.up_ms or 0) + (migration.down_ms or 0)) / 1000
    name = junit.text(f"{migration.version} {migration.name}".strip())
    case = SubElement(
        suite, "testcase", name=name, classname="migrations", file=junit.text(migration.file), time=f"{seconds:.3f}"
    )
    if migration.result is Outcome.IRREVERSIBLE:
        SubElement(case, "system-out").text = _WORDS[migration.result]
    elif migration.result is not Outcome.RESTORED:
        said = junit.text("\n".join(_wrong(migration)))
        SubElement(case, "failure", type=migration.result.value, message=_WORDS[migration.result]).text = said


def _wrong(migration: VerifiedMigration) -> list[str]:
    errors = [] if migration.error is None else [migration.error]
    return [each.text for each in migration.differences] + errors


def _times(migration: VerifiedMigration) -> str:
    times = (("up", migration.up_ms), ("down", migration.down_ms))
    return ", ".join(f"{name} {duration(took / 1000)}" for name, took in times if took is not None)
