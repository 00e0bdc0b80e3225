"""``dbops migrate verify``: each outcome, what the scratch server is made fit for, and what it keeps files from."""

from __future__ import annotations

import os
from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import psycopg
import pytest

from cli.command import Ran, dbops
from conftest import Role
from dbops.errors import ConfigError, PermissionDenied
from dbops.migrate.options import Options
from dbops.migrate.verify.verify import Choice, verify
from dbops.postgres.dsn import Dsn
from migrate.scene import Folder, query

Verify = Callable[..., Ran]


@pytest.fixture
def run(folder: Folder) -> Verify:
    """``run("--from", 2)`` runs ``dbops migrate verify … -o json`` on the test's folder."""

    def run(*words: object, output: str = "json") -> Ran:
        return dbops("migrate", "verify", *words, "--dir", folder.path, "-o", output)

    return run


def _results(ran: Ran) -> dict[str, str]:
    return {row["version"]: row["result"] for row in ran.data["migrations"]}


def test_what_is_restored_exits_0_and_says_how_long_it_took(folder: Folder, run: Verify) -> None:
    folder.tables([1, 2])
    ran = run()
    assert ran.status == 0
    assert _results(ran) == {"0001": "restored", "0002": "restored"}
    row = ran.data["migrations"][0]
    assert row.keys() >= {"version", "name", "result", "differences", "up_ms", "down_ms"}
    assert row["differences"] == []
    assert row["up_ms"] > 0 < row["down_ms"]


def test_a_folder_without_migrations_is_no_proof(folder: Folder, run: Verify) -> None:
    ran = run()
    assert ran.status == 1
    assert _results(ran) == {}
    assert ran.data["unsure"] == [f"{folder.path} holds no migrations: is it the right folder?"]


def test_one_without_a_down_exits_1(folder: Folder, run: Verify) -> None:
    folder.tables([1])
    folder.write("0002_one_way", "CREATE TABLE kept ();")
    ran = run()
    assert ran.status == 1
    assert _results(ran) == {"0001": "restored", "0002": "irreversible"}


def test_every_bad_outcome_exits_2_and_hides_none_of_the_others(folder: Folder, run: Verify) -> None:
    folder.write("0001_not_restored", "CREATE TABLE a (n int, note text);", "ALTER TABLE a DROP note;")
    folder.write("0002_down_fails", "CREATE TABLE b ();", "DROP TABLE nobody;")
    folder.write("0003_again_fails", "CREATE TABLE c (); INSERT INTO once VALUES (1);", "DROP TABLE c;")
    folder.write("0000_once", "CREATE TABLE once (n int UNIQUE);", "DROP TABLE once;")
    folder.write("0004_again_differs", "CREATE TABLE d (); ALTER TABLE a ADD IF NOT EXISTS o int;", "DROP TABLE d;")
    folder.write("0005_fine", "CREATE TABLE e ();", "DROP TABLE e;")
    folder.write("0006_up_fails", "SELECT 1;\nCREATE TABLE a ();", "DROP TABLE a;")
    folder.write("0007_behind", "CREATE TABLE g ();", "DROP TABLE g;")
    ran = run()
    assert ran.status == 2
    assert _results(ran) == {
        "0000": "restored", "0001": "not_restored", "0002": "down_failed", "0003": "not_reapplicable",
        "0004": "not_restored", "0005": "restored", "0006": "up_failed"
    }  # fmt: skip
    assert ran.data["not_run"] == ["0007"]
    rows = {row["version"]: row for row in ran.data["migrations"]}
    (difference,) = rows["0001"]["differences"]
    assert (difference["kind"], difference["object"], difference["change"]) == ("table", "public.a", "unexpected")
    assert difference["text"] == "table public.a should not be there after down"
    assert "does not exist" in rows["0002"]["error"]
    assert rows["0002"]["down_ms"] is None
    assert "duplicate key" in rows["0003"]["error"]
    assert f"{folder.path}/0006_up_fails.sql:3" in rows["0006"]["error"]


def test_columns_may_come_back_in_another_order_when_that_is_said(folder: Folder, run: Verify) -> None:
    folder.write("0001_a", "CREATE TABLE a (one int, two int);", "DROP TABLE a;")
    folder.write("0002_b", "ALTER TABLE a DROP one;", "ALTER TABLE a ADD one int;")
    assert _results(run()) == {"0001": "restored", "0002": "not_restored"}
    assert _results(run("--ignore-column-order")) == {"0001": "restored", "0002": "restored"}


def test_from_a_version_the_earlier_ones_are_only_applied(folder: Folder, run: Verify) -> None:
    folder.write("0001_bad", "CREATE TABLE a ();", "SELECT 1;")
    folder.write("0002_good", "ALTER TABLE a ADD n int;", "ALTER TABLE a DROP n;")
    ran = run("--from", 2)
    assert ran.status == 0
    assert _results(ran) == {"0002": "restored"}


def test_only_what_a_database_has_not_applied(
    folder: Folder, run: Verify, migrate: Callable[..., Ran], database: str
) -> None:
    folder.tables([1, 2])
    migrate("up", "--steps", 1)
    assert _results(run("--only", "pending", "--dsn", database)) == {"0002": "restored"}


def test_a_repeatable_one_must_be_able_to_run_again(folder: Folder, run: Verify) -> None:
    folder.raw("R__good.sql", b"CREATE OR REPLACE VIEW good AS SELECT 1 AS n;")
    folder.raw("R__bad.sql", b"CREATE VIEW bad AS SELECT 1 AS n;")
    ran = run()
    assert ran.status == 2
    assert _results(ran) == {"R__bad": "not_reapplicable", "R__good": "restored"}


def test_roles_that_are_named_are_there_and_may_be_acted_as(folder: Folder, run: Verify) -> None:
    folder.write(
        "0001_a",
        'CREATE TABLE a (); ALTER TABLE a OWNER TO app; GRANT SELECT ON a TO "a reader";'
        "SET ROLE app; CREATE POLICY p ON a TO app; RESET ROLE;",
        "DROP TABLE a;",
    )
    assert run().status == 0, run().out


def test_migrations_that_make_roles_are_tried_and_a_role_that_stays_is_a_difference(
    folder: Folder, run: Verify
) -> None:
    folder.write(
        "0001_a", "CREATE ROLE app; CREATE TABLE a (); GRANT SELECT ON a TO app;", "DROP TABLE a; DROP ROLE app;"
    )
    folder.write("0002_b", "CREATE ROLE staff; GRANT SELECT ON a TO staff;", "REVOKE SELECT ON a FROM staff;")
    folder.write("0003_c", "GRANT INSERT ON a TO staff, app;", "REVOKE INSERT ON a FROM staff, app;")
    ran = run()
    assert _results(ran) == {"0001": "restored", "0002": "not_restored", "0003": "restored"}
    texts = [each["text"] for each in ran.data["migrations"][1]["differences"]]
    assert "role staff should not be there after down" in texts


def test_roles_are_made_renamed_and_dropped_as_where_they_are_wanted(folder: Folder, run: Verify) -> None:
    made = "IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app; END IF;"
    folder.write("0001_a", f"CREATE TABLE a (); DO $$ BEGIN {made} END $$;", "DROP ROLE app; DROP TABLE a;")
    folder.write("0002_b", "GRANT SELECT ON a TO app;", "REVOKE SELECT ON a FROM app;")
    folder.write("0003_c", "ALTER ROLE old RENAME TO newer;", "ALTER ROLE newer RENAME TO old;")
    folder.write("0004_d", "DROP OWNED BY app; DROP ROLE app;", "CREATE ROLE app; GRANT SELECT ON a TO app;")
    folder.write("0005_e", "DROP ROLE IF EXISTS nobody; DROP ROLE newer;", "SELECT 1;")
    folder.write("0006_f", "DROP ROLE legacy;", "CREATE ROLE legacy;")
    ran = run()
    assert _results(ran) == {
        "0001": "restored", "0002": "restored", "0003": "restored", "0004": "restored", "0005": "not_restored",
        "0006": "restored",
    }, ran.out  # fmt: skip


def test_what_is_set_and_granted_on_a_database_must_be_taken_back(folder: Folder, run: Verify) -> None:
    folder.write("0001_good", "GRANT CREATE ON DATABASE shop TO app;", "REVOKE CREATE ON DATABASE shop FROM app;")
    folder.write("0002_bad", "ALTER DATABASE shop SET timezone = 'UTC';", "SELECT 1;")
    folder.write("0003_good", "COMMENT ON DATABASE shop IS 'x';", "COMMENT ON DATABASE shop IS NULL;")
    ran = run()
    assert _results(ran) == {"0001": "restored", "0002": "not_restored", "0003": "restored"}, ran.out
    (difference,) = ran.data["migrations"][1]["differences"]
    assert (difference["kind"], difference["object"]) == ("database", "shop")


def test_what_is_set_on_the_database_that_they_run_in_must_be_taken_back(folder: Folder, run: Verify) -> None:
    setting = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {}', current_database()); END $$;"
    folder.write("0001_bad", setting.format("SET work_mem = ''0.5GB''"), "SELECT 1;")
    folder.write("0002_good", setting.format("SET jit = off"), setting.format("RESET jit"))
    ran = run()
    assert _results(ran) == {"0001": "not_restored", "0002": "restored"}, ran.out
    (difference,) = ran.data["migrations"][0]["differences"]
    assert difference["text"] == (
        "database that migrations run in differs after down: settings work_mem, should be none"
    )


def test_a_role_that_stays_changed_does_not_spoil_what_comes_after(folder: Folder, run: Verify) -> None:
    folder.write("0001_a", "CREATE ROLE app; CREATE TABLE a (); GRANT SELECT ON a TO app;", "SELECT 1;")
    folder.write("0002_b", "GRANT INSERT ON a TO app, named;", "REVOKE INSERT ON a FROM app, named;")
    folder.write("0003_c", "REVOKE ALL ON a FROM app; DROP ROLE app;", "SELECT 1;")
    folder.write("0004_d", "CREATE ROLE app;", "DROP ROLE app;")
    ran = run()
    assert _results(ran) == {
        "0001": "not_restored", "0002": "restored", "0003": "not_restored", "0004": "restored"
    }, ran.out  # fmt: skip
    assert ran.data["warnings"] == []


REACHING_OUT = {
    "program": "COPY (SELECT 1) TO PROGRAM 'touch /tmp/reached';",
    "file": "COPY (SELECT 1) TO '/tmp/reached';",
    "reading": "SELECT pg_read_file('/etc/passwd');",
    "language": "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'getpid';",
    "export": "SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/reached');",
    "setting": "ALTER SYSTEM SET archive_command = 'touch /tmp/reached';",
    "superuser": "SET ROLE postgres;",
    "granting": "GRANT pg_execute_server_program TO dbops_migrator;",
    "making": "CREATE ROLE super SUPERUSER;",
}


@pytest.mark.parametrize("how", REACHING_OUT)
def test_a_file_can_not_reach_the_machine(folder: Folder, run: Verify, how: str) -> None:
    folder.write("0001_reach", REACHING_OUT[how])
    ran = run()
    assert _results(ran) == {"0001": "up_failed"}, ran.out
    said = ran.data["migrations"][0]["error"]
    assert "permission denied" in said or "must be superuser" in said or "may" in said.lower(), said


def test_a_search_path_does_not_lead_our_own_superuser_to_a_file_s_functions(folder: Folder, run: Verify) -> None:
    folder.write(
        "0001_trap",
        "CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO public; "
        "CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'trapped'; END $$; DO $$ BEGIN EXECUTE format("
        "'ALTER DATABASE %I SET search_path = trap, pg_catalog', current_database()); END $$;",
        "DROP SCHEMA trap CASCADE; "
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$;",
    )
    folder.write("0002_in_it", "CREATE TABLE here ();", "DROP TABLE trap.here;")  # a copy has the setting, too
    ran = run()
    assert _results(ran) == {"0001": "restored", "0002": "restored"}, ran.out


def test_an_extension_that_is_not_there_is_named_before_anything_runs(folder: Folder) -> None:
    folder.write("0001_a", "CREATE TABLE a ();\nCREATE EXTENSION nobody_has_this;")
    with pytest.raises(ConfigError, match=r"nobody_has_this \(.*0001_a\.sql:3\)"):
        verify(Options(directory=folder.path))


def test_an_extension_that_only_a_superuser_may_create_needs_the_word(folder: Folder) -> None:
    folder.write("0001_a", "CREATE EXTENSION pg_stat_statements;", "DROP EXTENSION pg_stat_statements;")
    with pytest.raises(PermissionDenied, match="pg_stat_statements") as caught:
        verify(Options(directory=folder.path))
    assert "--as-superuser" in str(caught.value.hint)
    assert not verify(Options(directory=folder.path), Choice(superuser=True)).is_bad


def test_a_lent_server_is_left_as_it_was(folder: Folder, run: Verify, database: str) -> None:
    def there() -> list[tuple[str]]:
        return query(
            database,
            f"SELECT datname FROM pg_database WHERE datname LIKE 'dbops_scratch_{os.getpid()}_%' "
            "UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'verified_%'",
        )

    folder.write("0001_a", "CREATE TABLE a (); GRANT SELECT ON a TO verified_reader;", "DROP TABLE a;")
    folder.write("0002_b", "CREATE ROLE verified_made;", "SELECT 1;")
    ran = run("--scratch-dsn", database)
    assert _results(ran) == {"0001": "restored", "0002": "not_reapplicable"}
    assert there() == []


def test_who_may_not_make_the_roles_that_are_named_is_told_which(
    folder: Folder, run: Verify, database: str, role: Callable[..., Role]
) -> None:
    folder.write("0001_a", "CREATE TABLE a (); GRANT SELECT ON a TO verified_reader;", "DROP TABLE a;")
    ran = run("--scratch-dsn", role("CREATEDB").dsn(database))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert "needs CREATEROLE, or somebody makes verified_reader there before" in ran.error["hint"]


def test_roles_that_others_make_on_a_lent_server_meanwhile_are_left_to_them(
    folder: Folder, database: str, role: Callable[..., Role]
) -> None:
    folder.write("0001_a", "CREATE TABLE a ();", "DROP TABLE a;")
    made: list[str] = []
    options = Options(directory=folder.path, emit=lambda _event: made.append(role().name))
    verify(options, Choice(scratch=Dsn(database, "a test")))
    assert made
    assert query(database, f"SELECT count(*)::int FROM pg_roles WHERE rolname = '{made[0]}'") == [(1,)]


def test_the_database_that_is_named_is_never_the_scratch_server(folder: Folder, run: Verify, database: str) -> None:
    folder.tables([1])
    other = psycopg.conninfo.make_conninfo(database, dbname="postgres")
    for words in ([], ["--only", "pending"]):
        ran = run("--dsn", database, "--scratch-dsn", other, *words)
        assert ran.status == 3
        assert ran.error["code"] == "CONFIG_ERROR"
        assert "spared" in ran.error["message"]


def test_whether_files_run_as_a_superuser_is_told(
    folder: Folder, run: Verify, database: str, role: Callable[..., Role]
) -> None:
    folder.tables([1])
    ordinary = role("CREATEDB").dsn(database)
    told = [run(*words).data["as_superuser"] for words in ([], ["--as-superuser"])]
    lent = [run("--scratch-dsn", dsn).data["as_superuser"] for dsn in (database, ordinary)]
    assert (told, lent) == ([False, True], [True, False])


def test_the_report_for_a_build_has_a_test_a_migration(folder: Folder, run: Verify) -> None:
    folder.write("0001_bad", "CREATE TABLE a ();", "SELECT 1;")
    folder.write("0002_one_way", "CREATE TABLE b ();")
    ran = run(output="junit")
    assert ran.status == 2
    root = fromstring(ran.out)
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "not_restored"
    assert "table public.a should not be there after down" in str(failure.text)


def test_people_get_a_line_a_migration_with_what_is_wrong_below(folder: Folder, run: Verify) -> None:
    folder.tables([1])
    folder.write("0002_bad", "ALTER TABLE t1 ADD note text;", "SELECT 1;")
    lines = run(output="table").out.splitlines()
    assert lines[0].endswith("2 to verify")
    assert lines[1].startswith("✓ 0001 t1")
    assert lines[2].startswith("✗ 0002 bad")
    assert lines[3] == "    column public.t1.note should not be there after down"
    assert lines[4].startswith("    up again fails: ")
    assert lines[5] == "2 verified: 1 restored, 1 not restored"
