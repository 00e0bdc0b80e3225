"""Alembic: a row for each head. dbops runs an Alembic project through Alembic, whose table stays the truth."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.errors import OriginUnclear
from dbops.files.migration import Migration
from dbops.migrate.adopt.claims import Claim, Row, Table

NAME = "alembic"
TABLES = ("alembic_version",)
SCHEMAS: tuple[str, ...] = ()


def recognises(table: Table) -> bool:
    """Say yes to the number of a revision alone."""
    return table.columns == {"version_num"}


def claims(table: Table, rows: Sequence[Row], files: Sequence[Migration]) -> Sequence[Claim]:
    """Refuse: there is nothing to copy, and a copy would go stale. Raises OriginUnclear."""
    heads = ", ".join(row["version"] for row in rows) or "no revision"
    raise OriginUnclear(
        f"{table.label} is Alembic's (at {heads}), and Alembic's own table stays the truth: there is nothing to adopt",
        hint="point --dir at the Alembic project, the folder of its alembic.ini: dbops runs its revisions through "
        "Alembic. For SQL files that replace the project, record them with `dbops migrate baseline V`",
        details=[{"field": "origin", "error": "alembic"}],
    )
