"""The tools whose version tables dbops can take over: one module each, found by scan.

A module has ``NAME`` (what ``--origin`` and the history call it), ``TABLES`` (the names its table usually has),
``SCHEMAS`` (where it usually is, apart from the search path), ``recognises(table)`` (do the columns fit?), and
``claims(table, rows, files)`` (what is applied, in the order it was applied; raises a DbopsError when the table says
that something is half done). ``queries/adopt/NAME.sql`` reads the rows, with underscores for hyphens.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Protocol, cast

from dbops.files.migration import Migration
from dbops.migrate.adopt.claims import Claim, Row, Table


class Origin(Protocol):
    """What a tool's module offers."""

    NAME: str
    TABLES: tuple[str, ...]
    SCHEMAS: tuple[str, ...]

    def recognises(self, table: Table) -> bool:
        """Say whether a table has the columns of the tool's."""
        ...

    def claims(self, table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
        """Return what the tool says is applied, matched with the files."""
        ...


@cache
def origins() -> dict[str, Origin]:
    """Return all origins by name."""
    modules = (
        cast(Origin, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
    )
    return {module.NAME: module for module in modules}
