"""The choice among candidates, with made-up prices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.reasons import losers
from dbops.explain.advise.search import MOST, Prices, search, widens
from dbops.explain.advise.whatif import Priced
from dbops.results.explain import Basis
from dbops.sql.nodes import Relation

MB = 2**20


def index(*columns: str, include: Sequence[str] = (), where: str | None = None, table: str = "t") -> Candidate:
    keys = tuple(Key(column, column) for column in columns)
    return Candidate(Relation("public", table), keys, tuple(include), where)


class Prescribed:
    """A backend that prices by a function of the candidates; those that matter to the price are used."""

    basis = Basis.PLANNED
    detail = "made up"

    def __init__(self, cost: Callable[[frozenset[Candidate]], float], sizes: Mapping[Candidate, float]) -> None:
        self.cost = cost
        self.sizes = sizes
        self.calls = 0

    def knows(self, candidate: Candidate) -> bool:
        return candidate in self.sizes

    def price(self, candidates: Collection[Candidate]) -> Priced:
        self.calls += 1
        given = frozenset(candidates)
        cost = self.cost(given)
        used = frozenset(each for each in given if self.cost(given - {each}) > cost)
        return Priced(cost, used, {each: int(self.sizes[each] * MB) for each in given})


def best(costs: Mapping[frozenset[Candidate], float]) -> Callable[[frozenset[Candidate]], float]:
    """Return the least of the costs whose candidates are all there."""
    return lambda given: min(cost for wanted, cost in costs.items() if wanted <= given)


def chosen(backend: Prescribed, pool: Sequence[Candidate], budget: int = 1000) -> tuple[Candidate, ...]:
    return search(Prices(backend, _asks(budget)), pool).chosen


A, B, AB, BA = index("a"), index("b"), index("a", "b"), index("b", "a")
COVERING = index("a", include=["b"])
OTHER = index("x", table="u")
NONE: frozenset[Candidate] = frozenset()


def only(*candidates: Candidate) -> frozenset[Candidate]:
    return frozenset(candidates)


def test_the_index_that_saves_the_most_a_byte_is_chosen() -> None:
    backend = Prescribed(best({NONE: 100, only(A): 20, only(B): 15}), {A: 1, B: 10})
    assert chosen(backend, [A, B]) == (A,)


def test_an_index_is_widened_where_that_saves_more_than_it_grows() -> None:
    backend = Prescribed(best({NONE: 1000, only(A): 20, only(AB): 4}), {A: 10, AB: 13})
    assert chosen(backend, [AB, A]) == (AB,)


@pytest.mark.parametrize(
    ("plain", "covering", "size", "better"),
    [
        (400, 250, 12, True),
        (400, 250, 20, False),  # twice as large for a third of the cost
        (400, 350, 11, False),  # less than a tenth of the whole
        (20, 5, 11, False),  # most of the cost that is left, but next to nothing of the whole
    ],
)
def test_a_covering_index_must_earn_its_bytes(plain: float, covering: float, size: float, better: bool) -> None:
    backend = Prescribed(best({NONE: 1000, only(A): plain, only(COVERING): covering}), {A: 10, COVERING: size})
    assert chosen(backend, [COVERING, A]) == ((COVERING,) if better else (A,))


def test_a_covering_index_is_chosen_where_without_its_columns_it_is_not_used() -> None:
    backend = Prescribed(best({NONE: 1000, only(COVERING): 100}), {A: 10, COVERING: 20})
    assert chosen(backend, [COVERING, A]) == (COVERING,)


def test_an_index_is_exchanged_for_a_better_one_on_its_table() -> None:
    """One on the order alone saves the most a byte, but with the equality before it next to nothing is left."""
    backend = Prescribed(best({NONE: 1000, only(B): 100, only(AB): 1}), {B: 1, AB: 20, A: 10})
    assert chosen(backend, [AB, B, A]) == (AB,)


def test_a_whole_composition_is_found_of_which_no_part_saves_anything() -> None:
    backend = Prescribed(best({NONE: 100, only(AB): 1}), {A: 1, B: 1, AB: 2})
    assert chosen(backend, [AB, A, B]) == (AB,)


def test_two_indexes_are_found_that_help_together_only() -> None:
    backend = Prescribed(best({NONE: 100, only(A, OTHER): 10}), {A: 1, B: 1, OTHER: 1})
    assert set(chosen(backend, [A, B, OTHER])) == {A, OTHER}


def test_indexes_that_help_independently_are_all_chosen_the_best_first() -> None:
    def cost(given: frozenset[Candidate]) -> float:
        return 100 - 30 * (A in given) - 50 * (OTHER in given)

    backend = Prescribed(cost, {A: 1, OTHER: 10})
    found = search(Prices(backend, lambda: True), [A, OTHER])
    assert found.chosen == (OTHER, A)
    assert found.costs == (100, 50, 20)


def test_each_must_save_a_tenth() -> None:
    assert chosen(Prescribed(best({NONE: 100, only(A): 91}), {A: 1}), [A]) == ()
    assert chosen(Prescribed(best({NONE: 100, only(A): 90}), {A: 1}), [A]) == (A,)


def test_a_tenth_of_another_cost_can_be_asked_for() -> None:
    backend = Prescribed(best({NONE: 100, only(A): 20}), {A: 1})
    assert search(Prices(backend, lambda: True), [A], base=1000).chosen == ()


def test_what_no_longer_helps_beside_a_later_one_is_dropped() -> None:
    """A small index saves the most a byte at first, and nothing once the large one is there."""
    backend = Prescribed(best({NONE: 100, only(A): 60, only(B): 1}), {A: 0.1, B: 50})
    assert chosen(backend, [A, B]) == (B,)


def test_there_are_never_more_than_three() -> None:
    many = [index("x", table=f"t{number}") for number in range(6)]

    def cost(given: frozenset[Candidate]) -> float:
        return 100 - 15 * len(given)

    assert len(chosen(Prescribed(cost, dict.fromkeys(many, 1.0)), many)) == MOST


def test_a_candidate_the_backend_does_not_know_is_never_asked_for() -> None:
    backend = Prescribed(best({NONE: 100, only(A): 10}), {A: 1})
    assert chosen(backend, [A, B]) == (A,)


def test_no_candidates_and_no_cost_are_borne() -> None:
    assert chosen(Prescribed(best({NONE: 100}), {}), []) == ()
    assert chosen(Prescribed(best({NONE: 0}), {A: 1}), [A]) == ()


@pytest.mark.parametrize("budget", range(8))
def test_with_a_small_budget_what_was_found_so_far_is_chosen(budget: int) -> None:
    costs = {NONE: 100.0, only(A): 20.0, only(AB): 2.0, only(OTHER): 90.0}
    prices = Prices(Prescribed(best(costs), {A: 10, AB: 12, B: 1, OTHER: 1}), _asks(budget))
    found = search(prices, [A, B, AB, OTHER])
    assert found.chosen == {0: (), 1: (A,), 2: (A,)}.get(budget, (AB,))
    assert prices.spent_up is (budget < 7)  # four alone, all at once, and two steps


def _asks(budget: int) -> Callable[[], bool]:
    calls = count(1)
    return lambda: next(calls) <= budget


def test_prices_are_asked_for_once() -> None:
    backend = Prescribed(best({NONE: 100, only(A): 20}), {A: 10})
    prices = Prices(backend, lambda: True)
    prices.of((A,))
    prices.of((A,))
    assert backend.calls == 1


def test_wider_is_more_keys_or_columns_of_the_same_index() -> None:
    assert widens(AB, A)
    assert widens(COVERING, A)
    assert widens(AB, COVERING)
    assert not widens(A, AB)
    assert not widens(BA, A)
    assert not widens(A, A)
    assert not widens(index("a", "b", where="c"), A)


def test_the_losers_say_why() -> None:
    rare = index("a", where="b")
    costs = {NONE: 100.0, only(A): 10.0, only(AB): 9.5, only(B): 97.0, only(BA): 100.0, only(rare): 40.0}
    backend = Prescribed(best(costs), {A: 10, AB: 15, B: 10, BA: 10, rare: 9})
    pool = [A, AB, B, BA, rare]
    prices = Prices(backend, lambda: True)
    found = search(prices, pool)
    assert found.chosen == (A,)
    reasons = {each.candidate: each.reason for each in losers(prices, found, pool, {OTHER: "no"}, Basis.PLANNED)}
    assert reasons == {
        AB: "what it is wider than t (a) saves less than it takes in bytes",
        B: "it saves 3 % only",
        BA: "the planner does not use it",
        rare: "t (a) saves more a byte",
    }


def test_a_loser_that_was_refused_or_not_tried_says_so() -> None:
    backend = Prescribed(best({NONE: 100, only(A): 10}), {A: 1, B: 1})
    prices = Prices(backend, _asks(1))
    found = search(prices, [A, B])
    reasons = {
        each.candidate: each.reason for each in losers(prices, found, [A, B, BA], {BA: "too wide"}, Basis.PLANNED)
    }
    assert reasons == {B: "not tried: the budget was used up", BA: "PostgreSQL refuses it: too wide"}


_COLUMNS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True)
_POOLS = st.lists(_COLUMNS.map(lambda columns: index(*columns)), unique=True, max_size=8)


@given(_POOLS, st.integers(0, 30), st.randoms(use_true_random=False))
def test_whatever_the_prices_the_choice_keeps_its_promises(pool: list[Candidate], budget: int, random: object) -> None:
    prices_of = {each: random.uniform(0, 120) for each in pool}  # type: ignore[attr-defined]
    sizes = {each: random.uniform(0.01, 50) for each in pool}  # type: ignore[attr-defined]

    def cost(given: frozenset[Candidate]) -> float:
        return min([100.0, *(prices_of[each] for each in given)])

    backend = Prescribed(cost, sizes)
    found = search(Prices(backend, _asks(budget)), pool)
    assert len(found.chosen) <= MOST
    assert set(found.chosen) <= set(pool)
    if found.chosen:
        assert found.costs[0] == 100
        assert found.costs[-1] <= 90
        assert list(found.costs) == sorted(found.costs, reverse=True)
        for each in found.chosen:
            assert cost(frozenset(found.chosen) - {each}) - cost(frozenset(found.chosen)) >= 10 - 1e-9
