"""Two plans side by side."""

from dbops.explain.compare import compare
from explain.documents import node, plan

SCAN = plan(node("Seq Scan", table="orders", ms=90.0, rows=5), ms=100.0, Settings={"work_mem": "4MB"})
INDEX = plan(node("Index Scan", table="orders", ms=9.0, rows=5, Index_Name="orders_idx"), ms=10.0)


def test_the_factor_says_how_much_faster_it_became():
    comparison = compare(SCAN, INDEX, "before.json")
    assert (comparison.by, comparison.before, comparison.after, comparison.factor) == (
        "execution_ms",
        100.0,
        10.0,
        10.0,
    )
    assert not comparison.same_shape


def test_two_ways_to_read_one_table_are_beside_each_other():
    (change,) = compare(SCAN, INDEX, "before.json").nodes
    assert (change.label_before, change.label_after) == ("Seq Scan on orders", "Index Scan using orders_idx on orders")
    assert (change.own_ms_before, change.own_ms_after, change.changed) == (90.0, 9.0, True)


def test_the_same_plan_is_the_same():
    comparison = compare(SCAN, SCAN, "before.json")
    assert comparison.same_shape
    assert comparison.factor == 1.0
    assert not comparison.nodes[0].changed


def test_plans_that_were_not_both_run_are_compared_by_cost():
    planned = plan(node("Seq Scan", table="orders", cost=50.0))
    comparison = compare(SCAN, planned, "before.json")
    assert (comparison.by, comparison.before, comparison.after) == ("cost", 1.0, 50.0)


def test_a_node_that_is_gone_or_new_stands_alone():
    sorted_plan = plan(node("Sort", ms=95.0, plans=[node("Seq Scan", table="orders", ms=90.0)]), ms=100.0)
    changes = compare(sorted_plan, SCAN, "before.json").nodes
    assert [(each.label_before, each.label_after) for each in changes] == [
        ("Sort", None),
        ("Seq Scan on orders", "Seq Scan on orders"),
    ]


def test_settings_that_differ_are_named():
    assert compare(SCAN, INDEX, "before.json").settings == ("work_mem: 4MB → default",)
