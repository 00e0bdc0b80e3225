"""The formats of PostgreSQL's logs: one module each, found by scan; see :class:`~dbops.workload.logs.record.Format`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

from dbops.workload.logs.record import Format

OTHERWISE = "stderr"
"""What a log is taken for that begins like none of the others."""


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name."""
    modules = (
        cast(Format, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
    )
    return {module.NAME: module for module in modules}


def format_of(line: str) -> Format:
    """Return the format of a log that begins with this line."""
    return next((each for each in formats().values() if each.recognises(line)), formats()[OTHERWISE])
