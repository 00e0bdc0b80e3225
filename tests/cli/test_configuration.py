"""What is wrong with a configuration file is one clear error that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.command import dbops

WRONG = {
    "unknown key": ('databse_url = "x"', "databse_url", "did you mean 'database_url'?"),
    "unknown key of a table": (
        "[migrate]\nlock_timeot = 2",
        "migrate.lock_timeot",
        "did you mean 'migrate.lock_timeout'?",
    ),
    "unlike any key": ("zzz = 1", "zzz", "docs/configuration.md"),
    "bad duration": ('[migrate]\nlock_wait = "soon"', "migrate.lock_wait: 'soon' is not a duration", ""),
    "endless duration": ('[migrate]\nlock_wait = "300d"', "longer than the 24 days", ""),
    "a lock_timeout of none": ("[migrate]\nlock_timeout = 0", "migrate.lock_timeout: 0 would be no bound", ""),
    "the other one of none": ('[migrate]\nconcurrent_lock_timeout = "0s"', "0 would be no bound at all", ""),
    "bad count": ("[migrate]\nretries = -1", "migrate.retries", ""),
    "bad choice": ('log_level = "loud"', "log_level: one of debug, info, warning, error", ""),
    "empty text": ('[migrate]\nschema = " "', "migrate.schema: it is empty", ""),
    "another type": ("[migrate]\ndir = 3", "migrate.dir: text is expected", ""),
    "a truth for a duration": ("[migrate]\nlock_wait = true", "a duration is expected", ""),
    "a value in place of a table": ("migrate = 1", "there is no setting 'migrate'", ""),
    "env that is no table": ("env = 1", "env must hold tables", "[env.staging]"),
    "not TOML": ("= 1", "line 1", "must be TOML"),
    "inside an environment": ('[env.a]\nlog_levl = "info"', "[env.a]: there is no setting 'log_levl'", "log_level"),
}


@pytest.mark.parametrize(("text", "message", "hint"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_names_the_file(text: str, message: str, hint: str) -> None:
    Path("dbops.toml").write_text(text)
    ran = dbops("migrate", "status", "-o", "json")
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert "dbops.toml" in ran.error["message"]
    assert message in ran.error["message"]
    assert hint in ran.error["hint"]


def test_pyproject_toml_is_named_too() -> None:
    Path("pyproject.toml").write_text("[tool.dbops]\nnonsense = 1\n")
    assert "pyproject.toml [tool.dbops]: there is no setting" in dbops("migrate", "status").err


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\ndbops = 1", "[tool]\nother = 1", ""])
def test_a_pyproject_toml_of_another_form_is_no_defect(text: str) -> None:
    Path("pyproject.toml").write_text(text)
    assert "CONFIG_ERROR" in dbops("migrate", "status").err


def test_a_file_that_is_not_utf8_is_named() -> None:
    Path("dbops.toml").write_bytes(b'environment = "\xff"\n')
    assert "dbops.toml: is not UTF-8" in dbops("migrate", "status").err


def test_a_file_that_cannot_be_read_is_named() -> None:
    Path("dbops.toml").mkdir()
    assert "dbops.toml: can't be read: Is a directory" in dbops("migrate", "status").err


def test_a_file_that_was_asked_for_must_be_there() -> None:
    ran = dbops("--config", "other.toml", "migrate", "status")
    assert (ran.status, "other.toml: can't be read: No such file" in ran.err) == (3, True)


def test_a_file_that_was_asked_for_replaces_dbops_toml() -> None:
    Path("dbops.toml").write_text("nonsense = 1")
    Path("other.toml").write_text('database_url = "host=127.0.0.1 port=1"')
    ran = dbops("--config", "other.toml", "migrate", "status", "--connect-wait", 0, "-o", "json")
    assert ran.error["code"] == "CONNECTION_FAILED"


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    Path("dbops.toml").write_text('[env.staging]\nlog_level = "info"\n')
    ran = dbops("--env", "stagin", "migrate", "status")
    assert ran.status == 3
    assert "(known: staging)" in ran.err


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBOPS_MIGRATE_LOCK_WAIT", "soon")
    assert "DBOPS_MIGRATE_LOCK_WAIT: migrate.lock_wait: 'soon' is not a duration" in dbops("migrate", "status").err


def test_a_secret_of_the_wrong_form_is_not_quoted() -> None:
    Path("dbops.toml").write_text('database_url = ["postgresql://me:hunter2@h/d"]')
    assert "hunter2" not in dbops("--debug", "migrate", "status").everything


def test_settings_reach_the_command(folder: Path, database: str) -> None:
    Path("dbops.toml").write_text(f'database_url = "{database}"\n[migrate]\ndir = "elsewhere"\nschema = "history"\n')
    folder.rename("elsewhere")
    Path("elsewhere/0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    assert dbops("migrate", "up", "-o", "json").data["applied"][0]["version"] == "0001"
    assert dbops("migrate", "status", "--schema", "dbops", "-o", "json").data["pending"] == 1


def test_the_configuration_is_not_read_where_it_is_not_needed() -> None:
    Path("dbops.toml").write_text("nonsense")
    assert dbops("--version").status == 0
    assert dbops("migrate", "up", "--help").status == 0
