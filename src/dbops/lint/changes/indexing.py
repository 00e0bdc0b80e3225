"""The way to a constraint's index that blocks nobody, as SQL. Pure."""

from __future__ import annotations

from dbops.lint.changes.change import Change
from dbops.lint.changes.columns import Added
from dbops.schema.naming import object_name
from dbops.sql.nodes import Relation


def concurrent_form(change: Change, added: Added, constraint: str, label: str) -> str:
    """Return the statements that build a unique index first and then add the ``constraint`` (PRIMARY KEY) with it.

    ``label`` ends the name that PostgreSQL gives to such an index.
    """
    primary = constraint == "PRIMARY KEY"
    between = "" if primary else "_".join(added.columns)
    name = Relation(None, added.constraint.conname or object_name(change.target.name, between or None, label))
    columns = ", ".join(str(Relation(None, column)) for column in added.columns)
    if change.is_partitioned():
        return (
            f"CREATE UNIQUE INDEX {name} ON ONLY {change.target} ({columns}); CREATE UNIQUE INDEX CONCURRENTLY on each "
            f"partition,\nand ALTER INDEX {name} ATTACH PARTITION … for each"
        )
    first = f"ALTER TABLE {change.target} ADD COLUMN {columns} …;\n" if added.column is not None else ""
    return (
        f"{first}CREATE UNIQUE INDEX CONCURRENTLY {name} ON {change.target} ({columns}); -- outside of a transaction\n"
        f"ALTER TABLE {change.target} ADD CONSTRAINT {name} {constraint} USING INDEX {name};"
    )
