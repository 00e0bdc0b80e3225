from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dbops.ha.lag import head, lag_of, promote_seconds
from dbops.ha.snapshot import Node, Position, Setting
from ha.clusters import HEAD, NOW, primary, standby

MB = 1024**2


def writes(at: float, written: int, *, flushed: int | None = None) -> Position:
    return Position(at, at + 0.01, False, NOW + at, written=written, flushed=written if flushed is None else flushed)


def receives(at: float, received: int, *, replayed: int | None = None, commit: float | None = None) -> Position:
    done = received if replayed is None else replayed
    return Position(at, at + 0.01, True, NOW + at, received=received, replayed=done, replayed_commit=commit)


def pair(primary_positions: list[Position], standby_positions: list[Position]) -> tuple[Node, Node]:
    return primary(positions=tuple(primary_positions)), standby(positions=tuple(standby_positions))


def test_a_standby_that_has_everything_loses_nothing() -> None:
    lag = lag_of(primary(), standby())
    assert (lag.loss_bytes, lag.loss_seconds, lag.bytes, lag.seconds) == (0, 0.0, 0, 0.0)


def test_the_loss_is_the_most_of_the_window_and_the_lag_what_is_left_at_its_end() -> None:
    lag = lag_of(
        *pair(
            [writes(0.0, HEAD), writes(0.2, HEAD + 5 * MB), writes(0.4, HEAD + 5 * MB)],
            [receives(0.1, HEAD), receives(0.3, HEAD + 5 * MB)],
        )
    )
    assert (lag.loss_bytes, lag.bytes) == (5 * MB, 0)


def test_without_a_primary_the_lag_is_unknown_and_not_zero() -> None:
    lag = lag_of(None, standby())
    assert (lag.loss_bytes, lag.bytes, lag.seconds) == (None, None, None)


def test_positions_of_different_timelines_are_not_compared() -> None:
    assert lag_of(primary(timeline=8), standby(timeline=7)).bytes is None


def test_positions_of_an_unknown_timeline_are_not_compared() -> None:
    assert lag_of(primary(), standby(timeline=None)).bytes is None
    assert lag_of(primary(timeline=None), standby(timeline=None)).bytes is None


def test_a_receiver_that_may_not_be_seen_leaves_the_timeline_that_was_replayed() -> None:
    assert lag_of(primary(timeline=7), standby(timeline=None, recovery_timeline=7)).bytes == 0
    assert lag_of(primary(timeline=8), standby(timeline=None, recovery_timeline=7)).bytes is None


def test_positions_of_different_systems_are_not_compared() -> None:
    assert lag_of(primary(system_identifier="1"), standby(system_identifier="2")).bytes is None


def test_a_standby_with_more_than_the_primary_is_ahead() -> None:
    assert lag_of(*pair([writes(0.0, HEAD), writes(0.4, HEAD)], [receives(0.2, HEAD + 96)])).ahead


def test_a_page_header_that_holds_nothing_is_no_loss() -> None:
    assert head(writes(0.0, 8192 * 7 + 24, flushed=8192 * 7)) == 8192 * 7
    assert head(writes(0.0, 8192 * 7 + 25, flushed=8192 * 7)) == 8192 * 7 + 25


def test_the_probe_counts_from_when_the_primary_was_as_far() -> None:
    lag = lag_of(
        *pair(
            [writes(0.0, HEAD), writes(1.0, HEAD + MB), writes(3.0, HEAD + 2 * MB)],
            [receives(2.0, HEAD + MB // 2)],
        )
    )
    assert lag.seconds == 2.01


def test_a_standby_that_reached_nothing_of_the_window_is_bounded_by_its_last_commit() -> None:
    lag = lag_of(*pair([writes(0.0, HEAD), writes(1.0, HEAD)], [receives(0.5, HEAD - MB, commit=NOW - 40)]))
    assert lag.seconds == 41.0
    assert lag_of(*pair([writes(0.0, HEAD), writes(1.0, HEAD)], [receives(0.5, HEAD - MB)])).seconds is None


def test_wal_without_a_commit_is_no_time_lost_on_an_idle_primary() -> None:
    """An idle primary writes a record now and then; the last commit was an hour ago."""
    old = NOW - 3600
    lag = lag_of(
        *pair(
            [writes(0.0, HEAD + 56), writes(0.3, HEAD + 56)],
            [receives(0.1, HEAD, commit=old), receives(0.2, HEAD + 56, commit=old)],
        )
    )
    assert (lag.loss_bytes, lag.loss_seconds, lag.seconds) == (56, 0.0, 0.0)


def test_promotion_takes_the_backlog_by_the_rate_of_replay() -> None:
    positions = (receives(0.0, HEAD, replayed=HEAD - 20 * MB), receives(1.0, HEAD, replayed=HEAD - 10 * MB))
    assert promote_seconds(standby(positions=positions)) == 1.01


def test_promotion_of_one_that_waits_on_purpose_takes_an_unknown_time() -> None:
    positions = (receives(0.0, HEAD, replayed=HEAD - 20 * MB), receives(1.0, HEAD, replayed=HEAD - 10 * MB))
    waiting = standby(positions=positions, pause_state="paused")
    delayed = replace(standby(positions=positions), settings={"recovery_min_apply_delay": Setting("3000", "ms")})
    stuck = standby(positions=(positions[1], replace(positions[1], asked=2.0, answered=2.01)))
    assert [promote_seconds(each) for each in (waiting, delayed, stuck)] == [None, None, None]


def test_nothing_left_to_replay_takes_no_time_even_when_paused() -> None:
    assert promote_seconds(standby(pause_state="paused")) == 0.0


def test_a_lag_that_grows_is_rising() -> None:
    lag = lag_of(
        *pair(
            [writes(0.0, HEAD), writes(1.1, HEAD + 8 * MB), writes(2.1, HEAD + 20 * MB)],
            [receives(1.0, HEAD), receives(2.0, HEAD)],
        )
    )
    assert lag.is_rising
    assert not lag_of(primary(), standby()).is_rising


steps = st.lists(st.integers(0, 1000), min_size=30, max_size=30)


@given(steps, st.lists(st.integers(0, 12), min_size=30, max_size=30), st.integers(1, 5), st.integers(1, 5), st.data())
def test_what_is_lost_is_never_more_than_is_said(
    written: list[int], behind: list[int], every_p: int, every_s: int, data: st.DataObject
) -> None:
    """A second a step: the primary writes, the standby has what the primary had some steps before."""
    head_at = [HEAD]
    for step in written:
        head_at.append(head_at[-1] + step)
    had: list[int] = []
    for now, late in enumerate(behind):
        had.append(max(had[-1] if had else 0, head_at[max(0, now - late)]))

    def seen(now: int, kind: str) -> Position:
        asked = now - data.draw(st.floats(0, 0.4))
        answered = now + data.draw(st.floats(0, 0.4))
        if kind == "primary":
            return Position(asked, answered, False, NOW + now, written=head_at[now], flushed=head_at[now])
        return Position(asked, answered, True, NOW + now, received=had[now], replayed=had[now])

    theirs = [seen(now, "primary") for now in range(0, 29, every_p)] + [seen(29, "primary")]
    ours = [seen(now, "standby") for now in range(0, 28, every_s)]
    lag = lag_of(primary(positions=tuple(theirs)), standby(positions=tuple(ours)))

    moments = range(0, 28, every_s)
    assert lag.loss_bytes is not None
    assert lag.loss_bytes >= max(head_at[now] - had[now] for now in moments)
    assert not lag.ahead
    if lag.loss_seconds is not None:
        since = [
            now - max(at for at in range(now + 1) if head_at[at] <= had[now]) for now in moments if had[now] >= HEAD
        ]
        lacking = [each for each, now in zip(since, moments, strict=False) if head_at[now] > had[now]]
        assert lag.loss_seconds >= max(lacking, default=0) - 1  # the truth is known to a step
