"""Primary keys and CHECK constraints of tables that both sides have: Alembic's comparison passes them by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from dbops.sql.alike import alike

if TYPE_CHECKING:
    from alembic.operations.ops import MigrateOperation
    from sqlalchemy import CheckConstraint, MetaData, Table


_SERVERS_NAME = re.compile(r"_check\d*\Z")


@dataclass(slots=True)
class Operations:
    """What comes before and after the other changes of the tables; ``left_out`` is what can't be compared."""

    before: list[MigrateOperation] = field(default_factory=list)
    after: list[MigrateOperation] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def operations(here: MetaData, wanted: MetaData, *, exact: bool) -> Operations:
    """Return what makes ``wanted`` of ``here``, for tables in both.

    CHECK constraints are known by their names; where models have some without, those that the server named stay.
    ``exact`` says that both sides are databases, which spell the same expression the same way: then one with another
    expression is made anew.
    """
    made = Operations()
    for key, table in sorted(wanted.tables.items()):
        if key in here.tables:
            _primary_key(made, here.tables[key], table)
            _checks(made, here.tables[key], table, exact=exact)
    return made


def _primary_key(made: Operations, here: Table, wanted: Table) -> None:
    from alembic.operations.ops import CreatePrimaryKeyOp, DropConstraintOp

    old, new = ([column.name for column in table.primary_key.columns] for table in (here, wanted))
    if old == new:
        return
    if old:
        made.before.append(DropConstraintOp.from_constraint(here.primary_key))
    if new:
        name = str(wanted.primary_key.name or f"{wanted.name}_pkey")
        made.after.append(CreatePrimaryKeyOp(name, wanted.name, new, schema=wanted.schema))


def _checks(made: Operations, here: Table, wanted: Table, *, exact: bool) -> None:
    from alembic.operations.ops import CreateCheckConstraintOp, DropConstraintOp

    old, _ = _by_name(here)
    new, unnamed = _by_name(wanted)
    if unnamed:
        made.left_out.append(f"table {wanted.fullname} has a CHECK constraint without a name, which is not compared")
    if unnamed:
        old = {name: check for name, check in old.items() if name in new or _SERVERS_NAME.search(name) is None}
    other = {name for name in old.keys() & new.keys() if exact and not _same(old[name], new[name])}
    made.before += [DropConstraintOp.from_constraint(old[name]) for name in sorted(old.keys() - new.keys() | other)]
    made.after += [
        CreateCheckConstraintOp(name, wanted.name, new[name].sqltext, schema=wanted.schema)
        for name in sorted(new.keys() - old.keys() | other)
    ]


def _same(one: CheckConstraint, other: CheckConstraint) -> bool:
    return alike(f"SELECT {one.sqltext}", f"SELECT {other.sqltext}")


def _by_name(table: Table) -> tuple[dict[str, CheckConstraint], bool]:
    """Return the constraints that have a name, and whether there are others."""
    from sqlalchemy import CheckConstraint

    everywhere = chain(table.constraints, *(column.constraints for column in table.columns))
    found: Iterable[CheckConstraint] = (each for each in everywhere if isinstance(each, CheckConstraint))
    named = {each.name if isinstance(each.name, str) else None: each for each in found}
    return {str(name): each for name, each in named.items() if name}, None in named
