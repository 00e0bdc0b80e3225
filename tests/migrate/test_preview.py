from __future__ import annotations

from dbops.migrate.preview import preview
from dbops.migrate.record import Record, Step
from dbops.migrate.script import DOWN, UP
from migrate.scene import migration


def test_every_statement_is_shown_with_its_lock() -> None:
    planned = preview(migration("1", up="ALTER TABLE t ADD a int;\nSELECT 1;"), UP, Record(), show_data=False)
    first, second = planned.statements
    assert (first.sql, first.line, first.lock, first.relations) == (
        "ALTER TABLE t ADD a int",
        2,
        "ACCESS EXCLUSIVE",
        ("t",),
    )
    assert first.blocks == "reads and writes"
    assert (second.line, second.lock) == (3, None)
    assert planned.transactional


def test_what_only_running_could_tell_is_unknown() -> None:
    planned = preview(migration("1", up="DO $$ BEGIN DROP TABLE t; END $$;"), UP, Record(), show_data=False)
    assert planned.statements[0].lock == "unknown"


def test_the_direction_is_shown() -> None:
    file = migration("1", up="CREATE TABLE t ();", down="DROP TABLE t;")
    assert [s.sql for s in preview(file, DOWN, Record(), show_data=False).statements] == ["DROP TABLE t"]


def test_passwords_are_blanked_unless_asked_for() -> None:
    file = migration("1", up="ALTER ROLE r PASSWORD 'hunter2';")
    assert "hunter2" not in preview(file, UP, Record(), show_data=False).statements[0].sql
    assert "hunter2" in preview(file, UP, Record(), show_data=True).statements[0].sql


def test_an_interrupted_one_says_how_far_it_came() -> None:
    steps = tuple(
        Step("1", "up", number, "hash", state, 1, None, None) for number, state in enumerate(["done", "failed"])
    )
    file = migration("1", up="VACUUM a;\nVACUUM b;\nVACUUM c;")
    planned = preview(file, UP, Record(steps=steps), show_data=False)
    assert (planned.statements_done, planned.transactional) == (1, False)
