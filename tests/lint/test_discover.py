from __future__ import annotations

import os
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


def test_a_file_named_by_two_paths_is_found_once(tmp_path: Path) -> None:
    assert discover(["q/a.sql", str(tmp_path / "q/a.sql"), "q/../q/a.sql"]) == ("q/a.sql",)


def test_links_that_lead_nowhere_are_refused_where_they_are_named_and_found_in_folders(tmp_path: Path) -> None:
    (tmp_path / "q/gone.sql").symlink_to("nowhere.sql")
    (tmp_path / "q/loop.sql").symlink_to("loop.sql")
    for path in ("q/gone.sql", "q/loop.sql"):
        with pytest.raises(UsageError):
            discover([path])
    assert discover(["q"]) == ("q/a.sql", "q/app.py", "q/gone.sql", "q/loop.sql", "q/deep/b.SQL")
    assert discover(["q/*.sql"]) == ("q/a.sql", "q/gone.sql", "q/loop.sql")


def test_a_pipe_is_refused_where_it_is_named_and_passed_over_in_folders(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "q/pipe.sql")
    assert "q/pipe.sql" not in discover(["q", "q/*.sql"])
    with pytest.raises(UsageError) as raised:
        discover(["q/pipe.sql"])
    assert "no regular file" in raised.value.message


def test_a_folder_that_cannot_be_read_is_yielded_and_the_others_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert discover(["q"]) == ("q/a.sql", "q/app.py", "q/deep")


def test_a_dash_is_stdin() -> None:
    assert discover(["-"]) == ("-",)


@pytest.mark.parametrize("path", ["nowhere", "nowhere.sql", "q/*.nothing", "empty", ""])
def test_a_path_that_names_nothing_is_refused(path: str) -> None:
    with pytest.raises(UsageError) as raised:
        discover([path])
    assert raised.value.hint
