"""What differs between a database and its migrations, as lines and as a JUnit report."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from dbops.output import junit, target
from dbops.output.style import Style
from dbops.results.drift import DriftResult, Fix
from dbops.results.schema import Change

_MARKS = {Change.MISSING: ("-", "red"), Change.UNEXPECTED: ("+", "yellow"), Change.DIFFERENT: ("~", "yellow")}


def render(result: DriftResult, style: Style) -> str:
    """Return a line a difference, ``-`` what is missing, ``+`` what no migration made, ``~`` what is otherwise."""
    lines = [target.line(result.target, style)]
    for each in result.differences:
        mark, colour = _MARKS[each.change]
        lines.append(f"{style(mark, colour)} {each.words()}")
    lines += [style(f"note: {note}", "dim") for note in result.notes]
    lines += _fix(result.fix)
    lines.append(_summary(result, style))
    return "\n".join(lines)


def _fix(fix: Fix | None) -> list[str]:
    if fix is None:
        return []
    said = f"wrote {fix.path}" if fix.path else "nothing of it can be written as a migration"
    record = f"; here it is applied already: dbops migrate mark applied {fix.version}" if fix.path else ""
    return [said + record, *(f"  not in it: {each}" for each in fix.left_out)]


def _summary(result: DriftResult, style: Style) -> str:
    plural = "" if result.migrations == 1 else "s"
    built = f"what {result.migrations} applied migration{plural} build{'s' if not plural else ''} on {result.scratch}"
    ignored = f", {result.ignored} ignored" if result.ignored else ""
    if not result.differences:
        return f"{style('✓', 'green')} no drift{ignored}: the database is {built}."
    count = len(result.differences)
    return f"{count} difference{'' if count == 1 else 's'}{ignored} from {built}."


def report(result: DriftResult) -> str:
    """Return the JUnit document: a test a difference, or one that passed."""
    root = Element("testsuites", name="dbops migrate drift")
    count = str(len(result.differences))
    suite = SubElement(
        root, "testsuite", name="schema", tests=str(max(1, len(result.differences))), failures=count, errors="0"
    )
    for each in result.differences:
        case = SubElement(suite, "testcase", name=junit.text(f"{each.kind} {each.object}"), classname="schema")
        SubElement(case, "failure", type=each.change.value, message=junit.text(each.words()))
    if not result.differences:
        SubElement(suite, "testcase", name="no drift", classname="schema")
    return junit.document(root)
