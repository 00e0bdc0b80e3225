"""A plain SQL text as a script. Pure."""

from __future__ import annotations

from dbops.lint.script import Origin, Script
from dbops.lint.sources.reading import Reading, passed_over, unreadable
from dbops.schema.model import EMPTY, Schema
from dbops.sql.offsets import Offsets
from dbops.sql.parameters import numbered
from dbops.sql.psql import blanked
from dbops.sql.recover import statements


def read(
    path: str,
    text: str,
    *,
    schema: Schema = EMPTY,
    pg_version: int = 18,
    base: Schema | None = None,
    direction: str | None = None,
) -> Reading:
    """Read a file of SQL, which may hold parameters of any style, commands of psql, and data of COPY.

    ``base`` and ``direction`` are those of :class:`dbops.lint.script.Script`, for a file that is a down of its own.
    """
    cleared, skipped = blanked(text)  # before parameters are looked for: a quote in \echo or in data is no quote
    sql, offsets = numbered(cleared)
    recovered = statements(sql)
    script = Script(
        path,
        recovered.sql,
        recovered.statements,
        offsets,
        origin=Origin.SQL,
        direction=direction,
        schema=schema,
        pg_version=pg_version,
        base=base,
    )
    found = [*unreadable(recovered.unreadable, offsets), *passed_over(skipped, Offsets.shifted(len(text)))]
    return Reading((script,), tuple(sorted(found, key=lambda problem: problem.start)))
