"""``baseline``, ``mark``, ``repair``, and what the history remembers of everything."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cli.command import Ran
from dbops import __version__
from dbops.migrate.history import Author, History
from migrate.scene import Folder, query

Migrate = Callable[..., Ran]


def _states(migrate: Migrate, *options: object) -> dict[str, str]:
    return {row["version"]: row["state"] for row in migrate("status", *options).data["migrations"]}


def _log(dsn: str, schema: str = "dbops") -> list[dict[str, Any]]:
    with psycopg.connect(dsn) as connection:
        cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
        return cursor.execute(f'SELECT * FROM "{schema}".migration_log ORDER BY id').fetchall()


def test_baseline_records_without_running(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2, 3])
    ran = migrate("baseline", "0002", "--reason", "as of 3.2")
    assert ran.status == 0
    assert (ran.data["action"], ran.data["reason"]) == ("baseline", "as of 3.2")
    assert [change["version"] for change in ran.data["changes"]] == ["0001", "0002"]
    assert ran.meta["total"] == 2
    assert _states(migrate) == {"0001": "applied", "0002": "applied", "0003": "pending"}
    assert query(database, "SELECT to_regclass('t1')") == [(None,)]
    assert [(row["action"], row["version"], row["reason"]) for row in _log(database)] == [
        ("baseline", "0001", "as of 3.2"),
        ("baseline", "0002", "as of 3.2"),
    ]
    assert migrate("status").data["migrations"][0]["execution_ms"] is None


def test_baseline_is_for_an_empty_history(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2])
    migrate("up", "--steps", 1)
    log = _log(database)
    ran = migrate("baseline", "0002")
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED")
    assert "a baseline is for an empty one" in ran.error["message"]
    assert _states(migrate) == {"0001": "applied", "0002": "pending"}
    assert _log(database) == log


def test_baseline_of_an_unknown_version_is_refused(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1])
    assert migrate("baseline", "0009").error["code"] == "MISSING_MIGRATION"


def test_mark_applied_and_reverted(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2])
    ran = migrate("mark", "applied", "1", "--reason", "by hand")
    assert (ran.data["changes"][0]["version"], ran.data["reason"]) == ("0001", "by hand")
    assert _states(migrate) == {"0001": "applied", "0002": "pending"}
    assert migrate("mark", "applied", "1").data["changes"] == []
    assert migrate("mark", "reverted", "1", "--reason", "not so").status == 0
    assert _states(migrate) == {"0001": "pending", "0002": "pending"}
    assert migrate("mark", "reverted", "1").error["code"] == "MISSING_MIGRATION"
    assert migrate("mark", "applied", "9").error["code"] == "MISSING_MIGRATION"
    assert [(row["action"], row["outcome"], row["reason"]) for row in _log(database)] == [
        ("mark_applied", "ok", "by hand"),
        ("mark_reverted", "ok", "not so"),
    ]
    assert query(database, "SELECT to_regclass('t1')") == [(None,)]


def test_mark_reverted_takes_a_version_whose_file_is_gone(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 2])
    migrate("up")
    (folder.path / "0001_t1.sql").unlink()
    assert migrate("status").status == 2
    assert migrate("mark", "reverted", "0001").status == 0
    assert _states(migrate) == {"0002": "applied"}


@pytest.mark.parametrize(("said", "state"), [("applied", "applied"), ("reverted", "pending")])
def test_mark_settles_what_was_left_half_way(said: str, state: str, folder: Folder, migrate: Migrate) -> None:
    folder.write("0001_half", "SELECT 1;\nSELECT nothing;", options=" transaction:false")
    migrate("up")
    assert _states(migrate) == {"0001": "failed"}
    assert migrate("mark", said, "0001", "--reason", "settled").status == 0
    assert _states(migrate) == {"0001": state}


def test_repair_accepts_files_as_they_are_now(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2, 3])
    migrate("up")
    for number in (1, 2):
        folder.write(f"000{number}_t{number}", f"CREATE TABLE t{number} (a int); -- reworded", f"DROP TABLE t{number};")
    one = migrate("repair", "0002", "--reason", "comments")
    assert [change["version"] for change in one.data["changes"]] == ["0002"]
    assert _states(migrate) == {"0001": "modified", "0002": "applied", "0003": "applied"}
    rest = migrate("repair")
    assert [change["version"] for change in rest.data["changes"]] == ["0001"]
    assert migrate("status").status == 0
    assert migrate("repair").data["changes"] == []
    repairs = [row for row in _log(database) if row["action"] == "repair"]
    assert [(row["version"], row["reason"]) for row in repairs] == [("0002", "comments"), ("0001", None)]


def test_repair_realigns_a_name(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    migrate("up")
    (folder.path / "0001_t1.sql").rename(folder.path / "0001_better.sql")
    assert "name t1 → better" in migrate("repair").data["changes"][0]["change"]
    assert query(database, "SELECT name FROM dbops.schema_migrations") == [("better",)]


def test_repair_says_where_a_half_way_one_goes_on(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write(
        "0001_half", "CREATE TABLE a (b int);\nSELECT nothing;\nCREATE TABLE c (d int);", options=" transaction:false"
    )
    migrate("up")
    for number in (0, 5):
        assert migrate("repair", "0001", "--resume-at", number).status in {2, 64}
    assert migrate("repair", "--resume-at", 3).status == 64
    ran = migrate("repair", "0001", "--resume-at", 3, "--reason", "done by hand")
    assert "resumes at statement 3" in ran.data["changes"][0]["change"]
    assert migrate("up").status == 0
    assert query(database, "SELECT to_regclass('c') IS NOT NULL") == [(True,)]
    assert migrate("repair", "0001", "--resume-at", 1).error["code"] == "MIGRATION_FAILED"


def test_the_log_says_who_when_where_and_why(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    up = migrate("up", "--change-id", "4f2a9c")
    down = migrate("down")
    folder.write("0002_bad", "SELECT nothing;")
    failed = migrate("up")
    log = _log(database)
    assert [(row["action"], row["outcome"], row["version"]) for row in log] == [
        ("up", "ok", "0001"),
        ("down", "ok", "0001"),
        ("up", "ok", "0001"),
        ("up", "failed", "0002"),
    ]
    assert [row["run_id"] for row in log] == [
        up.meta["run_id"],
        down.meta["run_id"],
        failed.error["run_id"],
        failed.error["run_id"],
    ]
    first, *_, last = log
    assert first["change_id"] == "4f2a9c"
    assert first["host"] == socket.gethostname()
    assert first["os_user"] == getpass.getuser()
    assert first["application"] == f"dbops migrate up {up.meta['run_id']}"
    assert first["dbops_version"] == __version__
    assert first["db_user"]
    assert first["at"].tzinfo is not None
    assert first["execution_ms"] >= 0
    assert len(first["checksum"]) == 64
    assert (last["error_code"], last["sqlstate"]) == ("MIGRATION_FAILED", "42703")
    assert "nothing" in last["error"]


def test_the_change_id_comes_from_the_environment_too(
    folder: Folder, migrate: Migrate, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBOPS_CHANGE_ID", "build 77")
    folder.tables([1])
    migrate("up")
    assert _log(database)[0]["change_id"] == "build 77"


def test_the_log_is_append_only(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    migrate("up")
    for sql in (
        "UPDATE dbops.migration_log SET reason = 'x'",
        "DELETE FROM dbops.migration_log",
        "TRUNCATE dbops.migration_log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            query(database, sql)


def test_row_values_stay_out_of_the_log(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write(
        "0001_twice", "CREATE TABLE u (a text PRIMARY KEY);\nINSERT INTO u SELECT 'private' FROM generate_series(1, 2);"
    )
    assert "private" not in migrate("up", "--show-data").error["message"]
    assert "private" not in str(_log(database))


@pytest.mark.parametrize("schema", ["history", "My Schema", 'quo"ted', "o'clock", "Ünïcode", "select"])
def test_the_schemas_name_is_free(schema: str, folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    folder.write(
        "0002_alone", "SELECT 1;\nCREATE TABLE alone (a int);", "DROP TABLE alone;", options=" transaction:false"
    )
    options = ("--schema", schema)
    assert migrate("up", *options).status == 0
    assert set(_states(migrate, *options).values()) == {"applied"}
    assert migrate("plan", *options).data["migrations"] == []
    assert migrate("down", "--all", *options).status == 0
    assert migrate("mark", "applied", "1", *options).status == 0
    assert migrate("repair", *options).status == 0
    quoted = schema.replace('"', '""')
    assert query(database, f'SELECT count(*) FROM "{quoted}".schema_migrations') == [(1,)]
    assert query(database, "SELECT to_regnamespace('dbops')") == [(None,)]


def test_two_schemas_are_two_histories(folder: Folder, migrate: Migrate) -> None:
    folder.write("0001_x", "SELECT 1;")
    migrate("up", "--schema", "one")
    assert migrate("status", "--schema", "two").data["pending"] == 1


def test_a_history_that_a_newer_dbops_made_is_refused(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    migrate("up")
    query(database, "INSERT INTO dbops.history_version (version, dbops_version) VALUES (999, '99.0')")
    for command in (["status"], ["up"], ["down"], ["plan"], ["mark", "applied", "1"]):
        ran = migrate(*command)
        assert (ran.status, ran.error["code"]) == (3, "HISTORY_NEWER")
        assert "99.0" in ran.error["message"]


def test_no_right_to_create_schemas_is_needed_when_the_schema_is_there(
    folder: Folder, migrate: Migrate, database: str, role, admin: psycopg.Connection
) -> None:
    owner = role()
    query(database, f"CREATE SCHEMA dbops AUTHORIZATION {owner.name}")
    folder.write("0001_x", "SELECT 1;")
    ran = migrate("up", dsn=owner.dsn(database))
    assert (ran.status, ran.meta["target"]["role"]) == (0, owner.name)


def test_migrations_run_as_the_role_that_is_named(folder: Folder, migrate: Migrate, database: str, role) -> None:
    owner, login = role(), role()
    query(database, f"GRANT CREATE ON DATABASE {psycopg.conninfo.conninfo_to_dict(database)['dbname']} TO {owner.name}")
    query(database, f"GRANT CREATE ON SCHEMA public TO {owner.name}; GRANT {owner.name} TO {login.name}")
    folder.tables([1])
    ran = migrate("up", "--role", owner.name, dsn=login.dsn(database))
    assert (ran.status, ran.meta["target"]["role"], ran.meta["target"]["user"]) == (0, owner.name, login.name)
    assert query(database, "SELECT tableowner FROM pg_tables WHERE tablename = 't1'") == [(owner.name,)]
    other = migrate("up", "--role", owner.name, dsn=role().dsn(database))
    assert (other.status, other.error["code"]) == (3, "PERMISSION_DENIED")
    assert "GRANT" in other.error["hint"]


def test_passwords_in_what_the_server_says_stay_out_of_the_log(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("0001_x", "DO $$ BEGIN RAISE 'ALTER ROLE r PASSWORD %', quote_literal('hunter2'); END $$;")
    assert migrate("up").error["code"] == "MIGRATION_FAILED"
    assert "PASSWORD '***'" in _log(database)[0]["error"]
    history = History("dbops", None, Author("7f3a", None, None, None, "test"))
    assert "hunter2" not in history.log("up", "failed", error="host=h password=hunter2")


def test_the_version_that_made_the_newest_tables_is_named(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    migrate("up")
    query(database, "UPDATE dbops.history_version SET dbops_version = '9.0'")
    query(database, "INSERT INTO dbops.history_version (version, dbops_version) VALUES (999, '10.0')")
    assert "made by dbops 10.0" in migrate("status").error["message"]


def test_a_role_without_rights_is_told_what_gives_them(folder: Folder, migrate: Migrate, database: str, role) -> None:
    folder.tables([1])
    login, owner = role(), role()
    missing = migrate("up", dsn=login.dsn(database))
    assert missing.error["code"] == "PERMISSION_DENIED"
    statement = missing.error["hint"].removeprefix("as one who may: ")
    assert statement == f'CREATE SCHEMA "dbops" AUTHORIZATION "{login.name}"'
    query(database, f'CREATE SCHEMA "dbops" AUTHORIZATION "{owner.name}"')
    for command in ("up", "status"):
        others = migrate(command, dsn=login.dsn(database))
        assert (others.status, others.error["code"]) == (3, "PERMISSION_DENIED")
        assert f'--role "{owner.name}"' in others.error["hint"]
        assert f'GRANT "{owner.name}" TO "{login.name}"' in others.error["hint"]


def test_a_role_that_does_not_exist_is_not_granted(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1])
    ran = migrate("up", "--role", "nobody_of_this_name")
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert "GRANT" not in ran.error["hint"]


def test_a_status_that_fails_has_named_its_target_and_another_names_it_once(
    folder: Folder, migrate: Migrate, database: str
) -> None:
    folder.tables([1])
    migrate("up")
    assert migrate("status", output="table").out.count(" @ ") == 1
    query(database, "INSERT INTO dbops.history_version (version, dbops_version) VALUES (999, '99.0')")
    assert migrate("status", output="table").out.count(" @ ") == 1


def test_a_right_that_questions_of_our_own_lack_is_a_permission(
    folder: Folder, migrate: Migrate, database: str, role
) -> None:
    folder.tables([1])
    query(database, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
    ran = migrate("status", dsn=role().dsn(database))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert "pg_control_system" in ran.error["message"]
