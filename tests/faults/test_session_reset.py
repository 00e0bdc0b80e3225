"""What a file does to its session ends with the file: the next one, and dbops itself, find it as it was."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.fault

LEAKS = {
    "search_path by set_config": "SELECT pg_catalog.set_config('search_path', '', false);",
    "search_path by SET": "SET search_path TO '';",
    "role": "SET ROLE {role};",
    "session authorization": "SET SESSION AUTHORIZATION {role};",
    "settings": "SET statement_timeout = '50ms'; SET lock_timeout = '1ms'; SET default_transaction_read_only = on;",
    "isolation": "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY;",
    "a temporary table": "CREATE TEMP TABLE ledger (wrong int);",
    "what is prepared": "PREPARE next AS SELECT 1; DECLARE open CURSOR WITH HOLD FOR SELECT 1; LISTEN ears;",
    "an advisory lock": "SELECT pg_advisory_lock(4711);",
    "an encoding": "SET client_encoding = 'LATIN1';",
}
LOOK = """
INSERT INTO ledger SELECT format('{leak}: %s %s %s %s %s', current_user, session_user, current_setting('search_path'),
    current_setting('statement_timeout'), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711));
INSERT INTO ledger VALUES ('{leak}: naïve');
SELECT pg_sleep(0.06);
PREPARE next AS SELECT 1;
"""


@pytest.mark.parametrize("options", ["", "transaction:false"])
def test_nothing_of_a_files_session_reaches_the_next_file(project, role, options):
    other = role()
    versions = [f"{number:04}" for number in range(1, 2 * len(LEAKS) + 1)]
    for leak, leaking, looking in zip(LEAKS, versions[::2], versions[1::2], strict=True):
        project.write(leaking, LEAKS[leak].format(role=other.name), options=options)
        project.write(looking, LOOK.format(leak=leak), options=options)
    project.up()
    clean = 'postgres postgres "$user", public 0 0'
    assert project.ledger() == sorted(word for leak in LEAKS for word in (f"{leak}: naïve", f"{leak}: {clean}"))
    project.assert_finished(versions)


def test_a_dump_with_an_empty_search_path_migrates_and_its_successor_too(project):
    project.write(
        "0001",
        "BEGIN;\nSET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nSET default_table_access_method = heap;\n"
        "CREATE TABLE public.dumped (id integer NOT NULL);\nCOMMIT;",
    )
    project.write("0002", "INSERT INTO dumped VALUES (1);")
    project.up()
    assert project.column("SELECT id FROM public.dumped") == [1]
    project.assert_finished(["0001", "0002"])


def test_a_failed_file_leaves_nothing_in_the_session_either(project, role):
    """The failure is written by dbops, not by the role the file had become."""
    other = role()
    project.write("0001", f"SET ROLE {other.name}; SET search_path TO ''; SELECT 1 / 0;")
    assert project.run("up").status == 2
    assert project.logged("failed") == ["0001"]
    assert project.column("SELECT db_role FROM dbops.migration_log") == ["postgres"]
