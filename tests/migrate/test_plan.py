"""Files and history compared: what is to be run, and what stands against it. No server needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import (
    ChecksumMismatch,
    DbopsError,
    Irreversible,
    MigrationFailed,
    MissingMigration,
    OutOfOrder,
)
from dbops.files.migration import Migration, in_order, version_key
from dbops.migrate.plan import Accepted, assess, find, to_apply, to_revert
from dbops.migrate.record import Applied, Failure, Record
from dbops.results.migration import State
from migrate.scene import applied, migration

ALL = Accepted(modified=True, missing=True, out_of_order=True)
NOTHING = Accepted()


def _files(*versions: str) -> tuple[Migration, ...]:
    return tuple(migration(version) for version in versions)


def _record(files: Sequence[Migration], *versions: str, **changes: object) -> Record:
    """Return a history in which these versions were applied, in this order."""
    known = {file.version: file for file in files}
    return Record(tuple(applied(known.get(version) or migration(version), **changes) for version in versions))


def _states(files: Sequence[Migration], record: Record, *, running: bool = False) -> dict[str, str]:
    return {status.version: status.state.value for status in assess(files, record, running=running)}


def test_what_is_new_is_pending() -> None:
    files = _files("1", "2", "3")
    assert _states(files, _record(files, "1")) == {"1": "applied", "2": "pending", "3": "pending"}


def test_an_edited_file_is_modified() -> None:
    files = _files("1")
    assert _states(files, _record(files, "1", checksum="other")) == {"1": "modified"}


def test_a_file_that_is_gone_is_missing_when_newer_ones_are_there() -> None:
    files = _files("1", "3")
    assert _states(files, _record(files, "1", "2", "3"))["2"] == "missing"


def test_what_is_newer_than_every_file_is_ahead_and_not_missing() -> None:
    files = _files("1", "2")
    assert _states(files, _record(files, "1", "2", "3", "4")) == {
        "1": "applied", "2": "applied", "3": "database_ahead", "4": "database_ahead",
    }  # fmt: skip


def test_an_empty_folder_is_not_ahead_of_anything() -> None:
    assert _states((), _record((), "1", "2")) == {"1": "missing", "2": "missing"}


def test_a_late_file_is_out_of_order() -> None:
    files = _files("1", "2", "3")
    assert _states(files, _record(files, "1", "3"))["2"] == "out_of_order"


@pytest.mark.parametrize("state", ["applying", "reverting"])
def test_a_half_way_one_is_failed_unless_a_runner_is_at_work(state: str) -> None:
    files = _files("1")
    record = _record(files, "1", state=state)
    assert _states(files, record) == {"1": "failed"}
    assert _states(files, record, running=True) == {"1": "pending"}


@pytest.mark.parametrize("state", ["applying", "reverting"])
def test_a_half_way_one_without_a_file_is_missing_or_a_newer_releases(state: str) -> None:
    files = _files("2")
    older, newer = _record(files, "1", state=state), _record(files, "3", state=state)
    assert _states(files, older)["1"] == "missing"
    assert _states(files, newer)["3"] == "failed"
    assert _states(files, newer, running=True)["3"] == "database_ahead"


def test_a_version_is_a_number_however_it_is_written() -> None:
    files = _files("0141")
    assert _states(files, Record((applied(migration("0141"), version="141"),))) == {"0141": "applied"}


def test_the_last_failure_is_noted_at_a_pending_one() -> None:
    files = _files("1")
    failure = Failure("1", "2026-01-02T03:04:05Z", "up", "LOCK_TIMEOUT", "it was busy")
    (status,) = assess(files, Record(failures={(1,): failure}))
    assert status.state == State.PENDING
    assert status.note is not None
    assert "LOCK_TIMEOUT" in status.note


@pytest.mark.parametrize(
    ("files", "done", "changes", "error", "flag"),
    [
        (("1", "2"), ("1",), {"checksum": "other"}, ChecksumMismatch, "modified"),
        (("2", "3"), ("1", "2"), {}, MissingMigration, "missing"),
        (("1", "2", "3"), ("1", "3"), {}, OutOfOrder, "out_of_order"),
    ],
)
def test_up_refuses_trouble_unless_it_is_accepted(
    files: Sequence[str], done: Sequence[str], changes: dict[str, str], error: type[DbopsError], flag: str
) -> None:
    folder = _files(*files)
    record = _record(folder, *done, **changes)
    with pytest.raises(error) as caught:
        to_apply(folder, record, NOTHING)
    assert f"--allow-{flag.replace('_', '-')}" in str(caught.value.hint)
    assert caught.value.details[0]["version"]
    others = Accepted(**{name: name != flag for name in ("modified", "missing", "out_of_order")})
    with pytest.raises(error):
        to_apply(folder, record, others)
    to_apply(folder, record, Accepted(**{flag: True}))


def test_a_database_ahead_is_no_trouble() -> None:
    files = _files("1", "2")
    assert to_apply(files, _record(files, "1", "2", "3"), NOTHING) == ()


def test_up_resumes_a_half_applied_one_and_goes_on() -> None:
    files = _files("1", "2")
    assert [file.version for file in to_apply(files, _record(files, "1", state="applying"), NOTHING)] == ["1", "2"]


def test_up_refuses_to_go_on_over_a_half_reverted_one() -> None:
    files = _files("1", "2")
    with pytest.raises(MigrationFailed, match="left half way while reverting") as caught:
        to_apply(files, _record(files, "1", state="reverting"), ALL)
    assert "dbops migrate down" in str(caught.value.hint)


def test_down_refuses_to_go_over_a_half_applied_one() -> None:
    files = _files("1", "2")
    with pytest.raises(MigrationFailed, match="left half way while applying") as caught:
        to_revert(files, Record((applied(files[0]), applied(files[1], state="applying"))), ALL)
    assert "dbops migrate up" in str(caught.value.hint)


def test_down_resumes_a_half_reverted_one_even_when_it_was_edited() -> None:
    files = _files("1")
    record = _record(files, "1", state="reverting", checksum="other")
    assert to_revert(files, record, NOTHING) == files


def test_down_reverts_one_step_in_the_order_of_applying() -> None:
    files = _files("1", "2", "3")
    record = _record(files, "1", "3", "2")
    assert [file.version for file in to_revert(files, record, NOTHING)] == ["2"]
    assert [file.version for file in to_revert(files, record, NOTHING, steps=2)] == ["2", "3"]
    assert [file.version for file in to_revert(files, record, NOTHING, everything=True)] == ["2", "3", "1"]
    assert [file.version for file in to_revert(files, record, NOTHING, to="1")] == ["2", "3"]
    assert [file.version for file in to_revert(files, record, NOTHING, to="2")] == []


def test_down_of_nothing_is_nothing() -> None:
    assert to_revert(_files("1"), Record(), NOTHING, everything=True) == ()


def test_down_refuses_before_anything_when_one_of_them_cannot() -> None:
    files = (migration("1"), migration("2", down=None), migration("3"))
    record = _record(files, "1", "2", "3")
    assert [file.version for file in to_revert(files, record, NOTHING)] == ["3"]
    with pytest.raises(Irreversible, match="2 x has no down"):
        to_revert(files, record, ALL, steps=2)


def test_down_of_a_file_that_is_gone_is_refused() -> None:
    files = _files("1")
    with pytest.raises(MissingMigration, match="2 x is applied but its file is gone"):
        to_revert(files, _record(files, "1", "2"), ALL)


def test_down_of_an_edited_file_is_refused_unless_accepted() -> None:
    files = _files("1")
    record = _record(files, "1", checksum="other")
    with pytest.raises(ChecksumMismatch):
        to_revert(files, record, NOTHING)
    assert to_revert(files, record, Accepted(modified=True)) == files


def test_down_to_a_version_that_is_not_applied_is_refused() -> None:
    files = _files("1", "2")
    with pytest.raises(MissingMigration, match="2 is not applied"):
        to_revert(files, _record(files, "1"), NOTHING, to="2")


def test_down_works_on_the_row_as_the_history_spells_it() -> None:
    files = _files("0141")
    (file,) = to_revert(files, Record((applied(files[0], version="141"),)), NOTHING)
    assert file.version == "141"


@pytest.mark.parametrize("text", ["", "x", "0141_add", "1..2", "²", "-"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(MissingMigration):
        find(_files("1"), text)


@pytest.mark.parametrize("text", ["141", "0141", " 0141"])
def test_a_version_may_be_typed_without_its_zeros(text: str) -> None:
    assert find(_files("0140", "0141"), text).version == "0141"
    assert version_key("1.2") == version_key("01_2") == (1, 2)


@dataclass(frozen=True)
class World:
    """Generated files and a generated history."""

    files: tuple[Migration, ...]
    rows: tuple[Applied, ...]

    @property
    def record(self) -> Record:
        return Record(self.rows)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    versions = draw(st.lists(st.integers(1, 12), unique=True, max_size=8))
    known = {version: migration(str(version), down=draw(st.sampled_from(["SELECT 2;", None]))) for version in versions}
    files = in_order(known[version] for version in versions if draw(st.booleans()))
    history = [known[version] for version in draw(st.permutations(versions)) if draw(st.booleans())]
    rows = tuple(applied(file, checksum=draw(st.sampled_from([file.checksum, "other"]))) for file in history)
    return World(files, rows)


@given(worlds())
def test_every_file_and_every_row_has_exactly_one_state(world: World) -> None:
    statuses = assess(world.files, world.record)
    assert [int(status.version) for status in statuses] == sorted(
        {int(file.version) for file in world.files} | {int(row.version) for row in world.rows}
    )
    newest_file = max((int(file.version) for file in world.files), default=None)
    newest_row = max((int(row.version) for row in world.rows), default=0)
    files = {file.version: file for file in world.files}
    rows = {row.version: row for row in world.rows}
    for status in statuses:
        file, row = files.get(status.version), rows.get(status.version)
        if row is None:
            expected = State.OUT_OF_ORDER if int(status.version) < newest_row else State.PENDING
        elif file is None:
            ahead = newest_file is not None and int(status.version) > newest_file
            expected = State.DATABASE_AHEAD if ahead else State.MISSING
        else:
            expected = State.APPLIED if row.checksum == file.checksum else State.MODIFIED
        assert status.state == expected
        assert status.reversible == (None if file is None else file.down is not None)
        assert (status.applied_at is None) == (row is None)


@given(worlds(), st.integers(1, 4) | st.none(), st.data())
def test_up_takes_what_is_not_applied_in_the_order_of_versions(
    world: World, steps: int | None, data: st.DataObject
) -> None:
    to = data.draw(st.sampled_from([file.version for file in world.files])) if world.files else None
    done = {row.version for row in world.rows}
    new = [file.version for file in world.files if file.version not in done]
    assert [file.version for file in to_apply(world.files, world.record, ALL)] == new
    assert [file.version for file in to_apply(world.files, world.record, ALL, steps=steps)] == new[:steps]
    if to is not None:
        upto = [version for version in new if int(version) <= int(to)]
        assert [file.version for file in to_apply(world.files, world.record, ALL, to=to)] == upto


@given(worlds())
def test_up_refuses_exactly_when_status_is_bad(world: World) -> None:
    states = {status.state for status in assess(world.files, world.record)}
    troubled = bool(states & {State.MODIFIED, State.MISSING, State.OUT_OF_ORDER})
    try:
        to_apply(world.files, world.record, NOTHING)
    except (ChecksumMismatch, MissingMigration, OutOfOrder):
        assert troubled
    else:
        assert not troubled


@given(worlds(), st.integers(1, 9))
def test_down_takes_the_reverse_of_the_order_applied_or_nothing(world: World, steps: int) -> None:
    expected = [row.version for row in reversed(world.rows)][:steps]
    files = {file.version: file for file in world.files}
    possible = all(version in files and files[version].down is not None for version in expected)
    try:
        assert [file.version for file in to_revert(world.files, world.record, ALL, steps=steps)] == expected
    except (MissingMigration, Irreversible):
        assert not possible
    else:
        assert possible


@given(worlds())
def test_after_what_up_would_do_nothing_is_pending(world: World) -> None:
    new = to_apply(world.files, world.record, ALL)
    after = Record((*world.rows, *(applied(file) for file in new)))
    assert to_apply(world.files, after, ALL) == ()
    assert not {status.state for status in assess(world.files, after)} & {State.PENDING, State.OUT_OF_ORDER}
