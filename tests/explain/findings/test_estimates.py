"""Wrong estimates are told once, where they begin, with what mends them."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.explain.findings.finding import TableFacts
from explain.documents import node, plan
from explain.findings.plans import found, inner, scan

FRESH = TableFacts(rows=100_000, pages=2000, modified=0, analyzed=True)


def wrong(filtered: str = "(orders.a = 1)", **attributes: Any) -> dict[str, Any]:
    """Return a scan that gave 5,000 rows where 10 were expected, of 100,000."""
    said = {"rows": 5000, "expected": 10, "Filter": filtered, "Rows_Removed_by_Filter": 95_000}
    return scan(**{**said, **attributes})


def misjudged(made: dict[str, Any], **known: Any) -> list[str]:
    return [each.label or "" for each in found(made, "row-misestimate", **known)]


def test_an_estimate_is_blamed_where_it_begins():
    sort = node("Sort", rows=5000, expected=10, ms=60.0, plans=[wrong()])
    hashed = node("Hash", rows=9, expected=9, ms=2.0, plans=[scan("users", rows=9, expected=9, ms=1.0)])
    join = node("Hash Join", rows=5000, expected=10, ms=90.0, plans=[sort, inner(hashed)])
    assert misjudged(node("Aggregate", rows=5000, expected=10, ms=99.0, plans=[join])) == ["Seq Scan on orders"]


def test_a_join_is_blamed_for_what_its_sides_do_not_explain():
    left, right = scan(rows=5000, expected=5000), scan("users", rows=5000, expected=5000, ms=9.0)
    hashed = node("Hash", rows=5000, expected=5000, ms=9.0, plans=[right])
    join = node(
        "Hash Join", rows=5000, expected=5, ms=90.0, plans=[left, inner(hashed)], Hash_Cond="(orders.a = users.b)"
    )
    above = node("Nested Loop", rows=5000, expected=5, ms=95.0, plans=[join, inner(scan("x", ms=0.0001, loops=5000))])
    (each,) = found(above, "row-misestimate")
    assert each.label == "Hash Join"
    assert "(orders.a = users.b)" in each.message


def test_errors_of_both_sides_multiply():
    join = node("Nested Loop", rows=250_000, expected=1, ms=200.0, Join_Filter="(orders.a <> users.a)")
    join["Plans"] = [wrong(), inner(wrong(table="users", rows=50, loops=5000, expected=1, ms=0.02))]
    assert misjudged(join) == ["Seq Scan on orders", "Seq Scan on users"]


def test_the_other_direction_is_another_error():
    join = node("Hash Join", rows=5, expected=100_000, ms=90.0, Hash_Cond="(orders.a = users.b)")
    join["Plans"] = [
        wrong(),
        inner(node("Hash", rows=9000, expected=9000, ms=9.0, plans=[scan("users", rows=9000, expected=9000, ms=5.0)])),
    ]
    above = node("Nested Loop", rows=5, expected=100_000, ms=99.0, plans=[join, inner(scan("x", loops=5, ms=1.0))])
    assert misjudged(above) == ["Seq Scan on orders", "Hash Join"]


@pytest.mark.parametrize(
    "made",
    [
        scan(rows=9, expected=900, ms=50.0),  # so few that any plan is as good
        scan(rows=9000, expected=1000, ms=50.0),  # not even ten times as many
        node("Limit", rows=5, ms=50.0, plans=[scan(rows=5, expected=90_000)]),  # stopped early
        node("Aggregate", rows=1, expected=1, ms=50.0, plans=[scan(rows=0, loops=0, expected=90_000, ms=0.0)]),
        node("Aggregate", rows=9, expected=90_000, ms=50.0, plans=[scan(rows=9, expected=9)]),  # nothing hangs on it
    ],
    ids=["few", "close", "stopped", "never ran", "nothing above"],
)
def test_what_does_not_matter_is_not_told(made: dict[str, Any]):
    assert misjudged(made) == []


def test_an_init_plan_is_blamed_in_its_own_right_and_not_passed_on():
    init = node("Aggregate", role="InitPlan", Subplan_Name="InitPlan 1 (returns $0)", rows=1, expected=1, ms=40.0)
    init["Plans"] = [wrong()]
    made = scan("users", rows=10, expected=10, ms=50.0, Filter="(users.a = $0)", plans=[init])
    assert misjudged(made) == ["Seq Scan on orders"]


def test_a_recursion_is_nobody_s_fault_and_a_cte_passes_its_error_on():
    step = node("WorkTable Scan", rows=1, loops=5000, expected=10, ms=0.001)
    union = node("Recursive Union", role="InitPlan", Subplan_Name="CTE r", rows=50_000, expected=31, ms=20.0)
    union["Plans"] = [node("Result", ms=0.1), inner(step)]
    scanned = node("CTE Scan", rows=50_000, expected=31, ms=30.0, CTE_Name="r", Alias="r")
    join = node(
        "Hash Join", rows=50_000, expected=31, ms=90.0, plans=[union, scanned, inner(scan("x", rows=1, ms=1.0))]
    )
    assert misjudged(join) == []


def test_partitions_are_blamed_together():
    parts = [wrong(f"(o_{part}.a = 1)", table=f"p{part}", Alias=f"o_{part}", ms=20.0) for part in (1, 2, 3)]
    (each,) = found(node("Append", rows=15_000, expected=30, ms=70.0, plans=parts), "row-misestimate")
    assert each.label == "Append"
    assert "ANALYZE p" in str(each.remedy)


def test_the_same_cause_is_told_once():
    one, two = wrong(Alias="o"), wrong(Alias="p")
    join = node("Merge Join", rows=5000, expected=10, ms=110.0, plans=[one, inner(two)])
    assert len(misjudged(join)) == 1


@pytest.mark.parametrize(
    ("filtered", "facts", "remedy"),
    [
        ("(orders.a = 1)", TableFacts(rows=100_000, analyzed=False), "ANALYZE orders;"),
        ("(orders.a = 1)", TableFacts(rows=100_000, modified=20_000, analyzed=True), "ANALYZE orders;"),
        ("(orders.a = 1)", TableFacts(rows=900, modified=0, analyzed=True), "ANALYZE orders;"),
        ("", FRESH, "ANALYZE orders;"),
        (
            "((orders.a = 1) AND (orders.\"order\" = 'x'::text))",
            FRESH,
            'CREATE STATISTICS orders_a_order_stats (dependencies, mcv) ON a, "order" FROM orders;\nANALYZE orders;',
        ),
        (
            "((orders.a = 1) OR (orders.b = 2))",
            FRESH,
            "CREATE STATISTICS orders_a_b_stats (dependencies, mcv) ON a, b FROM orders;\nANALYZE orders;",
        ),
        (
            "(orders.a = 1)",
            FRESH,
            "ALTER TABLE orders ALTER COLUMN a SET STATISTICS 1000;\nANALYZE orders;",
        ),
        (
            "(orders.a = 1)",
            None,
            "ANALYZE orders;  -- and if that is not enough before it: "
            "ALTER TABLE orders ALTER COLUMN a SET STATISTICS 1000;",
        ),
        ("(orders.a = $1)", FRESH, "SET plan_cache_mode = force_custom_plan;  -- plans each execution with its values"),
    ],
)
def test_the_cause_decides_on_the_remedy(filtered: str, facts: TableFacts | None, remedy: str):
    (each,) = found(wrong(filtered), "row-misestimate", facts=facts)
    assert each.remedy == remedy


@pytest.mark.parametrize(
    ("version", "begins"), [(18, "CREATE STATISTICS orders_expr_"), (None, "CREATE STATISTICS"), (13, "an index")]
)
def test_expressions_have_statistics_since_14(version: int | None, begins: str):
    (each,) = found(wrong("(lower(orders.a) = 'x'::text)"), "row-misestimate", version=version, facts=FRESH)
    assert str(each.remedy).startswith(begins)
    assert "lower(a)" in str(each.remedy)


@pytest.mark.parametrize(
    ("filtered", "word"),
    [
        ("(orders.a = users.b)", "a join's values"),
        ("(orders.a = (InitPlan 1).col1)", "from a subquery"),
        ("(hashed SubPlan 1)", "what a subquery gives"),
        ("(orders.a > orders.b)", "a is compared with b"),
    ],
)
def test_what_no_statistics_tell_is_said(filtered: str, word: str):
    (each,) = found(wrong(filtered), "row-misestimate", facts=FRESH)
    assert word in each.message


def test_groups_are_counted_by_combinations():
    grouped = node("Aggregate", rows=20, expected=9000, ms=60.0, plans=[scan(rows=9000, expected=9000)])
    grouped |= {"Strategy": "Hashed", "Group Key": ["orders.a", "orders.b"]}
    join = node("Hash Join", rows=20, expected=9000, ms=90.0, plans=[grouped, inner(scan("x", rows=1, ms=1.0))])
    (each,) = found(join, "row-misestimate", facts=FRESH)
    assert str(each.remedy).startswith("CREATE STATISTICS orders_a_b_stats (ndistinct) ON a, b FROM orders;")


@pytest.mark.parametrize(
    ("kind", "word"), [("Function Scan", "ROWS n"), ("Subquery Scan", "temporary table"), ("Foreign Scan", "ANALYZE")]
)
def test_what_is_no_table_has_a_remedy_of_its_own(kind: str, word: str):
    given = scan(None if kind != "Foreign Scan" else "far", kind, rows=9000, expected=10)
    join = node("Hash Join", rows=9000, expected=10, ms=90.0, plans=[given, inner(scan("x", rows=1, ms=1.0))])
    (each,) = found(join, "row-misestimate")
    assert word in str(each.remedy)


def test_a_join_of_tables_that_changed_is_mended_by_analyze():
    hashed = node("Hash", rows=9000, expected=9000, ms=9.0, plans=[scan("users", rows=9000, expected=9000, ms=5.0)])
    join = node("Hash Join", rows=9000, expected=10, ms=80.0, plans=[scan(rows=9000, expected=9000), inner(hashed)])
    above = node("Nested Loop", rows=9000, expected=10, ms=90.0, plans=[join, inner(scan("x", loops=9000, ms=0.001))])
    (each,) = found(above, "row-misestimate", facts=TableFacts(rows=9000, modified=5000, analyzed=True))
    assert each.remedy == "ANALYZE orders;"


def test_what_is_looked_up_for_each_row_hangs_on_it():
    join = node("Nested Loop", rows=5000, expected=10, ms=300.0)
    join["Plans"] = [wrong(), inner(scan("x", "Index Scan", rows=1, loops=5000, expected=1, ms=0.04))]
    (each,) = found(node("Gather", rows=5000, expected=10, ms=310.0, plans=[join]), "row-misestimate")
    assert each.saving_ms == pytest.approx(300.0)
    assert each.severity == "warning"


def test_what_was_not_run_is_not_judged():
    assert misjudged(node("Seq Scan", table="orders", expected=10, cost=9000)) == []
    assert plan(node("Seq Scan")).analyzed is False
