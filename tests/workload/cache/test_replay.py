"""A replayed log counts what a cache would have answered: the same as a dict that is asked call by call."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.sql.fingerprint import fingerprint
from dbops.workload.cache.keys import Keys, hashed
from dbops.workload.cache.replay import Read, Replay, Replayed, Tables
from dbops.workload.cache.writes import Entity
from dbops.workload.logs.executions import Execution

LOOKUP = "SELECT name FROM users WHERE id = {}"
LIST = "SELECT name FROM users WHERE team = {} AND name <> 'x'"
RENAME = "UPDATE users SET name = 'n' WHERE id = {}"
OTHER = "UPDATE users SET seen = now() WHERE id = {}"
SWEEP = "DELETE FROM users WHERE name = 'gone'"
NEW = "INSERT INTO users (id, name) VALUES ({}, 'n')"
COUNT = "UPDATE hits SET n = n + 1 WHERE page = {}"
USERS, HITS = 1, 2
ENTITY = Entity(USERS, ("id",))
TTLS = (1.0, 5.0, 30.0)


def execution(at: float | None, sql: str, parameters: str | None = None, *, failed: bool = False) -> Execution:
    return Execution(None if at is None else float(at), 0.1, "s", None, None, None, None, sql, parameters, failed)


def replay(*executions: Execution, derives: bool = False) -> Replay:
    columns = frozenset({"name", "id"})
    reads = {
        LOOKUP: Read(frozenset({USERS}), ENTITY, columns),
        LIST: Read(frozenset({USERS}), None, columns | {"team"}),
        COUNT: Read(frozenset(), collected=("page",)),
    }
    named = {fingerprint(text.format(1)) or "": read for text, read in reads.items()}
    oids = {"users": USERS, "hits": HITS}
    made = Replay(named, TTLS, lambda name: Tables(oids[name], frozenset({oids[name]}), derives))
    for each in executions:
        made.add(each)
    return made


def found(made: Replay, text: str) -> Replayed:
    result = made.result(fingerprint(text.format(1)) or "")
    assert result is not None
    return result


class Cache:
    """A cache as an application has it, with a clock of its own."""

    def __init__(self, ttl: float) -> None:
        self.ttl = ttl
        self.held: dict[object, tuple[float, int]] = {}
        self.hits = self.old = self.calls = 0

    @property
    def rate(self) -> float:
        return self.hits / self.calls

    def get(self, key: object, at: float, version: int) -> None:
        self.calls += 1
        loaded, seen = self.held.get(key, (float("-inf"), -1))
        if at - loaded < self.ttl - 1e-5:
            self.hits += 1
            self.old += seen != version
        else:
            self.held[key] = (at, version)


STEPS = st.lists(
    st.tuples(
        st.one_of(st.just(0), st.integers(0, 4000)),
        st.sampled_from([LOOKUP, LOOKUP, LIST, RENAME, OTHER, SWEEP, NEW]),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=60,
)


class Application:
    """An application with caches of each kind, which knows what it writes."""

    def __init__(self) -> None:
        self.caches = {(text, ttl): Cache(ttl) for text in (LOOKUP, LIST) for ttl in TTLS}
        self.dropped, self.through = Cache(float("inf")), Cache(float("inf"))
        self.rows = dict.fromkeys(range(1, 5), 0)  # how often each row was written, all of them at once, and any
        self.whole = self.any = 0

    def do(self, text: str, id: int, at: float) -> None:
        if text in {LOOKUP, LIST}:
            self._read(text, id, at)
        elif text == SWEEP:
            self.whole, self.any = self.whole + 1, self.any + 1
            self.dropped.held.clear()
            self.through.held.clear()
        elif text != OTHER:
            self.rows[id], self.any = self.rows[id] + 1, self.any + 1
            self.dropped.held.pop(id, None)
            self.through.held[id] = (at, 0)

    def _read(self, text: str, id: int, at: float) -> None:
        for ttl in TTLS:
            self.caches[text, ttl].get(id, at, self.rows[id] * 1000 + self.whole if text == LOOKUP else self.any)
        for cache in (self.dropped, self.through) if text == LOOKUP else ():
            cache.get(id, at, 0)


@given(STEPS, st.booleans())
def test_the_counted_hits_are_those_of_a_dict_as_an_application_has_it(steps, bound: bool) -> None:
    at, log, application = 0.0, [], Application()
    for pause, text, id in steps:
        at += pause / 1000
        log.append(execution(at, text.format("$1"), f"$1 = '{id}'") if bound else execution(at, text.format(id)))
        application.do(text, id, at)
    made = replay(*log)
    for text in {text for _, text, _ in steps} & {LOOKUP, LIST}:
        result = found(made, text)
        for ttl, rate in result.hits.items():
            cache = application.caches[text, ttl]
            assert rate == pytest.approx(cache.rate)
            assert result.stale[ttl] == pytest.approx(cache.old / cache.hits if cache.hits else 0)
        assert set(result.hits) == {ttl for ttl in TTLS if ttl <= made.covered}
        assert not result.sampled
        if text == LOOKUP:
            assert result.invalidated == pytest.approx(application.dropped.rate)
            assert result.written == pytest.approx(application.through.rate)


def test_a_write_of_other_columns_makes_nothing_old_unless_the_table_derives_some() -> None:
    calls = [execution(0, LOOKUP.format(1)), execution(1, OTHER.format(1)), execution(2, LOOKUP.format(1))]
    assert found(replay(*calls), LOOKUP).invalidated == 0.5
    assert found(replay(*calls, derives=True), LOOKUP).invalidated == 0


def test_a_write_by_the_key_drops_that_row_alone_and_any_other_write_drops_all() -> None:
    both = [execution(0, LOOKUP.format(1)), execution(0.1, LOOKUP.format(2))]
    again = [execution(2, LOOKUP.format(1)), execution(2.1, LOOKUP.format(2))]
    rates = [
        found(replay(*both, execution(1, write), *again), LOOKUP).invalidated
        for write in (NEW.format(9), RENAME.format(1), SWEEP, "TRUNCATE users", RENAME.format("(SELECT 1)"))
    ]
    assert rates == [0.5, 0.25, 0, 0, 0]


def test_what_is_written_through_is_a_hit_where_what_is_dropped_is_a_miss() -> None:
    made = replay(
        execution(0, LOOKUP.format(1)),
        execution(1, RENAME.format(1)),
        execution(2, LOOKUP.format(1)),
        execution(3, RENAME.format(2)),
        execution(4, LOOKUP.format(2)),
    )
    assert (found(made, LOOKUP).written, found(made, LOOKUP).invalidated) == (pytest.approx(2 / 3), 0)
    assert found(replay(execution(0, LIST.format(1))), LIST).written is None


def test_what_happens_within_one_millisecond_happens_in_the_logs_order() -> None:
    made = replay(
        execution(5, LOOKUP.format(1)),
        execution(5, RENAME.format(1)),
        execution(5, LOOKUP.format(1)),
        execution(5, LOOKUP.format(1)),
    )
    assert found(made, LOOKUP).invalidated == pytest.approx(1 / 3)


def test_counts_are_collected_by_what_they_are_of() -> None:
    made = replay(*(execution(at / 10, COUNT.format(at % 2)) for at in range(100)))
    result = found(made, COUNT)
    assert result.distinct == 2
    assert result.hits[5.0] == pytest.approx(0.96)  # 100 counts of 2 pages in 10 s: each is written twice


def test_values_in_the_text_and_bound_ones_are_the_same_key() -> None:
    made = replay(execution(0, LOOKUP.format(7)), execution(9, LOOKUP.format("$1"), "$1 = '7'"))
    assert found(made, LOOKUP).distinct == 1
    assert found(made, LOOKUP).hits[1.0] == 0
    assert found(made, LOOKUP).invalidated == 0.5


def test_calls_without_their_parameters_are_counted_as_unknown_and_cut_ones_as_cut() -> None:
    made = replay(
        execution(0, LOOKUP.format("$1")),
        execution(1, LOOKUP.format("$1"), "$1 = 'aaaa...'"),
        execution(2, LOOKUP.format("$1"), "$1 = '5'"),
    )
    result = found(made, LOOKUP)
    assert (result.calls, result.unknown, result.cut) == (3, 1, 1)


def test_what_failed_and_what_has_no_time_counts_for_nothing() -> None:
    made = replay(
        execution(0, LOOKUP.format(1)),
        execution(1, RENAME.format(1), failed=True),
        execution(None, RENAME.format(1)),
        execution(2, LOOKUP.format(1)),
    )
    assert found(made, LOOKUP).invalidated == 0.5
    assert (made.untimed, made.statements) == (1, 4)


def test_a_statement_that_the_log_has_not_has_no_result() -> None:
    assert replay(execution(0, "SELECT 1")).result("0" * 16) is None


def test_many_keys_are_followed_in_part_and_the_rates_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    log = [
        execution(number / 200, LOOKUP.format(min(int(chance.paretovariate(0.7)), 10**6))) for number in range(12_000)
    ]
    right = found(replay(*log), LOOKUP)
    monkeypatch.setattr("dbops.workload.cache.replay._KEYS", 300)
    monkeypatch.setattr("dbops.workload.cache.replay._FEWEST", 300)
    small = found(replay(*log), LOOKUP)
    assert (small.sampled, right.sampled) == (True, False)
    assert small.distinct == pytest.approx(right.distinct, rel=0.2)
    for ttl in TTLS:
        assert small.hits[ttl] == pytest.approx(right.hits[ttl], abs=0.03)


@given(st.lists(st.integers(0, 10**6), max_size=300), st.integers(1, 20))
def test_never_more_keys_are_kept_than_allowed_and_a_kept_one_stays_what_it_was(keys: list[int], limit: int) -> None:
    kept = Keys(1)
    last: dict[int, float] = {}
    for number, key in enumerate(keys):
        times = kept.times(hashed(str(key)), limit)
        if times is not None:
            assert times[0] == last.get(key, float("-inf"))
            times[0] = last[key] = float(number)
    assert len(kept._times) <= limit
