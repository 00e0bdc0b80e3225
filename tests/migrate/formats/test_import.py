"""``dbops migrate import``: what comes of another tool's folder, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.command import dbops
from dbops.files.formats import format_of
from dbops.migrate import commands, source
from dbops.migrate.importing import import_folder
from dbops.migrate.options import Options
from dbops.postgres.dsn import Dsn
from migrate.formats.test_folders import FOLDERS, VERSIONS, options
from migrate.scene import Folder, query, snapshot

OTHERS = [tool for tool in VERSIONS if tool not in {"dbmate", "node-pg-migrate"}]
COUNTED = {"flyway", "sqitch", "yoyo"}


@pytest.mark.parametrize("tool", OTHERS)
def test_what_is_imported_builds_and_unbuilds_the_same(tool: str, database: str, tmp_path: Path) -> None:
    dsn, before = Dsn(database, "test"), options(tool)
    empty = snapshot(database)
    commands.up(dsn, before)
    built = snapshot(database)
    commands.down(dsn, before, everything=True)
    query(database, "DROP SCHEMA dbops CASCADE")
    import_folder(FOLDERS / tool, tmp_path / "own")
    after = Options(directory=tmp_path / "own", variables=before.variables)
    commands.up(dsn, after)
    assert snapshot(database) == built
    commands.down(dsn, after, everything=True)
    assert snapshot(database) == empty


@pytest.mark.parametrize("tool", OTHERS)
def test_order_sql_and_options_stay(tool: str, tmp_path: Path) -> None:
    result = import_folder(FOLDERS / tool, tmp_path / "own")
    old, new = source.read(FOLDERS / tool), source.read(tmp_path / "own")
    assert source.look(tmp_path / "own").format.NAME == "dbops"
    assert [each.was for each in result.migrations] == VERSIONS[tool]
    assert [each.version for each in result.migrations] == [migration.version for migration in new]
    assert [each.path for each in result.migrations] == [migration.path for migration in new]
    for before, after in zip(old, new, strict=True):
        for one, other in ((before.up, after.up), (before.down, after.down)):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert other.sql.strip("\n") == one.sql.strip("\n")
                assert (other.transaction, other.variables) == (one.transaction, one.variables)
        assert after.repeatable == before.repeatable


@pytest.mark.parametrize("tool", OTHERS)
def test_versions_are_kept_where_they_are_numbers(tool: str, tmp_path: Path) -> None:
    result = import_folder(FOLDERS / tool, tmp_path / "own")
    versions = [each.version for each in result.migrations if not each.version.startswith("R__")]
    if tool in COUNTED:
        assert versions == [f"{number:04}" for number in range(1, len(versions) + 1)]
    else:
        assert versions == VERSIONS[tool]


def test_every_sql_file_is_accounted_for(tmp_path: Path) -> None:
    for tool in OTHERS:
        result = import_folder(FOLDERS / tool, tmp_path / tool)
        told = {path for each in result.migrations for path in each.sources} | set(result.unused)
        there = {str(path) for path in (FOLDERS / tool).rglob("*.sql") if "verify" not in path.parts}
        assert told == there


def test_variables_are_named(tmp_path: Path) -> None:
    assert import_folder(FOLDERS / "flyway", tmp_path / "own").variables == ("region",)
    assert import_folder(FOLDERS / "diesel", tmp_path / "other").variables == ()


def test_the_command_says_what_became_of_each_file(folder: Folder) -> None:
    ran = dbops("migrate", "import", FOLDERS / "goose")
    assert ran.status == 0
    assert "✓ sql/migrations/00002_create_orders.sql  from 00002_create_orders.sql" in ran.out
    assert "${REGION}" in ran.out
    assert ran.out.endswith("Wrote 5 migrations of goose to sql/migrations.\n")
    assert len(list(folder.path.iterdir())) == 5


def test_the_command_has_a_document(folder: Folder) -> None:
    ran = dbops("migrate", "import", FOLDERS / "sqitch", "--to", "own", "-o", "json")
    assert ran.data["format"] == "sqitch"
    assert ran.data["migrations"][2] == {
        "was": "app/touch@v1.0",
        "version": "0003",
        "sources": [str(FOLDERS / "sqitch" / each / "app" / "touch@v1.0.sql") for each in ("deploy", "revert")],
        "path": "own/0003_app_touch_v1.0.sql",
        "reversible": True,
    }


def test_a_folder_with_migrations_is_not_written_to(folder: Folder) -> None:
    folder.tables([1])
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    ran = dbops("migrate", "import", FOLDERS / "goose", "-o", "json")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert "holds migrations already, such as 0001_t1.sql" in ran.error["message"]
    assert {path.name: path.read_bytes() for path in folder.path.iterdir()} == before


@pytest.mark.parametrize("tool", ["dbmate", "node-pg-migrate"])
def test_what_is_dbopss_own_needs_no_import(tool: str, folder: Folder) -> None:
    ran = dbops("migrate", "import", FOLDERS / tool, "-o", "json")
    assert (ran.status, ran.error["code"]) == (2, "INVALID_MIGRATION")
    assert "is in dbops's own format already" in ran.error["message"]


def test_an_empty_folder_and_none_are_refused(folder: Folder) -> None:
    ran = dbops("migrate", "import", folder.path, "--to", "own", "-o", "json")
    assert "holds no migrations" in ran.error["message"]
    assert dbops("migrate", "import", "nowhere", "-o", "json").error["code"] == "INVALID_MIGRATION"


def test_a_comment_that_would_be_a_marker_is_named(folder: Folder) -> None:
    (folder.path / "1_x.up.sql").write_text("SELECT 1;\n  -- Down migration of the old one\nSELECT 2;\n")
    ran = dbops("migrate", "import", folder.path, "--to", "own", "-o", "json")
    assert ran.status == 2
    assert "1_x.up.sql:2:1: '-- Down migration of the old one' would be a marker" in ran.error["message"]
    assert not Path("own").exists()


def test_two_files_of_one_new_name_are_refused(folder: Folder) -> None:
    for name in ("R__a b.sql", "R__a-b.sql", "R__a_b.sql", "V1__x.sql"):
        (folder.path / name).write_text("SELECT 1;\n")
    ran = dbops("migrate", "import", folder.path, "--to", "own", "-o", "json")
    assert "becomes R__a_b.sql too" in ran.error["message"]


def test_the_imported_folder_is_recognised_as_dbopss(tmp_path: Path) -> None:
    for tool in OTHERS:
        import_folder(FOLDERS / tool, tmp_path / tool)
        files = source.look(tmp_path / tool).files
        assert format_of(files).NAME == "dbops"
