"""What would mend a row estimate: newer statistics, more of them, or statistics of several columns together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbops.explain.findings import names
from dbops.explain.findings.conditions import ONCE, Comparison, Side, Term, belongs, of_scan, whole
from dbops.explain.findings.finding import Subject
from dbops.explain.findings.scans import partitions
from dbops.explain.findings.trees import JOINS, SCANS, executions, feeding
from dbops.explain.findings.words import count, counted, cut
from dbops.results.plan import PlanNode

_EXPRESSIONS = 14
"""Since this version there are statistics of expressions."""
_MOST = 8
"""Columns that extended statistics can have."""
_STALE_SHARE = 0.1
_STALE_ROWS = 50
"""Autovacuum analyzes a table when more than 50 rows and a tenth of it changed (its defaults)."""
_JOINED = (
    "no statistics span two tables: a larger statistics target of the joined columns helps where some values are "
    "frequent; else put one part into a temporary table and ANALYZE that"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an estimate is wrong, in a few words, and what to do: SQL or words."""

    why: str
    remedy: str


def cause(subject: Subject, node: PlanNode) -> Cause:
    """Return why the rows of a node were misjudged."""
    if node.kind in SCANS or partitions(node):
        return _of_scan(subject, max(partitions(node), key=_gap, default=node))
    if node.kind in JOINS:
        return _of_join(subject, node)
    if node.kind in {"Aggregate", "Group", "Unique"}:
        return _of_groups(subject, node)
    if node.kind == "Foreign Scan" and node.relation:
        return Cause(
            "the other server's statistics are not used",
            f"ANALYZE {names.table(node)};  -- or, of postgres_fdw, the option use_remote_estimate",
        )
    if node.kind in {"Function Scan", "Table Function Scan", "ProjectSet"}:
        return Cause(
            "the planner takes a function's number of rows from its definition",
            "say how many rows the function gives: ALTER FUNCTION … ROWS n, if it is one of your own",
        )
    return Cause(
        "nothing is known of values that the query computes",
        "filter by columns of tables, or put this part into a temporary table and ANALYZE that",
    )


def _gap(node: PlanNode) -> float:
    return abs((node.actual.rows if node.actual else 0.0) - (node.expected_rows or 0.0))


def _of_scan(subject: Subject, node: PlanNode) -> Cause:
    stale = _stale(subject, node)
    conditions = of_scan(node)
    if stale or not conditions:
        why = stale or "the table has other rows than its statistics say"
        return Cause(why, f"ANALYZE {names.table(node)};")
    if any(not belongs(each, node.alias) for term in conditions for each in term.columns):
        return Cause(
            f"how many rows a join's values find is not known in advance ({cut(_condition(node), 80)})", _JOINED
        )
    if any(term.subquery for term in conditions):
        return Cause(
            "what a subquery gives is not known when planning",
            "write the subquery as a join, or as EXISTS or NOT EXISTS, whose rows can be estimated",
        )
    unknown = _unknown(subject, conditions)
    return unknown or _of_row(conditions) or _of_columns(subject, node, conditions)


def _stale(subject: Subject, node: PlanNode) -> str:
    """Say why a table's statistics are too old, "" where they are not, or nothing is known of them."""
    facts = subject.facts(node)
    if facts.analyzed is False:
        return f"{names.table(node)} was never analyzed"
    held = _held(node)
    if held is not None and facts.rows is not None and max(held, _STALE_ROWS) > 2 * max(facts.rows, _STALE_ROWS):
        return f"{names.table(node)} has {counted(held, 'row')}, its statistics say {count(facts.rows)}"
    if facts.modified is not None and facts.modified > _STALE_ROWS + _STALE_SHARE * (facts.rows or 0.0):
        return f"{counted(facts.modified, 'row')} of {names.table(node)} changed since the last ANALYZE"
    return ""


def _held(node: PlanNode) -> float | None:
    """Return how many rows a table has, as one can see where all of it was read."""
    if node.kind != "Seq Scan" or node.cut_short or node.actual is None or node.actual.never_ran:
        return None
    # Several processes share one reading; what is executed again reads it all again.
    return (node.actual.rows + node.total("Rows Removed by Filter")) / executions(node)


def _unknown(subject: Subject, conditions: Iterable[Term]) -> Cause | None:
    """Return that a condition's value is known only when the query runs, if it is so."""
    numbers = {number for term in conditions for number in term.parameters}
    given = {number for number in numbers - {ONCE} if not _comes_from_init_plan(subject, number)}
    if given:
        return Cause(
            "the plan is a generic one, made without the parameters' values",
            "SET plan_cache_mode = force_custom_plan;  -- plans each execution with its values",
        )
    if numbers:
        return Cause(
            "the value that it compares with comes from a subquery, and is not known when planning",
            "fetch that value first, and give it to the query as a constant",
        )
    return None


def _comes_from_init_plan(subject: Subject, number: int) -> bool:
    """Whether ``$n`` is an InitPlan's result, as plans before 17 show it."""
    returned = (node.subplan or "" for node in subject.plan.nodes() if node.role == "InitPlan")
    return any(f"${number}" in name.replace(")", ",").replace(" ", ",").split(",") for name in returned)


def _of_row(conditions: Iterable[Term]) -> Cause | None:
    """Return that columns of a row are compared with each other, if they are: statistics are of values alone."""
    for term in conditions:
        columns = [side.sql for side in term.sides if side.columns]
        if term.comparison is not Comparison.OTHER and len(columns) > 1:
            return Cause(
                f"{' is compared with '.join(map(cut, columns))}, and no statistics tell how often that holds",
                "compare an expression of both, such as their difference, with a value: statistics of that expression "
                "can be made (14 and newer)",
            )
    return None


def _of_columns(subject: Subject, node: PlanNode, conditions: Iterable[Term]) -> Cause:
    sides = [side for term in conditions for side in term.sides]
    tested = _things(sides, expressions=True)
    known = tested if (subject.version or _EXPRESSIONS) >= _EXPRESSIONS else _things(sides, expressions=False)
    if len(tested) == 1:
        return _of_one(subject, node, sides, tested)
    if 1 < len(known) <= _MOST:
        return Cause(
            f"{' and '.join(map(cut, known))} are taken to be independent of each other",
            _create(node, known, " (dependencies, mcv)"),
        )
    return Cause(
        f"its condition can't be estimated from statistics: {cut(_condition(node), 80)}",
        "compare columns with values, which statistics can tell something of",
    )


def _things(sides: Iterable[Side], *, expressions: bool) -> tuple[str, ...]:
    """Return what is compared, as CREATE STATISTICS has it: columns, and expressions in parentheses."""
    found: dict[str, None] = {}
    for side in sides:
        if side.column is not None:
            found[names.name(side.column.name)] = None
        elif side.columns and side.sql and expressions:
            found[f"({side.sql})"] = None
    return tuple(found)


def _of_one(subject: Subject, node: PlanNode, sides: Iterable[Side], tested: tuple[str, ...]) -> Cause:
    """Return the cause where a single column or expression is compared."""
    if any(side.column is not None for side in sides):
        fresh = subject.facts(node).analyzed
        finer = f"ALTER TABLE {names.table(node)} ALTER COLUMN {tested[0]} SET STATISTICS 1000;"
        analyze = f"ANALYZE {names.table(node)};"
        return Cause(
            f"the values of {tested[0]} are more uneven than its statistics tell, or these are old",
            f"{finer}\n{analyze}" if fresh else f"{analyze}  -- and if that is not enough before it: {finer}",
        )
    why = f"there are no statistics of the expression {cut(tested[0], 60)}"
    if (subject.version or _EXPRESSIONS) < _EXPRESSIONS:
        return Cause(why, f"an index on the expression {tested[0]} has statistics after the next ANALYZE")
    return Cause(why, _create(node, tested, ""))


def _create(node: PlanNode, things: tuple[str, ...], kinds: str) -> str:
    words = tuple(thing.strip('"') if thing[0] != "(" else f"expr_{names.digest(thing)}" for thing in things)
    return (
        f"CREATE STATISTICS {names.statistics(node, words)}{kinds} ON {', '.join(things)} FROM {names.table(node)};\n"
        f"ANALYZE {names.table(node)};"
    )


def _of_groups(subject: Subject, node: PlanNode) -> Cause:
    keys = node.raw.get("Group Key", ())
    sides = [whole(str(key)) for key in keys] if isinstance(keys, list | tuple) else []
    known = [side for side in sides if side is not None]
    aliases = {each.alias for side in known for each in side.columns}
    scans = [each for each in feeding(node) if each.kind in SCANS and each.relation and aliases <= {each.alias, None}]
    if not known or len(known) < len(sides) or len(scans) != 1:
        return Cause("how many groups there are is guessed", "group by columns of one table, and ANALYZE that table")
    stale = _stale(subject, scans[0])
    if stale:
        return Cause(stale, f"ANALYZE {names.table(scans[0])};")
    things = _things(known, expressions=(subject.version or _EXPRESSIONS) >= _EXPRESSIONS)
    if 1 < len(things) <= _MOST:
        return Cause(
            f"how many combinations of {' and '.join(map(cut, things))} there are is guessed",
            _create(scans[0], things, " (ndistinct)"),
        )
    return _of_columns(subject, scans[0], [Term(Comparison.OTHER, tuple(known), frozenset(), subquery=False)])


def _of_join(subject: Subject, node: PlanNode) -> Cause:
    for scan in feeding(node):
        stale = _stale(subject, scan) if scan.kind in SCANS and scan.relation else ""
        if stale:
            return Cause(stale, f"ANALYZE {names.table(scan)};")
    return Cause(f"how many rows of two tables match is not in their statistics ({cut(_condition(node), 80)})", _JOINED)


def _condition(node: PlanNode) -> str:
    keys = ("Hash Cond", "Merge Cond", "Join Filter", "Index Cond", "Recheck Cond", "Filter")
    return next(filter(None, map(node.text, keys)), "no condition")
