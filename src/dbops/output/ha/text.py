"""A cluster's readiness for people at a terminal."""

from __future__ import annotations

from dbops.output.ha.checks import checks
from dbops.output.ha.said import said, tally
from dbops.output.ha.spark import sparks, title
from dbops.output.ha.table import table
from dbops.output.ha.verdicts import verdicts
from dbops.output.style import Style
from dbops.results.ha import HaStatus

NARROWEST = 40


def render(status: HaStatus, style: Style, width: int) -> str:
    """Return the verdicts, the nodes, their lag over time, and the checks, in lines of at most ``width`` cells.

    (40 at the least.) What is to be pasted is not broken.
    """
    room = max(width, NARROWEST)
    lines = [line for answer in verdicts(status, style, room) for line in answer]
    lines += ["", *table(status.nodes, style, room)] if status.nodes else []
    history = [*sparks(status.nodes, style, room)]
    if history:
        lines += ["", style(title(status.nodes), "dim"), *history]
    some = said(status)
    if some:
        lines += ["", *checks(some, style, room)]
    mark = f"{style('✓', 'green')} " if status.checks and not some else ""
    lines += ["", f"{mark}{tally(status.checks)}"]
    return "\n".join(lines)
