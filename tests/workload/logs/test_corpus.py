"""What servers of 13 to 18 really logged, in each format: the same work is read from all of it (see record.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbops.workload.logs.executions import Execution, executions
from dbops.workload.logs.opening import read
from dbops.workload.logs.record import Counted
from dbops.workload.loops import Request, nplusone
from workload.logs.record import APPLICATION, AUTHORS, CORPUS, MODES, ODD

VERSIONS = ("13", "14", "15", "16", "17", "18")
FILES = sorted(CORPUS.glob("*/*.gz"))
NO_JSON = {"13", "14"}
SQL = [
    "SELECT id FROM posts WHERE body =  E'it''s \"quoted\", with a \\\\ and a ;'",
    "SELECT id\n\tFROM posts  -- a comment, \"quoted\"\n\n WHERE body = 'two\nlines'",
    "SELECT 1; SELECT 2",
    "SELECT $$LOG:  duration: 1.000 ms  statement: SELECT 'no'$$, '\t''äö€ 日本'",
]
PARAMETERS = {
    "SELECT id FROM posts WHERE id = $1 AND body IS DISTINCT FROM $2": ["$1 = '3', $2 = NULL"],
    "SELECT id FROM posts WHERE body = $1": [
        "$1 = 'o''neill, $1 = ''x''\nDETAIL:  parameters: $2 = ''y'''",
        f"$1 = '{'x' * 100}ééééé'",
    ],
    "SELECT id FROM posts WHERE id = $1 AND data = $2": ["$1 = '7', $2 = '\\x00ff27'"],
    "SELECT id FROM posts WHERE id = ANY($1)": ["$1 = '{1,2,3}'"],
    "SELECT body FROM posts WHERE id = $1": ["$1 = '0'", "$1 = '1'", "$1 = '2'"],
    "SELECT name FROM authors WHERE id = $1": [f"$1 = '{number}'" for number in range(1, AUTHORS + 1)],
    "UPDATE posts SET body = $1 WHERE id = $2": ["$1 = 'new', $2 = '1'"],
}
FAILED = [
    "SELECT nothing\nFROM posts",
    "SELECT 1 / (id - $1) FROM posts",
    "SELEC 1",
    "INSERT INTO posts VALUES ($1, 1, $2, NULL)",
    "SELECT 1 / 0",
]


def _mode(file: Path) -> str:
    return file.name.split(".")[0]


def _prefix(file: Path) -> str | None:
    return ODD if file.name == "statements.log.gz" else None


def _read(file: Path) -> list[Execution]:
    counted = Counted()
    found = list(executions(read([file], counted, prefix=_prefix(file))))
    assert counted.unreadable == 0
    return found


def test_there_is_a_log_of_each_version_in_each_format_that_it_has() -> None:
    expected = {
        f"{version}/{mode.name}.{ending}.gz"
        for version in VERSIONS
        for mode in MODES
        for ending in mode.kept - ({"json"} if version in NO_JSON else set())
    }
    assert {str(file.relative_to(CORPUS)) for file in FILES} == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_each_log_tells_what_was_done(file: Path) -> None:
    found = _read(file)
    assert [each.sql for each in found][: len(SQL)] == SQL
    assert [each.sql for each in found if each.failed] == FAILED
    assert len({each.session for each in found}) == 1
    assert {each.application for each in found} <= {APPLICATION, None}
    assert all((each.ms is None) == (each.failed or _mode(file) == "statements") for each in found)
    assert all(each.at is not None for each in found)
    for sql, values in PARAMETERS.items():
        told = [each.parameters for each in found if each.sql == sql]
        assert told == (values if _mode(file) != "short" else [_cut(each) for each in values])


def _cut(values: str) -> str:
    """Return values as log_parameter_max_length = 10 leaves them."""
    values = values.replace("o''neill, $1 = ''x''\nDETAIL:  parameters: $2 = ''y''", "o''neill, $...")
    return values.replace(f"{'x' * 100}ééééé", f"{'x' * 10}...")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_each_log_shows_the_loop(file: Path) -> None:
    (found,) = nplusone(Request((file,), prefix=_prefix(file))).findings
    assert (found.kind, found.calls, found.distinct_parameters) == ("confirmed", AUTHORS, AUTHORS)
    assert found.query == "SELECT name FROM authors WHERE id = $1"
    assert found.source_query == "SELECT author_id FROM posts ORDER BY id LIMIT $1"
    assert (found.total_ms is None) == (_mode(file) == "statements")


@pytest.mark.parametrize("mode", [mode.name for mode in MODES])
def test_versions_and_formats_tell_the_same_in_the_same_order(mode: str) -> None:
    told = {
        tuple((each.sql, each.parameters, each.failed) for each in _read(file)) for file in FILES if _mode(file) == mode
    }
    assert len(told) == 1
