"""What a log adds to advice: shares, reasons, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.results.target import Target
from dbops.results.workload import Identity, Replica, ReplicasResult, RoutedStatement
from dbops.workload.freshness.advice import largest, with_log
from dbops.workload.freshness.ages import bucket
from dbops.workload.freshness.tally import Amount, Read, Tally
from dbops.workload.routing import NO_TABLE

TARGET = Target("shop", "pg1", 5432, "me", "me", False, False, None, 170000, False)
READ = RoutedStatement(1, "SELECT 1 FROM a", True, "it only reads", 10, 60.0, 0.6, None)
WRITE = RoutedStatement(2, "DELETE FROM a", False, "it writes a", 10, 30.0, 0.3, None)
HIDDEN = RoutedStatement(None, None, None, "its text is not known", 10, 10.0, 0.1, None)
NAMES = {READ.query or "": "read"}


def advised(
    tally: Tally | None, *, lag: float | None = 1.0, identity: Identity = Identity.SESSION, replicas: tuple = ()
) -> ReplicasResult:
    result = ReplicasResult(TARGET, (READ, WRITE, HIDDEN), 0.6, 0.1, replicas, None, None, 100.0, ())
    tallies = {} if tally is None else {"read": tally}
    return with_log(result, tallies, NAMES, statements=5, identity=identity, lag=lag)


def tally(*calls: tuple[float | None, bool, bool, float | None]) -> Tally:
    """Return what was seen: the age of the write before in seconds, whether it is young, whether it stays, the ms."""
    found = Tally()
    for age, young, stays, ms in calls:
        amount = Amount()
        amount.add(1, ms)
        found.take(Read("read", None if age is None else bucket(age), young, "a"), amount, stays=stays)
    return found


ALONE, OLD, YOUNG, WITHIN = (None, False, False, 1.0), (9.0, False, False, 1.0), (0.1, True, False, 1.0), (
    None, False, True, 1.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "always", "at_lag", "routable", "reason"),
    [
        ([ALONE], 0.6, 0.6, True, "it only reads; no call follows a write of what it reads in the same session"),
        (
            [OLD],
            0.0,
            0.6,
            True,
            "it only reads; no call follows a write in the same session within 1.0 s, 100 % ever do",
        ),
        ([YOUNG], 0.0, 0.0, False, "100 % of calls follow a write of a in the same session within 1.0 s, 100 % ever"),
        ([WITHIN], 0.0, 0.0, False, "100 % of calls are in transactions of which a standby would refuse something"),
        ([ALONE, YOUNG], 0.3, 0.3, True, "it only reads; 50 % of calls follow a write of a in the same session within"),
        ([ALONE, WITHIN], 0.3, 0.3, True, "it only reads; 50 % of calls are in transactions of which a standby would"),
        (
            [YOUNG, WITHIN],
            0.0,
            0.0,
            False,
            "50 % of calls are in transactions of which a standby would refuse something",
        ),
    ],
)
def test_shares_and_reasons_are_those_of_the_calls(seen, always, at_lag, routable, reason) -> None:
    result = advised(tally(*seen))
    assert result.followed is not None
    assert (result.followed.always_share, result.followed.at_lag_share) == (always, at_lag)
    assert result.followed.stay_share == pytest.approx(0.9 - at_lag)
    assert result.statements[0].routable is routable
    assert result.statements[0].reason.startswith(reason)
    assert result.routable_share == (0.6 if routable else 0.0)


def test_a_statements_time_is_shared_by_the_time_of_its_calls() -> None:
    result = advised(tally(ALONE, (0.1, True, False, 3.0)))
    assert result.followed is not None
    assert result.followed.at_lag_share == 0.15


def test_without_durations_it_is_shared_by_their_number() -> None:
    result = advised(tally(ALONE, (0.1, True, False, None)))
    assert result.followed is not None
    assert result.followed.at_lag_share == 0.3


def test_what_the_log_has_not_is_unseen() -> None:
    result = advised(None)
    assert result.followed is not None
    assert (result.followed.unseen_share, result.followed.at_lag_share) == (0.6, 0.0)
    assert result.statements[0].reason == "it only reads; the log doesn't have it"
    assert result.statements[0].freshness is None


def test_without_a_lag_no_share_at_it_is_told_and_what_to_do_is() -> None:
    result = advised(tally(ALONE), lag=None)
    assert result.followed is not None
    assert (result.followed.at_lag_share, result.followed.stay_share, result.followed.always_share) == (None, None, 0.6)
    assert "no standby streams from here, so there is no lag to judge by: --lag 1s names one" in result.notes
    hidden = advised(tally(ALONE), lag=None, replicas=(Replica("one", 0.1), Replica("two", None)))
    assert any(note.startswith("how far two is behind is not known") for note in hidden.notes)


@pytest.mark.parametrize("identity", Identity)
def test_what_clients_were_told_apart_by_is_said_with_what_that_leaves_out(identity: Identity) -> None:
    (note,) = advised(tally(ALONE), identity=identity).notes
    assert "clients were told apart by " in note


def test_a_query_without_a_table_needs_no_freshness() -> None:
    result = ReplicasResult(TARGET, (replace(READ, reason=NO_TABLE),), 1.0, 0.0, (), None, None, 60.0, ())
    (found,) = with_log(result, {}, {}, statements=5, identity=Identity.SESSION, lag=1.0).statements
    assert (found.routable, found.reason) == (True, NO_TABLE)


@pytest.mark.parametrize(
    ("lags", "expected"), [([], None), ([0.0], 0.0), ([0.1, 2.0], 2.0), ([0.1, None], None), ([None], None)]
)
def test_the_largest_lag_is_known_where_all_are(lags: list[float | None], expected: float | None) -> None:
    assert largest(tuple(Replica(str(lag), lag) for lag in lags)) == expected
