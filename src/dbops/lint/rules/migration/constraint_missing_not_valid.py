"""A CHECK or NOT NULL constraint added, or validated, under a lock that stops reads and writes.

Why: Without NOT VALID every row is checked under an ACCESS EXCLUSIVE lock. `VALIDATE CONSTRAINT` alone lets reads and
writes go on, but in the transaction of the ADD that one's lock is still held during the scan.

Instead: `ADD CONSTRAINT … NOT VALID` in one transaction, `VALIDATE CONSTRAINT` in a later one.

Versions: `ADD CONSTRAINT … NOT NULL column` is there since PostgreSQL 18.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.changes.clauses import check_clause, column_type, in_turn
from dbops.lint.changes.columns import Added, added_constraints, adds_constraint, constraints
from dbops.lint.rule import Edit, Found
from dbops.lint.script import Origin
from dbops.lint.size import weighed
from dbops.results.lint import Severity
from dbops.schema.naming import object_name
from dbops.sql.lock_modes import Mode
from dbops.sql.nodes import Node, Relation, choice

SEVERITY = Severity.WARNING
NODES = ("AlterTableStmt",)
LOCK = (*[Mode.ACCESS_EXCLUSIVE] * 6, Mode.SHARE_ROW_EXCLUSIVE)
SCANS = True
FIXABLE = True
_TABLE = "-- schema: CREATE TABLE orders (id bigint PRIMARY KEY, total bigint)\n"
BAD = (
    f"{_TABLE}ALTER TABLE orders ADD CHECK (total >= 0)",
    f"{_TABLE}-- plain\nALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0)",
    f"{_TABLE}ALTER TABLE orders ADD COLUMN paid bigint CHECK (paid >= 0)",
    f"{_TABLE}-- pg: 18\nALTER TABLE orders ADD CONSTRAINT orders_total NOT NULL total",
    f"{_TABLE}ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;\n"
    "ALTER TABLE orders VALIDATE CONSTRAINT orders_total",
    f"{_TABLE}ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID, "
    "VALIDATE CONSTRAINT orders_total",
    f"{_TABLE}ALTER TABLE orders ADD CONSTRAINT self FOREIGN KEY (total) REFERENCES orders NOT VALID;\n"
    "ALTER TABLE orders VALIDATE CONSTRAINT self",
)
GOOD = (
    f"{_TABLE}ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID",
    f"{_TABLE}-- schema: ALTER TABLE orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID\n"
    "ALTER TABLE orders VALIDATE CONSTRAINT orders_total",
    f"{_TABLE}-- pg: 18\nALTER TABLE orders ADD CONSTRAINT orders_total NOT NULL total NOT VALID",
    "CREATE TABLE lines (id bigint);\nALTER TABLE lines ADD CHECK (id > 0)",
)
_TEXTS = {"CONSTR_CHECK": "CHECK", "CONSTR_NOTNULL": "NOT NULL"}


def check(change: Change) -> Iterator[Found]:
    """Find constraints whose existing rows are checked while everything waits."""
    if not change.is_shared():
        return
    for added in added_constraints(change, *_TEXTS):
        not_null = choice(added.constraint, "contype") == "CONSTR_NOTNULL"
        if added.validated and not (not_null and added.column is not None):  # that is adding-required-field's
            yield _missing(change, added)
    for command in change.commands:
        if choice(command, "subtype") == "AT_ValidateConstraint":
            yield from _too_early(change, command)


def _missing(change: Change, added: Added) -> Found:
    what = _TEXTS[choice(added.constraint, "contype")]
    named = _name(change, added)
    location = added.constraint.location
    in_column = added.column is not None
    definition_ = check_clause(change, location) if in_column else _definition(change, added)
    column = f"ALTER TABLE {change.target} ADD COLUMN {_plain(change, added.column)};\n" if in_column else ""
    mode = change.locks[0].mode
    return change.found(
        f"adding the {what} constraint scans {change.sized()} under an {mode} lock: {mode.blocks} wait",
        in_turn(
            f"{column}ALTER TABLE {change.target} ADD CONSTRAINT {named} {definition_} NOT VALID;",
            f"ALTER TABLE {change.target} VALIDATE CONSTRAINT {named};",
        ),
        location=location,
        severity=weighed(change.table(), SEVERITY),
        edits=_edits(change, added),
    )


def _plain(change: Change, column: Node) -> str:
    """Return the new column without its constraints, but with its default."""
    default = next(iter(constraints(column, "CONSTR_DEFAULT")), None)
    value = "" if default is None else f" DEFAULT {change.expression(default.location)}"
    return f"{Relation(None, column.colname)} {column_type(change, column)}{value}"


def _name(change: Change, added: Added) -> Relation:
    label = "check" if choice(added.constraint, "contype") == "CONSTR_CHECK" else "not_null"
    columns = "_".join(added.columns) or None
    return Relation(None, added.constraint.conname or object_name(change.target.name, columns, label))


def _definition(change: Change, added: Added) -> str:
    """Return the constraint's source text, without its name."""
    start = change.statement.offset(added.constraint.location)
    _, end = change.pieces()[added.index]
    keyword = "CHECK" if choice(added.constraint, "contype") == "CONSTR_CHECK" else "NOT"
    word = change.word(keyword, after=start)
    return change.script.sql[word.start if word else start : end].strip()


def _edits(change: Change, added: Added) -> tuple[Edit, ...]:
    """Return the two statements, where each of them is run on its own: elsewhere the lock would stay."""
    apart = change.script.origin is Origin.SQL and not change.in_transaction
    if not apart or len(change.commands) > 1 or added.column is not None or not added.constraint.conname:
        return ()
    end = change.statement.start + len(change.statement.text)
    return (Edit(end, end, f" NOT VALID;\nALTER TABLE {change.target} VALIDATE CONSTRAINT {_name(change, added)}"),)


def _too_early(change: Change, command: Node) -> Iterator[Found]:
    together = (*change.earlier, change.statement)
    adding = next((each for each in together if adds_constraint(each, change.target, command.name)), None)
    if adding is None:
        return
    mode = change.script.locks[adding.index][0].mode
    yield change.found(
        f"validating {command.name} scans {change.sized()} while the transaction holds the {mode} lock of its ADD "
        f"CONSTRAINT (line {change.line(adding)}): {mode.blocks} wait",
        f"-- in the next migration:\nALTER TABLE {change.target} VALIDATE CONSTRAINT {Relation(None, command.name)};",
        severity=weighed(change.table(), SEVERITY),
    )
