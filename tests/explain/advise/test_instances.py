"""What a plan says of the tables it reads, as queries of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dbops.explain.advise.candidates.hot import hot
from dbops.explain.advise.candidates.instances import Instance, instances, root_of
from dbops.explain.advise.candidates.proposals import read
from dbops.explain.plan.tree import plan_of
from dbops.results.plan import Plan
from dbops.sql.nodes import Relation
from explain.advise.scenes import CUSTOMERS, EVENTS, ORDERS, SCHEMA, facts, seen


def node(kind: str, *children: Mapping[str, Any], cost: float = 100.0, **rest: Any) -> dict[str, Any]:
    said = {name.replace("_", " "): value for name, value in rest.items()}
    costs = {"Startup Cost": 0.0, "Total Cost": cost, "Plan Rows": 10, "Plan Width": 8}
    return {"Node Type": kind, **costs, **said, **({"Plans": list(children)} if children else {})}


def scan(table: str, alias: str, *, role: str = "Outer", cost: float = 100.0, **rest: Any) -> dict[str, Any]:
    return node(
        "Seq Scan", cost=cost, Relation_Name=table, Schema="public", Alias=alias, Parent_Relationship=role, **rest
    )


def planned(root: Mapping[str, Any]) -> Plan:
    return plan_of({"Plan": root})


def only(plan: Plan) -> Instance:
    (found,) = instances(plan, SCHEMA)
    return found


def test_a_scans_conditions_and_sorts_are_read() -> None:
    below = scan("orders", "o", Filter="((o.status)::text = 'new'::text)", Output=["o.id"])
    sort = node("Sort", below, Sort_Key=["o.placed_at DESC", "o.id"], Parent_Relationship="Outer")
    found = only(planned(node("Limit", sort)))
    assert found.table == found.leaf == ORDERS
    assert found.conditions == ("((o.status)::text = 'new'::text)",)
    assert [keys for _, keys in found.sorts] == [("o.placed_at DESC", "o.id")]
    assert found.sql(found.conditions, order=("o.id",), limit=True) == (
        "SELECT 1 FROM public.orders AS o WHERE (((o.status)::text = 'new'::text)) ORDER BY o.id LIMIT 1"
    )


def test_a_sort_is_read_up_to_another_tables_key() -> None:
    join = node(
        "Hash Join",
        scan("orders", "o"),
        scan("customers", "c", role="Inner"),
        Hash_Cond="(o.customer_id = c.id)",
        Parent_Relationship="Outer",
    )
    found = {
        each.alias: each for each in instances(planned(node("Sort", join, Sort_Key=["o.total", "c.name"])), SCHEMA)
    }
    assert [keys for _, keys in found["o"].sorts] == [("o.total",)]
    assert found["c"].sorts == ()
    assert [text for _, text in found["c"].joins] == ["(o.customer_id = c.id)"]


def test_results_of_subplans_are_parameters() -> None:
    found = only(planned(scan("orders", "o", Filter="((o.total > (InitPlan 1).col1) AND (NOT (hashed SubPlan 2)))")))
    assert found.conditions == ("((o.total > $1) AND (NOT $1))",)


def test_what_can_not_be_read_is_left_out() -> None:
    assert only(planned(scan("orders", "o", Filter="(o.total <#=> ~!~ 5"))).conditions == ()


def test_a_partition_is_its_topmost_parent_under_the_name_that_the_query_has() -> None:
    leaf = scan("events_1", "e_1", role="Member", Filter="(e_1.kind = 'x'::text)", Output=["e_1.at"])
    append = node("Append", leaf, Output=["e.at"], Parent_Relationship="Outer")
    found = only(planned(node("Sort", append, Sort_Key=["e.at"])))
    assert (found.table, found.leaf) == (EVENTS, Relation("public", "events_1"))
    assert found.names == {"e", "e_1"}
    assert found.alias == "e"
    assert found.conditions == ("(e.kind = 'x'::text)",)
    assert [keys for _, keys in found.sorts] == [("e.at",)]
    assert root_of(SCHEMA, Relation("public", "events_1")) == EVENTS


def test_names_in_quotes_are_known_and_strings_are_not_names() -> None:
    found = only(planned(node("Sort", scan("orders", "My O"), Sort_Key=['"My O"."when"', "('My O.x'::text)"])))
    assert [keys for _, keys in found.sorts] == [('"My O"."when"',)]


def test_relations_that_are_not_known_and_scans_of_functions_are_none() -> None:
    elsewhere = scan("somewhere", "s")
    function = node("Function Scan", Function_Name="f", Alias="f", Parent_Relationship="Inner")
    assert instances(planned(node("Nested Loop", elsewhere, function)), SCHEMA) == ()


def test_the_plan_speaks_for_a_table_that_the_query_does_not_name() -> None:
    plan = planned(scan("orders", "orders", Filter="(orders.placed_at > now())"))
    (demand,) = read(seen("SELECT * FROM recent WHERE placed_at > now()"), instances(plan, SCHEMA), SCHEMA, facts())
    assert demand.table.name == ORDERS
    assert [each.term.sql for each in demand.accesses] == ["placed_at"]


@pytest.mark.parametrize(
    ("query", "table", "alias"),
    [
        ("SELECT * FROM orders o WHERE total > 5", "orders", "o"),
        ("SELECT * FROM events WHERE kind = 'x'", "events_1", "events_1"),
        ("SELECT * FROM events_1 WHERE kind = 'x'", "events_1", "events_1"),
    ],
)
def test_a_table_that_the_query_names_is_asked_for_once(query: str, table: str, alias: str) -> None:
    plan = planned(scan(table, alias, Filter=f"({alias}.kind = 'x'::text)"))
    assert len(read(seen(query), instances(plan, SCHEMA), SCHEMA, facts())) == 1


def test_a_constant_that_the_plan_shows_makes_no_partial_index() -> None:
    plan = planned(scan("orders", "orders", Filter="(orders.status = 'new'::text)"))
    (demand,) = read(seen("SELECT * FROM recent"), instances(plan, SCHEMA), SCHEMA, facts())
    assert [each.predicate for each in demand.accesses] == [None]


def test_only_tables_that_take_a_noticeable_share_are_hot() -> None:
    cheap, dear = scan("customers", "c", cost=1.0), scan("orders", "o", role="Inner", cost=99.0)
    found = instances(planned(node("Append", cheap, dear, cost=100.0)), SCHEMA)
    assert set(hot(found)) == {ORDERS}


def test_a_dear_join_or_sort_makes_all_its_tables_hot() -> None:
    cheap, dear = scan("customers", "c", cost=1.0), scan("orders", "o", role="Inner", cost=50.0)
    found = instances(planned(node("Hash Join", cheap, dear, cost=100.0, Hash_Cond="(c.id = o.customer_id)")), SCHEMA)
    assert set(hot(found)) == {ORDERS, CUSTOMERS}
