"""One file of a long history: what the files before it make is known at once, and only what changed is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from cli.command import SOURCE
from dbops.lint.run import jobs
from dbops.lint.run.examination import _parts
from dbops.lint.run.lint import lint
from dbops.lint.run.request import Outcome, Request

LAST = "migrations/0009_last.sql"
INDEX = "-- migrate:up\nCREATE INDEX i ON t{} (a);\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "migrations").mkdir()
    for number in range(1, 9):
        made(number, "bigint")
    Path(LAST).write_text(INDEX.format(3))
    return tmp_path


def made(number: int, of_type: str) -> None:
    text = f"-- migrate:up\nCREATE TABLE t{number} (id bigint PRIMARY KEY, a {of_type});\n"
    Path(f"migrations/000{number}_t{number}.sql").write_text(text)


def run(*paths: str, cache: bool = True) -> Outcome:
    return lint(Request(paths=paths, directory=Path("migrations"), cache=cache))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The files that were judged, and those that were only read."""
    seen: dict[str, list[str]] = {"judge_step": [], "fold_step": []}

    def count(name: str) -> Callable[..., object]:
        call: Callable[..., object] = getattr(jobs, name)

        def counting(step: object, *others: object) -> object:
            seen[name].append(Path(getattr(step, "path", "")).name[:4])
            return call(step, *others)

        return counting

    for name in seen:
        monkeypatch.setattr(jobs, name, count(name))
    return seen


def test_what_is_before_it_is_read_once(counted: dict[str, list[str]]) -> None:
    run(LAST)
    assert len(counted["fold_step"]) == 8
    for edit in range(3):
        counted["fold_step"].clear()
        Path(LAST).write_text(INDEX.format(edit + 1))
        assert run(LAST).result == run(LAST, cache=False).result
        assert counted["fold_step"] == [f"000{number}" for number in range(1, 9)]  # by the run without cache


def test_a_change_before_it_is_seen() -> None:
    query = Path("q.sql")
    query.write_text("SELECT t3.* FROM t3 WHERE id = 1;\n")
    Path(LAST).write_text("-- migrate:up\nALTER TABLE t3 ALTER COLUMN a TYPE varchar(20);\n")
    for of_type in ("bigint", "varchar(10)", "bigint"):
        made(3, of_type)
        for path in (LAST, "q.sql"):
            assert run(path).result == run(path, cache=False).result


def test_an_edit_leaves_the_reports_of_earlier_files_as_they_are(counted: dict[str, list[str]]) -> None:
    run("migrations")
    counted["judge_step"].clear()
    made(7, "text")
    run("migrations")
    assert counted["judge_step"] == ["0007", "0008", "0009"]


@pytest.mark.parametrize(("count", "workers"), [(0, 2), (1, 2), (2, 8), (10, 1), (342, 2), (342, 8), (5000, 64)])
def test_the_parts_of_a_folder_are_all_of_it_in_order_and_get_shorter(count: int, workers: int) -> None:
    parts = list(_parts(range(count), workers))
    assert [index for part in parts for index in part] == list(range(count))
    assert len(parts) <= workers
    assert all(len(one) + 1 >= len(other) > 0 for one, other in pairwise(parts))


def imported(*paths: str) -> set[str]:
    path = [str(SOURCE), *(entry for entry in sys.path if "site-packages" in entry)]
    script = (
        f"import sys; sys.path[:0] = {path!r}\n"
        "import json, io, contextlib\n"
        "from dbops.cli.main import status_of\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    status = status_of(['lint', *{paths!r}])\n"
        "print(json.dumps([status, sorted(sys.modules)]))\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    status, names = json.loads(done.stdout)
    assert status in {0, 1}
    return {name for name in names if name in HEAVY or name.startswith("dbops.lint.rules.query.")}


HEAVY = {"sqlglot", "postgast", "psycopg", "multiprocessing", "tabulate", "jinja2"}


def test_ddl_needs_no_parser_of_queries_and_what_is_known_none_at_all() -> None:
    assert imported("migrations") - {"structlog"} == {"postgast"}
    assert imported("migrations") == set()


def test_rows_that_are_written_out_need_no_parser_of_queries() -> None:
    Path(LAST).write_text("-- migrate:up\nINSERT INTO t3 (id, a) VALUES (1, 2), (2, 3);\n")
    assert imported("--no-cache", LAST) == {"postgast"}


def test_the_first_query_brings_it_in() -> None:
    Path(LAST).write_text("-- migrate:up\nUPDATE t3 SET a = 1;\n")
    assert "sqlglot" in imported(LAST)
