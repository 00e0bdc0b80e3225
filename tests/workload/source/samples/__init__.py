"""Programs with a label: which lines ask once for each row, and what looks like it and doesn't.

In a positive sample the lines that ask are marked: ``# asks`` in Python, ``{# asks #}`` in a template. Each sample is
the text of its files by their paths.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.workload.source.samples import (
    django,
    drivers,
    given,
    heldout_django,
    heldout_more,
    heldout_sqlalchemy,
    second,
    serializers,
    sqlalchemy,
    templates,
    third,
)

from dbops.results.nplusone_source import SourceLoop
from dbops.workload.source.judge import judge

OWN = (django, drivers, given, second, serializers, sqlalchemy, templates, third)
HELD_OUT = (heldout_django, heldout_sqlalchemy, heldout_more)
ROOMS = (*OWN, *HELD_OUT)
POSITIVE: dict[str, dict[str, str]] = {name: files for room in ROOMS for name, files in room.POSITIVE.items()}
NEGATIVE: dict[str, dict[str, str]] = {name: files for room in ROOMS for name, files in room.NEGATIVE.items()}


def found(files: Mapping[str, str]) -> tuple[SourceLoop, ...]:
    """Return what is found in a sample."""
    programs = {path: text for path, text in files.items() if path.endswith(".py")}
    templates = {path: text for path, text in files.items() if not path.endswith(".py")}
    return judge(programs, templates).findings
