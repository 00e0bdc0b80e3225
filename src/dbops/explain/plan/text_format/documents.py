"""Plans out of EXPLAIN's text format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dbops.explain.plan.checking import flaw
from dbops.explain.plan.lines import Line
from dbops.explain.plan.text_format import summary
from dbops.explain.plan.text_format.completing import complete
from dbops.explain.plan.text_format.node_line import is_node
from dbops.explain.plan.text_format.outline import ARROW, Outline
from dbops.explain.plan.text_format.whole_lines import past_blank, whole_line
from dbops.explain.plan.unreadable import AGAIN, COPY_AGAIN

_SUBPLANS = ("InitPlan ", "SubPlan ", "CTE ")
_QUERY = ("Query Text: ", "Query Parameters: ")


def documents(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """Yield the plans of a passage as FORMAT JSON would have them, as far as the text tells. Raises PlanUnreadable."""
    number = past_blank(lines, 0)
    while number < len(lines):
        document, number = _document(lines, number)
        yield document
        number = past_blank(lines, number)


def _document(lines: Sequence[Line], number: int) -> tuple[dict[str, Any], int]:
    document: dict[str, Any] = {}
    number = past_blank(lines, _query(lines, number, document))
    if number == len(lines):
        raise lines[-1].unreadable("the plan is missing: only its query is here", AGAIN)
    first, number = whole_line(lines, number)
    outline = Outline(document, _shift(lines, number))
    outline.begin(first.part(len(first.text) - len(first.text.lstrip(" "))))
    while (number := past_blank(lines, number)) < len(lines):
        if _begins_another(lines[number], outline.shift):
            break
        line, after = whole_line(lines, number)
        outline.add(line, names=_names(lines, number, after))
        number = after
    complete(document)
    if wrong := flaw(document):
        raise first.unreadable(wrong.message, AGAIN)
    return document, number


def _query(lines: Sequence[Line], number: int, document: dict[str, Any]) -> int:
    """Read auto_explain's lines above a plan, which are free text; return the number of the plan's first line."""
    key = ""
    texts: dict[str, list[str]] = {}
    while number < len(lines):
        text = lines[number].text
        begun = next((each for each in _QUERY if text.startswith(each)), "")
        if not begun and (not key or is_node(text)):
            break
        key = begun or key
        texts.setdefault(key, []).append(text.removeprefix(begun))
        number += 1
    document |= {key.removesuffix(": "): "\n".join(parts) for key, parts in texts.items()}
    return number


def _shift(lines: Sequence[Line], number: int) -> int:
    """Return how far a plan stands to the right, by its second line; the first one's blanks are easily lost."""
    number = past_blank(lines, number)
    if number == len(lines):
        return 0
    text = lines[number].text
    indent = len(text) - len(text.lstrip(" "))
    if summary.is_summary(text.lstrip(" ")):
        return indent
    if indent == 1:
        raise lines[number].unreadable("the indentation of this line fits no node above it", COPY_AGAIN)
    return max(indent - 2, 0)


def _begins_another(line: Line, shift: int) -> bool:
    """Whether a line begins the next plan."""
    text = line.text.lstrip(" ")
    if len(line.text) - len(text) > shift or text.startswith(ARROW):
        return False
    return text.startswith(_QUERY) or not summary.is_line(text)


def _names(lines: Sequence[Line], number: int, after: int) -> bool:
    """Whether a line is the name of an InitPlan, SubPlan or CTE: the next one's arrow is two columns further right."""
    text, following = lines[number].text, lines[after].text if after < len(lines) else ""
    indent = len(text) - len(text.lstrip(" "))
    arrow = len(following) - len(following.lstrip(" "))
    return text.startswith(_SUBPLANS, indent) and following.startswith(ARROW, arrow) and arrow == indent + 2
