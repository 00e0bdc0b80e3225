"""Explain for a terminal: what comes first, what fits, what can be pasted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.output.cells import width
from dbops.output.explain.folding import Folding
from dbops.output.explain.text import render
from dbops.output.prose import is_sql
from dbops.output.style import Style
from dbops.results.explain import Basis, BrokenLimit, ExplainResult, RejectedIndex, Scenario
from dbops.results.lint import Severity
from dbops.results.plan import Plan
from output.explain_results import (
    advice,
    deep,
    everything,
    found,
    join,
    node,
    partitions,
    plan,
    planned,
    result,
    results,
)

PLAIN = Style(colour=False)


def shown(about: ExplainResult, columns: int = 80, **others: bool) -> list[str]:
    return render(about, PLAIN, columns, **others).splitlines()


def section(lines: list[str], title: str) -> list[str]:
    """Return the lines of a section, without its title and the blank line after it."""
    start = lines.index(title) + 1
    titles = {"Plan", "Findings", "Indexes", "Not advised", "Lint", "Comparison"}
    end = next((at for at in range(start, len(lines)) if lines[at] in titles), len(lines))
    return [line for line in lines[start:end] if line]


def test_a_query_is_a_summary_a_tree_and_what_was_found() -> None:
    assert render(result(join(), findings=(found(3),)), PLAIN, 100) == (
        "105 ms in all: 102 ms executing, 3.0 ms planning\n"
        "1 row to the client; 5,000 blocks (39.1 MB), 1,000 of them from outside the cache; cost 100\n"
        "#3 Seq Scan on orders o takes 78 % (80 ms)\n"
        "\n"
        "Plan\n"
        "                                                     time  share   rows    off  blocks  spilled\n"
        "#1 Nested Loop                                      10 ms   10 %      1   ↓10×\n"
        "├─ #2 Sort                                          10 ms   10 %  5,000  ↑500×             2 MB\n"
        "│  │  Sort Key: o.note\n"
        "│  │  Sort: external merge, 2 MB on disk\n"
        "│  └─ ! #3 Seq Scan on orders o                     80 ms   78 %  5,000  ↑500×   5,000\n"
        "│        Filter (removed 295,000): (note ~~ '%x%')\n"
        "└─ #4 Index Scan using customers_pkey on customers  never executed\n"
        "off: ↑ more rows than expected, ↓ fewer\n"
        "\n"
        "Findings\n"
        "! the filter threw away most rows\n"
        "  #3 Seq Scan on orders o  filter-removes-most  saves up to 78 ms\n"
        "  295,000 of 300,000 rows\n"
        "  → ANALYZE orders;\n"
        "    or filter earlier"
    )


def test_a_plan_that_was_not_run_shows_costs_and_expected_rows() -> None:
    lines = shown(result(planned(), not_analyzed="the target is production; --analyze runs it"))
    assert lines[0] == "! not run: the target is production; --analyze runs it"
    assert lines[1] == "cost 100, 1 row expected"
    assert section(lines, "Plan") == [
        "                          cost  share         expected",
        "#1 Aggregate                10   10 %  ▌             1",
        "└─ #2 Seq Scan on orders    90   90 %  ████▌     5,000",
    ]


def test_nodes_that_were_not_timed_show_their_costs_and_that_is_said() -> None:
    raw = node("Seq Scan", Relation_Name="orders", Actual_Rows=5, Actual_Loops=1)
    lines = shown(result(plan(raw, Execution_Time=5.0)))
    assert lines[0] == "! the nodes were not timed: their costs are shown instead"
    assert section(lines, "Plan")[0].split()[:2] == ["cost", "share"]


def test_where_neither_time_nor_cost_is_known_none_is_shown() -> None:
    scans = [{"Node Type": "Seq Scan", "Relation Name": f"t{place}"} for place in range(50)]
    about = plan({"Node Type": "Append", "Plans": scans})
    about = replace(about, root=replace(about.root, estimate=replace(about.root.estimate, known=False)))
    lines = shown(result(about))
    assert lines[:2] == ["! not run", "neither times nor costs are known"]
    tree = section(lines, "Plan")
    assert tree[:3] == ["#1 Append", "├─ #2 Seq Scan on t0", "├─ #3 Seq Scan on t1"]
    assert len(tree) == 51


def test_warnings_come_first_and_broken_limits_last() -> None:
    about = result(join(), warnings=("nextval() stays",), broken=(BrokenLimit("--max-ms", "it took 102 ms"),))
    lines = render(about, Style(colour=True), 80).splitlines()
    assert lines[0] == "\x1b[33m!\x1b[0m \x1b[33mnextval() stays\x1b[0m"
    assert lines[-1] == "\x1b[31;1m✗ --max-ms: it took 102 ms\x1b[0m"


def test_the_values_of_parameters_are_named_with_what_they_take() -> None:
    scenarios = (
        Scenario("common", {"$1": "5"}, 410.0, 8137.0, shown=True),
        Scenario("rare", {"$1": None}, None, 661.0),
    )
    lines = shown(result(join(), scenarios=scenarios))
    assert "▸ common   410 ms  cost 8,137  $1 = 5" in lines
    assert "  rare    not run  cost   661  $1 = NULL" in lines


def test_a_query_without_parameters_has_no_values() -> None:
    assert shown(result(join(), scenarios=(Scenario("given", {}, 1.0, 1.0, shown=True),))) == shown(result(join()))


def test_what_takes_time_beside_the_nodes_is_said() -> None:
    about = plan(
        node("ModifyTable", ms=5.0, Operation="Delete", Relation_Name="orders"),
        Execution_Time=105.0,
        Triggers=[
            {"Trigger Name": "t", "Constraint Name": "line_fkey", "Relation": "orders", "Time": 100.0, "Calls": 9}
        ],
        JIT={"Functions": 6, "Timing": {"Total": 2.0}},
        Serialization={"Time": 2.0, "Output Volume": 4},
        Settings={"work_mem": "64MB"},
    )
    assert section(shown(result(about), 100), "Plan")[2:] == [
        "Trigger line_fkey on orders: 100 ms (95 %), 9 calls",
        "JIT: 6 functions compiled in 2.0 ms, part of the time above",
        "Serialization: 2.0 ms, 4 kB for the client",
        "Settings: work_mem = 64MB",
    ]


def test_columns_give_way_to_the_names_of_nodes() -> None:
    titles = {columns: section(shown(result(join()), columns), "Plan")[0].split() for columns in (40, 60, 120)}
    assert titles[40] == ["time", "share"]
    assert titles[60] == ["time", "share", "rows"]
    assert titles[120] == ["time", "share", "rows", "expected", "off", "blocks", "read", "spilled"]


def test_figures_stand_below_each_other_whatever_the_names() -> None:
    wide = node("Seq Scan", ms=1.0, Relation_Name="注文テーブル", Alias="é́é")
    lines = section(shown(result(plan(node("Limit", wide, ms=1.1), Execution_Time=1.2))), "Plan")
    assert len({width(line[: line.index("ms")]) for line in lines[1:]}) == 1


def test_a_long_name_is_shortened_and_says_so() -> None:
    about = plan(node("Seq Scan", ms=1.0, Relation_Name="a" * 63), Execution_Time=1.0)
    lines = section(shown(result(about), 60), "Plan")
    assert len(lines) == 2
    assert "aaa…  1.0 ms" in lines[1]


@pytest.mark.parametrize("share", [5, 15, 45, 95])
def test_a_node_is_painted_by_its_share(share: int) -> None:
    below = node("Seq Scan", ms=float(share), Relation_Name="t")
    text = render(result(plan(node("Limit", below, ms=100.0), Execution_Time=100.0)), Style(colour=True), 80)
    code = {5: "", 15: "\x1b[33;1m", 45: "\x1b[31;1m", 95: "\x1b[31;1m"}[share]
    assert f"{code}#2 Seq Scan on t" in text


def test_a_big_plan_is_folded_where_it_takes_nothing() -> None:
    about = result(partitions(), findings=(found(50, label="Seq Scan on events_48"),))
    tree = section(shown(about), "Plan")
    assert [line.split("#")[1].split()[0] for line in tree if "#" in line] == ["1", "9", "50", "72"]
    assert "└─ … 117 more nodes, 1.2 ms" in tree
    assert sum("Seq Scan" in line for line in section(shown(about, full=True), "Plan")) == 120


def test_of_many_nodes_that_take_something_together_the_first_few_are_shown() -> None:
    scans = [node("Seq Scan", ms=0.5, Relation_Name=f"t{place}", Parent_Relationship="Member") for place in range(300)]
    about = result(plan(node("Append", *scans, ms=151.0), Execution_Time=151.0))
    tree = section(shown(about), "Plan")
    assert sum("Seq Scan" in line for line in tree) == 3
    assert tree[-1] == "└─ … 297 more nodes, 148 ms"


@given(results())
def test_every_node_is_shown_or_counted(about: ExplainResult) -> None:
    numbers = {each.node for each in about.findings if each.node is not None}
    folding = Folding(about.plan, numbers)
    seen, waiting = 0, [about.plan.root]
    while waiting:
        below, folded = folding.below(waiting.pop())
        seen += 1 + (folded.count if folded else 0)
        waiting += below
        if folded:
            assert not numbers & {each.id for top in folded.nodes for each in top.walk()}
    assert seen == len([*about.plan.nodes()])


def test_a_deep_plan_leaves_room_for_its_nodes() -> None:
    tree = section(shown(result(deep()), 60), "Plan")
    assert "#61 Seq Scan on t" in tree[-1]
    assert all(width(line) <= 60 for line in tree)


def test_no_finding_is_said_in_a_line() -> None:
    assert section(shown(result(join())), "Findings") == ["✓ nothing found"]


def test_infos_stand_close_together() -> None:
    infos = [found(1, severity=Severity.INFO, remedy=None, slug=slug) for slug in ("one", "two")]
    lines = shown(result(join(), findings=(found(3, remedy=None), *infos)))
    start = lines.index("Findings")
    assert [not line for line in lines[start + 1 :]] == [False] * 3 + [True] + [False] * 6


def test_sql_is_not_broken_and_prose_is() -> None:
    sql = f"CREATE STATISTICS s (dependencies) ON {', '.join(f'column_{number}' for number in range(9))} FROM orders;"
    lines = shown(result(join(), findings=(found(3, remedy=f"{sql}\n{'or filter earlier ' * 9}"),)), 60)
    assert f"  → {sql}" in lines
    assert [line for line in lines if width(line) > 60] == [f"  → {sql}"]


@pytest.mark.parametrize(
    ("basis", "first"),
    [
        (Basis.PROVEN, "PROVEN  12.3× faster (95 %: 11.8–12.9): 410 ms → 33 ms"),
        (Basis.MEASURED, "MEASURED  12.3× faster (95 %: 11.8–12.9): 410 ms → 33 ms"),
        (Basis.PLANNED, "PLANNED  cost 8,137 → 661 (12.3× cheaper)"),
        (Basis.ESTIMATED, "ESTIMATED  cost 8,137 → 661 (12.3× cheaper)"),
    ],
)
def test_advice_begins_with_what_it_rests_on(basis: Basis, first: str) -> None:
    lines = section(shown(result(join(), indexes=(advice(basis),))), "Indexes")
    assert lines[0] == first
    assert "  → CREATE INDEX CONCURRENTLY orders_c_idx ON public.orders (c);" in lines
    assert "    undo: DROP INDEX CONCURRENTLY public.orders_c_idx;" in lines
    assert "    all 300,000 rows, PostgreSQL 18.6, warm, 20 runs each" in lines
    assert "    nothing needs public.old_idx then" in lines
    costs_only = basis in {Basis.PLANNED, Basis.ESTIMATED}
    assert ("A cost is not a time" in " ".join(lines)) is ("--prove" in " ".join(lines)) is costs_only


def test_a_time_is_never_said_where_only_a_cost_is_known() -> None:
    about = advice(Basis.PLANNED, ms_before=1.0, ms_after=0.5, speedup=2.0)
    assert "faster" not in section(shown(result(join(), indexes=(about,))), "Indexes")[0]


def test_what_must_be_there_first_comes_before_the_index() -> None:
    lines = section(shown(result(join(), indexes=(advice(requires=("CREATE EXTENSION pg_trgm",)),))), "Indexes")
    assert lines[1:3] == [
        "  → CREATE EXTENSION pg_trgm;",
        "  → CREATE INDEX CONCURRENTLY orders_c_idx ON public.orders (c);",
    ]


def test_a_rejected_candidate_says_why() -> None:
    rejected = (RejectedIndex("CREATE INDEX ON orders (note)", "no gain", Basis.PROVEN),)
    lines = section(shown(result(join(), rejected=rejected)), "Not advised")
    assert lines == ["  × CREATE INDEX ON orders (note)", "    proven: no gain"]


@pytest.mark.parametrize(
    ("factor", "by", "headline"),
    [
        (2.3, "execution_ms", "2.3× faster than old.json: 410 ms → 178 ms"),
        (0.5, "execution_ms", "2.0× slower than old.json: 410 ms → 178 ms"),
        (1.04, "execution_ms", "as fast as old.json: 410 ms → 178 ms"),
        (2.3, "cost", "2.3× cheaper by cost than old.json: 410 → 178"),
        (0.5, "cost", "2.0× dearer by cost than old.json: 410 → 178"),
        (1.0, "cost", "costs the same as old.json: 410 → 178"),
    ],
)
def test_a_comparison_says_first_whether_it_got_faster(factor: float, by: str, headline: str) -> None:
    about = everything()
    assert about.comparison is not None
    compared = replace(about.comparison, other="old.json", by=by, before=410.0, after=178.0, factor=factor)
    assert section(shown(replace(about, comparison=compared)), "Comparison")[0] == headline


def test_plans_stand_side_by_side_where_there_is_room() -> None:
    lines = section(shown(everything(), 100), "Comparison")
    assert lines[2].split() == ["before:", "before.json", "│", "after"]
    assert re.fullmatch(r" +│ \+ Nested Loop +10 ms", lines[3])
    below = section(shown(everything(), 99), "Comparison")
    assert [line.strip() for line in below if line.strip().startswith(("before:", "after"))] == [
        "before: before.json",
        "after",
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("about", [everything(), result(deep()), result(partitions()), result(planned())])
def test_nothing_is_wider_than_the_terminal_but_sql(about: ExplainResult, columns: int) -> None:
    too_wide = [line for line in shown(about, columns) if width(line) > columns]
    assert all(is_sql(line.strip(" →").removeprefix("undo: ")) for line in too_wide)


@settings(deadline=None)
@given(results(), st.integers(1, 200), st.booleans())
def test_any_result_fits_and_moves_no_cursor(about: ExplainResult, columns: int, full: bool) -> None:
    lines = shown(about, columns, full=full)
    pasted = {line for each in about.findings for line in (each.remedy or "").expandtabs(4).split("\n")}
    for line in lines:
        assert not [each for each in line if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
        assert width(line) <= max(columns, 40) or pasted or is_sql(line.strip(" →").removeprefix("undo: "))
    coloured = render(about, Style(colour=True), columns, full=full)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines() == lines


def test_a_plan_of_no_time_divides_by_nothing() -> None:
    about: Plan = plan(node("Result", ms=0.0, rows=0), Execution_Time=0.0)
    assert section(shown(result(about)), "Plan")[1].startswith("#1 Result  0.00 ms    0 %")
