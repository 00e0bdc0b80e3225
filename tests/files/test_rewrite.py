"""Migrations as files of dbops's own format."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import InvalidMigration
from dbops.files.formats import own
from dbops.files.migration import Migration, Section, SourceFile
from dbops.files.rewrite import rewrite
from dbops.sql.blank import blank

LINE = st.sampled_from(
    ["SELECT 1;", "-- why", "", " ", "SELECT 'ä→😀';", "$$a$$;", "-- +goose Up", "-- depends: x", "\t"]
)
SQL = st.lists(LINE, max_size=5).map("\n".join)
FLAG = st.sampled_from([None, True, False])
SECTION = st.builds(
    lambda sql, transaction, variables: Section(sql, 0, 1, transaction, variables=variables), SQL, FLAG, FLAG
)


def _migration(version: str, name: str = "x", up: str = "SELECT 1;\n", down: str | None = None) -> Migration:
    back = None if down is None else Section(down, 0, 1, None, "dir/down.sql", down)
    return Migration(version, name, "dir/up.sql", up, "", Section(up, 0, 1), back)


@given(SECTION, SECTION)
def test_what_is_written_is_read_again(up: Section, down: Section) -> None:
    (made,) = rewrite([replace(_migration("7"), up=up, down=down)])
    again = own.parse([SourceFile(made.name, made.name, made.text.encode())])[0]
    assert (again.version, again.name) == ("7", "x")
    for before, after in ((up, again.up), (down, again.down)):
        if after is None:
            assert blank(before.sql)
            continue
        assert after.sql.removeprefix("\n").removesuffix("\n") == before.sql.removeprefix("\n").removesuffix("\n")
        assert (after.transaction, after.variables) == (before.transaction, before.variables)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["1", "2", "10"], ["1", "2", "10"]),
        (["0001", "20260102030405"], ["0001", "20260102030405"]),
        (["1", "1.1", "2"], ["0001", "0002", "0003"]),
        (["10", "9"], ["0001", "0002"]),
        (["b", "a"], ["0001", "0002"]),
        ([], []),
    ],
)
def test_versions_are_kept_or_counted(old: list[str], new: list[str]) -> None:
    assert [made.version for made in rewrite([_migration(version) for version in old])] == new


def test_counted_versions_have_one_width() -> None:
    made = rewrite([_migration(f"v{number}") for number in range(12000)])
    assert (made[0].version, made[-1].version) == ("00001", "12000")


@pytest.mark.parametrize(
    ("version", "name", "file"),
    [
        ("3", "add a/note", "3_add_a_note.sql"),
        ("3", "", "3_unnamed.sql"),
        ("app/users@v1", "", "0001_app_users_v1.sql"),
        ("1.2", "", "0001_unnamed.sql"),
        ("1.2", "ä", "0001_ä.sql"),
    ],
)
def test_a_name_is_one_that_a_file_can_have(version: str, name: str, file: str) -> None:
    assert [made.name for made in rewrite([_migration(version, name)])] == [file]


def test_a_repeatable_one_keeps_its_name() -> None:
    (made,) = rewrite([replace(_migration("R__a b", "a b"), repeatable=True)])
    assert (made.version, made.name) == ("R__a_b", "R__a_b.sql")


@pytest.mark.parametrize("line", ["-- migrate:down", "  --migrate: what", "-- Down Migration of it"])
def test_a_comment_that_would_be_a_marker_is_refused_where_it_stands(line: str) -> None:
    with pytest.raises(InvalidMigration, match=r"dir/up\.sql:2:1: .* would be a marker"):
        rewrite([_migration("1", up=f"SELECT 1;\n{line}\n")])
    with pytest.raises(InvalidMigration, match=r"dir/down\.sql:3:1: .* would be a marker"):
        rewrite([_migration("1", down=f"\nSELECT 1;\n{line}\n")])
