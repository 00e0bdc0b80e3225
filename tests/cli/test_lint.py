"""`dbops lint` as a shell sees it: exit statuses, formats, bad input."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from cli.command import Ran, dbops, process

BAD = "SELECT * FROM orders WHERE id = 1;\n"
GOOD = "SELECT id FROM orders WHERE id = 1;\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bad.sql").write_text(BAD)
    (tmp_path / "good.sql").write_text(GOOD)
    return tmp_path


def rules(ran: Ran) -> list[str]:
    return [finding["rule"] for finding in ran.data["findings"]]


def test_findings_exit_1_and_none_0() -> None:
    assert dbops("lint", "bad.sql").status == 1
    ran = dbops("lint", "good.sql")
    assert ran.status == 0
    assert "nothing found" in ran.out


def test_the_least_severity_that_fails_can_be_chosen() -> None:
    assert dbops("lint", "bad.sql", "--fail-on", "error").status == 0
    assert dbops("lint", "bad.sql", "--fail-on", "info").status == 1
    assert dbops("lint", "bad.sql", "--exit-zero").status == 0


def test_without_a_path_the_working_directory_is_linted() -> None:
    ran = dbops("lint", "-o", "json")
    assert ran.data["files"] == 2


def test_json_is_the_contracts() -> None:
    ran = dbops("lint", "bad.sql", "good.sql", "-o", "json")
    assert ran.status == 1
    (finding,) = ran.data["findings"]
    assert finding == {
        "rule": "select-star",
        "severity": "warning",
        "message": finding["message"],
        "hint": finding["hint"],
        "file": "bad.sql",
        "line": 1,
        "column": 8,
        "end_line": 1,
        "end_column": 9,
        "statement": "SELECT * FROM orders WHERE id = 1",
        "fixable": False,
    }
    assert (ran.data["files"], ran.data["statements"], ran.data["not_analysed"]) == (2, 2, 0)
    assert ran.meta["total"] == 1


def test_text_shows_the_line_and_underlines_the_place() -> None:
    lines = dbops("lint", "bad.sql").out.splitlines()
    assert lines[0].startswith("bad.sql:1:8  warning  select-star")
    assert "  1 | SELECT * FROM orders WHERE id = 1;" in lines
    assert "    |        ^" in lines


def test_every_format_is_one_that_its_readers_take() -> None:
    assert dbops("lint", "bad.sql", "-o", "github").out.startswith("::warning file=bad.sql,line=1,")
    assert dbops("lint", "good.sql", "-o", "github").out == ""
    sarif = json.loads(dbops("lint", "bad.sql", "-o", "sarif").out)
    assert sarif["version"] == "2.1.0"
    suites = fromstring(dbops("lint", "bad.sql", "good.sql", "-o", "junit").out)
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.sql"],
        ["bad.sql", "--select", "no-such-rule"],
        ["bad.sql", "--fix", "--diff"],
        ["bad.sql", "--write-baseline"],
        ["bad.sql", "--baseline", "nowhere.json"],
        ["bad.sql", "--pg-version", "12"],
        ["--explain", "no-such-rule"],
        ["-", "--fix"],
    ],
)
def test_what_cannot_be_done_is_one_clear_error(arguments: list[str]) -> None:
    ran = dbops("lint", *arguments, "-o", "json")
    assert ran.status in {3, 64}
    assert ran.error["hint"]
    assert ran.err == ""


def test_the_configuration_chooses_rules(folder: Path) -> None:
    (folder / "dbops.toml").write_text('[lint]\nignore = ["select-star"]\n')
    assert dbops("lint", "bad.sql").status == 0
    (folder / "dbops.toml").write_text('[lint]\nfail-on = "error"\nseverity = { select-star = "error" }\n')
    assert dbops("lint", "bad.sql").status == 1
    (folder / "dbops.toml").write_text('[lint]\nper-file = { "bad.*" = ["select-star"] }\n')
    assert dbops("lint", "bad.sql").status == 0
    (folder / "dbops.toml").write_text('[lint]\nselect = "select-star, nonsense"\n')
    ran = dbops("lint", "bad.sql")
    assert ran.status == 3
    assert "nonsense" in ran.err


def test_stdin_goes_by_the_name_it_is_given() -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "dbops", "lint", "-", "--stdin-filename", "app/q.sql", "-o", "json"],
        input=BAD, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert [finding["file"] for finding in json.loads(done.stdout)["data"]["findings"]] == ["app/q.sql"]


def test_a_diff_is_shown_and_exits_1_where_there_is_one(folder: Path) -> None:
    (folder / "0001_orders.sql").write_text("-- migrate:up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n")
    ran = dbops("lint", "bad.sql", "--diff", "--dir", ".")
    assert ran.status == 1
    assert "+SELECT id, note FROM orders WHERE id = 1;" in ran.out.splitlines()
    assert dbops("lint", "good.sql", "--diff", "--dir", ".").status == 0


def test_a_fix_is_written_and_said(folder: Path) -> None:
    (folder / "0001_orders.sql").write_text("-- migrate:up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n")
    ran = dbops("lint", "bad.sql", "--fix", "--dir", ".")
    assert ran.status == 0
    assert (folder / "bad.sql").read_text() == "SELECT id, note FROM orders WHERE id = 1;\n"
    assert "bad.sql" in ran.out


def test_a_baseline_is_written_once_and_then_kept_to(folder: Path) -> None:
    assert dbops("lint", "bad.sql", "--baseline", "old.json", "--write-baseline").status == 0
    assert dbops("lint", "bad.sql", "--baseline", "old.json").status == 0
    assert dbops("lint", "bad.sql").status == 1


def test_rules_are_listed_and_explained() -> None:
    listed = dbops("lint", "--rules", "-o", "json")
    slugs = {rule["rule"] for rule in listed.data["rules"]}
    assert {"select-star", "require-concurrent-index-creation", "not-analysed"} <= slugs
    assert "select-star" in dbops("lint", "--rules").out
    explained = dbops("lint", "--explain", "select-star")
    assert explained.status == 0
    assert "SELECT" in explained.out
    assert dbops("lint", "--explain", "select-star", "-o", "json").data["rule"] == "select-star"


def test_passwords_in_the_linted_text_are_not_printed(folder: Path) -> None:
    (folder / "role.sql").write_text(
        "CREATE ROLE r PASSWORD 'hunter22'; SELECT * FROM t WHERE id = 1; SELEC 'hunter22';\n"
    )
    for form in ("text", "json", "github", "sarif", "junit"):
        ran = dbops("lint", "role.sql", "-o", form)
        assert ran.status == 1
        assert "PASSWORD 'hunter22'" not in ran.everything


@pytest.mark.parametrize(
    "text",
    [
        "ALTER ROLE r PASSWORD hunter22;\n",
        'ALTER ROLE r PASSWORD "hunter22"; SELECT * FROM t WHERE id = 1;\n',
        "ALTER ROLE r PASSWORD 'a\nb'; ALTER ROLE r PASSWORD\n'hunter22'; SELECT * FROM t WHERE id = 1;\n",
    ],
)
def test_a_password_is_hidden_however_it_is_written(folder: Path, text: str) -> None:
    (folder / "role.sql").write_text(text)
    for form in ("text", "json", "github", "sarif", "junit"):
        ran = dbops("lint", "role.sql", "-o", form)
        assert ran.status == 1
        assert "hunter22" not in ran.everything


def test_a_password_in_a_program_is_hidden(folder: Path) -> None:
    statement = "ALTER ROLE r PASSWORD \\'hunter22\\'; SELECT * FROM t WHERE id = 1"
    (folder / "app.py").write_text(f"c.execute('{statement}')\n")
    ran = dbops("lint", "app.py")
    assert ran.status == 1
    assert "hunter22" not in ran.everything


def test_a_database_tells_columns_keys_and_sizes(database: str) -> None:
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text)")
    ran = dbops("lint", "bad.sql", "--dsn", database, "-o", "json")
    (finding,) = ran.data["findings"]
    assert finding["fixable"]
    assert "id, note" in finding["hint"]
    assert ran.meta["target"]["database"]
    assert "@" in dbops("lint", "bad.sql", "--dsn", database).out.splitlines()[0]


def test_a_database_that_cannot_be_reached_is_an_error_and_no_green_run() -> None:
    ran = dbops("lint", "good.sql", "--dsn", "host=127.0.0.1 port=1 connect_timeout=1", "-o", "json")
    assert ran.status == 3
    assert ran.error["code"] == "CONNECTION_FAILED"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_a_name_that_is_no_text_breaks_no_format(folder: Path, form: str) -> None:
    odd = os.fsdecode(b"q/\xe9,a:b%\n.sql")
    (folder / "q").mkdir()
    (folder / odd).write_text(BAD)
    environ = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "DBOPS_LOG_LEVEL": "warning"}
    ran = process("lint", "q", "-o", form, environ=environ)
    assert (ran.status, ran.err) == (1, "")
    if form in {"json", "sarif"}:
        assert json.loads(ran.out)
    if form == "junit":
        assert fromstring(ran.out)
    if form == "github":
        assert len(ran.out.splitlines()) == 1


def test_help_imports_no_parser() -> None:
    ran = process("lint", "--help")
    assert ran.status == 0
    assert "Exit status" in ran.out
