"""Foreign keys that can't be made with their table, or go with it: of a circle of tables, or made apart by models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.operations.ops import CreateTableOp, DropTableOp, MigrateOperation, UpgradeOps
    from sqlalchemy import ForeignKeyConstraint


def apart(tables: UpgradeOps) -> None:
    """Make such foreign keys once all tables are there, and drop them before the first table goes."""
    from alembic.operations.ops import CreateForeignKeyOp, CreateTableOp, DropConstraintOp, DropTableOp

    made = [each for each in tables.ops if isinstance(each, CreateTableOp)]
    dropped = [each for each in tables.ops if isinstance(each, DropTableOp)]
    first: list[MigrateOperation] = [DropConstraintOp.from_constraint(key) for key in _late(dropped[::-1])]
    behind: list[MigrateOperation] = [CreateForeignKeyOp.from_constraint(key) for key in _late(made)]
    last = max((index for index, each in enumerate(tables.ops) if isinstance(each, CreateTableOp)), default=-1) + 1
    tables.ops[:] = [*first, *tables.ops[:last], *behind, *tables.ops[last:]]


def _late(operations: Sequence[CreateTableOp | DropTableOp]) -> Iterator[ForeignKeyConstraint]:
    """Yield the keys to tables that come later, in the order in which the tables are made; they leave their table."""
    waiting = {_name(each.schema, each.table_name) for each in operations}
    for each in operations:
        waiting.discard(_name(each.schema, each.table_name))
        for key in _keys(each):
            if not key.use_alter and _referred(key) not in waiting:
                continue
            key.use_alter = True  # SQLAlchemy then leaves it out of CREATE TABLE
            if key.name is None:
                key.name = "_".join([each.table_name, *key.column_keys, "fkey"])  # as the server would name it
            yield key


def _keys(operation: CreateTableOp | DropTableOp) -> Iterable[ForeignKeyConstraint]:
    from alembic.operations.ops import CreateTableOp
    from sqlalchemy import ForeignKeyConstraint

    made = operation if isinstance(operation, CreateTableOp) else operation._reverse
    parts = () if made is None else made.columns
    return sorted(
        (part for part in parts if isinstance(part, ForeignKeyConstraint)), key=lambda key: [*key.column_keys]
    )


def _referred(key: ForeignKeyConstraint) -> str:
    return key.elements[0].target_fullname.rpartition(".")[0]


def _name(schema: str | None, table: str) -> str:
    return table if schema is None else f"{schema}.{table}"
