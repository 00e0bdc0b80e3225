"""Resuming a migration that was left half way: nothing is run twice, and nothing is taken for done that isn't."""

from __future__ import annotations

import pytest

from dbops.migrate import transaction
from migrate.scene import query

NO_TRANSACTION = " transaction:false"
FAILS = "SELECT 1 / (SELECT count(*) FROM gate);"


@pytest.fixture
def gate(database):
    """A table whose emptiness makes FAILS fail, and a ledger of what was run."""
    query(database, "CREATE TABLE gate (); CREATE TABLE ledger (what text)")
    return lambda: query(database, "INSERT INTO gate DEFAULT VALUES")


def ledger(database):
    return [what for (what,) in query(database, "SELECT what FROM ledger ORDER BY ctid")]


def running(database, step):
    """Make the journal say that a backend that is gone was running a statement."""
    query(
        database,
        "UPDATE dbops.migration_steps SET state = 'running', backend_pid = 1, backend_start = 'epoch' "
        f"WHERE step = {step}",
    )


def test_the_hint_for_an_edited_statement_goes_on_after_all_that_was_run(folder, migrate, database, gate):
    inserts = "INSERT INTO ledger VALUES ('b');\nINSERT INTO ledger VALUES ('c');\n"
    folder.write("0001_a", f"INSERT INTO ledger VALUES ('a');\n{inserts}{FAILS}", options=NO_TRANSACTION)
    assert migrate("up").status == 2
    gate()
    folder.write("0001_a", f"INSERT INTO ledger VALUES ('A');\n{inserts}{FAILS}", options=NO_TRANSACTION)
    refused = migrate("up")
    assert refused.error["code"] == "CHECKSUM_MISMATCH"
    assert "--resume-at 4`" in refused.error["hint"]
    assert "half way" in refused.error["left"]
    migrate("repair", "1", "--resume-at", 4)
    assert migrate("up").status == 0
    assert ledger(database) == ["a", "b", "c"]


def test_repair_says_which_statements_will_be_run_again(folder, migrate, gate):
    folder.write("0001_a", f"INSERT INTO ledger VALUES ('a');\n{FAILS}", options=NO_TRANSACTION)
    migrate("up")
    changed = migrate("repair", "1", "--resume-at", 1).data["changes"][0]["change"]
    assert changed == "resumes at statement 1; 1 were done, so 1 to 1 are run again"


def test_a_half_applied_migration_that_is_spelled_otherwise_by_now_is_finished_once(folder, migrate, database, gate):
    path = folder.write("0001_a", f"INSERT INTO ledger VALUES ('a');\n{FAILS}", options=NO_TRANSACTION)
    assert migrate("up").status == 2
    gate()
    path.rename(folder.path / "1_a.sql")
    assert migrate("up").status == 0
    assert migrate("up").data["applied"] == []
    assert ledger(database) == ["a"]
    assert migrate("status").status == 0


def test_of_two_equal_statements_the_one_in_doubt_is_the_one_that_was_running(folder, migrate, database, gate):
    query(database, "CREATE PROCEDURE p() LANGUAGE sql AS $$INSERT INTO ledger VALUES ('p')$$")
    folder.write("0001_a", f"CALL p();\n{FAILS}\nCALL p();", options=NO_TRANSACTION)
    assert migrate("up").status == 2
    running(database, 0)
    query(database, "DELETE FROM dbops.migration_steps WHERE step = 1")
    refused = migrate("up")
    assert "statement 1 was under way" in refused.error["message"]
    assert ledger(database) == ["p"]


def test_settings_made_by_set_config_hold_for_what_is_resumed(folder, migrate, database, gate):
    query(database, "CREATE SCHEMA app; CREATE TABLE app.t (x int); CREATE TABLE public.t (x int)")
    folder.write(
        "0001_a",
        f"SELECT pg_catalog.set_config('search_path', 'app, public', false);\n{FAILS}\n"
        "CREATE INDEX CONCURRENTLY t_x ON t (x);",
    )
    assert migrate("up").status == 2
    gate()
    assert migrate("up").status == 0
    assert query(database, "SELECT schemaname FROM pg_indexes WHERE indexname = 't_x'") == [("app",)]


def test_a_temporary_table_of_an_earlier_session_is_missed_not_ignored(folder, migrate, database, gate):
    folder.write(
        "0001_a", f"CREATE TEMP TABLE names (n text);\n{FAILS}\nINSERT INTO ledger SELECT n FROM names;",
        options=NO_TRANSACTION,
    )  # fmt: skip
    assert migrate("up").status == 2
    gate()
    refused = migrate("up")
    assert refused.status == 2
    assert "ended with the session" in refused.error["message"]
    migrate("repair", "1", "--resume-at", 1)
    assert migrate("up").status == 0


def test_a_migration_that_another_session_has_only_begun_is_not_called_applied(folder, migrate, database, monkeypatch):
    folder.tables([1, 2])
    assert migrate("up", "--to", "1").status == 0
    whole = transaction._whole

    def begun_meanwhile(place, script, action):
        query(
            database,
            "INSERT INTO dbops.schema_migrations (version, name, checksum, state, transactional, run_id) "
            "VALUES ('0002', 't2', 'x', 'applying', false, 'orphan')",
        )
        return whole(place, script, action)

    monkeypatch.setattr(transaction, "_whole", begun_meanwhile)
    ran = migrate("up")
    assert ran.status == 2
    assert "has not finished it" in ran.error["message"]
    assert ran.error["retryable"] is True


def test_an_edited_index_is_not_taken_for_done_because_the_old_one_is_there(folder, migrate, database, gate):
    query(database, "CREATE TABLE t (a int, b int)")
    folder.write("0001_a", f"CREATE INDEX CONCURRENTLY i ON t (a);\n{FAILS}")
    assert migrate("up").status == 2
    query(database, "DELETE FROM dbops.migration_steps WHERE step = 1")
    running(database, 0)
    gate()
    folder.write("0001_a", f"CREATE INDEX CONCURRENTLY i ON t (b);\n{FAILS}")
    refused = migrate("up")
    assert refused.status == 2
    assert "can't be told" in refused.error["message"]


def test_an_index_without_a_name_is_refused_before_anything_is_run(folder, migrate, database):
    query(database, "CREATE TABLE t (a int)")
    folder.write("0001_a", "CREATE TABLE u (a int);")
    folder.write("0002_b", "CREATE INDEX CONCURRENTLY ON t (a);")
    refused = migrate("up")
    assert (refused.status, refused.error["code"]) == (2, "INVALID_MIGRATION")
    assert refused.error["details"][0]["line"] == 2
    assert query(database, "SELECT to_regclass('u')") == [(None,)]


def test_a_call_that_failed_after_it_may_have_committed_asks_first(folder, migrate, database, gate):
    query(
        database,
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS "
        "$$BEGIN INSERT INTO ledger VALUES ('p'); COMMIT; PERFORM 1 / (SELECT count(*) FROM gate); END$$",
    )
    folder.write("0001_a", "CALL p();", options=NO_TRANSACTION)
    assert migrate("up").status == 2
    gate()
    assert "can't be told" in migrate("up").error["message"]
    assert ledger(database) == ["p"]


def test_a_do_block_that_failed_whole_is_simply_run_again(folder, migrate, database, gate):
    folder.write(
        "0001_a",
        "DO $$BEGIN INSERT INTO ledger VALUES ('d'); PERFORM 1 / (SELECT count(*) FROM gate); END$$;",
        options=NO_TRANSACTION,
    )
    assert migrate("up").status == 2
    gate()
    assert migrate("up").status == 0
    assert ledger(database) == ["d"]


def test_redo_says_that_what_failed_to_come_back_is_reverted(folder, migrate, database, gate):
    gate()
    folder.write("0001_a", f"{FAILS}", "SELECT 1;")
    assert migrate("up").status == 0
    query(database, "TRUNCATE gate")
    failed = migrate("redo")
    assert failed.status == 2
    assert "reverted, and not applied again" in failed.error["message"]
    assert [migration["version"] for migration in failed.error["reverted"]] == ["0001"]
