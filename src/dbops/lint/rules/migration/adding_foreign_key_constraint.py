"""A FOREIGN KEY added without NOT VALID checks every row while both tables take no writes.

Why: It holds a SHARE ROW EXCLUSIVE lock on both tables while it looks up each row of the one in the other. Reads go on;
every INSERT, UPDATE and DELETE on either waits.

Instead: Add it `NOT VALID`, which checks new rows only and needs the locks for an instant, and `VALIDATE CONSTRAINT` in
a later transaction, which lets writes go on. A new column without a DEFAULT has nothing to check and is fine.

Versions: A partitioned table can have a foreign key that is NOT VALID since PostgreSQL 18; before, add it to each
partition so, validate those, and then add it to the parent.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import column_type, in_turn, names, references_clause
from dbops.lint.changes.columns import Added, added_constraints, constraints
from dbops.lint.rule import Edit, Found
from dbops.lint.script import Origin
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.naming import object_name
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Relation, relation

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = (Mode.SHARE_ROW_EXCLUSIVE, Mode.SHARE_ROW_EXCLUSIVE, Mode.ACCESS_EXCLUSIVE)
SCANS = True
FIXABLE = True
_PARTITIONED_SINCE = 18
_TABLES = (
    "-- schema: CREATE TABLE customers (id bigint PRIMARY KEY)\n"
    "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint)\n"
)
BAD = (
    f"{_TABLES}ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers",
    f"{_TABLES}-- plain\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)",
    f"{_TABLES}ALTER TABLE orders ADD COLUMN payer_id bigint DEFAULT 1 REFERENCES customers",
)
GOOD = (
    f"{_TABLES}"
    "ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID",
    f"{_TABLES}ALTER TABLE orders ADD COLUMN payer_id bigint REFERENCES customers",
    f"{_TABLES}CREATE TABLE notes (order_id bigint);\nALTER TABLE notes ADD FOREIGN KEY (order_id) REFERENCES orders",
)


def check(change: Change) -> Iterator[Found]:
    """Find foreign keys whose existing rows are checked at once."""
    if not change.is_shared():
        return
    for added in added_constraints(change, "CONSTR_FOREIGN"):
        if added.validated and (added.column is None or constraints(added.column, "CONSTR_DEFAULT")):
            yield _found(change, added)


def _found(change: Change, added: Added) -> Found:
    other = relation(added.constraint.pktable)
    mode = change.locks[0].mode
    held = f"an {mode} lock on {change.target}"
    if mode is Mode.SHARE_ROW_EXCLUSIVE:
        held = f"a {mode} lock on {change.target}" + (f" and {other}" if other != change.target else "")
    return change.found(
        f"adding the foreign key looks up every row of {change.sized()} under {held}: {mode.blocks} wait",
        _hint(change, added),
        location=added.constraint.location,
        severity=weighed(change.table(), SEVERITY),
        edits=_edits(change, added),
    )


def _hint(change: Change, added: Added) -> str:
    if change.is_partitioned() and change.pg_version < _PARTITIONED_SINCE:
        return (
            "add it NOT VALID to each partition and VALIDATE it there, each in a transaction of its own; then add it "
            f"to {change.target}, which finds them valid"
        )
    name = Relation(None, added.constraint.conname or object_name(change.target.name, "_".join(added.columns), "fkey"))
    return in_turn(
        f"{_column(change, added)}ALTER TABLE {change.target} ADD CONSTRAINT {name} FOREIGN KEY "
        f"({names(added.columns)})\n  {references_clause(added.constraint)} NOT VALID;",
        f"ALTER TABLE {change.target} VALIDATE CONSTRAINT {name};",
    )


def _column(change: Change, added: Added) -> str:
    """Return the statement that adds the foreign key's new column alone, "" where there is none."""
    if added.column is None:
        return ""
    (default, *_) = constraints(added.column, "CONSTR_DEFAULT")
    not_null = " NOT NULL" if constraints(added.column, "CONSTR_NOTNULL") else ""
    type_ = f"{column_type(change, added.column)} DEFAULT {change.expression(default.location)}"
    return f"ALTER TABLE {change.target} ADD COLUMN {names(added.columns)} {type_}{not_null};\n"


def _edits(change: Change, added: Added) -> tuple[Edit, ...]:
    """Return the two statements, where each of them is run on its own: elsewhere the lock would stay."""
    apart = change.script.origin is Origin.SQL and not change.in_transaction
    if not apart or len(change.commands) > 1 or added.column is not None or not added.constraint.conname:
        return ()
    if change.is_partitioned() and change.pg_version < _PARTITIONED_SINCE:
        return ()
    end = change.statement.start + len(change.statement.text)
    name = Relation(None, added.constraint.conname)
    return (Edit(end, end, f" NOT VALID;\nALTER TABLE {change.target} VALIDATE CONSTRAINT {name}"),)
