"""Flyway's files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.reading import read, recognised, refused

TOOL = "flyway"


def test_a_version_and_what_undoes_it_are_a_migration() -> None:
    (migration,) = read(TOOL, {"V1_2__add_a.sql": "CREATE TABLE a ();", "U1.2__anything.sql": "DROP TABLE a;"})
    assert (migration.version, migration.name, migration.path) == ("1.2", "add_a", "dir/V1_2__add_a.sql")
    assert migration.up.variables is True
    assert migration.down is not None
    assert migration.down.path == "dir/U1.2__anything.sql"


@pytest.mark.parametrize("name", ["V1__a.sql", "V1__.sql", "V1.sql", "V001__a__b c.sql", "x/y/V1__a.sql"])
def test_names_that_flyway_takes_are_read(name: str) -> None:
    assert read(TOOL, {name: "SELECT 1;"})[0].key == (1,)


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=3).map(tuple), max_size=8))
def test_versions_are_ordered_by_their_numbers(versions: list[tuple[int, ...]]) -> None:
    unique = {version for version in versions if version[-1]}  # 1.0 is 1
    for separator in ("_", "."):
        texts = {f"V{separator.join(map(str, version))}__x.sql": "" for version in unique}
        assert [each.key for each in read(TOOL, texts)] == sorted(unique)


def test_repeatable_ones_come_last_by_name() -> None:
    found = read(TOOL, {"R__b.sql": "SELECT 1;", "V2__x.sql": "", "R__a.sql": "SELECT 1;", "V1__z.sql": ""})
    assert [(each.version, each.name, each.repeatable) for each in found] == [
        ("1", "z", False),
        ("2", "x", False),
        ("R__a", "a", True),
        ("R__b", "b", True),
    ]


@pytest.mark.parametrize(
    ("names", "read_in_order"),
    [
        (["B5__all", "V6__x", "V7__y"], ["B5__all", "V6__x", "V7__y"]),
        (["B5__all", "V1__a", "V5__b", "V6__x"], ["V1__a", "V5__b", "V6__x"]),
        (["B2__two", "B5__five", "V3__x", "V6__y"], ["B2__two", "V3__x", "V6__y"]),
        (["B1__all", "V1__a"], ["V1__a"]),
        (["B3__all"], ["B3__all"]),
    ],
)
def test_a_baseline_is_the_first_migration_where_nothing_comes_before(
    names: list[str], read_in_order: list[str]
) -> None:
    found = read(TOOL, {f"{name}.sql": "SELECT 1;" for name in names})
    assert [each.path for each in found] == [f"dir/{name}.sql" for name in read_in_order]


@pytest.mark.parametrize(
    ("conf", "transaction", "variables"),
    [
        ("executeInTransaction=false\n", False, True),
        ("# why\r\n\r\nexecuteInTransaction = true\r\n", None, True),
        ("placeholderReplacement=false", None, False),
        ("flyway.executeInTransaction=false\nplaceholderReplacement=false", False, False),
        ("", None, True),
    ],
)
def test_a_scripts_configuration_is_of_its_file_alone(conf: str, transaction: bool | None, variables: bool) -> None:
    texts = {"V1__a.sql": "SELECT 1;", "V1__a.sql.conf": conf, "U1__a.sql": "SELECT 2;"}
    (migration,) = read(TOOL, texts)
    assert (migration.up.transaction, migration.up.variables) == (transaction, variables)
    assert migration.down is not None
    assert (migration.down.transaction, migration.down.variables) == (None, True)


def test_it_is_told_by_versioned_names() -> None:
    assert recognised({"V1__a.sql": ""}) == [TOOL]
    assert recognised({"a/B1__a.sql": ""}) == [TOOL]
    assert recognised({"R__a.sql": "", "v1__a.sql": "", "1__a.sql": ""}) == []
    assert recognised({"R__a.sql": "", "0001_a.sql": "-- migrate:up\n"}) == ["dbops"]


WRONG = {
    "another name": ({"V1__a.sql": "", "a.sql": ""}, "a.sql:1", "the name is none of Flyway's"),
    "a small letter": ({"v1__a.sql": ""}, "v1__a.sql:1", "the name is none of Flyway's"),
    "capitals": ({"V1__a.SQL": ""}, "V1__a.SQL:1", "the name is none of Flyway's"),
    "a callback": ({"V1__a.sql": "", "afterMigrate.sql": ""}, "afterMigrate.sql:1", "a callback of Flyway's"),
    "a described callback": ({"x/beforeEachMigrate__b.sql": ""}, "x/beforeEachMigrate__b.sql:1", "a callback"),
    "Java": ({"V1__a.sql": "", "x/V2__b.java": ""}, "x/V2__b.java:1", "a migration that is a program"),
    "an undo alone": ({"V1__a.sql": "", "U2__b.sql": ""}, "U2__b.sql:1", "there is no V2 that it undoes"),
    "one version twice": ({"V1__a.sql": "", "V1.0__b.sql": ""}, "V1.0__b.sql:1", "dir/V1__a.sql is version 1 already"),
    "an unknown setting": (
        {"V1__a.sql": "", "V1__a.sql.conf": "\nshouldExecute=false"},
        "V1__a.sql.conf:2",
        "shouldExecute is a setting that dbops doesn't know",
    ),
    "an unknown value": (
        {"V1__a.sql": "", "V1__a.sql.conf": "executeInTransaction=no"},
        "V1__a.sql.conf:1",
        "executeInTransaction is a setting",
    ),
    "a configuration alone": ({"V1__a.sql.conf": ""}, "V1__a.sql.conf:1", "there is no V1__a.sql that it is about"),
    "an odd placeholder": ({"V1__a.sql": "SELECT 1;\nSELECT '${a b}';"}, "V1__a.sql:2", "${ begins no placeholder"),
    "Latin-1": ({"R__a.sql": b"\n\xe4"}, "R__a.sql:2", "byte 0xe4 is not UTF-8"),
}


@pytest.mark.parametrize(("texts", "place", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_folder_is_refused_with_file_and_line(texts, place: str, message: str) -> None:
    refused(TOOL, texts, place, message)


def test_two_repeatable_ones_of_one_name_name_both() -> None:
    with pytest.raises(Exception, match=r"R__a\.sql and dir/x/R__a\.sql are both version R__a"):
        read(TOOL, {"R__a.sql": "", "x/R__a.sql": ""})
