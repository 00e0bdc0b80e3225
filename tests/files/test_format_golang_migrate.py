"""golang-migrate's pairs of files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.files.migration import Section
from files.reading import read, recognised, refused

TOOL = "golang-migrate"


def test_a_pair_is_a_migration() -> None:
    (migration,) = read(TOOL, {"01_a.down.sql": "DROP TABLE a;\n", "01_a.up.sql": "CREATE TABLE a ();\n"})
    assert (migration.version, migration.name, migration.path) == ("01", "a", "dir/01_a.up.sql")
    assert migration.up == Section("CREATE TABLE a ();\n", 0, 1)
    assert migration.down == Section("DROP TABLE a;\n", 0, 1, None, "dir/01_a.down.sql", "DROP TABLE a;\n")


def test_versions_are_ordered_as_numbers() -> None:
    found = read(TOOL, {f"{version}_x.up.sql": "SELECT 1;" for version in ("10", "9", "008", "20260102030405")})
    assert [migration.version for migration in found] == ["008", "9", "10", "20260102030405"]


@pytest.mark.parametrize("down", ["", "-- nothing\n", "BEGIN;\n\nCOMMIT;\n"])
def test_no_down_and_one_that_does_nothing_are_none(down: str) -> None:
    assert read(TOOL, {"1_a.up.sql": "SELECT 1;"})[0].down is None
    assert read(TOOL, {"1_a.up.sql": "SELECT 1;", "1_a.down.sql": down})[0].down is None


def test_both_files_are_in_the_checksum() -> None:
    texts = {"1_a.up.sql": "SELECT 1;\n", "1_a.down.sql": "SELECT 2;\n"}
    whole = read(TOOL, texts)[0].checksum
    for name in texts:
        assert read(TOOL, {**texts, name: "SELECT 3;\n"})[0].checksum != whole
        assert read(TOOL, {**texts, name: texts[name].replace("\n", " \r\n")})[0].checksum == whole


def test_it_is_told_by_names_and_by_the_absence_of_markers() -> None:
    assert recognised({"1_a.up.sql": "SELECT 1;"}) == [TOOL]
    assert recognised({"1_a.down.sql": "-- Down migration\nSELECT 1;"}) == [TOOL]
    assert recognised({"1_a.up.sql": "-- migrate:up\nSELECT 1;"}) == ["dbops"]
    assert recognised({"1_a.up.sql": "-- +goose Up\nSELECT 1;"}) == ["goose"]
    assert recognised({"1_a.sql": "SELECT 1;"}) == []


WRONG = {
    "another name": ({"1_a.up.sql": "", "b.sql": ""}, "b.sql:1", "the name is not VERSION_name.up.sql"),
    "capitals": ({"1_a.UP.sql": ""}, "1_a.UP.sql:1", "the name is not VERSION_name.up.sql"),
    "a down alone": ({"1_a.down.sql": "SELECT 1;"}, "1_a.down.sql:1", "there is no .up.sql of its version"),
    "two downs": (
        {"1_a.up.sql": "", "1_a.down.sql": "", "01_b.down.sql": ""},
        "01_b.down.sql:1",
        "dir/1_a.down.sql is the down of this version already",
    ),
    "a Go program": ({"1_a.up.sql": "", "2_b.go": ""}, "2_b.go:1", "a migration that is a program"),
    "Latin-1 in the down": (
        {"1_a.up.sql": "", "1_a.down.sql": b"\nSELECT '\xe4';"},
        "1_a.down.sql:2",
        "byte 0xe4 is not UTF-8",
    ),
}


@pytest.mark.parametrize(("texts", "place", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_folder_is_refused_with_file_and_line(texts, place: str, message: str) -> None:
    refused(TOOL, texts, place, message)


def test_two_ups_of_one_version_name_both() -> None:
    with pytest.raises(Exception, match=r"1_a\.up\.sql and dir/01_b\.up\.sql are both version 01"):
        read(TOOL, {"1_a.up.sql": "", "01_b.up.sql": ""})


def test_go_code_beside_the_migrations_is_let_be() -> None:
    assert read(TOOL, {"1_a.up.sql": "", "embed.go": "", "1_a_test.go": ""})


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=60))
def test_the_sql_is_the_file(text: str) -> None:
    (migration,) = read(TOOL, {"1_a.up.sql": text})
    assert migration.up.sql == migration.text == text.removeprefix("\ufeff")
