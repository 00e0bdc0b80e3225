"""Which strategy is the one for a statement, and why none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.results.cache import Basis, Strategy, SummaryView
from dbops.sql.counter import Counter
from dbops.workload.cache.case import Advice, Case, Expected, Obstacle, Wanted
from dbops.workload.cache.ladder import LIFETIME
from dbops.workload.cache.replay import Replayed
from dbops.workload.cache.strategies import judges
from dbops.workload.cache.verdict import advise, computed, counted, saving
from dbops.workload.cache.writes import Entity

WANTED = Wanted()
FRESH = Wanted(stale=0.0)
EXPECTED = Expected(Basis.LOG, {1.0: 0.5, 5.0: 0.85, 30.0: 0.9}, {1.0: 0.1, 5.0: 0.2, 30.0: 0.6}, 0.7, 0.95, keys=20)
VIEW = SummaryView("v", "CREATE", "CREATE", "REFRESH", "SELECT")
QUERY = Case(calls_per_s=100, mean_ms=5, rows_per_call=3, parameters=True, writes_per_s=2, expected=EXPECTED)
LOOKUP = replace(QUERY, entity=Entity(1, ("id",)), entity_name="id of users", entity_writes=2)
COUNTER = Case(50, 2, 0, counter=Counter("pages", ("views",), ("id",)), parameters=True, expected=EXPECTED)
REPORT = Case(2, 500, 10, writes_per_s=5, sums_up=True, view=lambda: VIEW, expected=computed(2, 5, WANTED))
UNKNOWN = replace(QUERY, expected=None)


def test_every_strategy_is_found_and_asked_in_an_order_of_its_own() -> None:
    assert len({judge.RANK for judge in judges()}) == len(judges()) == len(Strategy)
    assert all(judge.__doc__ and "Does not fit" in judge.__doc__ for judge in judges() if judge.RANK)


@pytest.mark.parametrize(
    ("case", "wanted", "strategy", "ttl", "hits"),
    [
        (QUERY, WANTED, Strategy.CACHE_ASIDE, 5, 0.85),
        (QUERY, FRESH, Strategy.CACHE_ASIDE, LIFETIME, 0.7),
        (LOOKUP, WANTED, Strategy.CACHE_ASIDE, 5, 0.85),
        (replace(LOOKUP, shared=2), WANTED, Strategy.READ_THROUGH, 5, 0.85),
        (LOOKUP, FRESH, Strategy.WRITE_THROUGH, LIFETIME, 0.95),
        (replace(LOOKUP, entity_writes=0), FRESH, Strategy.CACHE_ASIDE, LIFETIME, 0.7),
        (replace(LOOKUP, entity_writes=200), FRESH, Strategy.CACHE_ASIDE, LIFETIME, 0.7),
        (
            replace(LOOKUP, expected=replace(EXPECTED, stale={5.0: 0.8})),
            WANTED,
            Strategy.WRITE_THROUGH,
            LIFETIME,
            0.95,
        ),
        (COUNTER, WANTED, Strategy.WRITE_BEHIND, 5, 0.85),
        (REPORT, WANTED, Strategy.MATERIALIZED_VIEW, 30, 1 - 1 / 60),
        (replace(REPORT, mean_ms=50), WANTED, Strategy.CACHE_ASIDE, 5, 10 / 11),
        (replace(REPORT, view=lambda: "DISTINCT"), WANTED, Strategy.CACHE_ASIDE, 5, 10 / 11),
        (
            replace(REPORT, parameters=True, expected=replace(EXPECTED, keys=6)),
            WANTED,
            Strategy.MATERIALIZED_VIEW,
            30,
            0.9,
        ),
    ],
)
def test_what_fits_is_taken(case: Case, wanted: Wanted, strategy: Strategy, ttl: float, hits: float) -> None:
    found = advise(case, wanted)
    assert (found.strategy, found.ttl, found.hits) == (strategy, ttl, pytest.approx(hits))


@pytest.mark.parametrize(
    ("case", "wanted", "said"),
    [
        (
            replace(QUERY, obstacles=(Obstacle("x", "it writes orders"), Obstacle("y", "it is random"))),
            WANTED,
            "it writes orders",
        ),
        (
            replace(QUERY, mean_ms=0.15),
            WANTED,
            "0.15 ms: asking a cache takes about as long; only a cache within the process would take its 15 ms/s away",
        ),
        (replace(QUERY, mean_ms=0.02), WANTED, "0.02 ms: asking a cache takes about as long"),
        (replace(QUERY, calls_per_s=1.0), WANTED, "all its calls take 5 ms/s"),
        (replace(QUERY, rows_per_call=50_000), WANTED, "50,000 rows each"),
        (
            replace(QUERY, calls_per_s=0.01, mean_ms=5000, expected=None),
            WANTED,
            "called every 1 m 40 s, and an answer may live 30 s",
        ),
        (replace(QUERY, writes_per_s=500), WANTED, "written 500 times a second, and it is asked 100 times"),
        (replace(REPORT, writes_per_s=500), FRESH, "written 500 times a second"),
        (replace(QUERY, time=frozenset({"now()"})), FRESH, "its answer changes with now(), and none may be old"),
        (replace(QUERY, writes_per_s=None), FRESH, "how often what it reads is written is not known"),
        (replace(QUERY, expected=replace(EXPECTED, hits={1.0: 0.01})), WANTED, "would save 5 of 500 ms/s"),
        (replace(COUNTER, calls_per_s=1), WANTED, "all its calls take 2 ms/s"),
        (COUNTER, FRESH, "nothing may be old or lost"),
    ],
)
def test_what_does_not_pay_is_left_alone_with_the_reason(case: Case, wanted: Wanted, said: str) -> None:
    found = advise(case, wanted)
    assert found.strategy is Strategy.NONE
    assert said in found.reason
    assert found.kind
    assert saving(case, found) is None


@pytest.mark.parametrize("case", [QUERY, LOOKUP, replace(LOOKUP, shared=3), COUNTER, replace(REPORT, parameters=True)])
@pytest.mark.parametrize("wanted", [WANTED, FRESH])
def test_without_a_log_nothing_is_said_of_what_only_a_log_tells(case: Case, wanted: Wanted) -> None:
    found = advise(replace(case, expected=None), wanted)
    assert (found.hits, found.stale, found.ttl, found.basis) == (None, None, None, None)
    assert found.strategy is Strategy.NONE or "--log" in found.reason


def test_a_report_may_be_written_more_often_than_read_and_a_row_may_not() -> None:
    assert advise(replace(REPORT, writes_per_s=500), WANTED).strategy is Strategy.MATERIALIZED_VIEW
    assert advise(replace(UNKNOWN, writes_per_s=500), WANTED).strategy is Strategy.NONE


def test_a_view_that_is_refreshed_about_as_often_as_it_is_asked_saves_nothing() -> None:
    rare = replace(REPORT, calls_per_s=0.05, expected=computed(0.05, 5, WANTED))
    assert advise(rare, WANTED).strategy is Strategy.CACHE_ASIDE


def test_a_view_that_takes_longer_to_refresh_than_an_answer_may_be_old_is_none() -> None:
    slow = replace(REPORT, calls_per_s=1.0, mean_ms=29_000)
    assert advise(slow, WANTED).strategy is Strategy.MATERIALIZED_VIEW
    assert advise(replace(slow, mean_ms=30_000), WANTED).strategy is Strategy.CACHE_ASIDE


def test_what_a_view_of_all_values_costs_is_said() -> None:
    asked = replace(REPORT, parameters=True, expected=replace(EXPECTED, keys=6))
    assert "also for those that nobody asks with" in advise(asked, WANTED).reason
    assert "nobody asks" not in advise(REPORT, WANTED).reason


def test_what_is_called_in_bursts_is_not_too_rare_where_a_log_has_counted_its_hits() -> None:
    rare = replace(QUERY, calls_per_s=0.02, mean_ms=1_000, writes_per_s=0)
    found = advise(replace(rare, expected=computed(0.02, 0, WANTED)), WANTED)
    assert "an answer may live 30 s" in found.reason
    bursts = replace(rare, expected=EXPECTED)
    assert advise(bursts, WANTED).strategy is Strategy.CACHE_ASIDE


def test_a_query_that_people_wait_for_says_why_it_has_no_view() -> None:
    said = advise(replace(REPORT, view=lambda: "DISTINCT"), WANTED).reason
    assert "(no materialised view gives the same: DISTINCT)" in said
    assert "view" not in advise(replace(REPORT, mean_ms=50, view=lambda: "DISTINCT"), WANTED).reason


def test_where_nobody_knows_since_when_it_is_counted_nothing_is_said_of_savings() -> None:
    found = advise(replace(UNKNOWN, calls_per_s=None, missing="--for 60s tells"), WANTED)
    assert (found.hits, "--for 60s tells" in found.reason) == (None, True)


def test_an_answer_that_changes_by_itself_is_said_to() -> None:
    found = advise(replace(QUERY, time=frozenset({"now()", "CURRENT_DATE"})), WANTED)
    assert "changes with CURRENT_DATE, now()" in found.reason


def test_what_would_be_older_than_a_write_is_said() -> None:
    assert "20 % of the hits are older than a write, by 5 s at most" in advise(QUERY, WANTED).reason
    unknown = replace(QUERY, expected=replace(EXPECTED, stale={5.0: None}))
    assert "how often what it reads is written is not known" in advise(unknown, WANTED).reason


def test_a_saving_is_the_share_of_hits_of_the_load() -> None:
    assert saving(QUERY, Advice(Strategy.CACHE_ASIDE, "", hits=0.5)) == 250
    assert saving(replace(QUERY, calls_per_s=None), Advice(Strategy.CACHE_ASIDE, "", hits=0.5)) is None


def replayed(unknown: int, cut: int) -> Replayed:
    return Replayed(10, 3, {1.0: 0.5}, {1.0: 0.0}, 0.5, None, unknown, cut, sampled=False)


def test_a_log_without_parameters_tells_nothing_and_a_part_of_them_is_said() -> None:
    assert counted(replayed(10, 0)) is None
    some, cut, whole = counted(replayed(4, 0)), counted(replayed(0, 2)), counted(replayed(0, 0))
    assert some is not None and "of 4 of 10 calls the log has not the parameters" in some.caution
    assert cut is not None and "of 2 calls parameters are cut off" in cut.caution
    assert whole is not None and not whole.caution
