"""dbops's own estimate: sizes and costs by the planner's formulas, and what an index can answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.candidates.access import How
from dbops.explain.advise.candidates.ordering import OrderKey
from dbops.explain.advise.candidates.terms import Term
from dbops.explain.advise.estimate import size
from dbops.explain.advise.estimate.paths import Index, gives
from dbops.explain.advise.estimate.scans import Heap, Reach, bitmap_scan, brin_scan, gin_scan, index_scan, pages_fetched
from dbops.explain.advise.estimate.sites import Narrowing
from dbops.explain.advise.facts import ColumnFacts, Costs, Leaf, TableFacts
from dbops.sql.nodes import Relation

COSTS = Costs()
T = Relation("public", "t")
HEAP = Heap(rows=1_000_000, pages=20_000, visible=1.0)
TABLE = TableFacts(
    (Leaf(T, 1e6, 20_000),),
    {"a": ColumnFacts(8), "b": ColumnFacts(4), "wide": ColumnFacts(100), "empty": ColumnFacts(8, 1)},
)


def column(name: str) -> Term:
    return Term(name, name, None, f"column {name}")


def index(*keys: Key, **rest: object) -> Index:
    candidate = Candidate(T, keys, **rest)  # type: ignore[arg-type]
    return Index(candidate, tuple(column(key.expression) for key in keys))


def pages(*columns: str, rows: float = 1e6, **rest: object) -> int:
    keys = tuple(Key(name, name) for name in columns)
    return size.pages(Candidate(T, keys, **rest), TABLE, rows, COSTS)  # type: ignore[arg-type]


def test_a_btree_is_as_large_as_a_real_one_without_duplicates() -> None:
    """CREATE INDEX on a million different bigints makes 2,745 pages; on (bigint, int) 3,853."""
    assert pages("a") == pytest.approx(2745, rel=0.01)
    assert pages("a", "b") == pytest.approx(3853, rel=0.01)
    assert pages("a", include=("b",)) == pages("a", "b")


def test_an_index_on_few_rows_or_on_nulls_is_small() -> None:
    assert pages("a", rows=100) == 3
    assert pages("empty") < pages("a")
    assert pages("a", method="brin") < 10


def test_mackert_and_lohman() -> None:
    """Few fetches read a page each, many read each page once; without cache pages are read again."""
    assert pages_fetched(10, 10_000, COSTS) == pytest.approx(10, rel=0.01)
    assert pages_fetched(1e9, 10_000, COSTS) == 10_000
    assert pages_fetched(1e6, 10_000, Costs(cached_pages=100)) > 10_000


def test_what_follows_the_tables_order_costs_less() -> None:
    def cost(correlation: float) -> float:
        return index_scan(Reach(1e6, 2745, 0.01, 0.01, correlation=correlation), HEAP, COSTS).total

    assert cost(1.0) == cost(-1.0) < cost(0.5) < cost(0.0)


def test_an_index_that_has_all_columns_needs_no_page_of_the_table_that_all_see() -> None:
    reach = Reach(1e6, 2745, 0.01, 0.01)
    covering = Reach(1e6, 2745, 0.01, 0.01, covering=True)
    without = index_scan(reach, HEAP, COSTS).total
    assert index_scan(covering, HEAP, COSTS).total < 0.2 * without
    assert index_scan(covering, Heap(1e6, 20_000, visible=0.0), COSTS).total == without


@given(share=st.floats(0, 1), rows=st.floats(1, 1e9), correlation=st.floats(-1, 1), loops=st.floats(1, 1e6))
def test_costs_are_positive_and_grow_with_what_is_read(
    share: float, rows: float, correlation: float, loops: float
) -> None:
    heap = Heap(rows, max(rows / 50, 1))
    for scan in (index_scan, bitmap_scan):
        part = scan(Reach(rows, rows / 300 + 1, share, share, correlation=correlation), heap, COSTS, loops=loops)
        whole = scan(Reach(rows, rows / 300 + 1, 1.0, 1.0, correlation=correlation), heap, COSTS, loops=loops)
        assert 0 < part.total <= whole.total * 1.01 + 20
        assert part.startup <= part.total
        assert part.of_first(0) == part.startup
        assert part.of_first(1) == part.of_first(2) == pytest.approx(part.total)


def test_brin_reads_more_where_the_order_is_loose() -> None:
    tight, loose = (Reach(1e6, 5, 0.001, 0.001, correlation=each) for each in (1.0, 0.1))
    assert brin_scan(tight, HEAP, COSTS).total < brin_scan(loose, HEAP, COSTS).total


def test_gin_costs_what_its_lists_and_rows_do() -> None:
    few, many = (gin_scan(Reach(1e6, 3000, each, each), HEAP, COSTS).total for each in (0.0001, 0.1))
    assert few < 500 < many


def narrowing(name: str, how: How = How.EQUAL) -> Narrowing:
    return Narrowing(column(name), how, 0.01, name)


UP, DOWN = OrderKey(column("a")), OrderKey(column("a"), descending=True, nulls_first=True)
THEN_B, THEN_B_DOWN = OrderKey(column("b")), OrderKey(column("b"), descending=True, nulls_first=True)


@pytest.mark.parametrize(
    ("keys", "held", "order", "expected"),
    [
        ((Key("a", "a"),), (), (UP,), True),
        ((Key("a", "a"),), (), (DOWN,), True),
        ((Key("a", "a", descending=True),), (), (UP,), True),
        ((Key("a", "a", nulls_first=True),), (), (UP,), False),
        ((Key("a", "a"), Key("b", "b")), (), (UP, THEN_B), True),
        ((Key("a", "a"), Key("b", "b")), (), (DOWN, THEN_B_DOWN), True),
        ((Key("a", "a"), Key("b", "b")), (), (UP, THEN_B_DOWN), False),
        ((Key("a", "a"), Key("b", "b")), (), (UP,), True),
        ((Key("a", "a"),), (), (UP, THEN_B), False),
        ((Key("c", "c"), Key("a", "a")), (), (UP,), False),
        ((Key("c", "c"), Key("a", "a")), (narrowing("c"),), (UP,), True),
        ((Key("c", "c"), Key("a", "a")), (narrowing("c", How.SEVERAL),), (UP,), False),
        ((Key("c", "c"), Key("a", "a")), (narrowing("c", How.RANGE),), (UP,), False),
        ((Key("a", "a"),), (narrowing("b"),), (THEN_B, UP), True),
    ],
)
def test_which_orders_an_index_gives(
    keys: tuple[Key, ...], held: tuple[Narrowing, ...], order: tuple[OrderKey, ...], expected: bool
) -> None:
    assert gives(index(*keys), held, order) is expected


def test_a_gin_index_gives_no_order() -> None:
    assert not gives(index(Key("a", "a"), method="gin"), (), (UP,))
