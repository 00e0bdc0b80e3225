"""The one order of files and history: also of versions that aren't numbers, of graphs, and of what lost its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import MissingMigration
from dbops.files.migration import Migration
from dbops.migrate.order import places
from dbops.migrate.plan import Accepted, assess, to_apply, to_revert, up_to
from dbops.migrate.record import Record
from migrate.scene import applied, migration


def _named(*names: str, depends: tuple[str, ...] | None = None) -> list[Migration]:
    """Return migrations whose versions are names, as sqitch's changes."""
    return [replace(migration("1"), version=name, name=name, depends=depends) for name in names]


def _record(files: Sequence[Migration], *versions: str) -> Record:
    known = {file.version: file for file in files}
    return Record(tuple(applied(known.get(version) or _named(version)[0]) for version in versions))


def _states(files: Sequence[Migration], record: Record) -> list[tuple[str, str]]:
    return [(status.version, status.state.value) for status in assess(files, record)]


def test_names_keep_the_order_of_the_files() -> None:
    files = _named("users", "accounts", "orders")
    record = _record(files, "users")
    assert _states(files, record) == [("users", "applied"), ("accounts", "pending"), ("orders", "pending")]
    assert [file.version for file in to_apply(files, record, Accepted())] == ["accounts", "orders"]
    assert [file.version for file in to_apply(files, record, Accepted(), to="accounts")] == ["accounts"]


def test_a_name_in_front_of_an_applied_one_is_late() -> None:
    files = _named("users", "accounts")
    assert _states(files, _record(files, "accounts"))[0] == ("users", "out_of_order")


def test_what_says_what_it_depends_on_is_never_late() -> None:
    files = _named("users", "accounts", depends=())
    assert _states(files, _record(files, "accounts"))[0] == ("users", "pending")


def test_a_name_without_a_file_stands_behind_what_was_applied_before_it() -> None:
    files = _named("users", "orders")
    record = _record(files, "users", "accounts", "orders")
    assert _states(files, record) == [("users", "applied"), ("accounts", "missing"), ("orders", "applied")]


def test_the_last_one_without_a_file_is_ahead() -> None:
    files = _named("users")
    assert _states(files, _record(files, "users", "orders"))[-1] == ("orders", "database_ahead")


def test_down_goes_back_in_the_order_of_application() -> None:
    files = _named("users", "accounts", "orders")
    record = _record(files, "accounts", "users", "orders")
    reverted = to_revert(files, record, Accepted(), everything=True)
    assert [file.version for file in reverted] == ["orders", "users", "accounts"]


def test_up_to_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(MissingMigration, match="there is no migration nobody"):
        up_to(_named("users"), "nobody")


NUMBERS = st.lists(st.integers(1, 30), unique=True, max_size=12).map(sorted)


@given(NUMBERS, NUMBERS, st.randoms())
def test_numbers_stand_in_their_order_whatever_lost_its_file(files: list[int], rows: list[int], random: object) -> None:
    random.shuffle(rows)  # type: ignore[attr-defined]
    all_files = [migration(str(number)) for number in files]
    found = places(all_files, Record(tuple(applied(migration(str(number))) for number in rows)))
    versions = [int((place.file or place.row).version) for place in found]  # type: ignore[union-attr]
    assert versions == sorted({*files, *rows})
    for version, place in zip(versions, found, strict=True):
        assert place.late == (version not in rows and any(row > version for row in rows))
        assert place.ahead == (version not in files and bool(files) and version > max(files))
