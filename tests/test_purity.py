"""The pure rooms: nothing in them connects, opens a file or a socket, or reads a clock."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "dbops"
ROOMS = [
    "sql",
    "files",
    "schema",
    "lint/rules",
    "lint/queries",
    "lint/changes",
    "lint/sources",
    "lint/suppression",
    "explain/plan",
    "explain/parameters",
    "explain/findings",
    "explain/advise/candidates",
    "explain/advise/estimate",
    "ha/checks",
    "migrate/adopt/origins",
    "workload/cache",
    "workload/nplusone",
    "workload/source",
    "workload/freshness",
    "workload/logs/formats",
]
MODULES = [
    "lint/engine", "lint/script", "lint/rule", "lint/size", "lint/fixes", "lint/places", "lint/options", "lint/example",
    "lint/report", "lint/text", "lint/step", "lint/known", "lint/judge", "lint/catalogue",
    "migrate/plan", "migrate/record", "migrate/script", "migrate/failure", "migrate/limits", "migrate/preview",
    "migrate/order", "migrate/squashed",
    "migrate/trace/effects", "migrate/drift/chosen", "migrate/drift/level", "migrate/dump/text",
    "explain/captured", "explain/compare", "explain/failure", "explain/hazards", "explain/judged", "explain/limits",
    "explain/redact", "explain/remedies", "explain/statement",
    "explain/summary", "explain/prove/preference",
    "explain/advise/candidate", "explain/advise/search", "explain/advise/facts", "explain/advise/advice",
    "explain/advise/existing", "explain/advise/migration", "explain/advise/reasons", "explain/advise/statements",
    "explain/advise/whatif", "explain/advise/worth",
    "workload/logs/record", "workload/logs/prefix", "workload/logs/entries", "workload/logs/executions",
    "results/nplusone", "results/nplusone_source", "results/cache",
    "workload/counters", "workload/lag", "workload/caveats", "workload/routing", "workload/window", "workload/ranking",
    "results/workload",
    "ha/verdict", "ha/check", "ha/cluster", "ha/snapshot", "ha/lag", "ha/replay", "ha/room",
    "ha/topology", "ha/read", "ha/accept", "ha/targets", "ha/automatic", "ha/patroni_read", "ha/patroni_rules",
    "ha/hba", "ha/ways_in", "ha/listing", "ha/primary", "ha/archiving", "ha/following", "ha/sync_names",
    "explain/prove/interval", "explain/prove/share", "explain/prove/contest", "explain/prove/basis",
    "explain/prove/definitions", "explain/prove/surroundings", "explain/prove/trial", "results/proof",
    "results/migration", "results/progress", "results/target", "results/document", "results/plan", "results/explain",
    "results/ha", "results/figures", "results/fanout", "results/schema", "results/trace", "results/drift",
    "postgres/listed", "postgres/wal",
    "results/dump", "results/squash", "results/verify", "migrate/verify/judge", "migrate/verify/names",
    "migrate/verify/contents", "migrate/verify/rows",
    "migrate/adopt/claims", "migrate/adopt/recognise", "migrate/adopt/settle", "results/adopt",
]  # fmt: skip

BANNED_MODULES = {
    "psycopg", "psycopg_pool", "socket", "ssl", "select", "selectors", "asyncio", "urllib.request", "http", "ftplib",
    "smtplib", "subprocess", "multiprocessing", "threading", "os", "shutil", "tempfile", "io", "pathlib", "glob",
    "time", "random", "secrets", "uuid", "getpass", "platform", "sys", "sqlite3", "logging",
    "dbops.log", "dbops.config", "dbops.cli", "dbops.output", "dbops.postgres",
}  # fmt: skip
BANNED_NAMES = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
BANNED_ATTRIBUTES = {
    "now", "utcnow", "today", "monotonic", "perf_counter", "read_text", "read_bytes", "write_text", "write_bytes",
    "iterdir", "unlink", "mkdir", "environ", "getenv", "urandom",
}  # fmt: skip
# PostgreSQL's error codes and the shape of its reports, and places in its WAL: values, which connect to nothing.
ALLOWED = dict.fromkeys(["migrate/failure.py", "explain/failure.py"], "dbops.postgres.errors") | dict.fromkeys(
    ["ha/lag.py", "workload/lag.py"], "dbops.postgres.wal"
)


def _pure() -> list[Path]:
    paths = [PACKAGE / f"{name}.py" for name in MODULES]
    for room in ROOMS:
        paths += sorted((PACKAGE / room).rglob("*.py"))
        paths.append(PACKAGE / f"{room}.py")
    return [path for path in paths if path.exists()]


def _impurities(source: str, name: str = "x.py") -> Iterator[str]:
    """Yield what a module does that a pure one may not; imports for type checkers only don't count."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    typing_only = {
        inner
        for node in nodes
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in nodes:
        if node in typing_only:
            continue
        for module in _imported(node):
            if _within(module, BANNED_MODULES) and not _within(module, {ALLOWED.get(name, "")}):
                yield f"line {node.lineno}: imports {module}"
        if isinstance(node, ast.Name) and node.id in BANNED_NAMES:
            yield f"line {node.lineno}: uses {node.id}"
        if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            yield f"line {node.lineno}: uses .{node.attr}"


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", _pure(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pure_module_stays_pure(path: Path) -> None:
    assert list(_impurities(path.read_text(encoding="utf-8"), str(path.relative_to(PACKAGE)))) == []


def test_the_rooms_that_exist_are_looked_at() -> None:
    looked_at = {str(path.relative_to(PACKAGE)) for path in _pure()}
    assert looked_at >= {"sql/split.py", "files/checksum.py", "files/formats/own.py", "migrate/plan.py"}
    assert looked_at >= {f"migrate/{name}.py" for name in ("record", "script", "failure", "limits", "preview")}


@pytest.mark.parametrize(
    "source",
    [
        "import psycopg",
        "from psycopg import sql",
        "import urllib.request",
        "from dbops.postgres.session import Session",
        "def f():\n    import socket",
        "open('x')",
        "Path('x').read_text()",
        "datetime.now()",
        "from time import monotonic",
        "print(1)",
    ],
)
def test_an_impure_module_would_be_found(source: str) -> None:
    assert list(_impurities(textwrap.dedent(source)))


def test_imports_for_type_checkers_are_let_pass() -> None:
    assert not list(_impurities("if TYPE_CHECKING:\n    import psycopg\n"))
