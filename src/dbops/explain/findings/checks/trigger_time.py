"""Triggers took a noticeable part of the time.

Why: A trigger runs for each row that is written. A foreign key has two of them: one looks the referenced row up, the
other, on the table that is referenced, looks for rows that refer to what is deleted or changed; without an index on the
referencing columns that reads their whole table for each row.

Instead: An index on the columns of a foreign key. A trigger of one's own can run once for each statement, with all
changed rows at hand (REFERENCING NEW TABLE).

Source: over 10 % of the time, dbops's own threshold.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.example import after
from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.words import counted, share, time
from dbops.results.lint import Severity
from dbops.results.plan import Trigger

SEVERITY = Severity.WARNING
_TABLES = """\
-- setup: CREATE TABLE owners (id int PRIMARY KEY)
-- setup: CREATE TABLE pets (id int, owner int REFERENCES owners ON DELETE CASCADE)
-- setup: INSERT INTO owners SELECT generate_series(1, 2000)
-- setup: INSERT INTO pets SELECT i, i FROM generate_series(1, 2000) AS i
-- setup: ANALYZE owners, pets
"""
_LOGGED = """\
-- setup: CREATE TABLE items AS SELECT i AS id FROM generate_series(1, 2000) AS i
-- setup: CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM md5(NEW::text); RETURN NULL; END'
-- setup: CREATE TRIGGER slow AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slow()
"""
BAD = (
    *after(
        _TABLES,
        "DELETE FROM owners WHERE id <= 300",
        "INSERT INTO pets SELECT i, i FROM generate_series(1, 2000) AS i",
    ),
    *after(
        _LOGGED,
        "UPDATE items SET id = id",
    ),
)
GOOD = (
    *after(
        _TABLES,
        "SELECT id FROM owners WHERE id <= 300",
    ),
    *after(
        _LOGGED,
        "-- setup: ALTER TABLE items DISABLE TRIGGER slow\nUPDATE items SET id = id",
        "UPDATE items SET id = id WHERE id = 7",
    ),
)

_SHARE = 0.1
_REFERENCED = "RI_ConstraintTrigger_a_"
_REFERENCING = "RI_ConstraintTrigger_c_"


def find(subject: Subject) -> Iterator[Found]:
    """Yield a finding for each trigger that took over a tenth of the time."""
    plan = subject.plan
    for trigger in plan.triggers:
        if trigger.ms is None or not plan.ms or trigger.ms < _SHARE * plan.ms or not subject.worth_ms(trigger.ms):
            continue
        yield Found(
            None,
            f"{_called(trigger)} took {share(trigger.ms, plan.ms)} of the time",
            f"{counted(trigger.calls, 'call')}, {time(trigger.ms)} of {time(plan.ms)}",
            _remedy(trigger),
            trigger.ms,
        )


def _called(trigger: Trigger) -> str:
    where = f" on {trigger.relation}" if trigger.relation else ""
    if trigger.constraint and trigger.name.startswith((_REFERENCED, _REFERENCING)):
        return f"checking the foreign key {trigger.constraint}{where}"
    return f"the trigger {trigger.constraint or trigger.name}{where}"


def _remedy(trigger: Trigger) -> str:
    if trigger.name.startswith(_REFERENCED):
        return (
            f"index the columns of {trigger.constraint} in the table that refers: each row's references are looked up"
        )
    if trigger.name.startswith(_REFERENCING):
        return (
            "it looks up one referenced row for each row written: write fewer, or load before the constraint is added"
        )
    return "do less for each row, or once for the statement: FOR EACH STATEMENT with REFERENCING NEW TABLE"
