from __future__ import annotations

from pathlib import Path

import pytest

from dbops.lint.run import folders
from dbops.lint.run.files import Texts
from dbops.lint.run.folders import Folder
from dbops.lint.step import step
from dbops.lint.text import SourceText

MARKED = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path) -> Folder | None:
    return folders.read(str(folder), Texts())


def names(found: Folder | None) -> list[str]:
    assert found is not None
    return [Path(step.path).name for step in found.steps]


def test_migrations_follow_one_another_by_their_numbers(folder: Path) -> None:
    for name in ("0010_c.sql", "2_b.sql", "0001_a.sql"):
        (folder / name).write_text(MARKED)
    found = read(folder)
    assert names(found) == ["0001_a.sql", "2_b.sql", "0010_c.sql"]
    assert found is not None
    assert all(step.migration is not None for step in found.steps)


@pytest.mark.parametrize("name", ["V1__init.sql", "V1.2__init.sql", "20260102030405_init.sql", "1-init.sql"])
def test_numbered_files_of_other_tools_follow_one_another_too(folder: Path, name: str) -> None:
    (folder / name).write_text("CREATE TABLE t (id bigint);")
    found = read(folder)
    assert found is not None
    assert found.steps[0].migration is None
    assert not found.steps[0].down


@pytest.mark.parametrize("name", ["0001_init.down.sql", "0001_init_down.sql", "U1__init.sql", "1.undo.sql"])
def test_a_file_that_goes_back_is_known_as_such(folder: Path, name: str) -> None:
    (folder / name).write_text("DROP TABLE t;")
    found = read(folder)
    assert found is not None
    assert found.steps[0].down


def test_down_sql_is_a_down_wherever_it_is() -> None:
    assert step(SourceText("2026-01-02_orders/down.sql", "DROP TABLE t;")).down
    assert not step(SourceText("2026-01-02_orders/up.sql", "CREATE TABLE t ();")).down
    assert not step(SourceText("markdown.sql", "SELECT 1;")).down


def test_a_folder_with_other_sql_files_is_none_of_migrations(folder: Path) -> None:
    (folder / "0001_a.sql").write_text("SELECT 1;")
    (folder / "report.sql").write_text("SELECT 2;")
    assert read(folder) is None


def test_a_stray_file_leaves_a_folder_of_ours_one_of_migrations(folder: Path) -> None:
    (folder / "0001_a.sql").write_text(MARKED)
    (folder / "report.sql").write_text("SELECT 2;")
    assert names(read(folder)) == ["0001_a.sql"]


def test_a_file_with_markers_is_a_migration_whatever_it_is_called() -> None:
    assert step(SourceText("stdin.sql", MARKED)).migration is not None


def test_a_folder_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") is None


def test_what_cannot_be_read_is_kept_with_its_reason(folder: Path) -> None:
    (folder / "0001_a.sql").write_bytes(b"\xff\xfe")
    (folder / "0002_b.sql").write_text("SELECT 1;\n-- migrate:up\nSELECT 2;\n")
    found = read(folder)
    assert found is not None
    assert found.steps[0].source.path.endswith("0001_a.sql")
    assert found.steps[1].wrong is not None


def test_one_file_leads_to_its_whole_folder(folder: Path) -> None:
    for name in ("0001_a.sql", "0002_b.sql"):
        (folder / name).write_text(MARKED)
    found = list(folders.folders([str(folder / "0002_b.sql")], Texts()))
    assert [names(each) for each in found] == [["0001_a.sql", "0002_b.sql"]]


GOOSE = (
    "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a ()\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;\n"
)


@pytest.mark.parametrize("name", ["00001_a.sql", "a.sql"])
def test_a_file_of_gooses_has_both_directions(name: str) -> None:
    found = step(SourceText(f"m/{name}", GOOSE))
    assert found.migration is not None
    assert found.migration.down is not None
    assert found.migration.down.sql == "\nDROP TABLE a;\n"


def test_a_file_of_gooses_that_it_refuses_is_wrong() -> None:
    found = step(SourceText("m/00001_a.sql", GOOSE.replace("StatementEnd", "Nothing")))
    assert found.wrong is not None
    assert found.wrong.message.startswith("m/00001_a.sql:4: ")


@pytest.mark.parametrize("text", ["  -- +goose Up\nSELECT 1;\n", "-- for goose\nSELECT 1;\n"])
def test_without_a_marker_it_is_plain_sql(text: str) -> None:
    assert step(SourceText("m/00001_a.sql", text)).migration is None


def test_golang_migrates_files_are_told_apart(folder: Path) -> None:
    (folder / "000001_a.down.sql").write_text("DROP TABLE a;\n")
    (folder / "000001_a.up.sql").write_text("CREATE TABLE a ();\n")
    found = read(folder)
    assert found is not None
    down, up = sorted(found.steps, key=lambda each: not each.down)
    assert (down.down, down.up, up.down) == (True, up.source, False)
