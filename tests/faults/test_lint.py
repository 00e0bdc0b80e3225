"""`dbops lint` when it is killed, interrupted, out of disk, or asks a server in trouble: no file is half written."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from faults.scene import PATIENCE, Project, Ran, Running, eventually
from servers.server import Server

pytestmark = pytest.mark.fault

OLD = "SELECT * FROM orders WHERE id = 1;\n"
NEW = "SELECT id, note FROM orders WHERE id = 1;\n"
ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, note text);"
HEAVY = "SELECT id FROM orders WHERE id = 1;\n" * 20_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory whose queries can be fixed, because a migration tells the columns."""
    for name, text in {"sql/migrations/0001_orders.sql": f"-- migrate:up\n{ORDERS}\n", "q/a.sql": OLD}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def start(folder: Path, *words: str, before: Callable[[], object] | None = None) -> Running:
    """Start ``dbops lint WORDS`` in a process group of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBOPS_", "PG"))}
    return Running(
        subprocess.Popen(
            [sys.executable, "-m", "dbops", "lint", *words, "-o", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment | {"XDG_CACHE_HOME": str(folder / "cache")},
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509 - no threads are about
        )
    )


def lint(folder: Path, *words: str, before: Callable[[], object] | None = None) -> Ran:
    return start(folder, *words, before=before).finish()


def small_files() -> None:
    """Let no file grow beyond the old text's size, as a full disk would."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(OLD), len(OLD)))


def workers(running: Running) -> list[int]:
    """The processes that a run has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(running.process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_killed_while_it_writes_every_file_is_the_old_or_the_new_one(folder):
    files = [folder / f"q/q{number}.sql" for number in range(300)]
    for file in files:
        file.write_text(OLD)
    running = start(folder, "--fix", "q", "--jobs", "1")
    eventually(lambda: any(file.read_text() == NEW for file in files[::7]), "nothing is written")
    running.kill()
    assert {file.read_text() for file in files} <= {OLD, NEW}
    assert lint(folder, "--fix", "q").status == 0
    assert {file.read_text() for file in files} == {NEW}


@pytest.mark.parametrize("begun", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_and_its_processes_at_once(folder, number, begun):
    """Also one that comes while processes are being started."""
    for count in range(6):
        (folder / f"q/heavy{count}.sql").write_text(HEAVY)
    running = start(folder, "--fix", "q", "--jobs", "2", "--no-cache")
    found = eventually(lambda: len(workers(running)) >= begun and workers(running), "no processes")
    started = time.monotonic()
    running.signal(number)
    ran = running.finish(timeout=20)
    assert time.monotonic() - started < 5
    assert ran.status == 130, ran.explain()
    assert ran.error["code"] == "INTERRUPTED"
    assert "Traceback" not in ran.stderr
    eventually(lambda: not alive(found), "a process is left")
    assert (folder / "q/a.sql").read_text() == OLD


def test_killed_it_leaves_no_process_that_keeps_its_output_open(folder):
    for count in range(6):
        (folder / f"q/heavy{count}.sql").write_text(HEAVY)
    running = start(folder, "q", "--jobs", "2", "--no-cache")
    found = eventually(lambda: len(workers(running)) >= 2 and workers(running), "no processes")
    running.kill()  # returns when nobody holds its output any more
    eventually(lambda: not alive(found), "a process is left")


def test_a_process_that_is_killed_costs_no_finding(folder):
    for count in range(4):
        (folder / f"q/heavy{count}.sql").write_text(HEAVY[: len(HEAVY) // 10] + OLD)
    whole = lint(folder, "q", "--jobs", "1", "--no-cache")
    running = start(folder, "q", "--jobs", "2", "--no-cache")
    os.kill(eventually(lambda: workers(running), "no processes")[0], signal.SIGKILL)
    ran = running.finish()
    assert ran.status == 1, ran.explain()
    assert ran.data == whole.data


def test_a_full_disk_leaves_a_file_as_it_was(folder):
    ran = lint(folder, "--fix", "q", before=small_files)
    assert ran.status == 3, ran.explain()
    assert ran.error["details"][0]["file"] == "q/a.sql"
    assert "no file was changed" in ran.error["message"]
    assert [file.name for file in (folder / "q").iterdir()] == ["a.sql"]
    assert (folder / "q/a.sql").read_text() == OLD


def test_a_full_disk_leaves_a_file_of_two_names_as_it_was(folder):
    (folder / "elsewhere").hardlink_to(folder / "q/a.sql")
    assert lint(folder, "--fix", "q", before=small_files).status == 3
    assert (folder / "elsewhere").read_text() == OLD


def test_a_full_disk_leaves_a_baseline_as_it_was(folder):
    (folder / "old.json").write_text('{"version": 1, "findings": []}')
    ran = lint(folder, "q", "--baseline", "old.json", "--write-baseline", before=small_files)
    assert ran.status == 3, ran.explain()
    assert (folder / "old.json").read_text() == '{"version": 1, "findings": []}'


@pytest.mark.parametrize("path", ["q/pipe.sql", "/dev/zero"])
def test_a_pipe_or_device_is_refused_and_not_waited_for(folder, path):
    os.mkfifo(folder / "q/pipe.sql")
    ran = lint(folder, path)
    assert ran.status == 64, ran.explain()
    assert "no regular file" in ran.error["message"]


def test_a_pipe_in_a_folder_is_passed_over(folder):
    os.mkfifo(folder / "q/pipe.sql")
    ran = lint(folder, "q")
    assert [finding["file"] for finding in ran.data["findings"]] == ["q/a.sql"]


def test_a_working_directory_that_is_gone_is_said(folder):
    gone = folder / "gone"
    gone.mkdir()
    ran = lint(gone, before=gone.rmdir)
    assert ran.status == 64, ran.explain()
    assert "working directory" in ran.error["message"]


def test_two_at_once_on_one_cache_find_the_same(folder):
    for count in range(50):
        (folder / f"q/q{count}.sql").write_text(OLD)
    both = [start(folder, "q"), start(folder, "q")]
    one, other = (running.finish() for running in both)
    assert one.data == other.data == lint(folder, "q").data


def test_a_cache_that_is_broken_costs_nothing(folder):
    first = lint(folder, "q")
    for broken in ('{"x": [', "[1]", '{"x": 1}', ""):
        for kept in (folder / "cache").rglob("*.json"):
            kept.write_text(broken)
        assert lint(folder, "q").data == first.data


def star(ran: Ran) -> str:
    """What is said to be written in place of the star: the columns, where they are known."""
    return next(finding["hint"] for finding in ran.data["findings"] if finding["rule"] == "select-star")


def asked(project: Project, dsn: str, *words: str) -> Ran:
    (project.folder.parent / "q.sql").write_text("SELECT * FROM items;\n")
    return lint(project.folder.parent, "q.sql", *words, "--dsn", dsn)


def test_a_server_that_dies_while_it_is_asked_is_said(tmp_path, private_server: Server):
    (tmp_path / "q.sql").write_text(OLD)
    private_server.pause()
    try:
        running = start(tmp_path, "q.sql", "--dsn", private_server.dsn())
        time.sleep(1)
    finally:
        private_server.kill()
    ran = running.finish(PATIENCE)
    assert ran.status == 3, ran.explain()
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert "Traceback" not in ran.stderr


def test_a_wrong_password_is_not_printed(project, role):
    login = role()
    ran = asked(project, make_conninfo(project.dsn, user=login.name, password="hunter22", host="127.0.0.1"))
    assert "hunter22" not in ran.stdout + ran.stderr


def test_a_table_that_is_locked_is_not_waited_for(project):
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE items")
        started = time.monotonic()
        ran = asked(project, project.dsn)
        assert time.monotonic() - started < 15
        other.execute("ROLLBACK")
    assert "name, tag" in star(ran)
    project.assert_quiet()


def test_a_catalog_that_is_locked_is_said_and_not_waited_for(folder, database):
    import psycopg

    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE pg_constraint IN ACCESS EXCLUSIVE MODE")
        ran = lint(folder, "q", "--dsn", database)
    assert ran.status == 3
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert ran.error["retryable"]


def test_a_login_that_a_locked_catalog_holds_up_ends_in_time_and_may_be_tried_again(folder, database):
    import psycopg

    with psycopg.connect(database, autocommit=True) as other:
        other.execute("VACUUM FULL pg_attribute")  # the next to log in reads the whole catalog anew
        other.execute("BEGIN")
        other.execute("LOCK TABLE pg_constraint IN ACCESS EXCLUSIVE MODE")
        ran = lint(folder, "q", "--dsn", make_conninfo(database, connect_timeout=2))
    assert ran.status == 3
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert ran.error["retryable"]
    assert "overloaded" in ran.error["hint"]


def test_a_history_that_is_locked_is_not_waited_for(project):
    project.write("0001", "CREATE INDEX items_tag ON items (tag);")
    project.up()
    with project.connect() as other:
        other.execute("BEGIN; LOCK TABLE dbops.schema_migrations")
        ran = asked(project, project.dsn)
        other.execute("ROLLBACK")
    assert ran.status == 1, ran.explain()
    project.assert_quiet()


def test_a_role_without_rights_and_with_a_timeout_is_told_what_the_catalog_tells(project, role):
    login = role()
    project.execute(f"ALTER ROLE {login.name} SET statement_timeout = '20s'")
    ran = asked(project, login.dsn(project.dsn))
    assert "name, tag" in star(ran)
    assert ran.document["meta"]["target"]["user"] == login.name
    project.assert_quiet()


def test_a_pooler_is_asked_like_any_server(project, pgbouncer):
    ran = asked(project, pgbouncer.dsn(conninfo_to_dict(project.dsn)["dbname"]))
    assert "name, tag" in star(ran)
    project.assert_quiet(pooled=True)


def test_a_standby_is_asked_like_any_server(tmp_path, cluster):
    (tmp_path / "q.sql").write_text("SELECT * FROM pg_nothing WHERE id = 1;\n")
    ran = lint(tmp_path, "q.sql", "--dsn", cluster.standbys[0].dsn())
    assert ran.status == 1, ran.explain()
    assert ran.document["meta"]["target"]["in_recovery"]


def test_many_tables_and_names_that_need_quotes_are_known(project):
    project.execute(
        "DO $$ BEGIN FOR n IN 1..2000 LOOP EXECUTE format('CREATE TABLE %I (id int, %I text)', "
        "'Odd \" table ' || n, 'it''s'); END LOOP; END $$"
    )
    (project.folder.parent / "odd.sql").write_text('SELECT * FROM "Odd "" table 7" WHERE id = 1;\n')
    ran = lint(project.folder.parent, "odd.sql", "--dsn", project.dsn)
    assert '"it\'s"' in star(ran)


def test_what_a_database_has_applied_is_not_edited(project):
    project.write("0001", "CREATE INDEX items_tag ON items (tag);")
    applied = project.folder / "0001_m0001.sql"
    project.up()
    project.write("0002", "CREATE INDEX items_name ON items (name);")
    pending = project.folder / "0002_m0002.sql"
    before = applied.read_text()
    arguments = ("--fix", str(project.folder), "--dir", str(project.folder))
    ran = lint(project.folder.parent, *arguments, "--dsn", project.dsn)
    assert ran.data["fixed"] == [str(pending)]
    assert applied.read_text() == before
    assert "CONCURRENTLY" in pending.read_text()
    assert "applied already" in ran.stderr
    assert not any(finding["fixable"] for finding in ran.data["findings"])


def test_without_a_database_it_is_said_that_applied_migrations_must_stay(folder):
    (folder / "sql/migrations/0002_index.sql").write_text("-- migrate:up\nCREATE INDEX orders_note ON orders (note);\n")
    ran = lint(folder, "--fix", "sql/migrations")
    assert ran.data["fixed"] == ["sql/migrations/0002_index.sql"]
    assert "applied" in ran.stderr
    assert json.loads(ran.stdout)
