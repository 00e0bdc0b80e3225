"""0 good, 1 attention, 2 bad, 3 could not tell, 64 usage, 75 try again, 130 interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psycopg

from cli.command import SOURCE, dbops, process


def _write(folder: Path, up: str) -> None:
    (folder / "0001_first.sql").write_text(f"-- migrate:up\n{up}\n-- migrate:down\nSELECT 1;\n")


def test_good_is_0(database: str) -> None:
    assert dbops("migrate", "status", "--dsn", database).status == 0


def test_pending_migrations_are_1(folder: Path, database: str) -> None:
    _write(folder, "SELECT 1;")
    assert dbops("migrate", "status", "--dsn", database).status == 1


def test_a_failed_migration_is_2(folder: Path, database: str) -> None:
    _write(folder, "SELECT nothing;")
    assert dbops("migrate", "up", "--dsn", database).status == 2


def test_an_invalid_file_is_2(folder: Path, database: str) -> None:
    _write(folder, "SELEC;")
    assert dbops("migrate", "up", "--dsn", database).status == 2


def test_a_server_that_does_not_answer_is_3() -> None:
    assert dbops("migrate", "up", "--dsn", "host=127.0.0.1 port=1", "--connect-wait", 0).status == 3


def test_a_configuration_that_names_no_database_is_3() -> None:
    assert dbops("migrate", "up").status == 3


def test_a_right_that_is_missing_is_3(folder: Path, database: str, role) -> None:
    _write(folder, "SELECT 1;")
    ran = dbops("migrate", "up", "--dsn", role().dsn(database), "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")


def test_a_wrong_command_line_is_64() -> None:
    assert dbops("migrate", "up", "--no-such-option").status == 64
    assert dbops("no-such-command").status == 64
    assert dbops("migrate").status == 64
    assert dbops().status == 64


def test_retryable_failures_are_75_with_tempfail_only(folder: Path, database: str) -> None:
    _write(folder, "ALTER TABLE busy ADD COLUMN b int;")
    up = ("migrate", "up", "--dsn", database, "--lock-timeout", "50ms", "--retries", 0, "-o", "json")
    with closing(psycopg.connect(database, connect_timeout=10)) as other:
        other.execute("CREATE TABLE busy (a int)")
        other.commit()
        other.execute("LOCK TABLE busy")
        without, asked = dbops(*up), dbops(*up, "--tempfail")
    assert (without.status, without.error["code"], without.error["retryable"]) == (2, "LOCK_TIMEOUT", True)
    assert (asked.status, asked.error["code"]) == (75, "LOCK_TIMEOUT")
    assert "exit_status" not in asked.error


def test_a_failure_that_stays_is_not_75(folder: Path, database: str) -> None:
    _write(folder, "SELECT nothing;")
    assert dbops("migrate", "up", "--dsn", database, "--tempfail").status == 2


def test_the_process_ends_with_the_status() -> None:
    assert process("migrate", "up").status == 3
    assert process("--version").status == 0


def test_ctrl_c_is_130_and_leaves_nothing(folder: Path, database: str) -> None:
    _write(folder, "CREATE TABLE half (a int); SELECT pg_sleep(60);")
    started = subprocess.Popen(
        [sys.executable, "-m", "dbops", "migrate", "up", "--dsn", database, "-o", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as other:
        killer = threading.Timer(30, started.kill)
        killer.start()
        asleep = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        while not other.execute(asleep).fetchone():
            assert started.poll() is None
            time.sleep(0.02)
        started.send_signal(signal.SIGINT)
        out, _ = started.communicate()
        killer.cancel()
        assert started.returncode == 130
        assert b'"code": "INTERRUPTED"' in out
        assert other.execute("SELECT to_regclass('half')").fetchone() == (None,)
