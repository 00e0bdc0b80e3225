"""yoyo's files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.reading import read, recognised, refused

TOOL = "yoyo"


def test_an_id_and_its_rollback_are_a_migration() -> None:
    (migration,) = read(TOOL, {"0001.a-b.sql": "CREATE TABLE a ();", "0001.a-b.rollback.sql": "DROP TABLE a;"})
    assert (migration.version, migration.name, migration.depends) == ("0001.a-b", "", ())
    assert migration.down is not None
    assert migration.down.path == "dir/0001.a-b.rollback.sql"


@pytest.mark.parametrize(
    ("head", "depends", "transaction"),
    [
        ("-- depends: a b\n", ("a", "b"), None),
        ("-- A title\n--\n\n--depends:a\n-- depends: b\n", ("a", "b"), None),
        ("-- depends: a\n-- transactional: FALSE\n", ("a",), False),
        ("-- transactional: true\n-- depends:\n", (), None),
        ("SELECT 1;\n-- depends: nobody\n-- transactional: false\n", (), None),
        ("/* not a line */\n-- depends: nobody\n", (), None),
        ("", (), None),
    ],
)
def test_comments_before_the_sql_are_read(head: str, depends: tuple[str, ...], transaction: bool | None) -> None:
    texts = {"a.sql": "SELECT 1;", "b.sql": "SELECT 1;", "c.sql": f"{head}SELECT 1;", "c.rollback.sql": "SELECT 2;"}
    migration = read(TOOL, texts)[-1]
    assert (migration.version, migration.depends, migration.up.transaction) == ("c", depends, transaction)
    assert migration.down is not None
    assert migration.down.transaction is transaction


def test_what_a_migration_depends_on_comes_before_it_and_the_rest_by_name() -> None:
    found = read(TOOL, {"a.sql": "-- depends: d\n", "b.sql": "", "c.sql": "", "d.sql": "-- depends: c\n", "e.sql": ""})
    assert [each.version for each in found] == ["c", "d", "a", "b", "e"]


@given(st.lists(st.lists(st.integers(0, 7), max_size=3), max_size=8), st.randoms())
def test_any_order_of_names_honours_what_depends_on_what(needs: list[list[int]], chance) -> None:
    names = [f"m{index}" for index in range(len(needs))]
    chance.shuffle(names)
    texts = {
        f"{name}.sql": f"-- depends: {' '.join(names[need] for need in needs[at] if need < at)}\nSELECT 1;\n"
        for at, name in enumerate(names)
    }
    done: set[str] = set()
    for migration in read(TOOL, texts):
        assert done >= set(migration.depends or ())
        done.add(migration.version)
    assert done == set(names)


def test_it_is_told_by_rollbacks_comments_and_python() -> None:
    assert recognised({"a.sql": "", "a.rollback.sql": ""}) == [TOOL]
    assert recognised({"a.sql": "\n-- why\n-- depends:\nSELECT 1;"}) == [TOOL]
    assert recognised({"a.py": "from yoyo import step\n"}) == [TOOL]
    assert recognised({"a.sql": "SELECT 1;\n-- depends: b\n", "b.py": "import os\n"}) == []
    assert recognised({"0001_a.sql": "-- migrate:up\n-- depends: b\n"}) == ["dbops"]


SQL = "SELECT 1;"
WRONG = {
    "python": ({"a.sql": SQL, "b.py": "from yoyo import step"}, "b.py:1", "a migration that is a program"),
    "python without an import": ({"a.sql": SQL, "b.py": "steps = []"}, "b.py:1", "a migration that is a program"),
    "a hook": ({"a.sql": SQL, "post-apply.sql": SQL}, "post-apply.sql:1", "a hook that yoyo runs"),
    "a rollback alone": ({"a.sql": SQL, "b.rollback.sql": SQL}, "b.rollback.sql:1", "there is no migration"),
    "capitals": ({"a.SQL": SQL}, "a.SQL:1", "the name is not ID.sql"),
    "an unknown need": ({"a.sql": f"\n-- depends: b\n{SQL}"}, "a.sql:2", "it depends on b, and there is no b.sql"),
    "itself": ({"a.sql": f"-- depends: a\n{SQL}"}, "a.sql:1", "a and a depend on each other"),
    "a circle": (
        {"a.sql": f"-- depends: b\n{SQL}", "b.sql": f"--\n-- depends: c\n{SQL}", "c.sql": f"-- depends: a\n{SQL}"},
        "c.sql:1",
        "c and a depend on each other",
    ),
    "no word for a transaction": ({"a.sql": "\n-- transactional: no\n"}, "a.sql:2", "transactional is 'no'"),
    "Latin-1": ({"a.sql": SQL, "a.rollback.sql": b"\n\xe4"}, "a.rollback.sql:2", "byte 0xe4 is not UTF-8"),
}


@pytest.mark.parametrize(("texts", "place", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_folder_is_refused_with_file_and_line(texts, place: str, message: str) -> None:
    refused(TOOL, texts, place, message)


def test_an_empty_package_file_is_let_be() -> None:
    assert len(read(TOOL, {"a.sql": SQL, "__init__.py": ""})) == 1
