"""``-o json`` prints one object: ``data`` and ``meta``, or ``error``, whatever happens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.command import dbops, process

ERROR_FIELDS = {"code", "message", "hint", "retryable", "details"}

WRONG = {
    "unknown command": ["migrate", "stauts", "-o", "json"],
    "unknown root command": ["migrat", "up", "-o", "json"],
    "unknown option": ["migrate", "up", "--dns", "x", "-o", "json"],
    "json first, then an unknown option": ["migrate", "up", "-o", "json", "--dns", "x"],
    "bad value": ["migrate", "up", "--lock-wait", "soon", "--output=json"],
    "bad number": ["migrate", "up", "--retries", "-1", "--output", "json"],
    "missing argument": ["migrate", "mark", "applied", "-ojson"],
    "missing value": ["migrate", "up", "-o", "json", "--dsn"],
    "options that exclude each other": ["migrate", "down", "--all", "--steps", "2", "-o", "json"],
    "an option of the root behind the command": ["-o", "json", "migrate", "up"],
    "an empty value": ["migrate", "up", "--dsn", "", "-o", "json"],
    "an empty folder": ["migrate", "up", "--dir", "", "-o", "json"],
    "an empty environment": ["--env", "", "migrate", "up", "-o", "json"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_a_usage_error_is_json_too(arguments: list[str]) -> None:
    ran = dbops(*arguments)
    assert ran.status == 64
    assert ran.document.keys() == {"error"}
    assert ran.error.keys() == ERROR_FIELDS
    assert ran.error["code"] == "USAGE"
    assert ran.error["hint"].startswith("try `dbops")
    assert ran.error["details"][0].keys() >= {"field", "error"}
    assert ran.err == ""


def test_a_usage_error_without_json_is_text_on_stderr() -> None:
    ran = dbops("migrate", "up", "--dns", "x")
    assert ran.out == ""
    assert ran.err.startswith("error USAGE: ")
    assert "try `dbops migrate up --help`" in ran.err


def test_json_in_another_value_is_no_request_for_json() -> None:
    ran = dbops("migrate", "mark", "applied", "1", "--reason", "use -o json for that", "--nonsense")
    assert ran.out == ""
    assert "USAGE" in ran.err


def test_a_mistyped_command_is_told_the_nearest() -> None:
    assert "Did you mean 'status'?" in dbops("migrate", "stauts").err
    assert "Did you mean 'migrate'?" in dbops("migrat").err


def test_an_error_of_a_capability_has_the_same_form() -> None:
    ran = dbops("migrate", "status", "-o", "json")
    assert (ran.status, ran.document.keys()) == (3, {"error"})
    assert ran.error.keys() == ERROR_FIELDS


def test_a_result_has_data_and_meta_with_the_target(folder: Path, database: str) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    ran = dbops("migrate", "status", "--dsn", database, "-o", "json")
    assert ran.document.keys() == {"data", "meta"}
    assert ran.meta["total"] == 1
    target = ran.meta["target"]
    assert target["standing"] == "primary"
    assert target.keys() >= {"database", "host", "port", "user", "role", "environment", "server_version"}


def test_the_total_counts_the_list(folder: Path, database: str) -> None:
    for number in range(3):
        (folder / f"000{number}_x.sql").write_text("-- migrate:up\nSELECT 1;\n")
    assert dbops("migrate", "plan", "--dsn", database, "-o", "json").meta["total"] == 3


def test_a_result_without_a_server_has_no_target() -> None:
    ran = dbops("migrate", "new", "first", "-o", "json")
    assert ran.document.keys() == {"data", "meta"}
    assert ran.data["name"] == "first"
    assert "target" not in ran.meta


def test_json_is_alone_on_stdout_of_a_process(folder: Path, database: str) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    ran = process("migrate", "up", "--dsn", database, "-o", "json")
    assert len(ran.out.splitlines()) == 1, ran
    assert json.loads(ran.out)["data"]["applied"][0]["version"] == "0001"


def test_the_target_is_named_first(folder: Path, database: str) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT nothing;\n")
    for command in (["status"], ["plan"], ["up"], ["up", "--dry-run"], ["down"], ["mark", "applied", "0001"]):
        first = dbops("migrate", *command, "--dsn", database).out.splitlines()[0]
        assert " @ " in first
        assert "PRIMARY" in first
        assert "role " in first


def test_the_environment_is_named_with_the_target(database: str, nowhere: Path) -> None:
    (nowhere / "dbops.toml").write_text('environment = "local"\n[env.production]\nlog_level = "error"\n')
    assert "local" in dbops("migrate", "status", "--dsn", database).out.splitlines()[0]
    first = dbops("--env", "production", "migrate", "status", "--dsn", database).out.splitlines()[0]
    assert "production" in first
    assert "local" not in first
