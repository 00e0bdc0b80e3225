"""A migration that can't share a transaction, failing half way: what was done stays done, what failed is resumed."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.fault

FILE = "transaction:false"


def write_failing(project, *, second="INSERT INTO ledger VALUES (1 / 0);"):
    project.write(
        "0001", f"INSERT INTO ledger VALUES ('first');\n{second}\nINSERT INTO ledger VALUES ('third');", options=FILE
    )


def test_status_says_failed_and_where_it_goes_on(project):
    write_failing(project)
    failed = project.run("up")
    assert (failed.status, failed.error["code"]) == (2, "MIGRATION_FAILED")
    assert failed.error["applied"] == []
    assert failed.error["failed"]["version"] == "0001"
    assert failed.error["details"][0]["line"] == 3
    assert project.ledger() == ["first"]
    status = project.run("status")
    assert status.status == 2
    assert [migration["state"] for migration in status.data["migrations"]] == ["failed"]
    assert status.data["applied"] == 0


def test_the_next_run_resumes_at_the_failed_statement(project):
    write_failing(project, second="INSERT INTO ledger SELECT 'second' WHERE 1 / (SELECT count(*) FROM tickets) = 1;")
    project.execute("CREATE TABLE tickets (id int)")
    assert project.run("up").status == 2
    assert project.run("up").status == 2
    assert project.ledger() == ["first"]
    project.execute("INSERT INTO tickets VALUES (1)")
    assert project.up().applied == ["0001"]
    assert project.ledger() == ["first", "second", "third"]
    project.assert_finished(["0001"])


def test_the_failed_statement_may_be_mended_and_the_history_has_the_mended_file(project):
    write_failing(project)
    assert project.run("up").status == 2
    write_failing(project, second="INSERT INTO ledger VALUES ('mended');")
    project.up()
    assert project.ledger() == ["first", "mended", "third"]
    project.assert_finished(["0001"])
    status = project.run("status")
    assert status.status == 0, status.explain()


def test_a_statement_that_was_run_may_not_be_edited(project):
    write_failing(project)
    assert project.run("up").status == 2
    project.write("0001", "INSERT INTO ledger VALUES ('edited');\nINSERT INTO ledger VALUES ('second');", options=FILE)
    refused = project.run("up")
    assert (refused.status, refused.error["code"]) == (2, "CHECKSUM_MISMATCH")
    assert "statement 1" in refused.error["message"]
    assert project.ledger() == ["first"]
    assert project.states() == {"0001": "applying"}


def test_a_statement_put_in_before_the_failed_one_is_run(project):
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('first');\nCREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);",
    )
    assert project.run("up").status == 2
    assert project.invalid_indexes() == ["tagged"]
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('first');\nDELETE FROM items WHERE name = 'b';\n"
        "CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);",
    )
    project.up()
    assert project.column("SELECT name FROM items") == ["a"]
    assert project.ledger() == ["first"]
    project.assert_finished(["0001"])


def test_a_failed_statement_that_became_another_kind_is_run(project):
    write_failing(project, second="CREATE UNIQUE INDEX CONCURRENTLY tagged ON items (tag);")
    assert project.run("up").status == 2
    write_failing(project, second="DROP INDEX tagged; CREATE INDEX tagged ON items (tag);")
    project.up()
    assert project.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'tagged'::regclass")
    assert project.ledger() == ["first", "third"]
    project.assert_finished(["0001"])


def test_a_half_done_file_that_became_transactional_is_finished_not_called_done(project):
    write_failing(project)
    assert project.run("up").status == 2
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('first');\nINSERT INTO ledger VALUES ('second');\n"
        "INSERT INTO ledger VALUES ('third');",
    )
    assert project.up().applied == ["0001"]
    assert project.ledger() == ["first", "second", "third"]
    project.assert_finished(["0001"])
    assert project.run("status").status == 0


def test_a_down_that_failed_half_way_resumes_too(project):
    project.execute("CREATE TABLE tickets (id int)")
    project.write(
        "0001",
        "INSERT INTO ledger VALUES ('up');",
        "INSERT INTO ledger VALUES ('down');\nSELECT 1 / count(*) FROM tickets;\nINSERT INTO ledger VALUES ('end');",
        options=FILE,
    )
    project.up()
    failed = project.run("down")
    assert (failed.status, failed.error["code"]) == (2, "MIGRATION_FAILED")
    assert project.states() == {"0001": "reverting"}
    assert project.run("up").status == 2  # nothing goes on before it is settled
    project.execute("INSERT INTO tickets VALUES (1)")
    assert project.run("down").status == 0
    assert project.ledger() == ["down", "end", "up"]
    project.assert_finished([])


def test_a_role_and_search_path_of_the_file_hold_for_it_and_not_for_dbops(project, role):
    limited = role()
    project.execute(f"GRANT INSERT, SELECT ON ledger TO {limited.name}; GRANT USAGE ON SCHEMA public TO {limited.name}")
    project.write(
        "0001",
        f"SET ROLE {limited.name};\nSET search_path TO '';\nINSERT INTO public.ledger VALUES (current_user);\n"
        f"SELECT 1 / (SELECT count(*) - 1 FROM public.ledger);\n",
        options=FILE,
    )
    failed = project.run("up")
    assert failed.error["code"] == "MIGRATION_FAILED", failed.explain()
    assert "division by zero" in failed.error["message"]
    assert project.logged("failed") == ["0001"]
    project.execute("INSERT INTO ledger VALUES ('more')")
    project.up()
    assert project.ledger() == sorted(["more", limited.name])
    project.assert_finished(["0001"])


def test_a_session_authorization_of_the_file_does_not_reach_dbops(project, role):
    limited = role()
    project.execute(f"GRANT INSERT, SELECT ON ledger TO {limited.name}; GRANT USAGE ON SCHEMA public TO {limited.name}")
    project.write(
        "0001",
        f"SET SESSION AUTHORIZATION {limited.name};\nINSERT INTO ledger VALUES (session_user);\nRESET SESSION "
        "AUTHORIZATION;\nCREATE INDEX CONCURRENTLY tagged ON items (tag);",
    )
    project.up()
    assert project.ledger() == [limited.name]
    project.assert_finished(["0001"])


def test_a_file_that_fails_in_the_middle_leaves_the_earlier_ones_and_says_what_is_pending(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "INSERT INTO ledger VALUES ('two'); SELECT 1 / 0;")
    project.write("0003", "INSERT INTO ledger VALUES ('three');")
    failed = project.run("up")
    assert failed.status == 2
    assert failed.applied == ["0001"]
    assert failed.error["failed"] == {"version": "0002", "name": "m0002"}
    assert failed.error["pending"] == ["0002", "0003"]
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])
    assert project.run("status").status == 1
