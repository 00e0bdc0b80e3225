from __future__ import annotations

import subprocess

import pytest

from cli.command import dbops
from dbops.migrate.dump.text import document, statements
from dbops.postgres.binaries import find
from migrate.scene import query, snapshot

UP = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text DEFAULT 'a;b', mood mood);
CREATE TABLE items (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders (id));
CREATE VIEW notes AS SELECT note FROM orders;
CREATE FUNCTION later() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.items $$;
CREATE INDEX by_note ON orders (note);
COMMENT ON TABLE orders IS 'what was -- ordered';
"""


@pytest.fixture
def applied(folder, migrate):
    folder.write("0001_orders", UP)
    assert migrate("up").status == 0


def test_a_dump_loads_into_an_empty_database_and_makes_the_same_schema(applied, migrate, database, server, nowhere):
    file = nowhere / "schema.sql"
    assert migrate("dump", "-f", file).status == 0
    before = snapshot(database)
    query(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA dbops CASCADE")
    done = subprocess.run(
        [find().path("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    after = snapshot(database)
    before.pop("schemas"), after.pop("schemas")
    assert after == before


def test_a_dump_is_the_same_until_the_schema_changes(applied, migrate, database, nowhere):
    file = nowhere / "schema.sql"
    assert migrate("dump", "-f", file).data["file"] == str(file)
    ran = migrate("dump", "--check", file)
    assert (ran.status, ran.data["stale"], ran.data["diff"]) == (0, False, None)
    query(database, "ALTER TABLE orders ADD hot boolean")
    ran = migrate("dump", "--check", file)
    assert (ran.status, ran.data["stale"]) == (1, True)
    assert "+    hot boolean" in ran.data["diff"]
    assert "hot" not in file.read_text(), "--check writes nothing"


def test_a_dump_names_what_is_applied_and_leaves_the_history_and_dates_out(applied, migrate):
    text = migrate("dump", output="table").out
    assert "--   0001 orders" in text
    assert "schema_migrations" not in text
    assert "pg_dump" not in text
    assert text == migrate("dump", output="table").out


def test_grants_are_there_on_demand(applied, migrate, database):
    query(database, "GRANT SELECT ON orders TO pg_monitor")
    assert "pg_monitor" not in migrate("dump").data["schema"]
    assert "GRANT SELECT ON TABLE public.orders TO pg_monitor" in migrate("dump", "--grants").data["schema"]


def test_a_missing_file_is_stale(applied, migrate, nowhere):
    assert migrate("dump", "--check", nowhere / "none.sql").status == 1


def test_a_role_without_rights_is_told_and_no_file_is_left(applied, migrate, database, role, nowhere):
    reader = role()
    rights = "GRANT USAGE ON SCHEMA dbops TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA dbops TO {0}"
    query(database, rights.format(reader.name))
    ran = migrate("dump", "-f", nowhere / "schema.sql", dsn=reader.dsn(database))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert not list(nowhere.glob("*schema*"))


def test_to_write_and_to_check_exclude_each_other(nowhere):
    assert dbops("migrate", "dump", "-f", "a", "--check", "a").status == 64


def test_settings_comments_and_psql_commands_are_no_part_of_the_schema():
    text = (
        "-- PostgreSQL database dump\n\\restrict abc\nSET statement_timeout = 0;\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nSET default_table_access_method = heap;\n"
        "CREATE TABLE public.a (b text DEFAULT '-- x;');\nSET default_table_access_method = other;\n\\unrestrict abc\n"
    )
    assert statements(text, 180000) == (
        "CREATE TABLE public.a (b text DEFAULT '-- x;')",
        "SET default_table_access_method = other",
    )
    assert document(["A"], []).endswith("\nA;\n")


def test_a_newer_pg_dump_writes_nothing_that_the_server_does_not_know():
    text = "ALTER TABLE t ALTER a ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME s\n{}    START WITH 1\n);"
    (known,) = statements(text.format("    LOGGED\n"), 150000)
    (unknown,) = statements(text.format("    LOGGED\n"), 140000)
    assert ("LOGGED" in known, unknown) == (True, text.format("").rstrip(";"))
