"""Whatever changes what pg_dump writes changes the snapshot, and the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from conftest import Role
from dbops.schema.differences import compare
from postgres.snapshot.rich import CHANGES, QUIET, RICH, UNSEEN_BY_DUMP, Edit
from postgres.snapshot.scene import Scene, loaded, scene
from servers.server import SharedServer

Names = dict[str, str]


@pytest.fixture
def names(role: Callable[..., Role]) -> Names:
    """The roles of the rich schema."""
    return {"role": role("SUPERUSER").name, "other": role().name}


@pytest.fixture
def rich(database: str, names: Names) -> Iterator[Scene]:
    """A database with the rich schema."""
    with scene(database) as made:
        made.run(RICH.format(**names))
        yield made


def _known(rich: Scene, names: Names, edits: list[Edit]) -> Iterator[str]:
    return (edit.sql.format(**names) for edit in edits if edit.since <= rich.major)


def _seen(rich: Scene, names: Names, edits: list[Edit]) -> list[tuple[str, bool, bool]]:
    """Make one edit after the other; return of each whether the dump and the snapshot changed."""
    seen = []
    dump, snapshot = rich.dumped(), rich.taken()
    for edit in _known(rich, names, edits):
        rich.run(edit)
        dump_before, before = dump, snapshot
        dump, snapshot = rich.dumped(), rich.taken()
        seen.append((edit, dump != dump_before, compare(before, snapshot) != ()))
    return seen


@pytest.mark.at_full_count
def test_what_changes_the_dump_changes_the_snapshot(rich: Scene, names: Names) -> None:
    assert [each for each in _seen(rich, names, CHANGES) if each[1:] != (True, True)] == []


def test_each_edit_is_seen_both_ways_and_made_to_a_value(rich: Scene, names: Names) -> None:
    """The same edits; that each changes the dump is tried at full count."""
    unseen = []
    snapshot = rich.taken()
    for edit in _known(rich, names, CHANGES):
        rich.run(edit)
        before, snapshot = snapshot, rich.taken()
        if not (compare(before, snapshot) and compare(snapshot, before) and before != snapshot):
            unseen.append(edit)
    assert unseen == []


def test_what_does_not_change_the_dump_does_not_change_the_snapshot(rich: Scene, names: Names) -> None:
    assert [each for each in _seen(rich, names, QUIET) if each[1:] != (False, False)] == []


def test_the_snapshot_has_what_the_dump_leaves_out(rich: Scene, names: Names) -> None:
    """A materialized view without data, a foreign key that is not looked at."""
    assert [each for each in _seen(rich, names, UNSEEN_BY_DUMP) if each[1:] != (False, True)] == []


def test_a_loaded_dump_has_the_same_snapshot(
    rich: Scene, names: Names, server: SharedServer, admin: psycopg.Connection
) -> None:
    name = f"{names['role']}_loaded"
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    try:
        loaded(server.dsn(name), rich.dumped())
        with scene(server.dsn(name)) as other:
            other.run("REFRESH MATERIALIZED VIEW shop.totals")
            found = other.taken()
        assert len(found.entries) > 150
        assert compare(rich.taken(), found) == ()
    finally:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
