"""Lines of the text format and what they are in JSON: those that the corpus lacks or that are easily misread."""

from __future__ import annotations

from typing import Any

import pytest

from dbops.explain.plan.reading import documents, read

COST = "(cost=0.00..1.00 rows=3 width=4)"


def one(text: str) -> dict[str, Any]:
    (document,) = documents(text, "plan")
    return document


def node_of(line: str) -> dict[str, Any]:
    """Return what a node's line says, without its figures."""
    known = {"Startup Cost", "Total Cost", "Plan Rows", "Plan Width", "Parallel Aware"}
    return {key: value for key, value in one(f"{line}  {COST}")["Plan"].items() if key not in known}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Seq Scan on t", {"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t"}),
        ("Seq Scan on s.t a", {"Node Type": "Seq Scan", "Schema": "s", "Relation Name": "t", "Alias": "a"}),
        (
            'Seq Scan on "S.x"."a on ""b""" "using c"',
            {"Node Type": "Seq Scan", "Schema": "S.x", "Relation Name": 'a on "b"', "Alias": "using c"},
        ),
        (
            'Index Only Scan Backward using "i on t" on t',
            {
                "Node Type": "Index Only Scan",
                "Scan Direction": "Backward",
                "Index Name": "i on t",
                "Relation Name": "t",
                "Alias": "t",
            },
        ),
        (
            'Index Scan using "<13543>btree_t_a" on t',
            {
                "Node Type": "Index Scan",
                "Scan Direction": "Forward",
                "Index Name": "<13543>btree_t_a",
                "Relation Name": "t",
                "Alias": "t",
            },
        ),
        ("Bitmap Index Scan on <13543>btree_t_a", {"Node Type": "Bitmap Index Scan", "Index Name": "<13543>btree_t_a"}),
        ("Merge Right Anti Join", {"Node Type": "Merge Join", "Join Type": "Right Anti"}),
        ("Nested Loop", {"Node Type": "Nested Loop", "Join Type": "Inner"}),
        ("Nested Loop Semi Join", {"Node Type": "Nested Loop", "Join Type": "Semi"}),
        ("Partial GroupAggregate", {"Node Type": "Aggregate", "Strategy": "Sorted", "Partial Mode": "Partial"}),
        ("Finalize HashAggregate", {"Node Type": "Aggregate", "Strategy": "Hashed", "Partial Mode": "Finalize"}),
        ("HashSetOp Except All", {"Node Type": "SetOp", "Strategy": "Hashed", "Command": "Except All"}),
        (
            "Foreign Delete on far f",
            {"Node Type": "Foreign Scan", "Operation": "Delete", "Relation Name": "far", "Alias": "f"},
        ),
        ("Foreign Scan", {"Node Type": "Foreign Scan", "Operation": "Select"}),
        (
            "Custom Scan (ChunkAppend) on metrics",
            {
                "Node Type": "Custom Scan",
                "Custom Plan Provider": "ChunkAppend",
                "Relation Name": "metrics",
                "Alias": "metrics",
            },
        ),
        ('Values Scan on "*VALUES*_1"', {"Node Type": "Values Scan", "Alias": "*VALUES*_1"}),
        ("WorkTable Scan on r r_1", {"Node Type": "WorkTable Scan", "CTE Name": "r", "Alias": "r_1"}),
        (
            'Table Function Scan on "xmltable" x',
            {"Node Type": "Table Function Scan", "Table Function Name": "xmltable", "Alias": "x"},
        ),
        ("A Node To Come", {"Node Type": "A Node To Come"}),
    ],
)
def test_a_nodes_line(line: str, said: dict[str, Any]):
    assert node_of(line) == said


def test_parallel_and_asynchronous_nodes_are_told():
    plan = one(f"Gather  {COST}\n  ->  Parallel Seq Scan on t  {COST}\n  ->  Async Foreign Scan on far  {COST}")["Plan"]
    assert [child["Parallel Aware"] for child in plan["Plans"]] == [True, False]
    assert plan["Plans"][1]["Async Capable"] is True


def property_of(line: str, kind: str = "Seq Scan on t") -> dict[str, Any]:
    said = one(f"{kind}  {COST}\n  {line}")["Plan"]
    return {key: value for key, value in said.items() if key not in one(f"{kind}  {COST}")["Plan"]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Rows Removed by Filter: 12", {"Rows Removed by Filter": 12}),
        ("Disabled: true", {"Disabled": True}),
        ("One-Time Filter: false", {"One-Time Filter": "false"}),
        ("Cache Key: 5", {"Cache Key": "5"}),
        ("Foreign File: /tmp/it's (one", {"Foreign File": "/tmp/it's (one"}),
        ("Foreign File Size: 49 b", {"Foreign File Size": 49}),
        ("Something New: 12", {"Something New": 12}),
        ("Something New: a = 'b'", {"Something New": "a = 'b'"}),
        ("Heap Blocks: lossy=3", {"Lossy Heap Blocks": 3}),
        ("WAL: records=3 fpi=2 bytes=99", {"WAL Records": 3, "WAL FPI": 2, "WAL Bytes": 99}),
        ("WAL: bytes=9 buffers full=4", {"WAL Bytes": 9, "WAL Buffers Full": 4}),
        ("I/O Timings: read=0.5 write=0.25", {"I/O Read Time": 0.5, "I/O Write Time": 0.25}),
        (
            "I/O Timings: shared/local read=0.5, temp write=0.25",
            {"I/O Read Time": 0.5, "Temp I/O Write Time": 0.25},
        ),
        (
            "I/O Timings: shared read=1.000, local write=2.000, temp read=3.000 write=4.000",
            {
                "Shared I/O Read Time": 1.0,
                "Local I/O Write Time": 2.0,
                "Temp I/O Read Time": 3.0,
                "Temp I/O Write Time": 4.0,
            },
        ),
        (
            "Sort Method: external merge  Disk: 304kB",
            {"Sort Method": "external merge", "Sort Space Used": 304, "Sort Space Type": "Disk"},
        ),
        (
            "Buckets: 1024 (originally 2048)  Batches: 4 (originally 1)  Memory Usage: 9kB",
            {
                "Hash Buckets": 1024,
                "Original Hash Buckets": 2048,
                "Hash Batches": 4,
                "Original Hash Batches": 1,
                "Peak Memory Usage": 9,
            },
        ),
        ("Planned Partitions: 4", {"Planned Partitions": 4}),
        (
            "Full-sort Groups: 3  Sort Methods: top-N heapsort, quicksort  Average Memory: 26kB  Peak Memory: 27kB"
            "  Average Disk: 40kB  Peak Disk: 41kB",
            {
                "Full-sort Groups": {
                    "Group Count": 3,
                    "Sort Methods Used": ["top-N heapsort", "quicksort"],
                    "Sort Space Memory": {"Average Sort Space Used": 26, "Peak Sort Space Used": 27},
                    "Sort Space Disk": {"Average Sort Space Used": 40, "Peak Sort Space Used": 41},
                }
            },
        ),
        (
            "Sampling: system ('10'::real) REPEATABLE ('(7)'::double precision)",
            {
                "Sampling Method": "system",
                "Sampling Parameters": ["'10'::real"],
                "Repeatable Seed": "'(7)'::double precision",
            },
        ),
        (
            "Output: a, f(b, c), 'd, e', \"f, g\", ARRAY[1, 2]",
            {"Output": ["a", "f(b, c)", "'d, e'", '"f, g"', "ARRAY[1, 2]"]},
        ),
        ("Params Evaluated: $0, $1", {"Params Evaluated": ["$0", "$1"]}),
    ],
)
def test_a_line_below_a_node(line: str, said: dict[str, Any]):
    assert property_of(line) == said


def test_blocks_that_are_not_named_are_none():
    node = one(f"Seq Scan on t  {COST} (actual rows=1 loops=1)\n  Buffers: shared hit=1, temp written=4")["Plan"]
    blocks = {key: value for key, value in node.items() if key.endswith("Blocks")}
    assert {key: value for key, value in blocks.items() if value} == {"Shared Hit Blocks": 1, "Temp Written Blocks": 4}
    assert len(blocks) == 10


def test_a_node_without_a_line_of_blocks_touched_none_where_others_have_one():
    text = (
        f"Limit  {COST} (actual rows=1 loops=1)\n  Buffers: shared hit=3\n  ->  Result  {COST} (actual rows=1 loops=1)"
    )
    (plan,) = read(text, "plan")
    assert [each.buffers and each.buffers.touched for each in plan.nodes()] == [3, 0]
    (plan,) = read(text.replace("  Buffers: shared hit=3\n", ""), "plan")
    assert [each.buffers for each in plan.nodes()] == [None, None]


def test_a_literal_may_have_line_breaks_that_look_like_a_plan():
    value = "a\n\n  ->  Seq Scan on x  (cost=1.00..2.00 rows=1 width=1)\nPlanning Time: 3 ms\n\"it''s"
    said = one(f"Seq Scan on t  {COST}\n  Filter: (a = '{value}'::text)\n  Rows Removed by Filter: 3")
    assert said["Plan"]["Filter"] == f"(a = '{value}'::text)"
    assert said["Plan"]["Rows Removed by Filter"] == 3
    assert said.keys() == {"Plan"}


def test_a_name_may_have_a_line_break():
    said = one(f'Seq Scan on "a\nb"  {COST}\n  Filter: ("a\nb".id > 3)')["Plan"]
    assert (said["Relation Name"], said["Filter"]) == ("a\nb", '("a\nb".id > 3)')


def test_grouping_sets_are_those_of_json():
    text = f"""\
GroupAggregate  {COST}
  Group Key: a, f(b, c)
  Group Key: a
  Group Key: ()
  Sort Key: c
    Group Key: c
  Filter: (count(*) > 1)
"""
    said = one(text)["Plan"]
    assert said["Grouping Sets"] == [
        {"Group Keys": [["a", "f(b, c)"], ["a"], []]},
        {"Sort Key": ["c"], "Group Keys": [["c"]]},
    ]
    assert said["Filter"] == "(count(*) > 1)"
    assert "Group Key" not in said
    assert one(f"HashAggregate  {COST}\n  Group Key: a, b")["Plan"]["Group Key"] == ["a", "b"]


def test_subplans_hang_below_the_node_they_are_printed_at():
    text = f"""\
Hash Join  {COST}
  Hash Cond: (a.id = b.id)
  CTE a: b
    ->  Result  {COST}
  InitPlan 2 (returns $1)
    ->  Limit  {COST}
          ->  Seq Scan on few  {COST}
  ->  Seq Scan on a  {COST}
        Filter: (SubPlan 3)
        SubPlan 3
          ->  Seq Scan on c  {COST}
                Filter: (c.id = a.id)
  ->  Hash  {COST}
        ->  Seq Scan on b  {COST}
"""
    plan = one(text)["Plan"]

    def drawn(node: dict[str, Any]) -> Any:
        name = node.get("Relation Name", node["Node Type"])
        children = [drawn(child) for child in node.get("Plans", [])]
        return (name, node.get("Parent Relationship"), node.get("Subplan Name"), children)

    assert drawn(plan) == (
        "Hash Join",
        None,
        None,
        [
            ("Result", "InitPlan", "CTE a: b", []),
            ("Limit", "InitPlan", "InitPlan 2 (returns $1)", [("few", "Outer", None, [])]),
            ("a", "Outer", None, [("c", "SubPlan", "SubPlan 3", [])]),
            ("Hash", "Inner", None, [("b", "Outer", None, [])]),
        ],
    )
    assert plan["Plans"][2]["Plans"][0]["Filter"] == "(c.id = a.id)"


def test_workers_have_figures_of_their_own():
    text = f"""\
Sort  {COST} (actual time=1.000..2.000 rows=3 loops=3)
  Sort Key: a
  Sort Method: quicksort  Memory: 25kB
  Worker 0:  actual time=0.500..0.600 rows=1 loops=1
    Sort Method: external merge  Disk: 30kB
    JIT:
      Functions: 2
      Timing: Generation 0.5 ms, Total 1.5 ms
    Buffers: shared hit=8
  Worker 1:  Sort Method: quicksort  Memory: 26kB
  Buffers: shared hit=9
"""
    said = one(text)["Plan"]
    assert (said["Sort Space Used"], said["Shared Hit Blocks"]) == (25, 9)
    first, second = said["Workers"]
    assert first["JIT"] == {"Functions": 2, "Timing": {"Generation": 0.5, "Total": 1.5}}
    assert (first["Worker Number"], first["Actual Total Time"], first["Sort Space Type"]) == (0, 0.6, "Disk")
    assert (first["Shared Hit Blocks"], second) == (
        8,
        {"Worker Number": 1, "Sort Method": "quicksort", "Sort Space Used": 26, "Sort Space Type": "Memory"},
    )


def test_a_worker_of_12_has_one_blank():
    said = one(
        f"Seq Scan on t  {COST} (actual time=1.0..2.0 rows=3 loops=3)\n  Worker 0: actual time=0.5..0.6 rows=1 loops=1"
    )
    assert said["Plan"]["Workers"][0]["Actual Loops"] == 1


def test_what_is_said_of_the_whole_query():
    text = f"""\
Update on t  {COST} (actual time=1.000..2.000 rows=0 loops=1)
  ->  Seq Scan on t  {COST} (actual time=0.100..0.200 rows=3 loops=1)
Settings: jit = 'off', search_path = '"$user", b = 'c', public', work_mem = '64kB'
Query Identifier: -12345
Planning:
  Buffers: shared hit=3 read=1
  Memory: used=30kB  allocated=32kB
Planning Time: 0.500 ms
JIT:
  Functions: 9
  Options: Inlining false, Optimization true, Expressions true, Deforming true
  Timing: Generation 1.0 ms (Deform 0.4 ms), Inlining 0.0 ms, Optimization 2.0 ms, Emission 3.0 ms, Total 6.0 ms
Trigger a trigger on t: time=1.250 calls=3
Trigger for constraint t_fk on t: calls=2
Trigger RI_1 for constraint t_fk: time=0.750 calls=2
Serialization: time=0.125 ms  output=310kB  format=text
  Buffers: shared hit=2
Execution Time: 12.000 ms
"""
    document = one(text)
    assert document["JIT"] == {
        "Functions": 9,
        "Options": {"Inlining": False, "Optimization": True, "Expressions": True, "Deforming": True},
        "Timing": {
            "Generation": {"Deform": 0.4, "Total": 1.0},
            "Inlining": 0.0,
            "Optimization": 2.0,
            "Emission": 3.0,
            "Total": 6.0,
        },
    }
    assert document["Query Identifier"] == -12345
    (plan,) = read(text, "plan")
    assert (plan.execution_ms, plan.planning_ms, plan.jit_ms, plan.jit_functions) == (12.0, 0.5, 6.0, 9)
    assert (plan.planning_memory_bytes, plan.serialization_ms, plan.serialization_bytes) == (30720, 0.125, 317440)
    assert plan.planning_buffers is not None
    assert (plan.planning_buffers.hit, plan.planning_buffers.read) == (3, 1)
    assert plan.settings == {"jit": "off", "search_path": "\"$user\", b = 'c', public", "work_mem": "64kB"}
    assert [(each.name, each.constraint, each.relation, each.ms, each.calls) for each in plan.triggers] == [
        ("a trigger", None, "t", 1.25, 3),
        ("", "t_fk", "t", None, 2),
        ("RI_1", "t_fk", None, 0.75, 2),
    ]


def test_the_query_that_auto_explain_writes_above_is_free_text():
    text = f"""\
Query Text: SELECT 'it''s' -- isn't
WHERE a:
  x
Query Parameters: $1 = 'a
b'
Limit  {COST}
  ->  Seq Scan on t  {COST}
"""
    document = one(text)
    assert document["Query Text"] == "SELECT 'it''s' -- isn't\nWHERE a:\n  x"
    assert document["Query Parameters"] == "$1 = 'a\nb'"
    assert document["Plan"]["Node Type"] == "Limit"


def test_a_plan_without_costs_and_times_has_its_rows():
    (plan,) = read("Limit (actual rows=3 loops=1)\n  ->  Seq Scan on t (actual rows=3.50 loops=2)\n", "plan")
    actual = plan.node(2).actual
    assert actual is not None
    assert (actual.rows, actual.loops, actual.ms) == (7.0, 2, None)
    assert not plan.node(2).estimate.known


def test_a_node_that_was_never_executed_has_times_where_others_have():
    (plan,) = read(
        f"Limit  {COST} (actual time=0.1..0.2 rows=3 loops=1)\n  ->  Result  {COST} (never executed)\n", "plan"
    )
    assert plan.node(2).actual is not None
    assert (plan.node(2).ran, plan.node(2).actual.ms) == (False, 0.0)


def test_the_tables_that_a_write_goes_to_are_listed():
    text = f"Update on s.p  {COST}\n  Update on s.p_1\n  Foreign Update on s.p_2 p_3\n  ->  Seq Scan on s.p_1  {COST}"
    assert one(text)["Plan"]["Target Tables"] == [
        {"Relation Name": "p_1", "Schema": "s", "Alias": "p_1"},
        {"Relation Name": "p_2", "Schema": "s", "Alias": "p_3"},
    ]


def test_nodes_of_extensions_need_no_figures():
    text = f"""\
Custom Scan (Citus Adaptive)  {COST}
  Task Count: 32
  ->  Task
        Node: host=h port=1
        ->  Seq Scan on t_1  {COST}
"""
    plan = one(text)["Plan"]
    assert (plan["Task Count"], plan["Plans"][0]["Node"]) == (32, "host=h port=1")
    assert plan["Plans"][0]["Plans"][0]["Relation Name"] == "t_1"
