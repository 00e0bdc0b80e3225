"""Row values and passwords stay out of what is logged, stored and printed for programs."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.fault

SECRET = "hunter2sesame"
ROW = "4929-1234"
READER = f"reader_{os.getpid()}"

# ``items`` holds the value ROW twice; the files don't hold it themselves.
FILES = {
    "a DETAIL": "CREATE UNIQUE INDEX ON items (tag);",
    "a DETAIL at COMMIT": "ALTER TABLE items ADD UNIQUE (tag) DEFERRABLE INITIALLY DEFERRED;",
    "a failing row": "ALTER TABLE items ADD CHECK (length(tag) < 3);",
    "a password": f"CREATE ROLE {READER} PASSWORD '{SECRET}'; SELECT 1 / 0;",
    "a password in the failing statement": f"ALTER ROLE no_such_role PASSWORD '{SECRET}';",
    "a connection string": f"SELECT 'postgres://app:{SECRET}@db/x' FROM no_such_table;",
    "a notice": "DO $$ BEGIN RAISE NOTICE 'row %', (SELECT min(tag) FROM items); RAISE division_by_zero "
    "USING DETAIL = (SELECT min(tag) FROM items), HINT = 'see above'; END $$;",
}


@pytest.fixture
def project(project):
    project.execute(f"UPDATE items SET tag = '{ROW}'")
    yield project
    project.execute(f"DROP ROLE IF EXISTS {READER}")


def everything_stored(project):
    return project.value("SELECT coalesce(string_agg(l::text, ' '), '') FROM dbops.migration_log AS l")


@pytest.mark.parametrize(
    ("what", "output", "options"),
    [
        *((what, "json", "") for what in FILES),
        ("a DETAIL", "table", "transaction:false"),
        ("a notice", "json", "transaction:false"),
        ("a notice", "table", ""),
        ("a password in the failing statement", "table", ""),
        ("a password in the failing statement", "json", "transaction:false"),
    ],
)
def test_a_failure_shows_and_stores_neither_rows_nor_passwords(project, what, output, options):
    project.write("0001", FILES[what], options=options)
    ran = project.run("up", output=output)
    assert ran.status == 2, ran.explain()
    seen = ran.stdout + ran.stderr + everything_stored(project)
    assert "MIGRATION_FAILED" in seen
    assert SECRET not in seen
    assert ROW not in seen


def test_show_data_shows_the_detail_and_still_stores_none(project):
    project.write("0001", FILES["a DETAIL"])
    ran = project.run("up", "--show-data")
    assert ROW in ran.error["details"][0]["detail"]
    assert ROW not in everything_stored(project)
    assert ROW not in ran.stderr


def test_a_blockers_sql_is_not_shown(project):
    project.write("0001", "ALTER TABLE items ADD COLUMN note text;")
    with project.connect(application="reports") as other:
        other.execute(f"BEGIN; SELECT * FROM items WHERE name = '{ROW}'")
        ran = project.run("up", "--lock-timeout", "500ms", "--retries", "0")
    assert ran.error["code"] == "LOCK_TIMEOUT"
    assert "reports" in ran.stdout
    assert ROW not in ran.stdout + ran.stderr + everything_stored(project)


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://nobody:{SECRET}@127.0.0.1:1/x",
        f"host=127.0.0.1 port=1 user=nobody password={SECRET} dbname=x",
        f"postgresql://nobody:{SECRET}@127.0.0.1:notaport/x",
    ],
)
def test_the_connection_strings_password_is_not_shown(project, dsn):
    ran = project.run("status", "--connect-wait", "1s", dsn=dsn)
    assert ran.status == 3
    assert SECRET not in ran.stdout + ran.stderr


def test_a_wrong_password_is_not_shown(project, role):
    login = role()
    dsn = f"{project.dsn} user={login.name} password={SECRET}"
    ran = project.run("status", dsn=dsn)
    assert (ran.status, ran.error["code"]) == (3, "CONNECTION_FAILED"), ran.explain()
    assert SECRET not in ran.stdout + ran.stderr
