"""The examples in a rule, as scripts that can be linted and run. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbops.lint.rule import MIGRATION
from dbops.lint.script import Origin, Script
from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Schema
from dbops.sql.offsets import Offsets
from dbops.sql.split import split
from dbops.sql.transactions import alone, unwrap

_HEADER = re.compile(r"--[ ]*(schema|pg|plain)\b:?[ ]*(.*)\n")
NEWEST = 18


@dataclass(frozen=True, slots=True)
class Example:
    """``sql`` is what is linted; ``schema`` are statements that are run before it.

    ``pg_version`` is the version it is about, ``plain`` whether it is a file of its own rather than a migration.
    """

    sql: str
    schema: tuple[str, ...] = ()
    pg_version: int | None = None
    plain: bool = False


def read(text: str) -> Example:
    """Read the lines ``-- schema: …``, ``-- pg: …`` and ``-- plain`` that an example may begin with."""
    schema: list[str] = []
    pg_version, plain = None, False
    while match := _HEADER.match(text):
        match match[1]:
            case "schema":
                schema.append(match[2])
            case "pg":
                pg_version = int(match[2])
            case "plain":
                plain = True
        text = text[match.end() :]
    return Example(text, tuple(schema), pg_version, plain)


def script(example: Example, group: str) -> Script:
    """Return the example as the engine is given it: a migration's as one direction of a migration."""
    known: Schema = EMPTY
    for statement in example.schema:
        for each in split(statement):
            known = fold(known, each.node)
    offsets = Offsets.shifted(len(example.sql))
    statements = split(example.sql)
    version = example.pg_version or NEWEST
    if group != MIGRATION or example.plain:
        return Script("example.sql", example.sql, statements, offsets, schema=known, pg_version=version)
    sql, inside = unwrap(example.sql, statements)
    insists = len(inside) < len(statements)
    return Script(
        "example.sql",
        sql,
        inside,
        offsets,
        origin=Origin.MIGRATION,
        direction="up",
        transactional=insists or not alone(inside),
        insists=insists,
        bounded=True,
        schema=known,
        pg_version=version,
    )
