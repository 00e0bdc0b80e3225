"""Repeatable migrations: run after the others, and again whenever their files change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.command import Ran
from migrate.scene import Folder, query

Migrate = Callable[..., Ran]


@pytest.fixture
def view(folder: Folder) -> Callable[..., None]:
    """``view("1 AS n")`` writes a view of those columns as a repeatable migration."""
    folder.tables([1])

    def write(columns: str, *, options: str = "") -> None:
        head = f"-- migrate:up{options}\n" if options else ""
        sql = f"{head}DROP VIEW IF EXISTS totals;\nCREATE VIEW totals AS SELECT {columns};\n"
        folder.raw("R__totals.sql", sql.encode())

    write("1 AS n")
    return write


def _applied(ran: Ran) -> list[str]:
    assert ran.status == 0, ran.out
    return [row["version"] for row in ran.data["applied"]]


@pytest.mark.parametrize("options", ["", " transaction:false"])
def test_it_is_run_last_and_again_only_when_it_changed(
    folder: Folder, migrate: Migrate, database: str, view: Callable[..., None], options: str
) -> None:
    view("1 AS n", options=options)
    assert _applied(migrate("up")) == ["0001", "R__totals"]
    assert _applied(migrate("up")) == []
    view("2 AS n", options=options)
    folder.tables([2])
    status = migrate("status")
    assert status.status == 1
    assert {row["version"]: row["state"] for row in status.data["migrations"]} == {
        "0001": "applied", "0002": "pending", "R__totals": "pending"
    }  # fmt: skip
    assert _applied(migrate("up")) == ["0002", "R__totals"]
    assert query(database, "SELECT n FROM totals") == [(2,)]
    assert migrate("status").status == 0
    rows = query(database, "SELECT count(*) FROM dbops.schema_migrations WHERE version = 'R__totals'")
    assert rows == [(1,)]


def test_down_passes_it_by(folder: Folder, migrate: Migrate, database: str, view: Callable[..., None]) -> None:
    migrate("up")
    assert [row["version"] for row in migrate("down", "--all").data["reverted"]] == ["0001"]
    assert query(database, "SELECT n FROM totals") == [(1,)]


@pytest.mark.parametrize("words", [["down", "--all"], ["redo"]])
def test_what_went_with_a_down_is_made_again(
    folder: Folder, migrate: Migrate, database: str, view: Callable[..., None], words: list[str]
) -> None:
    folder.write("0002_items", "CREATE TABLE items (n int);", "DROP TABLE items CASCADE;")
    view("count(*) AS n FROM items")
    migrate("up")
    ran = migrate(*words)
    assert ran.status == 0, ran.out
    if words == ["redo"]:
        assert [row["version"] for row in ran.data["applied"]] == ["0002", "R__totals"]
    else:
        assert _applied(migrate("up")) == ["0001", "0002", "R__totals"]
    assert query(database, "SELECT n FROM totals") == [(0,)]
    assert migrate("status").status == 0


def test_one_that_fails_leaves_the_one_before(migrate: Migrate, database: str, view: Callable[..., None]) -> None:
    migrate("up")
    view("nonsense")
    assert migrate("up").status == 2
    assert query(database, "SELECT n FROM totals") == [(1,)]
    view("3 AS n")
    assert _applied(migrate("up")) == ["R__totals"]
    assert query(database, "SELECT n FROM totals") == [(3,)]


def test_one_whose_file_is_gone_stops_nobody(folder: Folder, migrate: Migrate, view: Callable[..., None]) -> None:
    migrate("up")
    (folder.path / "R__totals.sql").unlink()
    folder.tables([2])
    ran = migrate("up")
    assert _applied(ran) == ["0002"]
    assert ran.data["database_ahead"] == ["R__totals"]
