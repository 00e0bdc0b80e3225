"""``${name}`` in a migration: what stands for it, and how it is kept out of sight. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dbops.files.migration import Migration, Section, Span, at_line, line_and_column
from dbops.values import VARIABLE as NAME

VARIABLE = re.compile(rf"\$\{{({NAME.pattern})\}}")
"""A variable in a text; its group is the name."""


def expand(migrations: Sequence[Migration], variables: Mapping[str, str] | None) -> tuple[Migration, ...]:
    """Return the migrations with values in place of ``${name}``; texts and checksums stay those of the files.

    Only where somebody asked for variables (they aren't None), or a migration's own format has them. Raises
    InvalidMigration for a name without a value, naming file, line and column.
    """
    return tuple(_expanded(migration, variables) for migration in migrations)


def _expanded(migration: Migration, variables: Mapping[str, str] | None) -> Migration:
    up = _section(migration, migration.up, variables)
    down = migration.down and _section(migration, migration.down, variables)
    return migration if up is migration.up and down is migration.down else replace(migration, up=up, down=down)


def _section(migration: Migration, section: Section, variables: Mapping[str, str] | None) -> Section:
    wanted = variables is not None if section.variables is None else section.variables
    if not wanted or "${" not in section.sql:
        return section
    parts: list[str] = []
    spans: list[Span] = []
    done = length = 0
    for match in VARIABLE.finditer(section.sql):
        value = (variables or {}).get(match[1])
        if value is None:
            raise _undefined(migration, section, match, variables or {})
        before = section.sql[done : match.start()]
        length += len(before)
        spans.append(Span(match[1], length, len(value), match.start(), len(match[0])))
        parts += [before, value]
        length += len(value)
        done = match.end()
    parts.append(section.sql[done:])
    return replace(section, sql="".join(parts), spans=tuple(spans)) if spans else section


def _undefined(migration: Migration, section: Section, match: re.Match[str], variables: Mapping[str, str]) -> Exception:
    line, column = line_and_column(migration.text_of(section), section.start + match.start())
    known = f"; defined are {', '.join(sorted(variables))}" if variables else ""
    return at_line(
        migration.path_of(section),
        line,
        f"the variable {match[0]} has no value",
        f"give it with --var {match[1]}=…, or in [migrate.variables] of dbops.toml{known}; nothing was run",
        column=column,
    )
