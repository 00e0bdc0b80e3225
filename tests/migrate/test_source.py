"""The folder of migrations: what of it is read, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.command import dbops
from dbops.errors import InvalidMigration
from dbops.migrate import source
from migrate.scene import Folder

FAR = ("--dsn", "host=127.0.0.1 port=1", "--connect-wait", 0, "-o", "json")


def test_an_empty_folder_has_no_migrations(folder: Folder) -> None:
    assert source.read(folder.path) == ()


def test_hidden_files_and_other_kinds_are_not_read(folder: Folder) -> None:
    folder.tables([1])
    for name in (".0002_hidden.sql", "README.md", "0001_t1.sql.orig", "0001_t1.sql~", ".sql"):
        folder.raw(name, b"nonsense")
    assert [migration.version for migration in source.read(folder.path)] == ["0001"]


def test_a_file_in_capitals_is_an_error_and_not_skipped(folder: Folder) -> None:
    folder.tables([1])
    folder.raw("0002_T2.SQL", b"-- migrate:up\n")
    with pytest.raises(InvalidMigration, match=r"0002_T2\.SQL:1: the name is not VERSION_name\.sql"):
        source.read(folder.path)


def _missing_folder(folder: Folder) -> str:
    folder.path.rmdir()
    return str(folder.path)


def _no_folder(folder: Folder) -> str:
    folder.path.rmdir()
    folder.path.write_text("")
    return str(folder.path)


def _dangling(folder: Folder) -> str:
    (folder.path / "0001_gone.sql").symlink_to("nowhere")
    return str(folder.path / "0001_gone.sql")


def _a_folder(folder: Folder) -> str:
    (folder.path / "0001_folder.sql").mkdir()
    return str(folder.path / "0001_folder.sql")


def _bad_name(folder: Folder) -> str:
    return str(folder.raw("first.sql", b"-- migrate:up\n"))


def _latin(folder: Folder) -> str:
    return str(folder.raw("0001_x.sql", b"-- migrate:up\n\nSELECT '\xe4';\n")) + ":3"


@pytest.mark.parametrize("make", [_missing_folder, _no_folder, _dangling, _a_folder, _bad_name, _latin])
def test_what_cannot_be_read_is_named_before_anything_is_connected(make, folder: Folder) -> None:
    place = make(folder)
    for command in ("status", "up", "plan", "down"):
        ran = dbops("migrate", command, *FAR)
        assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
        assert ran.error["message"].startswith(os.path.relpath(place))
        assert ran.error["details"][0]["file"] == os.path.relpath(place).partition(":")[0]
        assert ran.error["hint"]


def test_a_file_without_rights_is_named(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made up, because root may read everything."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    folder.tables([1])
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InvalidMigration, match=r"0001_t1\.sql:1: can't be read: Permission denied"):
        source.read(folder.path)


def test_new_counts_on(folder: Folder) -> None:
    folder.tables([1, 2])
    ran = dbops("migrate", "new", "Add a note", "-o", "json")
    path = Path("sql/migrations/0003_add_a_note.sql")
    assert ran.data == {"path": str(path), "version": "0003", "name": "add_a_note"}
    assert path.read_text().startswith("-- migrate:up\n")


def test_new_makes_the_folder_and_takes_the_time(folder: Folder) -> None:
    ran = dbops("migrate", "new", "first", "--dir", "db/changes", "-o", "json")
    assert ran.status == 0
    assert len(ran.data["version"]) == 14
    assert [path.name for path in Path("db/changes").iterdir()] == [f"{ran.data['version']}_first.sql"]


def test_new_twice_in_a_second_makes_two_files(folder: Folder) -> None:
    for _ in range(3):
        assert dbops("migrate", "new", "same", "--dir", "db").status == 0
    assert len(list(Path("db").iterdir())) == 3


def test_new_never_overwrites(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("0001_x", "SELECT 'kept';")
    monkeypatch.setattr(source, "next_version", lambda *_: "0001")
    ran = dbops("migrate", "new", "x", "-o", "json")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert "kept" in (folder.path / "0001_x.sql").read_text()


def test_a_new_file_is_one_that_up_accepts_once_it_says_something(folder: Folder) -> None:
    dbops("migrate", "new", "first")
    (migration,) = source.read(folder.path)
    assert migration.down is None


@pytest.mark.parametrize("name", ["", "  ", "---", "___", "!?"])
def test_a_name_of_nothing_is_a_usage_error(name: str, folder: Folder) -> None:
    ran = dbops("migrate", "new", "-o", "json", "--", name)
    assert (ran.status, ran.error["code"]) == (64, "USAGE")
    assert list(folder.path.iterdir()) == []


def test_new_does_not_add_to_a_folder_that_is_broken(folder: Folder) -> None:
    folder.raw("first.sql", b"SELECT 1;")
    assert dbops("migrate", "new", "x").status == 2
    assert len(list(folder.path.iterdir())) == 1
