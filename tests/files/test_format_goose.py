"""goose's files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.files.migration import Migration
from dbops.sql.split import split
from files.reading import read, recognised, refused

TOOL = "goose"


def _read(text: str | bytes, name: str = "00001_a.sql") -> Migration:
    return read(TOOL, {name: text})[0]


def test_a_file_has_both_directions() -> None:
    migration = _read("-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;\n")
    assert (migration.version, migration.name) == ("00001", "a")
    assert migration.up.sql == "\nCREATE TABLE a ();\n"
    assert (migration.up.line, migration.up.transaction, migration.up.variables) == (1, None, None)
    assert migration.down is not None
    assert migration.down.sql == "\nDROP TABLE a;\n"


@pytest.mark.parametrize("down", ["", "-- +goose Down\n", "-- +goose Down\n-- nothing\n"])
def test_no_down_and_an_empty_one_are_none(down: str) -> None:
    assert _read(f"-- +goose Up\nSELECT 1;\n{down}").down is None


@pytest.mark.parametrize("place", ["{}-- +goose Up\n{{}}", "-- +goose Up\n{}{{}}"])
def test_no_transaction_is_for_both_directions_wherever_it_stands(place: str) -> None:
    text = place.format("-- +goose No  Transaction\n").format("SELECT 1;\n-- +goose Down\nSELECT 2;\n")
    migration = _read(text)
    assert migration.up.transaction is False
    assert migration.down is not None
    assert migration.down.transaction is False


@pytest.mark.parametrize("end", ["", "\n", " -- done", " /* ; */"])
def test_a_block_ends_its_statement_where_it_has_no_semicolon(end: str) -> None:
    text = (
        "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$"
        f"{end}\n-- +goose StatementEnd\nSELECT 2;\n-- +goose StatementBegin\nSELECT 3;\n-- +goose StatementEnd\n"
        "SELECT 4;\n-- +goose Down\nSELECT 5;\n"
    )
    migration = _read(text)
    statements = split(migration.up.sql)
    assert len(statements) == 4
    assert len(migration.up.sql) == text.index("-- +goose Down") - migration.up.start
    assert [text[migration.up.offset(each.start) :].startswith(each.text[:8]) for each in statements] == [True] * 4


@pytest.mark.parametrize(
    ("text", "up", "down"),
    [
        ("-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${A}';\n-- +goose Down\nSELECT '${B}';\n", True, True),
        ("-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${A}';\n-- +goose ENVSUB OFF\n-- +goose Down\n\n", True, None),
        ("-- +goose Up\nSELECT 1;\n-- +goose ENVSUB ON\nSELECT '${A}';\n-- +goose Down\nSELECT '${B}';\n", True, True),
        ("-- +goose Up\nSELECT '${A}';\n-- +goose Down\n-- +goose ENVSUB ON\nSELECT '${B}';\n", None, True),
        (
            "-- +goose ENVSUB ON\n-- +goose ENVSUB OFF\n-- +goose Up\nSELECT '${A}';\n-- +goose Down\nSELECT 1;",
            None,
            None,
        ),
        ("-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 1;\n", None, None),
    ],
)
def test_variables_are_on_where_the_file_says_so(text: str, up: bool | None, down: bool | None) -> None:
    migration = _read(text)
    assert migration.up.variables is up
    assert migration.down is None or migration.down.variables is down


def test_dollar_quotes_are_no_variables() -> None:
    migration = _read("-- +goose ENVSUB ON\n-- +goose Up\nDO $body$BEGIN PERFORM $1, '${A}';END$body$;\n")
    assert migration.up.variables is True


def test_it_is_told_by_its_marker() -> None:
    assert recognised({"1_a.sql": "--  +GOOSE  up\nSELECT 1;"}) == [TOOL]
    assert recognised({"1_a.sql": "-- migrate:up\n-- +goose StatementBegin\nSELECT 1;"}) == ["dbops"]
    assert recognised({"1_a.sql": "-- written for +goose up\nSELECT 1;"}) == []
    assert recognised({"a.sql": "-- +goose Up\n"}) == []


UP = "-- +goose Up\n"
WRONG = {
    "no marker": ("SELECT 1;\n", 1, "SQL before -- +goose Up"),
    "an empty file": ("", 1, "there is no -- +goose Up"),
    "SQL above": (f"-- why\n\nSELECT 1;\n{UP}", 3, "SQL before -- +goose Up"),
    "two ups": (f"{UP}SELECT 1;\n{UP}", 3, "-- +goose Up behind -- +goose Up"),
    "down first": ("-- +goose Down\n-- +goose Up\n", 1, "-- +goose Down before -- +goose Up"),
    "up after down": (f"{UP}-- +goose Down\n{UP}", 3, "-- +goose Up behind -- +goose Down"),
    "two downs": (f"{UP}-- +goose Down\n-- +goose Down\n", 3, "-- +goose Down behind -- +goose Down"),
    "no end": (f"{UP}-- +goose StatementBegin\nSELECT 1;\n", 2, "StatementBegin without a StatementEnd"),
    "down in a block": (f"{UP}-- +goose StatementBegin\n-- +goose Down\n", 3, "within a StatementBegin block"),
    "a block in a block": (
        f"{UP}-- +goose StatementBegin\n-- +goose StatementBegin\n",
        3,
        "-- +goose StatementBegin within a StatementBegin block",
    ),
    "an end alone": (f"{UP}SELECT 1;\n-- +goose StatementEnd\n", 3, "StatementEnd behind -- +goose Up"),
    "a block above": (f"-- +goose StatementBegin\n{UP}", 1, "StatementBegin before -- +goose Up"),
    "an unknown marker": (f"{UP}-- +goose Sideways\n", 2, "-- +goose Sideways is no marker"),
    "blanks before it": (f"{UP}SELECT 1;\n  -- +goose Down\nDROP TABLE a;\n", 3, "blanks before a marker"),
    "variables in a part": (
        f"{UP}SELECT '${{A}}';\n-- +goose ENVSUB ON\nSELECT '${{B}}';\n",
        2,
        "ENVSUB is on in a part of this direction alone",
    ),
    "$NAME": (f"-- +goose ENVSUB ON\n{UP}SELECT 1;\nSELECT '$A';\n", 4, "$A is goose's alone"),
    "a default": (f"-- +goose ENVSUB ON\n{UP}SELECT '${{A:-b}}';\n", 3, "${A:-b} is goose's alone"),
    "not UTF-8": (b"-- +goose Up\n\xe4", 2, "byte 0xe4 is not UTF-8"),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_with_its_line(text: str | bytes, line: int, message: str) -> None:
    refused(TOOL, {"00001_a.sql": text}, f"00001_a.sql:{line}", message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.sql", "the name is not VERSION_name.sql"),
        ("1_a.SQL", "the name is not VERSION_name.sql"),
        ("2_b.go", "a migration that is a program"),
    ],
)
def test_a_file_that_would_be_passed_by_is_refused(name: str, message: str) -> None:
    refused(TOOL, {"00001_a.sql": f"{UP}SELECT 1;", name: f"{UP}SELECT 1;"}, f"{name}:1", message)


LINE = st.sampled_from(["SELECT 1;", "-- why", "", "SELECT 'ä→😀';", "-- goose", "DO $$BEGIN; END$$;", "/* ; */"])
BODY = st.lists(LINE, max_size=4).map("\n".join)


@given(head=st.sampled_from(["", "-- first\n", "\n"]), up=BODY, down=BODY, block=st.booleans())
def test_sections_index_the_text(head: str, up: str, down: str, block: bool) -> None:
    wrapped = f"-- +goose StatementBegin\n{up}\nSELECT 0;\n-- +goose StatementEnd" if block else up
    migration = _read(f"{head}-- +goose Up\n{wrapped}\n-- +goose Down\n{down}\n")
    for section in filter(None, (migration.up, migration.down)):
        assert migration.text[section.start : section.start + len(section.sql)] == section.sql
    assert migration.up.sql == f"\n{wrapped}\n"
