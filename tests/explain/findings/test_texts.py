"""Figures and names as findings write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.explain.findings import names, words
from dbops.sql.split import split
from explain.documents import node, plan


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.size(0.5), "0.5 kB"),
        (words.size(64), "64 kB"),
        (words.size(4096), "4 MB"),
        (words.size(2_785), "2.72 MB"),
        (words.size(1024 * 1024 * 1.5), "1.5 GB"),
        (words.size(1024**3 * 20), "20 TB"),
        (words.count(1234), "1,234"),
        (words.count(12_345_678), "12.3 million"),
        (words.count(2e9), "2 billion"),
        (words.counted(1, "row"), "1 row"),
        (words.counted(0, "row"), "0 rows"),
        (words.counted(2, "miss", "misses"), "2 misses"),
        (words.share(1, 3), "33 %"),
        (words.share(1, 1000), "under 1 %"),
        (words.share(999, 1000), "over 99 %"),
        (words.share(3, 3), "100 %"),
        (words.share(1, 0), "0 %"),
        (words.factor(2.31), "2.31×"),
        (words.factor(1234), "1,234×"),
        (words.time(0.041), "0.04 ms"),
        (words.time(410), "410 ms"),
        (words.time(34_500), "34.5 s"),
        (words.cut("a" * 200, 10), "aaaaaaaa …"),
    ],
)
def test_figures_are_short_and_have_their_unit(said: str, expected: str):
    assert said == expected


@pytest.mark.parametrize(
    ("name", "written"),
    [("orders", "orders"), ("Orders", '"Orders"'), ("order", '"order"'), ("user", '"user"'), ('a"b', '"a""b"')],
)
def test_names_are_quoted_where_they_must_be(name: str, written: str):
    assert names.name(name) == written


@given(st.text(min_size=1))
def test_any_name_can_be_written(name: str):
    (statement,) = split(f"ANALYZE {names.name(name)}")
    assert statement.node is not None


def of(schema: str | None, table: str):
    return plan(node("Seq Scan", table=table) | {"Schema": schema}).root


def test_a_table_has_its_schema_where_it_may_not_be_on_the_path():
    assert names.table(of("public", "orders")) == "orders"
    assert names.table(of(None, "orders")) == "orders"
    assert names.table(of("shop", "order")) == 'shop."order"'


def test_statistics_are_named_after_their_columns_and_lie_beside_their_table():
    assert names.statistics(of("shop", "orders"), ("a", "B")) == 'shop."orders_a_B_stats"'
    long = names.statistics(of(None, "t"), ("ä" * 60, "b"))
    assert len(long.strip('"').encode()) <= 63
    assert long != names.statistics(of(None, "t"), ("ä" * 60, "c"))
