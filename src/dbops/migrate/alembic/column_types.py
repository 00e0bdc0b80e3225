"""Changes of a column's type that PostgreSQL refuses as ALTER COLUMN … TYPE alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.operations.ops import AlterColumnOp, UpgradeOps
    from sqlalchemy import MetaData


def leave_out(tables: UpgradeOps, here: MetaData, wanted: MetaData) -> list[str]:
    """Take such changes out of the operations, and return them in words; what else changes of the column stays."""
    from alembic.operations.ops import AlterColumnOp, ModifyTableOps

    left_out: list[str] = []
    for table in (each for each in tables.ops if isinstance(each, ModifyTableOps)):
        for change in (each for each in table.ops if isinstance(each, AlterColumnOp) and each.modify_type is not None):
            why = _why(change, (here, wanted))
            if why is not None:
                left_out.append(f"the type of {_table(change)}.{change.column_name}: {why}")
                change.modify_type = None
        table.ops[:] = [each for each in table.ops if not isinstance(each, AlterColumnOp) or each.has_changes()]
    return left_out


def _why(change: AlterColumnOp, sides: Iterable[MetaData]) -> str | None:
    if _enum(change.modify_type) or _enum(change.existing_type):
        return "to and from an enum it takes a USING, and its default by hand"
    for side in sides:
        table = side.tables.get(_table(change))
        for column in () if table is None else table.columns:
            if column.computed is not None and _names(str(column.computed.sqltext), change.column_name):
                return f"the generated column {column.name} is made of it, and must be dropped first and made again"
    return None


def _enum(kind: Any) -> bool:
    from sqlalchemy import Enum

    kind = getattr(kind, "item_type", kind)
    return isinstance(kind, Enum) and kind.native_enum


def _names(expression: str, column: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", expression) is not None


def _table(change: AlterColumnOp) -> str:
    return change.table_name if change.schema is None else f"{change.schema}.{change.table_name}"
