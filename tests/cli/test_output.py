"""Logs, colour, broken pipes, defects: how a run shows itself."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from cli.command import SOURCE, dbops, process
from dbops.cli.migrate import work
from dbops.cli.render import tell
from dbops.errors import MigrationFailed
from dbops.output.progress import Lines
from dbops.output.style import Style
from dbops.results.progress import MigrationDone, MigrationStarted

ESCAPE = "\x1b["


@pytest.fixture
def first(folder: Path) -> Path:
    path = folder / "0001_first.sql"
    path.write_text("-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;\n")
    return path


def test_logs_are_json_lines_when_stderr_is_no_terminal(first: Path, database: str) -> None:
    ran = dbops("migrate", "up", "--dsn", database, "-o", "json")
    assert [line["event"] for line in ran.logged] == ["target_known", "migration_started", "migration_done"]
    for line in ran.logged:
        assert list(line)[:4] == ["ts", "level", "event", "run_id"]
        assert line["run_id"] == ran.meta["run_id"]
        assert line["level"] == "info"
    assert len(ran.err.splitlines()) == len(ran.logged)


def test_a_failure_is_logged_with_its_code_and_without_the_servers_words(first: Path, database: str) -> None:
    first.write_text("-- migrate:up\nSELECT 'private'::int;\n")
    ran = dbops("migrate", "up", "--dsn", database, "-o", "json")
    failed = next(line for line in ran.logged if line["event"] == "migration_failed")
    assert (failed["level"], failed["code"], failed["version"]) == ("warning", "MIGRATION_FAILED", "0001")
    assert "private" not in ran.err


def test_the_log_level_holds(first: Path, database: str) -> None:
    assert dbops("--log-level", "warning", "migrate", "up", "--dsn", database, "-o", "json").err == ""


def test_the_log_is_for_people_where_they_want_it(first: Path, database: str) -> None:
    ran = dbops("--log-format", "console", "migrate", "up", "--dsn", database, "-o", "json")
    assert "migration_done" in ran.err
    assert ran.logged == []


def test_people_get_no_log_of_what_they_see_already(first: Path, database: str) -> None:
    ran = dbops("migrate", "up", "--dsn", database)
    assert ran.err == ""
    assert "✓ 0001 first" in ran.out


def test_a_notice_is_not_logged_because_it_may_hold_rows(first: Path, database: str) -> None:
    first.write_text("-- migrate:up\nDO $$ BEGIN RAISE NOTICE 'private row'; END $$;\n")
    ran = dbops("--log-level", "debug", "migrate", "up", "--dsn", database, "-o", "json")
    assert ran.status == 0
    assert "private row" not in ran.everything


def test_detail_with_row_values_is_shown_only_when_asked_for(first: Path, database: str) -> None:
    first.write_text(
        "-- migrate:up\nCREATE TABLE u (a text PRIMARY KEY);\n"
        "INSERT INTO u SELECT 'private' FROM generate_series(1, 2);\n"
    )
    up = ("migrate", "up", "--dsn", database)
    assert "Key (a)=(private)" not in dbops(*up).everything
    assert "Key (a)=(private)" not in dbops(*up, "-o", "json").everything
    assert "Key (a)=(private)" in dbops(*up, "--show-data").err
    assert "Key (a)=(private)" in dbops(*up, "--show-data", "-o", "json").out


@pytest.mark.parametrize(
    ("options", "environ", "terminal", "painted"),
    [
        ([], {}, False, False),
        ([], {}, True, True),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"FORCE_COLOR": "1"}, False, True),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ([], {"TERM": "dumb"}, True, False),
        ([], {"DBOPS_COLOR": "always"}, False, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, True, False),
        (["--color", "always"], {"NO_COLOR": "1"}, False, True),
        (["--color", "auto"], {"DBOPS_COLOR": "always"}, False, False),
    ],
)
def test_colour(
    options: list[str],
    environ: dict[str, str],
    terminal: bool,
    painted: bool,
    first: Path,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    result = dbops(*options, "migrate", "status", "--dsn", database, terminal=terminal)
    assert (ESCAPE in result.out) == painted
    error = dbops(*options, "migrate", "frob", terminal=terminal)
    assert (ESCAPE in error.err) == painted
    assert ESCAPE not in dbops(*options, "migrate", "status", "--dsn", database, "-o", "json", terminal=terminal).out


def test_colour_reaches_a_pipe_that_wants_it(first: Path, database: str) -> None:
    assert ESCAPE in process("--color", "always", "migrate", "status", "--dsn", database).out
    assert ESCAPE in process("--color", "always", "doctor", "--dsn", database).out


def _without_reader(*arguments: str, stderr: bool = True) -> tuple[int, str]:
    """Run dbops with a stdout, or both streams, whose reader has gone; return the exit status and stderr."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "dbops", *arguments],
        stdout=write,
        stderr=subprocess.PIPE if stderr else write,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    os.close(write)
    return done.returncode, done.stderr or ""


def _three(folder: Path) -> None:
    for number in range(3):
        (folder / f"000{number}_x.sql").write_text("-- migrate:up\nSELECT 1;\n")


def test_a_reader_that_has_gone_stops_no_migration(folder: Path, database: str) -> None:
    _three(folder)
    assert _without_reader("migrate", "up", "--dsn", database) == (0, "")
    assert dbops("migrate", "status", "--dsn", database, "-o", "json").data["applied"] == 3


def test_a_reader_that_has_gone_hides_no_failure(first: Path, database: str) -> None:
    first.write_text("-- migrate:up\nSELECT nothing;\n")
    status, err = _without_reader("migrate", "up", "--dsn", database)
    assert status == 2
    assert "Traceback" not in err
    assert _without_reader("migrate", "up", "--dsn", database, "-o", "json")[0] == 2


def test_a_log_that_nobody_reads_stops_no_migration(folder: Path, database: str) -> None:
    _three(folder)
    assert _without_reader("migrate", "up", "--dsn", database, "-o", "json", stderr=False)[0] == 0
    assert dbops("migrate", "status", "--dsn", database, "-o", "json").data["applied"] == 3


def test_help_into_head_is_quiet() -> None:
    assert _without_reader("--help")[1] == ""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object, **__: object) -> None:
        raise KeyError("postgresql://me:hunter2secret@h/d")

    monkeypatch.setattr(work, "resolve", defect)


def test_a_defect_is_one_error_without_a_traceback(broken: None) -> None:
    ran = dbops("migrate", "status")
    assert ran.status == 2
    assert ran.err.startswith("error INTERNAL_ERROR: a defect in dbops: KeyError\n")
    assert "Traceback" not in ran.err
    assert "hunter2secret" not in ran.everything


def test_a_defect_is_json_too(broken: None) -> None:
    ran = dbops("migrate", "status", "-o", "json")
    assert (ran.status, ran.error["code"], ran.err) == (2, "INTERNAL_ERROR", "")


def test_debug_shows_where(broken: None) -> None:
    ran = dbops("--debug", "migrate", "status", "-o", "json")
    assert ran.status == 2
    assert "Traceback" in ran.err
    assert "in defect" in ran.err
    assert "hunter2secret" not in ran.everything
    assert ran.error["code"] == "INTERNAL_ERROR"


def test_debug_shows_where_an_error_came_from() -> None:
    assert "Traceback" in dbops("--debug", "migrate", "status").err
    assert "Traceback" not in dbops("migrate", "status").err


def _full(*arguments: str) -> tuple[int, str]:
    """Run dbops with a stdout on a full disk; return the exit status and stderr."""
    with Path("/dev/full").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "dbops", *arguments],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
    return done.returncode, done.stderr


def test_a_full_disk_stops_no_migration_and_is_said(folder: Path, database: str) -> None:
    _three(folder)
    status, err = _full("migrate", "up", "--dsn", database)
    assert (status, err) == (0, "warning: the output can't be written: No space left on device\n")
    assert dbops("migrate", "status", "--dsn", database, "-o", "json").data["applied"] == 3


def test_a_terminal_line_that_cannot_be_drawn_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:
        lines = Lines(full, full, Style(colour=False), live=True)
        lines(MigrationStarted("0001", "x", "up", True))
        lines(MigrationDone("0001", "x", "up", 1, True, 0))
        lines.clear()


def test_the_excerpt_of_a_statement_is_blanked_by_the_rules_of_sql_alone() -> None:
    error = MigrationFailed(
        "no", details=[{"field": "statement", "error": "x", "statement": "SELECT password = '***'"}]
    )
    err = StringIO()
    with redirect_stderr(err):
        tell(error, json=False, style=Style(colour=False), debug=False)
    assert "SELECT password = '***'" in err.getvalue()
