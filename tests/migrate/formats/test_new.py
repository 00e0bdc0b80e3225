"""``dbops migrate new`` in folders of other tools, and what of a folder is looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.command import dbops
from dbops.errors import InvalidMigration, UsageError
from dbops.files.formats import formats
from dbops.migrate import source
from dbops.sql.blank import blank
from migrate.formats.test_folders import FOLDERS, VERSIONS
from migrate.scene import Folder

BOTH = "-- migrate:up transaction:false\nSELECT 'up';\n-- migrate:down\nSELECT 'down';\n"
WRITING = [tool for tool in VERSIONS if tool != "sqitch"]


@pytest.fixture
def copy(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the tool's folder."""
    return shutil.copytree(FOLDERS / request.getfixturevalue("tool"), tmp_path / "copy")


@pytest.mark.parametrize("tool", WRITING)
def test_a_new_one_is_the_last_in_the_folders_own_format(tool: str, copy: Path) -> None:
    before = source.look(copy)
    made = source.new(copy, "Add a note")
    after = source.look(copy)
    assert after.format is before.format
    ordered = [each.version for each in after.migrations if not each.repeatable]
    assert ordered == [*(each.version for each in before.migrations if not each.repeatable), made.version]
    assert (Path(made.path).exists(), made.name) == (True, "add_a_note")
    new = next(each for each in after.migrations if each.version == made.version)
    assert new.down is None
    assert blank(new.up.sql)


@pytest.mark.parametrize("tool", WRITING)
def test_a_text_with_both_directions_is_written_so(tool: str, copy: Path) -> None:
    made = source.new(copy, "both", BOTH)
    new = next(each for each in source.read(copy) if each.version == made.version)
    assert "SELECT 'up';" in new.up.sql
    assert "SELECT 'down';" not in new.up.sql
    assert new.down is not None
    assert new.down.sql.strip("\n") == "SELECT 'down';"
    assert new.up.transaction is (None if tool == "golang-migrate" else False)


@pytest.mark.parametrize("tool", sorted(set(formats()) - {"sqitch"}))
def test_a_named_format_begins_a_folder(tool: str, tmp_path: Path) -> None:
    source.new(tmp_path / "new", "first", BOTH, format=tool)
    found = source.look(tmp_path / "new")
    assert (found.format.NAME, len(found.migrations)) == (tool, 1)


@pytest.mark.parametrize("tool", ["sqitch"])
def test_sqitchs_plan_is_left_to_sqitch(tool: str, copy: Path) -> None:
    with pytest.raises(UsageError, match="written by sqitch itself") as caught:
        source.new(copy, "Add a note")
    assert "sqitch add add_a_note" in (caught.value.hint or "")
    with pytest.raises(UsageError):
        source.new(copy / "other", "Add a note", format=tool)
    assert not (copy / "other").exists()


@pytest.mark.parametrize("tool", ["flyway"])
def test_the_command_takes_the_format_of_the_configuration(tool: str, folder: Folder) -> None:
    Path("dbops.toml").write_text(f'[migrate]\nformat = "{tool}"\n')
    ran = dbops("migrate", "new", "first", "-o", "json")
    assert Path(ran.data["path"]).name == f"V{ran.data['version']}__first.sql"
    assert dbops("migrate", "new", "second", "--format", "diesel", "--dir", "other").status == 0
    assert source.look(Path("other")).format.NAME == "diesel"


def test_an_unknown_format_is_a_usage_error(folder: Folder) -> None:
    ran = dbops("migrate", "new", "first", "--format", "gose", "-o", "json")
    assert (ran.status, ran.error["code"], ran.error["hint"]) == (64, "USAGE", "did you mean goose?")


def test_folders_that_are_none_of_ours_are_not_read(folder: Folder) -> None:
    folder.tables([1])
    for name in ("archive/0002_x.sql", "node_modules/a/b/up.sql", ".git/0003_x.sql", "tools/run.go", "a/b/V1__x.sql"):
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff nonsense")
    assert [each.version for each in source.read(folder.path)] == ["0001"]


def test_flyways_folders_are_read_however_deep(folder: Folder) -> None:
    for name in ("V1__a.sql", "2026/V2__b.sql", "2026/01/02/V3__c.sql", ".hidden/V4__d.sql"):
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("SELECT 1;\n")
    assert [each.version for each in source.read(folder.path)] == ["1", "2", "3"]


def test_a_folder_that_leads_back_to_itself_ends(folder: Folder) -> None:
    (folder.path / "V1__a.sql").write_text("SELECT 1;\n")
    (folder.path / "again").symlink_to(folder.path)
    with pytest.raises(InvalidMigration, match=r"V1__a\.sql is version 1 already"):
        source.read(folder.path)


def test_a_programs_text_is_not_read(folder: Folder) -> None:
    folder.tables([1])
    (folder.path / "0002_big").mkdir()
    (folder.path / "0002_big" / "dump.bin").symlink_to("/dev/zero")
    assert len(source.read(folder.path)) == 1
