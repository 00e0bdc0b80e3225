"""`dbops explain` as a shell sees it: input, exit statuses, formats, files, bad input."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import psycopg
import pytest

from cli.command import Ran, dbops, process
from dbops.cli.explain.perform import _value

PLAN = [
    {
        "Plan": {
            "Node Type": "Seq Scan", "Relation Name": "orders", "Alias": "orders", "Startup Cost": 0.0,
            "Total Cost": 45.0, "Plan Rows": 3, "Plan Width": 8, "Actual Startup Time": 0.1, "Actual Total Time": 80.0,
            "Actual Rows": 3, "Actual Loops": 1, "Filter": "(status = 'new'::text)", "Rows Removed by Filter": 9000,
        },
        "Planning Time": 0.2,
        "Execution Time": 81.0,
        "Query Text": "SELECT id FROM orders WHERE status = 'new'",
    }
]  # fmt: skip
TEXT_PLAN = """\
                     QUERY PLAN
----------------------------------------------------
 Seq Scan on orders  (cost=0.00..45.00 rows=3 width=8)
   Filter: (status = 'new'::text)
(2 rows)
"""


@pytest.fixture(autouse=True)
def files(nowhere: Path) -> Path:
    (nowhere / "plan.json").write_text(json.dumps(PLAN))
    (nowhere / "plan.txt").write_text(TEXT_PLAN)
    return nowhere


@pytest.fixture
def orders(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE orders (id int PRIMARY KEY, status text);"
            "INSERT INTO orders SELECT i, CASE WHEN i % 100 = 0 THEN 'new' ELSE 'done' END"
            " FROM generate_series(1, 5000) AS i; ANALYZE orders"
        )
    return database


def test_the_target_is_the_first_line(orders: str) -> None:
    ran = dbops("explain", "SELECT id FROM orders WHERE id = 1", "--dsn", orders)
    assert ran.status == 0, ran.everything
    assert " @ " in ran.out.splitlines()[0]
    assert "PRIMARY" in ran.out.splitlines()[0]
    assert "Index" in ran.out


def test_json_is_the_contracts(orders: str) -> None:
    ran = dbops("explain", "SELECT id, status FROM orders WHERE status = 'new'", "--dsn", orders, "-o", "json")
    assert ran.status == 0, ran.everything
    assert ran.data["plan"]["root"]["kind"] == "Seq Scan"
    assert ran.data["summary"]["execution_ms"] > 0
    assert ran.data["summary"]["planning_ms"] > 0
    for finding in ran.data["findings"]:
        assert {"finding", "severity", "node", "message", "evidence", "remedy", "saving_ms"} <= finding.keys()
    for index in ran.data["indexes"]:
        assert {
            "create", "basis", "basis_detail", "cost_before", "cost_after", "ms_before", "ms_after", "interval",
            "size_bytes", "reason",
        } <= index.keys()  # fmt: skip
    assert isinstance(ran.data["rejected"], list)
    assert ran.meta["target"]["standing"] == "primary"
    assert ran.meta["total"] == len(ran.data["findings"])


def test_findings_exit_0_and_broken_limits_1(orders: str) -> None:
    query = ("explain", "SELECT id, status FROM orders WHERE status = 'new'", "--dsn", orders)
    assert dbops(*query).status == 0
    assert dbops(*query, "--max-cost", "100000", "--forbid", "sort").status == 0
    assert dbops(*query, "--max-cost", "1").status == 1
    ran = dbops(*query, "--forbid", "seq-scan:orders")
    assert ran.status == 1
    assert "--forbid seq-scan:orders" in ran.out


@pytest.mark.parametrize("file", ["plan.json", "plan.txt"])
def test_a_captured_plan_needs_no_database(file: str) -> None:
    ran = dbops("explain", "--plan", file)
    assert ran.status == 0, ran.everything
    assert "Seq Scan on orders" in ran.out
    ran = dbops("explain", "--plan", file, "-o", "json")
    assert "target" not in ran.meta
    assert ran.data["plan"]["root"]["raw"]["Filter"] == "(status = 'new'::text)"


def test_limits_hold_for_captured_plans_too() -> None:
    assert dbops("explain", "--plan", "plan.json", "--max-ms", "50").status == 1
    assert dbops("explain", "--plan", "plan.json", "--max-ms", "100").status == 0
    assert dbops("explain", "--plan", "plan.txt", "--max-ms", "100").status == 3


def test_literals_of_a_captured_plan_can_be_taken_out() -> None:
    ran = dbops("explain", "--plan", "plan.json", "--redact", "--save", "clean.json", "--html", "clean.html")
    assert ran.status == 0, ran.everything
    for text in (ran.out, Path("clean.json").read_text(), Path("clean.html").read_text()):
        assert "'new'" not in text
        assert "status = $1" in text


def test_a_saved_plan_is_read_and_compared(orders: str) -> None:
    query = ("explain", "SELECT id FROM orders WHERE id < 100", "--dsn", orders)
    ran = dbops(*query, "--save", "before.json")
    assert ran.status == 0, ran.everything
    assert "before.json" in ran.out
    assert dbops("explain", "--plan", "before.json").status == 0
    ran = dbops(*query, "--compare", "before.json", "-o", "json")
    assert ran.data["comparison"]["other"] == "before.json"
    assert ran.data["comparison"]["factor"] > 0
    assert "before.json" in dbops(*query, "--compare", "before.json").out


def test_the_page_is_written(orders: str) -> None:
    ran = dbops("explain", "SELECT id FROM orders", "--dsn", orders, "--html", "page.html")
    assert ran.status == 0, ran.everything
    page = Path("page.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "Seq Scan on orders" in page


def test_the_query_comes_from_a_file_or_stdin(orders: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("query.sql").write_text("SELECT id FROM orders WHERE id = $1 -- one\n;")
    assert "Index" in dbops("explain", "-f", "query.sql", "-p", "1=5", "--dsn", orders).out
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT id FROM orders"))
    assert "Seq Scan" in dbops("explain", "--dsn", orders).out
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT id FROM orders"))
    assert "Seq Scan" in dbops("explain", "-", "--dsn", orders).out


def test_values_are_split_at_the_first_equals_sign() -> None:
    assert _value("a=b=c") == ("a", "b=c")
    assert _value("$1=") == ("1", "")
    assert _value(":name") == ("name", None)


def error(*arguments: object) -> Ran:
    ran = dbops("explain", *arguments, "-o", "json")
    assert ran.error["message"]
    assert ran.error["hint"]
    assert "Traceback" not in ran.everything
    return ran


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ((" ",), 64, "USAGE"),
        (("-- nothing",), 64, "USAGE"),
        (("SELECT 1; SELECT 2",), 2, "INVALID_QUERY"),
        (("SELEC 1",), 2, "INVALID_QUERY"),
        (("VACUUM orders",), 2, "INVALID_QUERY"),
        (("SELECT 1", "--plan", "plan.json"), 64, "USAGE"),
        (("SELECT 1", "--queryid", "5"), 64, "USAGE"),
        (("SELECT 1", "--forbid", "table-scan"), 64, "USAGE"),
        (("SELECT 1", "--no-analyze", "--max-ms", "5"), 64, "USAGE"),
        (("SELECT 1", "--timeout", "0"), 64, "USAGE"),
        (("-f", "missing.sql"), 64, "USAGE"),
        (("--plan", "missing.json"), 64, "USAGE"),
        (("--plan", "plan.json", "--compare", "missing.json"), 64, "USAGE"),
        (("SELECT 1",), 3, "CONFIG_ERROR"),
        (("--plan", "plan.json", "--save", "missing/folder.json"), 64, "USAGE"),
        (("--finding", "no-such-finding"), 64, "USAGE"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: tuple[object, ...], status: int, code: str) -> None:
    ran = error(*arguments)
    assert (ran.status, ran.error["code"]) == (status, code)


@pytest.mark.parametrize(
    "text",
    ["", "no plan at all", "[]", "{}", '[{"Plan": {}}]', '[{"Plan": {"Node Type": "Seq', "<explain/>", "\0", "- Plan:"],
)
def test_a_file_that_holds_no_plan_is_one_clear_error(text: str) -> None:
    Path("bad.json").write_text(text)
    ran = error("--plan", "bad.json")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_PLAN")
    assert "bad.json" in ran.error["message"]


def test_a_file_that_is_no_text_is_one_clear_error() -> None:
    Path("bad.json").write_bytes(b"\xff\xfe\x00\xd8" * 10)
    assert error("--plan", "bad.json").status == 2
    Path("bad.json").write_bytes(b"caf\xe9")
    assert error("--plan", "bad.json").status == 2


def test_a_syntax_error_shows_where(orders: str) -> None:
    ran = dbops("explain", "SELECT id FROM orders WHERE", "--dsn", orders)
    assert ran.status == 2
    assert "query:1:28: syntax error" in ran.err
    assert "^" in ran.err


def test_an_unreachable_server_is_a_clear_error() -> None:
    ran = error("SELECT 1", "--dsn", "postgresql://nobody@127.0.0.1:1/none")
    assert (ran.status, ran.error["code"]) == (3, "CONNECTION_FAILED")


def test_production_is_only_planned_on(orders: str) -> None:
    Path("dbops.toml").write_text(f'[env.production]\ndatabase_url = "{orders}"\nenvironment = "production"\n')
    ran = dbops("--env", "production", "explain", "SELECT id FROM orders")
    assert ran.status == 0, ran.everything
    assert "production" in ran.out.splitlines()[0]
    assert "--analyze" in ran.out


def test_warnings_come_before_the_plan(orders: str) -> None:
    with psycopg.connect(orders, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION counted() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'")
    lines = dbops("explain", "SELECT counted() FROM orders", "--dsn", orders).out.splitlines()
    assert "public.counted() is volatile" in lines[1]
    assert sum("volatile" in line for line in lines) == 1


def test_a_finding_is_explained() -> None:
    ran = dbops("explain", "--finding", "jit-time")
    assert ran.status == 0
    assert "Why:" in ran.out
    assert dbops("explain", "--finding", "jit-time", "-o", "json").data["finding"] == "jit-time"


def test_nothing_heavy_is_imported_for_the_help() -> None:
    ran = process("explain", "--help", python=("-X", "importtime"))
    assert ran.status == 0
    for module in ("sqlglot", "postgast", "psycopg", "jinja2", "structlog"):
        assert f"| {module}\n" not in ran.err.replace(" " * 2, " ")
