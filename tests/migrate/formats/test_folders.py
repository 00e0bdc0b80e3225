"""Folders as the tools' users have them: recognised, run up, down and up again, on a server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbops.errors import InvalidMigration
from dbops.files.formats import format_of, formats
from dbops.files.migration import SourceFile
from dbops.migrate import commands, inspect, source
from dbops.migrate.options import Options
from dbops.migrate.verify.verify import Choice, verify
from dbops.postgres.dsn import Dsn
from migrate.scene import query, snapshot

FOLDERS = Path(__file__).parent / "folders"
VARIABLES = {"region": "the north; 'tis cold", "REGION": "the south"}
VERSIONS = {
    "dbmate": ["20260102030405", "20260102030406", "20260103000000", "20260104000000"],
    "diesel": ["00000000000000", "20260102030405", "20260102030406", "20260103000000", "20260104000000"],
    "flyway": ["1", "1.1", "1.2", "1.10", "2", "R__spending"],
    "golang-migrate": ["000001", "000002", "000003", "000004", "000005"],
    "goose": ["00001", "00002", "00003", "00004", "20260102030405"],
    "node-pg-migrate": ["1767323045000", "1767323046000", "1767323047000"],
    "sqitch": ["app/customers", "app/orders", "app/touch@v1.0", "app/touch", "app/index"],
    "yoyo": [
        "20260102_01_AbCdE-create-customers",
        "20260102_02_FgHiJ-create-orders",
        "20260104_01_PqRsT-touch-orders",
        "20260103_01_KlMnO-index-orders",
    ],
}
EVERY = pytest.mark.parametrize("tool", VERSIONS)


def options(tool: str) -> Options:
    quoted = {name: value.replace("'", "''") for name, value in VARIABLES.items()}
    return Options(directory=FOLDERS / tool, variables=quoted if tool in {"flyway", "goose"} else None)


def _files(folder: Path) -> Iterator[SourceFile]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield SourceFile(str(path), path.relative_to(folder).as_posix(), path.read_bytes())


@EVERY
def test_a_folder_is_recognised_and_read_in_the_tools_order(tool: str) -> None:
    assert [migration.version for migration in source.read(FOLDERS / tool)] == VERSIONS[tool]


@EVERY
def test_a_folder_is_read_the_same_when_its_format_is_named(tool: str) -> None:
    name = tool if tool in formats() else "dbops"
    assert source.read(FOLDERS / tool, name) == source.read(FOLDERS / tool)


@EVERY
def test_a_folder_runs_up_down_and_up_again(tool: str, database: str) -> None:
    dsn, chosen = Dsn(database, "test"), options(tool)
    empty = snapshot(database)
    ran = commands.up(dsn, chosen)
    assert [each.version for each in ran.applied] == VERSIONS[tool]
    full = snapshot(database)
    assert full != empty
    assert commands.up(dsn, chosen).applied == ()
    assert inspect.status(dsn, chosen).pending == 0
    reverted = [each.version for each in commands.down(dsn, chosen, everything=True).reverted]
    assert reverted == [version for version in reversed(VERSIONS[tool]) if not version.startswith("R__")]
    assert snapshot(database) == empty
    assert [each.version for each in commands.up(dsn, chosen).applied] == VERSIONS[tool]
    assert snapshot(database) == full


@pytest.mark.parametrize("tool", sorted(set(VERSIONS) & set(formats())))
def test_the_downs_of_a_folder_restore(tool: str, database: str) -> None:
    result = verify(options(tool), Choice(scratch=Dsn(database, "test")))
    assert [(each.version, each.result) for each in result.migrations] == [
        (version, "restored") for version in VERSIONS[tool]
    ]


def test_what_cannot_run_in_a_transaction_does_not(database: str) -> None:
    ran = commands.up(Dsn(database, "test"), options("diesel"))
    assert [each.transactional for each in ran.applied] == [True, True, True, True, False]


def test_placeholders_get_their_values(database: str) -> None:
    commands.up(Dsn(database, "test"), options("flyway"))
    assert query(database, "SELECT obj_description('spending'::regclass)") == [(f"for {VARIABLES['region']}",)]


def test_a_placeholder_without_a_value_is_named_with_its_place() -> None:
    with pytest.raises(InvalidMigration, match=r"V2__spending\.sql:\d+:\d+: the variable \$\{region\} has no value"):
        source.chosen(Options(directory=FOLDERS / "flyway"))


@EVERY
def test_two_tools_in_one_folder_are_an_error_that_names_both(tool: str, tmp_path: Path) -> None:
    other = "goose" if tool != "goose" else "golang-migrate"
    for each in (tool, other):
        shutil.copytree(FOLDERS / each, tmp_path, dirs_exist_ok=True)
    with pytest.raises(InvalidMigration, match="fits several formats") as caught:
        source.read(tmp_path)
    assert (tool if tool in formats() else "dbops") in caught.value.message
    assert other in caught.value.message


@EVERY
def test_no_format_takes_another_ones_folder_for_its_own(tool: str) -> None:
    files = list(_files(FOLDERS / tool))
    fitting = [each.NAME for each in formats().values() if each.recognises(files)]
    assert fitting == [format_of(files).NAME]
