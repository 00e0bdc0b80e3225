from __future__ import annotations

from pathlib import Path

import pytest

from dbops.errors import UsageError
from dbops.lint.run.discover import discover


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("q/a.sql", "q/deep/b.SQL", "q/app.py", "q/notes.txt", "q/.hidden.sql", "q/.git/x.sql",
                 "q/node_modules/y.sql", "empty/readme.md", "q/__pycache__/z.py"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_of_a_folder_the_sql_and_python_files_are_found() -> None:
    assert discover(["q"]) == ("q/a.sql", "q/app.py", "q/deep/b.SQL")


def test_a_file_that_is_named_is_taken_whatever_it_is_called() -> None:
    assert discover(["q/notes.txt", "q/.hidden.sql"]) == ("q/notes.txt", "q/.hidden.sql")


def test_a_pattern_the_shell_left_alone_is_matched() -> None:
    assert discover(["q/*.sql"]) == ("q/a.sql",)
    assert discover(["q/**/*.SQL"]) == ("q/deep/b.SQL",)


def test_a_file_named_twice_is_found_once() -> None:
    assert discover(["q/a.sql", "q", "./q/a.sql"]) == ("q/a.sql", "q/app.py", "q/deep/b.SQL")


def test_a_dash_is_stdin() -> None:
    assert discover(["-"]) == ("-",)


@pytest.mark.parametrize("path", ["nowhere", "nowhere.sql", "q/*.nothing", "empty", ""])
def test_a_path_that_names_nothing_is_refused(path: str) -> None:
    with pytest.raises(UsageError) as raised:
        discover([path])
    assert raised.value.hint
