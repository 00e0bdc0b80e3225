"""Which bounds a migration runs under: those that were asked for, and none that its role happens to have."""

from __future__ import annotations

import time

import pytest
from psycopg.conninfo import conninfo_to_dict

pytestmark = pytest.mark.fault


@pytest.fixture
def hurried(project, role):
    """A DSN of a role under whose settings no migration would come to its end."""
    made = role()
    name = conninfo_to_dict(project.dsn)["dbname"]
    project.execute(
        f"GRANT CREATE ON DATABASE {name} TO {made.name}; GRANT ALL ON ledger, items TO {made.name};"
        f"ALTER TABLE items OWNER TO {made.name}; GRANT CREATE ON SCHEMA public TO {made.name};"
        f"ALTER ROLE {made.name} SET statement_timeout = '400ms'; ALTER ROLE {made.name} SET lock_timeout = '1ms';"
        f"ALTER ROLE {made.name} SET idle_in_transaction_session_timeout = '300ms'"
    )
    return made.dsn(project.dsn)


def version(project):
    return int(project.value("SHOW server_version_num"))


def test_inherited_timeouts_are_overridden_and_said_so(project, hurried):
    project.write("0001", "INSERT INTO ledger SELECT 'one' FROM pg_sleep(1);")
    project.write("0002", "CREATE INDEX CONCURRENTLY slowly ON items (slow(name));")
    ran = project.up(dsn=hurried)
    assert ran.applied == ["0001", "0002"]
    warnings = ran.data["warnings"]
    assert len(warnings) == 1
    assert "statement_timeout of 0.4 s is inherited and overridden" in warnings[0]
    assert project.ledger() == ["one"]
    project.assert_finished(["0001", "0002"])


def test_the_lock_survives_the_timeouts_of_idle_transactions(project, hurried):
    """The session with the lock idles in a transaction for as long as the work takes."""
    project.write("0001", "SELECT pg_sleep(0.3); SELECT pg_sleep(0.3); SELECT pg_sleep(0.3);")
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    running = project.start("up", dsn=hurried)
    watcher = project.wait_for_watcher()
    time.sleep(0.7)
    assert project.lock_holders() == [watcher]
    ran = running.finish()
    assert ran.status == 0, ran.explain()


def test_transaction_timeout_is_lifted_where_there_is_one(project, role):
    if version(project) < 170000:
        return  # it came with 17
    made = role()
    name = conninfo_to_dict(project.dsn)["dbname"]
    project.execute(
        f"GRANT CREATE ON DATABASE {name} TO {made.name}; GRANT ALL ON ledger TO {made.name};"
        f"ALTER ROLE {made.name} SET transaction_timeout = '500ms'"
    )
    project.write("0001", "INSERT INTO ledger SELECT 'one' FROM pg_sleep(1);")
    ran = project.up(dsn=made.dsn(project.dsn))
    assert any("transaction_timeout of 0.5 s" in warning for warning in ran.data["warnings"])
    assert project.ledger() == ["one"]


def test_a_statement_timeout_that_was_asked_for_bounds_each_statement(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(0.4); SELECT pg_sleep(0.4);")
    project.up("--statement-timeout", "700ms")
    project.write("0002", "INSERT INTO ledger VALUES ('two');\nSELECT pg_sleep(600);")
    ran = project.run("up", "--statement-timeout", "300ms", timeout=20)
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (2, "MIGRATION_FAILED", True)
    assert "statement timeout" in ran.error["message"]
    assert "--statement-timeout" in ran.error["hint"]
    assert ran.error["details"][0]["line"] == 3
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])


@pytest.mark.parametrize("options", ["", "transaction:false"])
def test_max_duration_bounds_the_whole_run(project, options):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.write("0002", "INSERT INTO ledger VALUES ('two');\nSELECT pg_sleep(600);", options=options)
    ran = project.run("up", "--max-duration", "3s", timeout=20)
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (2, "MIGRATION_FAILED", True)
    assert "--max-duration" in ran.error["message"]
    assert ran.applied == ["0001"]
    assert ran.error["pending"] == ["0002"]
    assert project.ledger() == (["one", "two"] if options else ["one"])
    assert project.logged("failed") == ["0002"]
    project.assert_quiet()


def test_max_duration_bounds_the_wait_for_another_runner_too(project):
    project.write("0001", "SELECT pg_sleep(30);")
    first = project.start("up")
    project.wait_for_worker()
    ran = project.run("up", "--max-duration", "1s", timeout=20)
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_LOCKED")
    first.kill()
