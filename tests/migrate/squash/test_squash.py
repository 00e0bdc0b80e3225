from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.files.formats.own import parse
from dbops.files.migration import SourceFile
from dbops.migrate.plan import Accepted, assess, to_apply
from dbops.migrate.record import Record
from dbops.results.migration import State
from migrate.scene import applied, migration, query, snapshot


def write(folder):
    folder.write("0001_orders", "CREATE TABLE orders (id serial PRIMARY KEY, note text);", "DROP TABLE orders;")
    folder.write("0002_kinds", "CREATE TABLE kinds (id int PRIMARY KEY, name text);\n"
        "INSERT INTO kinds VALUES (1, 'a;''b'), (2, NULL);\nINSERT INTO orders (note) VALUES ('x');")  # fmt: skip
    folder.write("0003_more", "ALTER TABLE orders ADD kind int DEFAULT 1 REFERENCES kinds (id);\n"
        "CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM public.kinds';")  # fmt: skip
    folder.write("0004_last", "CREATE TABLE last (a int);", "DROP TABLE last;")


def ran_squash(folder, *arguments):
    from cli.command import dbops

    return dbops("migrate", "squash", "--dir", folder.path, "-o", "json", *arguments)


def test_a_squashed_folder_builds_the_same_schema_and_rows(folder, migrate, database):
    write(folder)
    assert migrate("up").status == 0
    before = snapshot(database)
    rows = query(database, "SELECT * FROM kinds"), query(database, "SELECT * FROM orders")
    ran = ran_squash(folder, "--to", 3)
    assert ran.status == 0, ran.everything
    assert ran.data["squashed"] == ["0001", "0002", "0003"]
    assert sorted(path.name for path in folder.path.glob("*.sql")) == ["0003_squashed.sql", "0004_last.sql"]
    assert len(list((folder.path / "squashed").glob("*.sql"))) == 3

    status = migrate("status")
    assert status.status == 0, "where the originals are applied, nothing is to be done"
    assert [(each["version"], each["state"]) for each in status.data["migrations"]] == [
        ("0003", "applied"),
        ("0004", "applied"),
    ]
    assert migrate("up").data["applied"] == []
    assert migrate("drift").data["differences"] == []

    query(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA dbops CASCADE")
    assert [each["version"] for each in migrate("up").data["applied"]] == ["0003", "0004"]
    after = snapshot(database)
    before.pop("schemas"), after.pop("schemas")
    assert after == before
    assert (query(database, "SELECT * FROM kinds"), query(database, "SELECT * FROM orders")) == rows
    assert query(database, "INSERT INTO orders DEFAULT VALUES RETURNING id") == [(2,)], "sequences go on"


def test_a_database_that_stands_in_between_is_refused(folder, migrate):
    write(folder)
    assert migrate("up", "--to", 2).status == 0
    assert ran_squash(folder, "--to", 3).status == 0
    ran = migrate("up")
    assert (ran.status, ran.error["code"]) == (2, "MISSING_MIGRATION")


def test_what_fails_in_scratch_leaves_the_folder_as_it_was(folder):
    write(folder)
    folder.write("0003_more", "SELECT 1 / 0;")
    before = sorted(folder.path.rglob("*"))
    ran = ran_squash(folder, "--to", 3)
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED")
    assert sorted(folder.path.rglob("*")) == before


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        ("CREATE ROLE squashed_reader;", "INVALID_MIGRATION"),
        ("ALTER DATABASE shop SET jit = off;", "INVALID_MIGRATION"),
        (
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = off', current_database()); END $$;",
            "MIGRATION_FAILED",
        ),
    ],
)
def test_what_a_schema_does_not_show_is_not_lost_unsaid(folder, shared, code):
    write(folder)
    folder.write("0002_kinds", shared)
    before = sorted(folder.path.rglob("*"))
    ran = ran_squash(folder, "--to", 3)
    folder_after = sorted(folder.path.rglob("*"))
    assert (ran.status, ran.error["code"], folder_after) == (2, code, before), ran.everything


def test_default_privileges_of_whoever_migrates_are_squashed(folder, migrate, database, role):
    write(folder)
    reader = role().name
    folder.write("0002_kinds", f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {reader};")
    folder.write("0003_more", "CREATE TABLE kinds (id int PRIMARY KEY);")
    assert ran_squash(folder, "--to", 3).status == 0
    assert migrate("up").status == 0
    assert query(database, f"SELECT has_table_privilege('{reader}', name, 'SELECT') "
        "FROM unnest('{orders,kinds,last}'::text[]) AS name") == [(False,), (True,), (True,)]  # fmt: skip


def test_an_archive_that_has_such_a_file_is_refused_and_all_stays(folder):
    write(folder)
    (folder.path / "squashed").mkdir()
    (folder.path / "squashed" / "0002_kinds.sql").write_text("")
    before = sorted(folder.path.rglob("*"))
    ran = ran_squash(folder, "--to", 3)
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert sorted(folder.path.rglob("*")) == before


def test_one_migration_is_nothing_to_squash(folder):
    write(folder)
    assert ran_squash(folder, "--to", 1).status == 64


def squashed():
    text = "-- dbops: squashes 0001 0002\n-- migrate:up\nSELECT 1;\n"
    return parse([SourceFile("dir/0002_squashed.sql", "0002_squashed.sql", text.encode())])[0]


@pytest.mark.parametrize("versions", [("0001", "0002"), ("1", "2")])
def test_where_all_originals_are_applied_the_squashed_one_is(versions):
    record = Record(rows=tuple(applied(migration(version)) for version in versions))
    assert [each.state for each in assess([squashed()], record)] == [State.APPLIED]
    assert to_apply([squashed()], record, Accepted()) == ()


def test_where_it_was_run_itself_an_edit_is_still_seen():
    row = replace(applied(squashed()), checksum="other")
    assert [each.state for each in assess([squashed()], Record(rows=(row,)))] == [State.MODIFIED]


def test_where_only_some_are_applied_they_are_missing():
    record = Record(rows=(applied(migration("0001")),))
    states = {each.version: each.state for each in assess([squashed()], record)}
    assert states == {"0001": State.MISSING, "0002": State.PENDING}
