"""What figures from a copy may be called: proven only when nothing is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.explain.prove.basis import Ground, basis
from dbops.explain.prove.contest import Comparison
from dbops.results.explain import Basis
from dbops.results.proof import CopiedTable

WHOLE = Ground((CopiedTable("public.orders", 100.0, 1_000, 64_000),), 180006, 180006)
CLEAR = Comparison(before_ms=40.0, after_ms=4.0, ratios=(10.0,) * 12)


def test_all_rows_the_same_version_and_an_interval_above_one_are_proof():
    what, detail = basis(WHOLE, CLEAR)
    assert what is Basis.PROVEN
    assert detail == (
        "on all rows of public.orders, on PostgreSQL 18.6; warm, 12 pairs of runs in turns, 95 % interval; "
        "on a compact copy with all pages visible"
    )


def test_another_minor_version_is_no_other_version():
    assert basis(replace(WHOLE, target_version=180001), CLEAR)[0] is Basis.PROVEN


@pytest.mark.parametrize(
    ("ground", "said"),
    [
        (
            replace(WHOLE, copied=(CopiedTable("public.orders", 12.3, 1, 1), CopiedTable("public.lines", 100.0, 1, 1))),
            "on a sample of 12 % of public.orders",
        ),
        (replace(WHOLE, copied=(CopiedTable("o", 0.5, 1, 1),)), "on a sample of 0.5 % of o"),
        (replace(WHOLE, target_version=150018), "on 18.6 for a 15.18"),
        (
            replace(WHOLE, copied=(CopiedTable("o", 100.0, 1, 1, hidden=True),)),
            "without the rows of o that row level security hides",
        ),
        (replace(WHOLE, absent=("public.srs",)), "without the rows of public.srs, which belong to extensions"),
        (replace(WHOLE, sorts_by=("C.UTF-8", "en_US.UTF-8")), "sorted by C.UTF-8 for en_US.UTF-8"),
    ],
)
def test_whatever_is_missing_makes_it_measured_and_is_said_first(ground, said):
    what, detail = basis(ground, CLEAR)
    assert what is Basis.MEASURED
    assert detail.startswith(said)


def test_all_that_is_missing_is_said():
    ground = replace(WHOLE, target_version=150018, copied=(CopiedTable("o", 12.0, 1, 1),))
    assert basis(ground, CLEAR)[1].startswith("on a sample of 12 % of o, on 18.6 for a 15.18; ")


def test_too_few_runs_are_no_proof():
    what, detail = basis(WHOLE, Comparison(20_000.0, 10.0, (2_000.0,) * 3))
    assert what is Basis.MEASURED
    assert "3 pairs of runs, too few for an interval" in detail
    assert "95 %" not in detail


def test_a_run_that_was_stopped_is_no_proof():
    what, detail = basis(WHOLE, Comparison(60_000.0, 10.0, (6_000.0,) * 3, stopped_before=True))
    assert what is Basis.MEASURED
    assert "stopped after 60 s" in detail


def test_settings_and_partitions_that_differ_are_said():
    detail = basis(replace(WHOLE, omitted=7, differences=("jit off (target: on)",)), CLEAR)[1]
    assert "size and build without the 7 partitions that the query does not read" in detail
    assert detail.endswith("; jit off (target: on)")


def test_many_tables_are_counted():
    tables = tuple(CopiedTable(name, 100.0, 1, 1) for name in "abcdef")
    assert basis(replace(WHOLE, copied=tables), CLEAR)[1].startswith("on all rows of a and b and c and 3 others")
