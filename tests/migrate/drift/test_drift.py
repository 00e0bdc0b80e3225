from __future__ import annotations

import psycopg
import pytest

from cli.command import dbops
from migrate.scene import query

UP = (
    "CREATE TYPE mood AS ENUM ('good', 'bad');\n"
    "CREATE TABLE orders (id int PRIMARY KEY, note text, total int CHECK (total > 0));\n"
    "CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;\n"
    "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
    "CREATE INDEX by_note ON orders (note);"
)


@pytest.fixture
def built(folder, migrate):
    folder.write("0001_orders", UP, "DROP TABLE orders;")
    assert migrate("up").status == 0
    folder.write("0002_pending", "CREATE TABLE later (a int);", "DROP TABLE later;")


@pytest.fixture
def drifted(built, migrate, database):
    """Return the differences after a statement by hand."""

    def run(sql, *options):
        query(database, sql)
        ran = migrate("drift", *options)
        return ran.status, [(each["kind"], each["object"], each["change"]) for each in ran.data["differences"]]

    return run


def test_a_database_that_is_what_its_migrations_build_has_no_drift(drifted):
    assert drifted("") == (0, [])


BY_HAND = {
    "CREATE TABLE aside (a int)": ("table", "public.aside", "unexpected"),
    "ALTER TABLE orders ADD hot boolean": ("column", "public.orders.hot", "unexpected"),
    "ALTER TABLE orders DROP COLUMN note": ("column", "public.orders.note", "missing"),
    "ALTER TYPE mood ADD VALUE 'so so'": ("enum", "public.mood", "different"),
    "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'": (
        "function",
        "public.one()",
        "different",
    ),
    "CREATE OR REPLACE VIEW totals AS SELECT sum(id) AS total FROM orders": ("view", "public.totals", "different"),
    "GRANT SELECT ON orders TO pg_monitor": ("grant", "on table public.orders to pg_monitor", "unexpected"),
}


def test_what_was_done_by_hand_is_told_with_its_direction(drifted):
    status, found = drifted(";".join(BY_HAND))
    assert status == 1
    assert {*BY_HAND.values(), ("index", "public.by_note", "missing")} <= set(found)


def test_expected_is_what_the_migrations_build_and_actual_what_is_there(built, migrate, database):
    query(database, "ALTER TABLE orders ALTER COLUMN note SET NOT NULL")
    (difference,) = migrate("drift").data["differences"]
    assert (difference["kind"], difference["object"]) == ("column", "public.orders.note")
    assert (list(difference["expected"].values()), list(difference["actual"].values())) == ([False], [True])


def test_another_owner_than_the_migrating_role_is_a_difference(drifted, role):
    status, found = drifted(f"ALTER TABLE orders OWNER TO {role().name}")
    assert (status, ("table", "public.orders", "different") in found) == (1, True)


def test_migrations_may_name_the_role_that_runs_them(folder, migrate, database, role):
    app, reader = role("SUPERUSER"), role()
    query(database, f"GRANT CREATE ON SCHEMA public TO {app.name}")  # what it needs to migrate is no difference
    folder.write(
        "0001_named",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {app.name} GRANT SELECT ON TABLES TO {reader.name};\n"
        f"CREATE TABLE orders (id int); ALTER TABLE orders OWNER TO {app.name}; GRANT SELECT ON orders TO {app.name};\n"
        "CREATE POLICY mine ON orders TO CURRENT_USER USING (true);",
    )
    assert migrate("up", dsn=app.dsn(database)).status == 0
    query(database, f"GRANT INSERT ON orders TO {reader.name}; GRANT CREATE ON SCHEMA public TO {reader.name}")
    assert [each["object"] for each in migrate("drift", dsn=app.dsn(database)).data["differences"]] == [
        f"on schema public to {reader.name}",
        f"on table public.orders to {reader.name}",
    ]


def test_migrations_may_make_the_role_that_owns_the_history_and_its_name_may_be_odd(folder, migrate, database):
    name = f"odd 'role' of {database.rpartition('dbname=')[2].split()[0]}"
    folder.write("0001_role", f'CREATE ROLE "{name}" SUPERUSER; CREATE TABLE orders (id int);')
    assert migrate("up").status == 0
    try:
        query(database, f'ALTER TABLE dbops.schema_migrations OWNER TO "{name}"; ALTER TABLE orders OWNER TO "{name}"')
        assert migrate("drift", "--as-superuser").data["differences"] == []
        folder.write("0001_role", "CREATE TABLE orders (id int);")  # now its name is free there
        assert migrate("drift").data["differences"] == []
    finally:
        query(database, f'REASSIGN OWNED BY "{name}" TO CURRENT_USER; DROP ROLE "{name}"')


def test_differences_are_ignored_by_kind_and_pattern_on_the_command_line_and_in_the_configuration(
    drifted, migrate, nowhere
):
    assert drifted("CREATE TABLE aside (a int); DROP INDEX by_note", "--ignore", "table:public.a*")[1] == [
        ("index", "public.by_note", "missing")
    ]
    (nowhere / "dbops.toml").write_text('[migrate]\ndrift_ignore = ["*:public.*"]\n')
    ran = migrate("drift")
    assert (ran.status, ran.data["ignored"]) == (0, 2)


def test_the_order_of_columns_may_be_ignored(drifted, folder, migrate):
    by_hand = "ALTER TABLE orders DROP COLUMN note CASCADE; ALTER TABLE orders ADD note text;" \
        "CREATE INDEX by_note ON orders (note)"  # fmt: skip
    assert drifted(by_hand)[0] == 1
    assert drifted("", "--ignore-column-order") == (0, [])


def test_the_table_names_the_target_and_each_difference(built, migrate, database):
    query(database, "DROP INDEX by_note; CREATE TABLE aside (a int)")
    ran = migrate("drift", output="table")
    assert ran.status == 1
    assert "- index public.by_note is missing" in ran.out
    assert "+ table public.aside should not be there" in ran.out
    assert "2 differences from what 1 applied migration builds on a throw-away PostgreSQL" in ran.out


def test_a_junit_report_has_a_failure_a_difference(built, migrate, database):
    assert 'failures="0"' in migrate("drift", output="junit").out
    query(database, "DROP INDEX by_note")
    out = migrate("drift", output="junit").out
    assert 'failures="1"' in out
    assert 'name="index public.by_note"' in out


def test_an_applied_migration_without_a_file_makes_it_unknown(built, folder, migrate):
    (folder.path / "0001_orders.sql").unlink()
    ran = migrate("drift")
    assert (ran.status, ran.error["code"]) == (2, "MISSING_MIGRATION")


def test_an_edited_file_is_taken_as_it_is_and_that_is_said(built, folder, migrate):
    folder.write("0001_orders", f"{UP}\nCREATE TABLE more (a int);", "DROP TABLE orders;")
    ran = migrate("drift")
    assert [each["object"] for each in ran.data["differences"]] == ["public.more"]
    assert any("edited" in note for note in ran.data["notes"])


def test_a_database_without_history_has_nothing_expected(folder, migrate, database):
    query(database, "CREATE TABLE orders (id int)")
    folder.write("0001_orders", UP)
    ran = migrate("drift")
    assert [each["change"] for each in ran.data["differences"]] == ["unexpected"]
    assert any("no history" in note for note in ran.data["notes"])


def test_roles_that_the_migrations_name_are_made_in_scratch(folder, migrate, database, role):
    name = role().name
    folder.write("0001_grant", f"CREATE TABLE orders (id int);\nGRANT SELECT ON orders TO {name};")
    assert migrate("up").status == 0
    assert migrate("drift").status == 0
    query(database, f"REVOKE SELECT ON orders FROM {name}")
    (difference,) = migrate("drift").data["differences"]
    assert (difference["object"], difference["change"]) == (f"on table public.orders to {name}", "missing")


def test_rights_on_what_is_postgresqls_own_are_compared_where_migrations_give_or_take_them(
    folder, migrate, database, role
):
    name = role().name
    folder.write("0001_grant", f"GRANT EXECUTE ON FUNCTION pg_stat_reset() TO {name};")
    options = ("--as-superuser",)
    assert migrate("up").status == 0
    query(database, f"GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO {name}")
    query(database, f"REVOKE EXECUTE ON FUNCTION pg_stat_reset() FROM {name}")
    (difference,) = migrate("drift", *options).data["differences"]
    assert (difference["object"], difference["change"]) == (
        f"on function pg_catalog.pg_stat_reset() to {name}", "missing",
    )  # fmt: skip


def test_a_reader_alone_can_look(built, migrate, database, role):
    reader = role()
    query(
        database,
        f"GRANT USAGE ON SCHEMA dbops TO {reader.name}; GRANT SELECT ON ALL TABLES IN SCHEMA dbops TO {reader.name}",
    )
    assert migrate("drift", dsn=reader.dsn(database)).status == 0


def test_what_a_reader_is_not_shown_is_no_difference_and_is_said(folder, migrate, database, role):
    reader = role()
    folder.write(
        "0001_far",
        "CREATE FOREIGN DATA WRAPPER far; CREATE SERVER there FOREIGN DATA WRAPPER far;"
        "CREATE USER MAPPING FOR PUBLIC SERVER there OPTIONS (password 'hush');",
    )
    assert migrate("up").status == 0
    query(
        database,
        f"GRANT USAGE ON SCHEMA dbops TO {reader.name}; GRANT SELECT ON ALL TABLES IN SCHEMA dbops TO {reader.name}",
    )
    ran = migrate("drift", "--as-superuser", dsn=reader.dsn(database))
    assert (ran.status, ran.data["differences"]) == (0, []), ran.everything
    assert any("user mapping there.PUBLIC" in note for note in ran.data["notes"])


def test_a_table_that_is_locked_is_not_waited_for_and_it_may_be_tried_again(built, migrate, database):
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        ran = migrate("drift")
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (2, "LOCK_TIMEOUT", True)


def test_a_wrong_pattern_is_a_wrong_command_line(nowhere):
    ran = dbops("migrate", "drift", "--ignore", "orders", "-o", "json")
    assert (ran.status, ran.error["code"]) == (64, "USAGE")


def test_a_fix_is_a_migration_that_makes_what_is_there_and_back(built, folder, migrate, database):
    (folder.path / "0002_pending.sql").unlink()
    query(database, "ALTER TABLE orders ADD hot boolean; DROP INDEX by_note")
    fix = migrate("drift", "--fix", "keep it").data["fix"]
    assert (fix["version"], fix["left_out"]) == ("0002", [])
    assert migrate("mark", "applied", "2", "--reason", "by hand").status == 0
    assert migrate("drift").data["differences"] == [], "on top of the others it builds what is there"
    assert migrate("down").status == 0
    assert migrate("drift").data["differences"] == [], "its down undoes what was done by hand"


def test_a_fix_has_what_every_version_knows_and_nothing_for_another_spelling(folder, migrate, database):
    folder.write(
        "0001_orders",
        "CREATE TABLE orders (at timestamp DEFAULT (now() AT TIME ZONE 'utc'), note text CHECK (trim(note) <> ''));",
    )
    assert migrate("up").status == 0
    query(
        database,
        "ALTER TABLE orders ALTER at SET DEFAULT timezone('utc', now()), DROP CONSTRAINT orders_note_check, "
        "ADD CONSTRAINT orders_note_check CHECK (btrim(note) <> ''); CREATE TABLE aside (a int UNIQUE)",
    )
    fix = migrate("drift", "--fix", "keep").data["fix"]
    text = (folder.path / "0002_keep.sql").read_text()
    assert (fix["left_out"], "orders" in text, "NULLS" in text, "UNIQUE (a)" in text) == ([], False, False, True)


def test_what_a_fix_cannot_express_is_listed(built, migrate, database):
    query(database, "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'")
    ran = migrate("drift", "--fix", "keep")
    assert (ran.status, ran.data["fix"]["path"]) == (1, None)
    assert [each[:27] for each in ran.data["fix"]["left_out"]] == ["function public.one() diffe"]
