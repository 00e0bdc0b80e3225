"""What a hint is put together from: clauses as the statement writes them, and migrations in their order. Pure."""

from __future__ import annotations

from dbops.lint.changes.change import Change
from dbops.schema.typename import serial
from dbops.sql.nodes import Node, Relation, inner, relation

_TURNS = ("in this migration", "in the next one", "in the one after")
_AFTER_TYPE = frozenset(
    {
        ",", ")", "CHECK", "COLLATE", "COMPRESSION", "CONSTRAINT", "DEFAULT", "DEFERRABLE", "GENERATED", "INITIALLY",
        "NOT", "NULL", "OPTIONS", "PRIMARY", "REFERENCES", "STORAGE", "UNIQUE",
    }
)  # fmt: skip
_ACTIONS = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
_DEPTH = {"(": 1, "[": 1, ")": -1, "]": -1}


def in_turn(*migrations: str) -> str:
    """Return SQL for two or three migrations, one after the other."""
    return "\n".join(f"-- {turn}:\n{sql}" for turn, sql in zip(_TURNS, migrations, strict=False))


def names(columns: tuple[str, ...]) -> str:
    """Return columns as a list in SQL."""
    return ", ".join(str(Relation(None, column)) for column in columns)


def column_type(change: Change, column: Node) -> str:
    """Return a new column's type as it is written, without what follows; of a serial the integer type."""
    number = serial(column.type_name)
    if number is not None:
        return number
    _, start = change.place(column.location)
    depth, end = 0, start
    for word in change.words:
        if word.start < start:
            continue
        if depth == 0 and word.text in _AFTER_TYPE:
            break
        depth += _DEPTH.get(word.text, 0)
        end = word.end
    return change.script.sql[start:end].strip()


def check_clause(change: Change, location: int) -> str:
    """Return ``CHECK (…)`` as it is written from the constraint's ``location`` on."""
    start = change.statement.offset(location)
    keyword = change.word("CHECK", after=start)
    if keyword is None:
        return "CHECK (…)"
    depth = 0
    for word in change.words:
        if word.start < keyword.end:
            continue
        depth += _DEPTH.get(word.text, 0)
        if depth == 0:
            return "CHECK " + change.script.sql[keyword.end : word.end].strip()
    return "CHECK (…)"


def references_clause(constraint: Node) -> str:
    """Return the REFERENCES of a foreign key with what it says of updates and deletes."""
    columns = tuple(inner(each).sval for each in constraint.pk_attrs)
    parts = [f"REFERENCES {relation(constraint.pktable)}" + (f" ({names(columns)})" if columns else "")]
    if constraint.fk_matchtype == "f":
        parts.append("MATCH FULL")
    for event, action in (("UPDATE", constraint.fk_upd_action), ("DELETE", constraint.fk_del_action)):
        if action in _ACTIONS:
            parts.append(f"ON {event} {_ACTIONS[action]}")
    if constraint.fk_del_set_cols:
        parts[-1] += f" ({names(tuple(inner(each).sval for each in constraint.fk_del_set_cols))})"
    if constraint.deferrable:
        parts.append("DEFERRABLE" + (" INITIALLY DEFERRED" if constraint.initdeferred else ""))
    return " ".join(parts)
