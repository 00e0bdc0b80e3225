"""What nobody could feel is not told, what was not run is told as expected, and one cause is told by one finding."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.explain.findings import examine
from dbops.explain.findings.finding import Subject, TableFacts
from dbops.explain.plan.tree import plan_of
from dbops.results.lint import Severity
from explain.documents import node, plan
from explain.findings.plans import found, inner, scan
from explain.plan.captures import VERSIONS, captures

SELECTIVE = {"rows": 3, "Filter": "(orders.a = 1)", "Rows_Removed_by_Filter": 90_000}


def slugs(made: dict[str, Any], ms: float, **known: Any) -> list[str]:
    return sorted(each.finding for each in examine(Subject(plan(made, ms=ms), 18, **known)))


def test_a_quick_query_has_nothing_above_an_info():
    (quick,) = found(scan(ms=5.0, **SELECTIVE), "sequential-scan")
    (slow,) = found(scan(ms=50.0, **SELECTIVE), "sequential-scan")
    assert (quick.severity, slow.severity) == (Severity.INFO, Severity.WARNING)


@pytest.mark.parametrize(("own", "whole"), [(0.9, 1.0), (15.0, 1000.0)])
def test_what_takes_no_time_is_not_told(own: float, whole: float):
    assert slugs(scan(ms=own, **SELECTIVE), whole) == []


def test_where_times_were_not_measured_costs_decide():
    timeless = {key: value for key, value in scan(**SELECTIVE).items() if "Time" not in key}
    (each,) = found(plan(timeless, ms=90.0), "sequential-scan")
    assert each.saving_ms is None
    assert found(plan({**timeless, "Total Cost": 50.0}, ms=90.0), "sequential-scan") == []


def test_what_never_ran_is_not_told():
    never = scan(**{**SELECTIVE, "rows": 0, "loops": 0, "ms": 0.0}, cost=90_000)
    assert slugs(node("Append", ms=50.0, plans=[scan("a", ms=50.0), never]), 50.0) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_of_a_plan_that_was_not_run_only_what_is_expected_is_told(version: int):
    for capture in captures(version):
        if capture.planned:
            for each in examine(Subject(plan_of(capture.document), version)):
                assert each.saving_ms is None
                assert "expected" in each.message or each.finding == "planner-method-off"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (node("Seq Scan", table="orders", expected=3, cost=9000, Filter="(orders.a = 1)"), "sequential-scan"),
        (node("Sort", expected=200_000, cost=9000, plans=[scan(ms=None)]), "disk-sort"),
        (node("Aggregate", expected=9, cost=9000, Planned_Partitions=4, plans=[scan(ms=None)]), "hash-aggregate-spill"),
        (node("Result", expected=20_000, cost=9000), "many-result-rows"),
    ],
)
def test_what_is_expected_is_an_expectation(made: dict[str, Any], expected: str):
    (each,) = found(made, expected, settings={"work_mem": "4MB"})
    assert "is expected to" in each.message


def test_what_fits_is_unknown_where_the_settings_are():
    made = node("Sort", expected=200_000, cost=9000, plans=[scan(ms=None)])
    assert found(made, "disk-sort") == []


def test_a_table_s_size_is_taken_from_its_statistics():
    made = node("Seq Scan", table="orders", expected=3000, cost=9000, Filter="(orders.a = 1)")
    assert found(made, "sequential-scan", facts=TableFacts(rows=100_000))
    assert found(made, "sequential-scan", facts=TableFacts(rows=9000)) == []


@pytest.mark.parametrize(
    "settings", [{"Shared_Hit_Blocks": 49}, {"Rows_Removed_by_Filter": 3}, {"Filter": "(SubPlan 1)"}, {"Filter": ""}]
)
def test_a_sequential_scan_that_is_right_is_not_told(settings: dict[str, Any]):
    assert found(scan(**{**SELECTIVE, **settings}), "sequential-scan") == []


def test_blocks_that_were_not_counted_are_the_statistics():
    counted = scan(**SELECTIVE)
    uncounted = {key: value for key, value in counted.items() if key != "Shared Hit Blocks"}
    assert found(uncounted, "sequential-scan", facts=TableFacts(pages=49)) == []
    assert found(uncounted, "sequential-scan", facts=TableFacts(pages=50))
    assert found(uncounted, "sequential-scan")


def test_a_foreign_table_s_filter_is_a_matter_of_what_is_sent():
    (each,) = found(scan(kind="Foreign Scan", **SELECTIVE), "filter-removes-rows")
    assert "not sent to the other server" in str(each.remedy)


def test_lookups_that_a_wrong_estimate_brought_about_are_mended_there():
    looked_up = scan("users", "Index Scan", rows=1, loops=9000, ms=0.01, Index_Cond="(users.id = orders.a)")
    outer = scan(rows=9000, expected=10, ms=5.0, Filter="(orders.b = 1)")
    join = node("Nested Loop", rows=9000, expected=10, ms=100.0, plans=[outer, inner(looked_up)])
    (each,) = found(join, "nested-loop-many-loops")
    assert each.severity is Severity.WARNING
    assert each.remedy == "mend the estimate of the outer rows: the planner meant to look up few of them"


def test_a_bloated_table_is_told_once_and_only_of_what_was_read():
    known = TableFacts(rows=9000, dead=9000)
    twice = node("Append", ms=100.0, plans=[scan(ms=50.0, rows=9000), scan(ms=50.0, rows=9000)])
    (each,) = found(twice, "bloated-table", facts=known)
    assert str(each.remedy).startswith("VACUUM orders;")
    assert found(scan(ms=None, cost=9000), "bloated-table", facts=known) == []


def test_a_repeated_search_is_told_of_the_join_alone():
    searched = scan("books", rows=1, loops=2000, ms=0.05, Filter="(books.a = orders.id)", Rows_Removed_by_Filter=900)
    outer = scan(rows=2000, expected=2000, ms=5.0)
    join = node("Nested Loop", rows=2000, expected=2000, ms=110.0, plans=[outer, inner(searched)])
    assert slugs(join, 110.0) == ["nested-loop-many-loops"]
    (each,) = found(join, "nested-loop-many-loops")
    assert each.message == "reads all of books 2,000 times, once for each row that it is joined with"
    assert str(each.remedy).startswith("CREATE INDEX CONCURRENTLY ON books (a);")


def test_partitions_read_for_nothing_are_told_as_not_pruned_alone():
    parts = [
        scan(f"p{number}", Alias=f"o_{number}", rows=0, ms=5.0, Filter="(o.a = 1)", Rows_Removed_by_Filter=9000)
        for number in range(1, 13)
    ]
    assert slugs(node("Append", rows=0, ms=60.0, plans=parts), 60.0) == ["partitions-not-pruned"]
    assert slugs(node("Append", rows=0, ms=30.0, plans=parts[:6]), 30.0) == ["sequential-scan"]


def test_tables_of_a_union_are_no_partitions():
    parts = [scan(table, ms=20.0, **SELECTIVE) for table in ("a", "b")]
    labels = [each.label for each in found(node("Append", ms=40.0, plans=parts), "sequential-scan")]
    assert labels == ["Seq Scan on a", "Seq Scan on b"]


def test_a_large_result_is_told_by_its_rows_and_not_by_its_text():
    said = {"Serialization": {"Time": 40.0, "Output Volume": 900}}
    few, many = (plan(scan(rows=rows, ms=10.0), ms=50.0, **said) for rows in (500, 50_000))
    assert [len(found(each, "serialization-time")) for each in (few, many)] == [1, 0]
    (each,) = found(many, "many-result-rows")
    assert each.saving_ms == 40.0


def test_a_bitmap_of_blocks_by_nature_is_no_matter_of_memory():
    made = scan(kind="Bitmap Heap Scan", rows=5, Rows_Removed_by_Index_Recheck=90_000, Recheck_Cond="(orders.a = 1)")
    brin = made | {"Exact Heap Blocks": 0, "Lossy Heap Blocks": 90_000, "Plans": [node("Bitmap Index Scan", ms=1.0)]}
    large = brin | {"Exact Heap Blocks": 500}
    assert slugs(brin, 50.0) == ["recheck-removed-rows"]
    assert slugs(large, 50.0) == ["lossy-bitmap"]


def test_a_cache_that_is_too_small_is_told_and_not_the_loop_above_it():
    cache = node("Memoize", rows=1, loops=9000, ms=0.01, plans=[scan("users", "Index Scan", loops=8000, ms=0.01)])
    cache |= {"Cache Key": "orders.a", "Cache Misses": 8000, "Cache Evictions": 7000, "Peak Memory Usage": 100}
    outer = scan(rows=9000, expected=9000, ms=5.0)
    join = node("Nested Loop", rows=9000, expected=9000, ms=100.0, plans=[outer, inner(cache)])
    assert slugs(join, 100.0) == ["memoize-evictions"]
    join["Plans"][1]["Cache Evictions"] = 0
    assert slugs(join, 100.0) == ["nested-loop-many-loops"]


def test_settings_that_are_switched_off_are_named():
    made = plan(node("Result", ms=1.0), ms=1.0, Settings={"enable_sort": "off", "enable_memoize": "off", "jit": "off"})
    (each,) = found(made, "planner-method-off")
    assert each.remedy == "RESET enable_memoize; RESET enable_sort;"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("RI_ConstraintTrigger_a_1", "index the columns"),
        ("RI_ConstraintTrigger_c_1", "looks up"),
        ("audit", "STATEMENT"),
    ],
)
def test_a_trigger_s_remedy_depends_on_what_it_is(name: str, word: str):
    fired = {"Trigger Name": name, "Constraint Name": "fk", "Relation": "orders", "Time": 40.0, "Calls": 500}
    (each,) = found(plan(node("ModifyTable", ms=10.0), ms=50.0, Triggers=[fired]), "trigger-time")
    assert word in str(each.remedy)
    assert (each.saving_ms, "80 % of the time" in each.message) == (40.0, True)


def test_findings_are_ranked_by_what_they_could_save():
    parts = [scan("a", ms=20.0, **SELECTIVE), scan("b", ms=80.0, **SELECTIVE)]
    subject = Subject(plan(node("Append", ms=100.0, plans=parts), ms=100.0, Settings={"enable_sort": "off"}))
    assert [(each.label, each.finding) for each in examine(subject)] == [
        ("Seq Scan on b", "sequential-scan"),
        ("Seq Scan on a", "sequential-scan"),
        (None, "planner-method-off"),
    ]
