"""``dbops migrate`` on a real database, through the command line: what is run, and what the JSON says of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.command import EXAMPLE, Ran, dbops
from migrate.scene import Folder, query, snapshot

Migrate = Callable[..., Ran]
STATUS_FIELDS = {"version", "name", "state", "applied_at", "execution_ms", "checksum", "reversible"}
RUN_FIELDS = {"version", "name", "execution_ms", "transactional", "retries"}
ERROR_FIELDS = {"code", "message", "hint", "details", "retryable"}


def _tables(dsn: str) -> list[str]:
    return [name for (name,) in query(dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


def _states(migrate: Migrate) -> dict[str, str]:
    return {row["version"]: row["state"] for row in migrate("status").data["migrations"]}


def _versions(rows: list[dict[str, object]]) -> list[object]:
    return [row["version"] for row in rows]


def test_status_says_what_the_contract_promises(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 2])
    folder.write("0003_one_way", "SELECT 1;")
    migrate("up", "--steps", 1)
    ran = migrate("status")
    assert ran.status == 1
    assert (ran.data["applied"], ran.data["pending"]) == (1, 2)
    first, second, third = ran.data["migrations"]
    assert first.keys() >= STATUS_FIELDS
    assert (first["version"], first["name"], first["state"]) == ("0001", "t1", "applied")
    assert first["applied_at"].endswith("Z")
    assert first["execution_ms"] >= 0
    assert len(first["checksum"]) == 64
    assert (second["state"], second["applied_at"], second["execution_ms"]) == ("pending", None, None)
    assert (first["reversible"], third["reversible"]) == (True, False)
    migrate("up")
    assert migrate("status").status == 0


def test_up_applies_in_the_order_of_versions(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([2, 10, 1])
    ran = migrate("up")
    assert ran.status == 0
    assert _versions(ran.data["applied"]) == ["0001", "0002", "0010"]
    for row in ran.data["applied"]:
        assert row.keys() == RUN_FIELDS
        assert (row["transactional"], row["retries"]) == (True, 0)
        assert isinstance(row["execution_ms"], int)
    assert ran.data["pending"] == []
    assert (ran.meta["total"], ran.meta["target"]["standing"]) == (3, "primary")
    assert _tables(database) == ["t1", "t10", "t2"]


def test_up_to_and_steps(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 2, 3, 4])
    assert _versions(migrate("up", "--to", "2").data["applied"]) == ["0001", "0002"]
    ran = migrate("up", "--steps", 1)
    assert (_versions(ran.data["applied"]), ran.data["pending"]) == (["0003"], ["0004"])
    assert migrate("up", "--to", "0002").data["applied"] == []
    assert migrate("up", "--to", "9").error["code"] == "MISSING_MIGRATION"
    assert migrate("up", "--to", "2", "--steps", 1).status == 64


def test_up_to_date_is_one_line_and_0(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1])
    migrate("up")
    ran = migrate("up", output="table")
    target, line = ran.out.splitlines()
    assert " @ " in target
    assert line.startswith("Up to date.")
    assert (ran.status, ran.err) == (0, "")


def test_down_reverts_in_the_reverse_of_the_order_applied(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 3])
    migrate("up")
    folder.tables([2])
    migrate("up", "--allow-out-of-order")
    ran = migrate("down")
    assert _versions(ran.data["reverted"]) == ["0002"]
    assert ran.data["reverted"][0].keys() == RUN_FIELDS
    migrate("up", "--allow-out-of-order")
    assert _versions(migrate("down", "--steps", 2).data["reverted"]) == ["0002", "0003"]
    migrate("up")
    assert _versions(migrate("down", "--to", "0001").data["reverted"]) == ["0003", "0002"]
    migrate("up")
    assert _versions(migrate("down", "--all").data["reverted"]) == ["0003", "0002", "0001"]
    assert _tables(database) == []
    assert migrate("down").data["reverted"] == []


def test_redo_reverts_and_applies_the_last(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2])
    migrate("up")
    folder.write("0002_t2", "CREATE TABLE t2 (a int, b int);", "DROP TABLE t2;")
    refused = migrate("redo")
    assert (refused.status, refused.error["code"]) == (2, "CHECKSUM_MISMATCH")
    ran = migrate("redo", "--allow-modified")
    assert (_versions(ran.data["reverted"]), _versions(ran.data["applied"])) == (["0002"], ["0002"])
    assert query(database, "SELECT count(*) FROM pg_attribute WHERE attrelid = 't2'::regclass AND attnum > 0") == [(2,)]
    assert set(_states(migrate).values()) == {"applied"}


def test_redo_of_what_cannot_be_applied_again_reverts_nothing(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1])
    migrate("up")
    folder.write("0001_t1", "CREAT TABLE t1 (a int);", "DROP TABLE t1;")
    ran = migrate("redo", "--allow-modified")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert _tables(database) == ["t1"]


def test_redo_of_a_version_that_is_written_otherwise_by_now(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("141_x", "CREATE TABLE x (a int);", "DROP TABLE x;")
    migrate("up")
    (folder.path / "141_x.sql").rename(folder.path / "0141_x.sql")
    assert _versions(migrate("redo").data["applied"]) == ["0141"]
    assert _tables(database) == ["x"]


def test_up_of_an_empty_folder_warns(folder: Folder, migrate: Migrate) -> None:
    """A wrong --dir must not look like a deploy with nothing to do."""
    ran = migrate("up")
    assert ran.status == 0
    assert "holds no migrations" in ran.data["warnings"][0]


def test_a_failed_up_says_what_was_applied_what_failed_and_what_is_pending(
    folder: Folder, migrate: Migrate, database: str
) -> None:
    folder.tables([1, 4])
    folder.write("0002_bad", "CREATE TABLE half (a int);\n\nSELECT\n  nothing;", "SELECT 1;")
    folder.tables([3])
    ran = migrate("up")
    assert ran.status == 2
    error = ran.error
    assert error.keys() >= ERROR_FIELDS | {"applied", "failed", "pending"}
    assert (error["code"], error["retryable"]) == ("MIGRATION_FAILED", False)
    assert [row["version"] for row in error["applied"]] == ["0001"]
    assert error["applied"][0].keys() == RUN_FIELDS
    assert (error["failed"]["version"], error["failed"]["name"]) == ("0002", "bad")
    assert error["pending"][-2:] == ["0003", "0004"]
    detail = error["details"][0]
    assert (detail["line"], detail["column"], detail["sqlstate"]) == (5, 3, "42703")
    assert detail["file"].endswith("0002_bad.sql")
    assert detail["statement"] == "SELECT\n  nothing"
    assert f"{detail['file']}:5:3: " in error["message"]
    assert _tables(database) == ["t1"]
    assert _states(migrate) == {"0001": "applied", "0002": "pending", "0003": "pending", "0004": "pending"}


def test_a_failed_up_tells_a_person_the_same(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 3])
    folder.write("0002_bad", "SELECT 1/0;")
    ran = migrate("up", output="table")
    lines = ran.out.splitlines()
    assert lines[1].startswith("✓ 0001 t1")
    assert lines[2].startswith("✗ 0002 bad")
    assert "rolled back" in lines[2]
    assert lines[3].startswith("Applied 1 of 3. ")
    assert "0002_bad.sql:2: division by zero" in ran.err
    assert "| SELECT 1/0" in ran.err
    assert "hint: " in ran.err


def test_an_error_at_run_time_of_a_later_statement_has_its_line(folder: Folder, migrate: Migrate) -> None:
    folder.write(
        "0001_bad", "SELECT 'é';\nSELECT 1;\n\nDO $$ BEGIN\n  RAISE 'no' USING HINT = 'try so';\nEND $$;\nSELECT 2;"
    )
    error = migrate("up").error
    assert error["details"][0]["line"] == 5
    assert error["hint"] == "try so"
    assert error["details"][0]["statement"].startswith("DO $$")


def test_modified_missing_and_out_of_order_refuse_up_until_they_are_accepted(
    folder: Folder, migrate: Migrate, database: str
) -> None:
    folder.tables([1, 2, 4])
    migrate("up")
    folder.write("0001_t1", "CREATE TABLE t1 (a int, b int);")
    folder.tables([3, 5])
    (folder.path / "0002_t2.sql").unlink()
    assert _states(migrate) == {
        "0001": "modified", "0002": "missing", "0003": "out_of_order", "0004": "applied", "0005": "pending",
    }  # fmt: skip
    assert migrate("status").status == 2
    flags: list[str] = []
    for code, flag in (
        ("CHECKSUM_MISMATCH", "--allow-modified"),
        ("MISSING_MIGRATION", "--allow-missing"),
        ("OUT_OF_ORDER", "--allow-out-of-order"),
    ):
        ran = migrate("up", *flags)
        assert (ran.status, ran.error["code"]) == (2, code)
        assert flag in ran.error["hint"]
        assert _tables(database) == ["t1", "t2", "t4"]
        flags.append(flag)
    assert _versions(migrate("up", *flags).data["applied"]) == ["0003", "0005"]


def test_a_database_ahead_is_no_error_for_an_older_release(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 2, 3])
    migrate("up")
    (folder.path / "0002_t2.sql").unlink()
    (folder.path / "0003_t3.sql").unlink()
    ran = migrate("status")
    assert ran.status == 0
    assert [row["state"] for row in ran.data["migrations"]] == ["applied", "database_ahead", "database_ahead"]
    assert [row["reversible"] for row in ran.data["migrations"]] == [True, None, None]
    ran = migrate("up")
    assert ran.status == 0
    assert ran.data["database_ahead"] == ["0002", "0003"]
    assert "the database is ahead" in ran.data["warnings"][0]
    assert "the database is ahead" in migrate("up", output="table").out


def test_an_irreversible_one_is_refused_before_anything(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("0001_one_way", "CREATE TABLE t1 (a int);")
    folder.tables([2])
    migrate("up")
    ran = migrate("down", "--all")
    assert (ran.status, ran.error["code"]) == (2, "IRREVERSIBLE")
    assert _tables(database) == ["t1", "t2"]


def test_plan_says_what_the_contract_promises(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1])
    migrate("up")
    folder.write("0002_more", "SELECT 1;\nALTER TABLE t1 ADD b int;", "DROP INDEX CONCURRENTLY i;")
    folder.write("0003_index", "CREATE INDEX CONCURRENTLY i ON t1 (a);")
    ran = migrate("plan")
    assert ran.status == 0
    more, index = ran.data["migrations"]
    assert more["statements"][1].keys() >= {"sql", "line", "transactional", "lock"}
    assert more["statements"][1]["sql"] == "ALTER TABLE t1 ADD b int"
    assert [s["line"] for s in more["statements"]] == [2, 3]
    assert [s["lock"] for s in more["statements"]] == [None, "ACCESS EXCLUSIVE"]
    assert more["statements"][1]["blocks"] == "reads and writes"
    assert [s["transactional"] for s in index["statements"]] == [False]
    assert [s["lock"] for s in index["statements"]] == ["SHARE UPDATE EXCLUSIVE"]
    down = migrate("plan", "down")
    assert (down.data["direction"], down.data["migrations"][0]["statements"][0]["sql"]) == ("down", "DROP TABLE t1")
    text = migrate("plan", output="table").out
    assert "ACCESS EXCLUSIVE on t1: blocks reads and writes  line 3" in text
    assert "2 migrations would be applied, in this order; nothing was changed." in text


@pytest.mark.parametrize(
    "command",
    [("up", "--dry-run"), ("plan",), ("plan", "up", "--to", "0002"), ("status",), ("down", "--dry-run")],
    ids=" ".join,
)
def test_looking_changes_nothing(command: tuple[str, ...], folder: Folder, migrate: Migrate, database: str) -> None:
    folder.tables([1, 2])
    empty = snapshot(database, without="")
    assert migrate(*command).status in {0, 1}
    assert snapshot(database, without="") == empty
    migrate("up", "--steps", 1)
    one = snapshot(database, without=""), query(database, "TABLE dbops.migration_log")
    assert migrate(*command).status in {0, 1}
    assert (snapshot(database, without=""), query(database, "TABLE dbops.migration_log")) == one


def test_a_dry_run_shows_what_plan_shows(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1, 2])
    assert migrate("up", "--dry-run", "--to", "1").data == migrate("plan", "up", "--to", "1").data
    migrate("up")
    assert migrate("down", "--dry-run", "--all").data == migrate("plan", "down", "--all").data


def test_a_wrong_file_among_the_pending_ones_is_found_before_the_first_is_run(
    folder: Folder, migrate: Migrate, database: str
) -> None:
    folder.tables([1])
    folder.write("0002_bad", "SELECT 1;\nCOPY t FROM stdin;")
    ran = migrate("up")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert (ran.error["details"][0]["line"], ran.error["applied"], ran.error["pending"]) == (3, [], ["0001", "0002"])
    assert _tables(database) == []


def test_a_transaction_s_own_begin_and_commit_are_taken_off(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("0001_wrapped", "BEGIN;\nCREATE TABLE a (b int);\nSELECT nothing;\nCOMMIT;")
    assert migrate("up").error["details"][0]["line"] == 4
    assert _tables(database) == []
    folder.write("0001_wrapped", "BEGIN;\nCREATE TABLE a (b int);\nCOMMIT;", "BEGIN;\nDROP TABLE a;\nCOMMIT;")
    assert migrate("up").data["applied"][0]["transactional"] is True
    assert _tables(database) == ["a"]
    assert migrate("down").status == 0


def test_a_half_applied_one_is_failed_and_resumes(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("0001_half", "CREATE TABLE a (b int);\nSELECT nothing;", "DROP TABLE a;", options=" transaction:false")
    ran = migrate("up")
    assert ran.error["failed"]["version"] == "0001"
    assert _states(migrate) == {"0001": "failed"}
    assert migrate("status").status == 2
    assert migrate("down").error["code"] == "MIGRATION_FAILED"
    folder.write("0001_half", "CREATE TABLE a (b int);\nSELECT 1;", "DROP TABLE a;", options=" transaction:false")
    ran = migrate("up")
    assert (ran.status, ran.data["applied"][0]["transactional"]) == (0, False)
    assert _states(migrate) == {"0001": "applied"}
    assert _tables(database) == ["a"]


def test_a_renamed_version_is_still_the_same(folder: Folder, migrate: Migrate, database: str) -> None:
    """141 becomes 0141 when a team starts to pad its numbers; the checksum is of the text alone."""
    folder.write("141_x", "CREATE TABLE x (a int);", "DROP TABLE x;")
    migrate("up")
    (folder.path / "141_x.sql").rename(folder.path / "0141_x.sql")
    assert _states(migrate) == {"0141": "applied"}
    assert migrate("up").data["applied"] == []
    assert len(migrate("down").data["reverted"]) == 1
    assert _tables(database) == []


def test_an_up_without_a_statement_is_recorded(folder: Folder, migrate: Migrate) -> None:
    folder.write("0001_nothing", "-- nothing yet", "-- nothing")
    folder.write("0002_nothing", "-- nothing yet;", options=" transaction:false")
    assert _versions(migrate("up").data["applied"]) == ["0001", "0002"]


def test_crlf_and_a_bom_are_run_and_not_modified(folder: Folder, migrate: Migrate, database: str) -> None:
    path = folder.write("0001_windows", "CREATE TABLE w (a int);\nSELECT nothing;")
    text = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert migrate("up").error["details"][0]["line"] == 3
    text = text.replace(b"nothing", b"1")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert migrate("up").status == 0
    path.write_bytes(text)
    assert _states(migrate) == {"0001": "applied"}


def test_the_worked_example_goes_up_down_and_up_again(nowhere, database: str) -> None:
    def run(*arguments: str) -> Ran:
        return dbops("migrate", *arguments, "--dsn", database, "--dir", EXAMPLE, "-o", "json")

    before = snapshot(database)
    files = sorted(EXAMPLE.glob("*.sql"))
    assert files
    up = run("up")
    assert len(up.data["applied"]) == len(files)
    assert not all(row["transactional"] for row in up.data["applied"])
    after = snapshot(database)
    assert after != before
    assert run("status").status == 0
    assert len(run("down", "--all").data["reverted"]) == len(files)
    assert snapshot(database) == before
    assert run("up").status == 0
    assert snapshot(database) == after


def test_every_step_of_the_worked_example_leads_back(nowhere, database: str) -> None:
    def run(*arguments: str) -> Ran:
        return dbops("migrate", *arguments, "--dsn", database, "--dir", EXAMPLE, "-o", "json")

    files = sorted(EXAMPLE.glob("*.sql"))
    assert files
    for _ in files:
        before = snapshot(database)
        assert run("up", "--steps", "1").status == 0
        assert run("down").status == 0
        assert snapshot(database) == before
        assert run("up", "--steps", "1").status == 0
