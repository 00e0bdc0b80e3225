"""The way to a constraint's index that blocks nobody, as SQL. Pure."""

from __future__ import annotations

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import column_type, in_turn, names
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
    columns = names(added.columns)
    if change.is_partitioned():
        return (
            f"CREATE UNIQUE INDEX {name} ON ONLY {change.target} ({columns});\n"
            "-- then CREATE UNIQUE INDEX CONCURRENTLY on each partition, each in a migration of its own,\n"
            f"-- and ALTER INDEX {name} ATTACH PARTITION … for each"
        )
    steps = [
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {change.target} ({columns}); -- alone: no transaction",
        f"ALTER TABLE {change.target} ADD CONSTRAINT {name} {constraint} USING INDEX {name};",
    ]
    if added.column is not None:
        steps.insert(0, f"ALTER TABLE {change.target} ADD COLUMN {columns} {column_type(change, added.column)};")
    return in_turn(*steps)
