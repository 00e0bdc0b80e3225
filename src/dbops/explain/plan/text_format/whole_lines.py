"""Lines of a text plan, with those joined that a line break inside quotes has parted."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.explain.plan.lines import Line
from dbops.explain.plan.text_format.expressions import open_quote
from dbops.explain.plan.unreadable import AGAIN

# What these say is not SQL: a quote in it need not be closed.
_FREE = ("Settings: ", "Trigger ", "Foreign File: ", "Foreign Program: ", "CTE ")


def whole_line(lines: Sequence[Line], number: int) -> tuple[Line, int]:
    """Return the line that begins at ``number``, and the number of the one after it.

    Raises PlanUnreadable where a quote in it is never closed.
    """
    first = lines[number]
    quote = "" if first.text.lstrip(" ").startswith(_FREE) else open_quote(first.text)
    if not quote:
        return first, number + 1
    parts = [first.text]
    while number + len(parts) < len(lines):
        parts.append(lines[number + len(parts)].text)
        quote = open_quote(parts[-1], quote)
        if not quote:
            return first._replace(text="\n".join(parts)), number + len(parts)
    raise first.unreadable("a quote in this line is never closed: the plan is cut off", AGAIN, len(first.text))


def past_blank(lines: Sequence[Line], number: int) -> int:
    """Return the number of the next line that is not blank."""
    while number < len(lines) and not lines[number].text.strip():
        number += 1
    return number
