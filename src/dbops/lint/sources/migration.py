"""A migration as the scripts that dbops runs: its up and its down. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.files.migration import Migration, Section, line_and_column
from dbops.lint.script import Origin, Script
from dbops.lint.sources.reading import NOT_LOOKED_AT, Problem, Reading, passed_over, unreadable
from dbops.lint.sources.variables import readable
from dbops.results.lint import Severity
from dbops.schema.model import EMPTY, Schema
from dbops.sql.offsets import Offsets, Piece
from dbops.sql.recover import statements
from dbops.sql.transactions import alone, unwrap

UP = "up"
DOWN = "down"


def read(migration: Migration, *, schema: Schema = EMPTY, pg_version: int = 18) -> Reading:
    """Read both directions, each on its own; ``schema`` is what the migrations before this one have made.

    The up is the first script, the down, if there is one, the second.
    """
    up, found = _script(migration, UP, migration.up, schema, pg_version, None)
    if migration.down is None:
        return Reading((up,), tuple(found))
    down, more = _script(migration, DOWN, migration.down, up.after, pg_version, schema)
    return Reading((up, down), tuple(sorted((*found, *more), key=lambda problem: problem.start)))


def _script(
    migration: Migration, direction: str, section: Section, schema: Schema, pg_version: int, base: Schema | None
) -> tuple[Script, list[Problem]]:
    """Read one direction as dbops.migrate.script does, which refuses what is only a finding here."""
    offsets = _offsets(migration, section)
    text, variables = readable(section.sql)
    recovered = statements(text)
    sql, inside = unwrap(recovered.sql, recovered.statements)
    insists = section.transaction is True or len(inside) < len(recovered.statements)
    script = Script(
        migration.path,
        sql,
        inside,
        offsets,
        origin=Origin.MIGRATION,
        direction=direction,
        transactional=insists or (section.transaction is not False and not alone(inside)),
        insists=insists,
        bounded=True,
        schema=schema,
        pg_version=pg_version,
        base=base,
        first_line=section.line,
        mendable=not variables,  # an edit may hold the word that stands for one
        holes=variables,
        lines=tuple((start, _line(migration, section, place)) for start, place in section.places),
    )
    # dbops refuses to run a migration with a command of psql.
    skipped = passed_over(recovered.skipped, offsets, Severity.WARNING)
    return script, [*unreadable(recovered.unreadable, offsets), *skipped, *_unknown(migration, section)]


def _offsets(migration: Migration, section: Section) -> Offsets:
    """Return where the SQL stands in the file, or, where a program writes it, on which line that is."""
    if not section.places:
        return Offsets.shifted(len(section.sql), section.start)
    text = migration.text_of(section)
    ends = [start for start, _ in section.places[1:]] + [len(section.sql)]
    return Offsets(
        Piece(start, end - start, place, _line_end(text, place) - place, verbatim=False)
        for (start, place), end in zip(section.places, ends, strict=True)
    )


def _unknown(migration: Migration, section: Section) -> Iterator[Problem]:
    """Yield what is to be said of SQL that is known only when it runs."""
    if section.unknown is not None:
        start = section.offset(0)
        yield Problem(start, _line_end(migration.text_of(section), start), f"{NOT_LOOKED_AT}: {section.unknown}")


def _line(migration: Migration, section: Section, place: int) -> int:
    return line_and_column(migration.text_of(section), place)[0]


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
