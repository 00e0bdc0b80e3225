"""``VERSION_name.sql`` with ``-- migrate:up`` and ``-- migrate:down``: what is read, and what is refused and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import InvalidMigration
from dbops.files.formats import format_of
from dbops.files.formats.own import parse
from dbops.files.migration import Migration, SourceFile, in_order

CREATE = "CREATE TABLE t (a int);"
DROP = "DROP TABLE t;"


def _file(data: bytes | str, name: str = "0001_first.sql") -> SourceFile:
    return SourceFile(f"dir/{name}", name, data.encode() if isinstance(data, str) else data)


def _read(data: bytes | str, name: str = "0001_first.sql") -> Migration:
    return parse([_file(data, name)])[0]


def test_a_file_has_both_directions() -> None:
    migration = _read(f"-- migrate:up\n{CREATE}\n-- migrate:down\n{DROP}\n")
    assert (migration.version, migration.name, migration.path) == ("0001", "first", "dir/0001_first.sql")
    assert migration.up.sql.strip() == CREATE
    assert migration.down is not None
    assert migration.down.sql.strip() == DROP
    assert migration.up.transaction is None


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("-- migrate:up", "-- migrate:down"),
        ("--migrate:up", "--migrate:down"),
        ("-- Migrate:UP", "-- MIGRATE:Down"),
        ("  -- migrate: up", "\t--\tmigrate:down"),
        ("-- Up Migration", "-- Down Migration"),
        ("-- up migration", "-- DOWN   MIGRATION"),
    ],
)
def test_markers_are_read_in_any_case_and_both_styles(up: str, down: str) -> None:
    migration = _read(f"{up}\n{CREATE}\n{down}\n{DROP}\n")
    assert migration.up.sql.strip() == CREATE
    assert migration.down is not None
    assert migration.down.sql.strip() == DROP


@pytest.mark.parametrize(
    ("option", "transaction"),
    [("transaction:false", False), ("transaction:true", True), ("TRANSACTION:False", False), ("", None)],
)
def test_each_marker_has_its_own_option(option: str, transaction: bool | None) -> None:
    migration = _read(f"-- migrate:up {option}\n{CREATE}\n-- migrate:down\n{DROP}\n")
    assert migration.up.transaction is transaction
    assert migration.down is not None
    assert migration.down.transaction is None


@pytest.mark.parametrize("down", ["", "-- migrate:down\n", "-- migrate:down\n\n-- nothing to undo\n;\n"])
def test_no_down_and_an_empty_one_are_none(down: str) -> None:
    assert _read(f"-- migrate:up\n{CREATE}\n{down}").down is None


def test_the_down_may_stand_first() -> None:
    migration = _read(f"-- migrate:down\n{DROP}\n-- migrate:up\n{CREATE}\n")
    assert migration.up.sql.strip() == CREATE


def test_comments_before_the_first_marker_are_read_over() -> None:
    assert _read(f"-- why\n/* and\nhow */\n\n-- migrate:up\n{CREATE}\n").up.line == 5


def test_a_comment_that_only_speaks_of_migrations_is_no_marker() -> None:
    migration = _read(f"-- migrate:up\n-- migrated from upstairs; the up-migration\n{CREATE}\n")
    assert "upstairs" in migration.up.sql


def test_crlf_and_bom_are_accepted_and_change_no_checksum() -> None:
    text = f"-- migrate:up\n{CREATE}\n-- migrate:down\n{DROP}\n"
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert _read(windows) == _read(text)


WRONG = {
    "SQL before the first marker": ("-- a\n\nCREATE TABLE x ();\n-- migrate:up\n", 3, "before the first marker"),
    "no marker": ("\nCREATE TABLE x ();\n", 2, "there is no -- migrate:up"),
    "an empty file": ("", 1, "there is no -- migrate:up"),
    "comments only": ("-- nothing\n", 1, "there is no -- migrate:up"),
    "a down only": ("-- a\n-- migrate:down\nSELECT 1;\n", 1, "there is no -- migrate:up"),
    "an unknown marker": ("-- migrate:up\n\n-- migrate:dwon\n", 3, "-- migrate:dwon is no marker"),
    "a marker without a direction": ("-- migrate:\n", 1, "-- migrate: is no marker"),
    "an unknown option": ("-- migrate:up txn:false\n", 1, "option 'txn:false' is not known"),
    "an option's unknown value": ("-- migrate:up transaction:no\n", 1, "option 'transaction:no' is not known"),
    "a second up": ("-- migrate:up\nSELECT 1;\n-- Up Migration\n", 3, "a second -- migrate:up"),
    "a second down": ("-- migrate:up\n-- migrate:down\n-- migrate:down\n", 3, "a second -- migrate:down"),
    "not UTF-8": (b"-- migrate:up\n\nSELECT '\xe4';\n", 3, "byte 0xe4 is not UTF-8"),
    "UTF-16 with a mark": ("-- migrate:up\nSELECT 1;\n".encode("utf-16"), 1, "is not UTF-8"),
    "UTF-16 without a mark": ("-- migrate:up\nSELECT 1;\n".encode("utf-16-le"), 1, "NUL"),
    "a NUL": ("-- migrate:up\nSELECT '\0';\n", 2, "NUL"),
}


@pytest.mark.parametrize(("data", "line", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_with_its_line(data: bytes | str, line: int, message: str) -> None:
    with pytest.raises(InvalidMigration) as caught:
        _read(data)
    error = caught.value
    assert error.message.startswith(f"dir/0001_first.sql:{line}: ")
    assert message in error.message
    assert error.hint
    assert error.details[0].items() >= {"file": "dir/0001_first.sql", "line": line}.items()


@pytest.mark.parametrize(
    "name",
    ["first.sql", "0001.sql", "0001-first.sql", "v1_first.sql", "0001_add note.sql", "0001_x.SQL", "_x.sql",
     "\u0660\u0661_arabic.sql", "0001_\udcff.sql", "0001_\u200b.sql"],
)  # fmt: skip
def test_a_bad_name_is_refused_beside_good_ones_and_alone(name: str) -> None:
    good, bad = _file(f"-- migrate:up\n{CREATE}\n"), _file(f"-- migrate:up\n{CREATE}\n", name)
    for files in ([good, bad], [bad]):
        with pytest.raises(InvalidMigration, match=r"the name is not VERSION_name\.sql") as caught:
            format_of(files).parse(files)
        assert caught.value.details[0].items() >= {"file": bad.path, "line": 1}.items()


@pytest.mark.parametrize("other", ["0141_b.sql", "141_b.sql", "000141_b.sql"])
def test_two_files_of_one_version_are_refused(other: str) -> None:
    with pytest.raises(InvalidMigration, match="are both version") as caught:
        parse([_file("-- migrate:up\n", name) for name in ("0141_a.sql", other)])
    assert {detail["file"] for detail in caught.value.details} == {"dir/0141_a.sql", f"dir/{other}"}
    assert all(detail["line"] == 1 for detail in caught.value.details)


def test_versions_are_ordered_as_numbers() -> None:
    files = parse([_file("-- migrate:up\n", f"{version}_x.sql") for version in ("10", "9", "0100", "20260102030405")])
    assert [migration.version for migration in in_order(reversed(files))] == ["9", "10", "0100", "20260102030405"]


LINE = st.sampled_from(["SELECT 1;", "-- why", "", "  ", "SELECT 'ä→😀';", "\tDROP TABLE x; -- migrate up", "$$a$$;"])
BODY = st.lists(LINE, max_size=4).map("\n".join)


@given(
    comment=st.sampled_from(["", "-- first\n", "/* 😀\n */\n\n"]),
    up=BODY,
    down=BODY,
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_sections_index_the_text(comment: str, up: str, down: str, end: str, mark: str) -> None:
    text = f"{comment}-- migrate:up\n{up}\n-- migrate:down transaction:false\n{down}\n"
    migration = _read(mark + text.replace("\n", end))
    assert migration.text == text
    for section, sql, marker in ((migration.up, up, "-- migrate:up"), (migration.down, down, "-- migrate:down")):
        if section is None:
            assert marker == "-- migrate:down"
            continue
        assert migration.text[section.start : section.start + len(section.sql)] == section.sql
        assert section.sql == f"\n{sql}\n"
        assert migration.text.split("\n")[section.line - 1].startswith(marker)


@pytest.mark.parametrize("text", [f"{CREATE}\n", f"-- why\n-- migrate:up transaction:false\n{CREATE}\n"])
def test_a_repeatable_file_needs_no_marker(text: str) -> None:
    migration = _read(text, "R__totals.sql")
    assert (migration.version, migration.name, migration.repeatable) == ("R__totals", "totals", True)
    assert CREATE in migration.up.sql
    assert migration.up.transaction is (False if "transaction" in text else None)
    assert migration.down is None


def test_repeatable_files_come_last_by_name() -> None:
    names = ["R__b.sql", "9999_z.sql", "R__a.sql", "0001_a.sql"]
    found = parse([_file(f"-- migrate:up\n{CREATE}\n", name) for name in names])
    assert [each.version for each in found] == ["0001", "9999", "R__a", "R__b"]


def test_a_repeatable_file_with_a_way_back_is_refused() -> None:
    with pytest.raises(InvalidMigration, match=r"R__a\.sql:3: a repeatable migration has no way back"):
        _read(f"-- migrate:up\n{CREATE}\n-- migrate:down\n{DROP}\n", "R__a.sql")


@pytest.mark.parametrize(
    ("option", "variables"), [("variables:true", True), ("transaction:false Variables:FALSE", False), ("", None)]
)
def test_a_marker_says_whether_there_are_variables(option: str, variables: bool | None) -> None:
    assert _read(f"-- migrate:up {option}\n{CREATE}\n").up.variables is variables


@pytest.mark.parametrize("name", ["0002_b.js", "0002-b.ts", "0002_b.py", "V2__b.java"])
def test_a_program_among_the_migrations_is_refused(name: str) -> None:
    with pytest.raises(InvalidMigration, match=r":1: a migration that is a program"):
        parse([_file(f"-- migrate:up\n{CREATE}\n"), _file("", name)])
