from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from cli.command import SOURCE
from dbops import log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    log.configure("warning", json=True)


def test_a_line_is_json_with_what_every_line_has_first(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", json=True, run_id="7f3a")
    log.info("migration_done", version="0141", name="é", nothing=None)
    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert list(fields) == ["ts", "level", "event", "run_id", "version", "name"]
    assert (fields["level"], fields["event"], fields["run_id"]) == ("info", "migration_done", "7f3a")
    assert datetime.fromisoformat(fields["ts"]).utcoffset() is not None
    assert "é" in line


def test_a_text_with_line_ends_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", json=True)
    log.error("x", message='one\ntwo "three"')
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == 'one\ntwo "three"'


@pytest.mark.parametrize("least", ["debug", "info", "warning", "error"])
def test_what_is_below_the_level_is_not_written(least: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(least, json=True)
    for level in ("debug", "info", "warning", "error"):
        getattr(log, level)(level)
    levels = ["debug", "info", "warning", "error"]
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == levels[levels.index(least) :]


def test_people_get_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", json=False, run_id="7f3a")
    log.info("migration_done", version="0141")
    said = capsys.readouterr().err
    assert "migration_done" in said
    assert "version=0141" in said
    assert "\x1b[" not in said


def test_structlog_is_imported_at_the_first_line_that_is_written() -> None:
    script = (
        "import sys; from dbops import log; log.configure('info', json=True); log.debug('x'); "
        "assert 'structlog' not in sys.modules; log.info('x'); assert 'structlog' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": str(SOURCE)}, check=True, capture_output=True)
