"""diesel's folders."""

from __future__ import annotations

import pytest

from files.reading import read, recognised, refused

TOOL = "diesel"
UP = "2026-01-02-030405_a/up.sql"
DOWN = "2026-01-02-030405_a/down.sql"
METADATA = "2026-01-02-030405_a/metadata.toml"


def test_a_folder_is_a_migration() -> None:
    (migration,) = read(TOOL, {UP: "CREATE TABLE a ();\n", DOWN: "DROP TABLE a;\n"})
    assert (migration.version, migration.name, migration.path) == ("20260102030405", "a", f"dir/{UP}")
    assert migration.up.sql == "CREATE TABLE a ();\n"
    assert migration.down is not None
    assert (migration.down.path, migration.down.sql) == (f"dir/{DOWN}", "DROP TABLE a;\n")


def test_the_order_is_that_of_the_versions_without_dashes() -> None:
    folders = ["2026-01-02-030405_b", "20260102000000_a", "00000000000000_diesel_initial_setup", "2026-01-03-000000"]
    found = read(TOOL, {f"{folder}/up.sql": "SELECT 1;" for folder in folders})
    assert [(each.version, each.name) for each in found] == [
        ("00000000000000", "diesel_initial_setup"),
        ("20260102000000", "a"),
        ("20260102030405", "b"),
        ("20260103000000", ""),
    ]


def test_versions_are_compared_as_texts_as_diesel_does() -> None:
    found = read(TOOL, {f"{version}_x/up.sql": "SELECT 1;" for version in ("9", "10", "1")})
    assert [each.version for each in found] == ["1", "10", "9"]


@pytest.mark.parametrize(
    ("metadata", "transaction"),
    [
        ("run_in_transaction = false\n", False),
        ("run_in_transaction = true # as ever\n", True),
        ("other = 1\n", None),
        ("", None),
    ],
)
def test_metadata_says_whether_there_is_a_transaction(metadata: str, transaction: bool | None) -> None:
    (migration,) = read(TOOL, {UP: "SELECT 1;", DOWN: "SELECT 2;", METADATA: metadata})
    assert migration.up.transaction is transaction
    assert migration.down is not None
    assert migration.down.transaction is transaction


def test_it_is_told_by_its_folders() -> None:
    assert recognised({UP: ""}) == [TOOL]
    assert recognised({"a/up.sql": "", "1_a/readme.sql": ""}) == []


WRONG = {
    "no up": ({DOWN: "SELECT 1;"}, f"{DOWN}:1", "there is no up.sql in 2026-01-02-030405_a"),
    "another file alone": ({UP: "", "2_b/migration.rs": ""}, "2_b/migration.rs:1", "there is no up.sql in 2_b"),
    "a file without a folder": ({UP: "", "schema.sql": ""}, "schema.sql:1", "it is not in a folder of its own"),
    "broken metadata": ({UP: "", METADATA: "\nrun_in_transaction = nope\n"}, f"{METADATA}:2", "(at line 2"),
    "metadata of another kind": (
        {UP: "", METADATA: 'run_in_transaction = "no"'},
        f"{METADATA}:1",
        "run_in_transaction is neither true nor false",
    ),
    "Latin-1": ({UP: b"\n\n\xe4"}, f"{UP}:3", "byte 0xe4 is not UTF-8"),
}


@pytest.mark.parametrize(("texts", "place", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_folder_is_refused_with_file_and_line(texts, place: str, message: str) -> None:
    refused(TOOL, texts, place, message)


def test_two_folders_of_one_version_name_both() -> None:
    with pytest.raises(Exception, match=r"a/up\.sql and dir/20260102030405_b/up\.sql are both version 20260102030405"):
        read(TOOL, {UP: "", "20260102030405_b/up.sql": ""})
