"""Results of explain for the tests of how they are shown, and any that hypothesis can think of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from dbops.explain.compare import compare
from dbops.explain.plan.tree import plan_of
from dbops.explain.summary import summary
from dbops.results.explain import (
    Basis,
    BrokenLimit,
    ExplainResult,
    IndexAdvice,
    PlanFinding,
    RejectedIndex,
    Repeats,
    Scenario,
    Statistics,
    WriteCost,
)
from dbops.results.lint import Severity
from dbops.results.plan import Plan
from dbops.results.target import Target
from output.lint_findings import ANY_TEXT, finding

Raw = dict[str, Any]
TARGET = Target("shop", "db1.example", 5432, "me", "me", False, False, "staging", 180006, False)


def node(kind: str, *children: Raw, ms: float | None = None, rows: float = 10, loops: float = 1, **others: Any) -> Raw:
    """Return a node as EXPLAIN's JSON has it; ``ms`` and ``rows`` are of one loop, keywords have _ for a space."""
    raw: Raw = {"Node Type": kind, "Startup Cost": 0.0, "Total Cost": 100.0, "Plan Rows": 10, "Plan Width": 8}
    if ms is not None:
        raw |= {"Actual Startup Time": 0.0, "Actual Total Time": ms, "Actual Rows": rows, "Actual Loops": loops}
    raw |= {name.replace("_", " "): value for name, value in others.items()}
    for place, child in enumerate(children):
        child.setdefault("Parent Relationship", "Inner" if place else "Outer")
    return raw | ({"Plans": [*children]} if children else {})


def plan(root: Raw, **others: Any) -> Plan:
    """Return the plan of a node; keywords are what EXPLAIN says beside it, with _ for a space."""
    return plan_of({"Plan": root} | {name.replace("_", " "): value for name, value in others.items()})


def result(shown: Plan, **others: Any) -> ExplainResult:
    """Return a result with this plan, and nothing found unless told otherwise."""
    values: Raw = {"summary": summary(shown), "findings": (), "query": "SELECT 1", **others}
    return ExplainResult(shown, **values)


def join() -> Plan:
    """A join that was run: a scan takes the time, its estimate is off, a sort spills, an inner side never ran."""
    scan = node(
        "Seq Scan", ms=80.0, rows=5000, Relation_Name="orders", Schema="public", Alias="o", Filter="(note ~~ '%x%')",
        Rows_Removed_by_Filter=295000, Shared_Hit_Blocks=4000, Shared_Read_Blocks=1000,
    )  # fmt: skip
    sort = node(
        "Sort", scan, ms=90.0, rows=5000, Sort_Key=["o.note"], Sort_Method="external merge", Sort_Space_Used=2048,
        Sort_Space_Type="Disk", Shared_Hit_Blocks=4000, Shared_Read_Blocks=1000, Temp_Written_Blocks=256,
    )  # fmt: skip
    inner = node("Index Scan", ms=0.0, rows=0, loops=0, Index_Name="customers_pkey", Relation_Name="customers")
    root = node("Nested Loop", sort, inner, ms=100.0, rows=1, Shared_Hit_Blocks=4000, Shared_Read_Blocks=1000)
    return plan(root, Execution_Time=102.0, Planning_Time=3.0)


def planned() -> Plan:
    """A plan that was not run."""
    scan = node("Seq Scan", Relation_Name="orders", Total_Cost=90.0, Plan_Rows=5000)
    return plan(node("Aggregate", scan, Strategy="Plain", Total_Cost=100.0, Plan_Rows=1))


def partitions(number: int = 120) -> Plan:
    """An Append of many partitions, of which two take the time."""
    scans = [
        node(
            "Seq Scan", ms=30.0 if place in {7, 70} else 0.01, Relation_Name=f"events_{place}", Filter="(v > 3)",
            Parent_Relationship="Member",
        )
        for place in range(number)
    ]  # fmt: skip
    return plan(node("Append", *scans, ms=65.0, rows=number * 10), Execution_Time=66.0)


def deep(levels: int = 60) -> Plan:
    """A plan whose nodes hang from each other."""
    root = node("Seq Scan", ms=1.0, Relation_Name="t")
    for level in range(levels):
        root = node("Subquery Scan", root, ms=1.0 + level, Alias=f"s{level}", Filter=f"(x > {level})")
    return plan(root, Execution_Time=1.0 + levels)


def found(
    about: int | None = None,
    *,
    slug: str = "filter-removes-most",
    severity: Severity = Severity.WARNING,
    message: str = "the filter threw away most rows",
    evidence: str = "295,000 of 300,000 rows",
    remedy: str | None = "ANALYZE orders;\nor filter earlier",
    saving_ms: float | None = 78.0,
    label: str = "Seq Scan on orders o",
) -> PlanFinding:
    """Return a finding about a node, or the whole plan."""
    named = None if about is None else label
    return PlanFinding(slug, severity, about, named, message, evidence, remedy, saving_ms)


def advice(basis: Basis = Basis.PROVEN, **others: Any) -> IndexAdvice:
    """Return advice for an index whose figures are of that kind."""
    timed = basis in {Basis.PROVEN, Basis.MEASURED}
    figures: Raw = {"cost_before": 8137.0, "cost_after": 661.0}
    if timed:
        figures = {"ms_before": 410.2, "ms_after": 33.4, "speedup": 12.28, "interval": (11.8, 12.9)}
        figures |= {"build_ms": 210.0, "writes": WriteCost(10000, 5.1, 6.3, 7.0, 8.8)}
    values = {"size_bytes": 6_400_000, "redundant": ("public.old_idx",), **figures, **others}
    return IndexAdvice(
        create="CREATE INDEX CONCURRENTLY orders_c_idx ON public.orders (c)",
        drop="DROP INDEX CONCURRENTLY public.orders_c_idx",
        name="orders_c_idx",
        table="public.orders",
        basis=basis,
        basis_detail="all 300,000 rows, PostgreSQL 18.6, warm, 20 runs each",
        reason="equality on c",
        **values,
    )


def everything() -> ExplainResult:
    """Return a result that has something of all there is to show."""
    shown = join()
    before = plan(node("Seq Scan", ms=200.0, Relation_Name="orders", Alias="o"), Execution_Time=204.0)
    source = "SELECT * FROM orders o JOIN customers USING (id) WHERE note LIKE '%x%' AND c = $1"
    return result(
        shown,
        summary=summary(shown, repeats=Repeats(5, 98.0, 102.0, 120.0)),
        query=source,
        findings=(
            found(3),
            found(2, slug="sort-on-disk", severity=Severity.ERROR, label="Sort", saving_ms=9.0),
            found(
                None, slug="jit-time", severity=Severity.INFO, message="compiling took long", remedy="SET jit = off;"
            ),
            found(1, slug="result-rows", severity=Severity.INFO, label="Nested Loop", saving_ms=None, remedy=None),
        ),
        indexes=(advice(), advice(Basis.MEASURED, requires=("CREATE EXTENSION pg_trgm",)), advice(Basis.PLANNED)),
        rejected=(RejectedIndex("CREATE INDEX ON orders (note)", "not used by the plan", Basis.PLANNED),),
        lint=(finding(source, 7, 8), finding(source, 60, 65, rule="leading-wildcard-like", severity=Severity.INFO)),
        scenarios=(
            Scenario("common", {"$1": "5"}, 102.0, 8137.0, shown=True),
            Scenario("rare", {"$1": None}, None, 661.0),
        ),
        warnings=("nextval() is not undone by a rollback",),
        comparison=compare(before, shown, "before.json"),
        broken=(BrokenLimit("--max-ms", "it took 102.0 ms, more than 100 ms"),),
        statistics=Statistics(-42, 1200, 33.3, 40_000.0, 12_000),
        written=("plan.html",),
        target=TARGET,
    )


def hostile() -> ExplainResult:
    """Return the same result with markup in every text that comes from a query, a server or a file."""
    text = (
        """</script></style></title>--><script>hacked=1</script><img src="http://evil.example/x" onerror='hacked=1'>"""
    )
    raw = node("Seq Scan", ms=80.0, Relation_Name=text, Alias=text, Filter=text, Output=[text], Subplan_Name=text)
    raw[text] = text
    shown = plan(
        raw,
        Execution_Time=80.0,
        Settings={text: text},
        Triggers=[{"Trigger Name": text, "Constraint Name": text, "Relation": text, "Time": 5.0, "Calls": 1}],
    )
    every = everything()
    assert every.comparison is not None
    values = {
        "create": text,
        "drop": text,
        "reason": text,
        "basis_detail": text,
        "redundant": (text,),
        "requires": (text,),
    }
    return replace(
        every,
        plan=shown,
        query=f"SELECT '{text}' -- {text}",
        source=text,
        findings=(found(1, slug=text, message=text, evidence=text, remedy=f"{text}\nSELECT '{text}';", label=text),),
        indexes=(replace(advice(), **values),),
        rejected=(RejectedIndex(text, text, Basis.PROVEN),),
        lint=(finding(rule=text, message=text, hint=text, file=text),),
        scenarios=(Scenario(text, {text: text}, 1.0), Scenario(text, {text: None})),
        warnings=(text,),
        not_analyzed=text,
        advice=text,
        comparison=compare(join(), shown, text),
        broken=(BrokenLimit(text, text),),
        written=(text,),
        target=replace(TARGET, database=text, host=text, environment=text),
    )


_KINDS = ("Seq Scan", "Sort", "Hash Join", "Nested Loop", "Aggregate", "Gather", "CTE Scan", "Index Scan", "Limit")
_ROLES = ("Outer", "Inner", "Member", "SubPlan", "InitPlan")
# PostgreSQL holds no NUL in a name.
_NAMES = ANY_TEXT.map(lambda text: text.replace("\0", "␀"))
_FIGURES = st.floats(0, 1e12, allow_nan=False)


@st.composite
def _nodes(draw: st.DrawFn, children: Sequence[Raw]) -> Raw:
    texts = draw(st.dictionaries(st.sampled_from(("Filter", "Hash Cond", "Index Name", "Alias", "Sort Key")), _NAMES))
    raw = node(draw(st.sampled_from(_KINDS)), Relation_Name=draw(_NAMES))
    raw |= texts | {"Total Cost": draw(_FIGURES), "Plan Rows": draw(st.integers(0, 10**12))}
    counts = st.integers(0, 10**9)
    raw |= draw(st.dictionaries(st.sampled_from(("Rows Removed by Filter", "Heap Fetches", "Hash Batches")), counts))
    for child in children:
        child["Parent Relationship"] = draw(st.sampled_from(_ROLES))
        if child["Parent Relationship"] in {"SubPlan", "InitPlan"}:
            child["Subplan Name"] = draw(_NAMES)
    return raw | ({"Plans": [*children]} if children else {})


def _measured(raw: Raw, draw: st.DrawFn, *, timed: bool) -> None:
    raw |= {"Actual Rows": draw(st.integers(0, 10**9)), "Actual Loops": draw(st.integers(0, 10**4))}
    raw |= {"Shared Hit Blocks": draw(st.integers(0, 10**9)), "Temp Written Blocks": draw(st.integers(0, 10**6))}
    if timed:
        raw |= {"Actual Startup Time": 0.0, "Actual Total Time": draw(st.floats(0, 1e6))}
    for child in raw.get("Plans", ()):
        _measured(child, draw, timed=timed)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return any plan: figures that contradict each other, names that are hard to show, run or not."""
    leaf = _nodes(())
    root: Raw = draw(st.recursive(leaf, lambda below: st.lists(below, max_size=3).flatmap(_nodes), max_leaves=8))
    others: Mapping[str, Any] = {}
    if draw(st.booleans()):
        _measured(root, draw, timed=draw(st.booleans()))
        others = {"Execution_Time": draw(st.none() | st.floats(0, 1e7)), "Planning_Time": draw(st.floats(0, 1e3))}
    return plan(root, **{name: value for name, value in others.items() if value is not None})


@st.composite
def results(draw: st.DrawFn) -> ExplainResult:
    """Return any result."""
    shown, other = draw(plans()), draw(plans())
    numbers = st.sampled_from([each.id for each in shown.nodes()])
    some = st.builds(
        found,
        st.none() | numbers,
        severity=st.sampled_from(Severity),
        message=ANY_TEXT,
        evidence=ANY_TEXT,
        remedy=st.none() | ANY_TEXT,
        saving_ms=st.none() | st.floats(0, 1e9),
        label=ANY_TEXT,
    )
    return result(
        shown,
        query=draw(ANY_TEXT),
        findings=tuple(draw(st.lists(some, max_size=3))),
        indexes=tuple(map(advice, sorted(draw(st.sets(st.sampled_from(Basis)))))),
        rejected=tuple(RejectedIndex(text, text, Basis.PLANNED) for text in draw(st.lists(ANY_TEXT, max_size=2))),
        scenarios=tuple(Scenario(name, {"$1": name}, 1.0) for name in draw(st.lists(ANY_TEXT, max_size=2))),
        warnings=tuple(draw(st.lists(ANY_TEXT, max_size=2))),
        comparison=compare(other, shown, draw(ANY_TEXT)) if draw(st.booleans()) else None,
        advice=draw(st.none() | ANY_TEXT),
    )
