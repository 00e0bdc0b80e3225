"""Which nodes may be left before their last row, so that fewer rows than expected say nothing about the estimate."""

from __future__ import annotations

from dbops.explain.plan.attributes import number
from dbops.explain.plan.draft import Draft

# Whoever reads all that is below before it gives its first row: below it nothing is cut short by what is above.
_READS_ALL = frozenset({"Sort", "Hash", "ModifyTable", "Bitmap Heap Scan"})
_FILLS_OUTER = frozenset({"Left", "Full", "Anti"})


def mark(root: Draft) -> None:
    """Fill in ``cut_short`` of every node."""
    _mark(root, cut_short=False)


def _mark(draft: Draft, *, cut_short: bool) -> None:
    draft.cut_short = cut_short
    ctes = [child for child in draft.children if child.cte is not None]
    for child in draft.children:
        if child.cte is None:
            _mark(child, cut_short=_stops_early(draft, child))
    for child in reversed(ctes):  # a CTE is scanned by the query and by the CTEs after it
        _mark(child, cut_short=child.kind != "ModifyTable" and _scans_stop_early(draft, child))


def _scans_stop_early(parent: Draft, child: Draft) -> bool:
    """Whether no scan of a CTE is known to read all of it."""
    others = [parent, *(each for other in parent.children if other is not child for each in other.walk())]
    scans = [each for each in others if each.kind == "CTE Scan" and each.raw.get("CTE Name") == child.cte]
    return all(scan.cut_short for scan in scans)


def _stops_early(parent: Draft, child: Draft) -> bool:
    """Whether the parent may stop reading this child before its last row.

    A Limit does, a nested loop leaves the inner side at the first match where that is enough, a merge join ends with
    its shorter side, a hash join doesn't read on when nothing is in the hash table, a window's run condition ends it,
    a sorted set operation (of two sides since 18) ends with its first, and a scalar subquery is read to its second row
    at most.
    """
    raw = parent.raw
    if child.role == "SubPlan":
        return not parent.is_hashed(child)
    if child.role == "InitPlan" or parent.kind in {"Limit", "Merge Join"} or raw.get("Run Condition"):
        return True
    if parent.kind == "Hash Join":
        return child.role == "Outer" and (parent.cut_short or _hash_is_empty(parent))
    if parent.kind == "SetOp" and child.role == "Inner" and not _reads_all(parent):
        return True
    if parent.kind == "Nested Loop" and child.role == "Inner":
        return parent.cut_short or raw.get("Join Type") in {"Semi", "Anti"} or bool(raw.get("Inner Unique"))
    return parent.cut_short and not _reads_all(parent)


def _reads_all(parent: Draft) -> bool:
    if parent.kind in {"Aggregate", "SetOp"}:
        return parent.raw.get("Strategy") in {"Plain", "Hashed"}
    return parent.kind in _READS_ALL


def _hash_is_empty(parent: Draft) -> bool:
    inner = parent.child("Inner")
    empty = inner is not None and inner.loops > 0 and not number(inner.raw, "Actual Rows")
    return empty and parent.raw.get("Join Type") not in _FILLS_OUTER
