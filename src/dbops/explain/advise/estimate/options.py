"""What an index could change in a plan: each option takes the place of some nodes and saves what they cost. Pure.

A node's own costs, as :mod:`dbops.explain.plan.times` shares them out, add up to the query's. So an option saves the
own costs of the nodes it takes the place of, less what it costs itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dbops.explain.advise.candidates.ordering import OrderKey
from dbops.explain.advise.estimate.paths import Index, gives, path
from dbops.explain.advise.estimate.sites import Joined, Narrowing, Site, Sorted
from dbops.explain.advise.facts import Costs
from dbops.explain.advise.worth import MOST_ROWS
from dbops.results.plan import PlanNode

_GATHERS = frozenset({"Gather", "Gather Merge"})
_SORTS = frozenset({"Sort", "Incremental Sort"})
_PASSING = frozenset({"Hash", "Sort", "Materialize", "Memoize"})
_JOINS = frozenset({"Hash Join", "Merge Join", "Nested Loop"})
_INNER_OF = {"Inner": {"Inner", "Outer"}, "Left": {"Inner"}, "Semi": {"Inner"}, "Anti": {"Inner"}, "Right": {"Outer"}}
"""On which side of a join of each type a table can be looked up row by row."""
_EXTREME = re.compile(r'\(?(?P<function>min|max)\((?:[^()\s]+\.)?"?(?P<column>[^"()]+)"?\)\)?')


@dataclass(frozen=True, slots=True)
class Option:
    """``saving`` is what the query's cost falls by when ``index`` takes the place of the ``nodes`` (their ids)."""

    index: Index
    nodes: frozenset[int]
    saving: float


def options(index: Index, site: Site, costs: Costs) -> Iterator[Option]:
    """Yield what an index could change at a site."""
    found = (
        _scan(index, site, costs),
        *(_join(index, site, joined, costs) for joined in site.joins),
        *(_sort(index, site, each, costs) for each in site.sorts if each.complete),
        _extreme(index, site, costs),
    )
    yield from (each for each in found if each is not None and each.saving > 0)


def _option(index: Index, nodes: list[PlanNode], costs: float, *, times: float) -> Option:
    """Return the option whose way costs ``costs`` an execution, of which there are so many.

    What LIMIT leaves unread of the nodes, which is then less than one execution, it is taken to leave unread of the
    other way as well.
    """
    now = sum(node.estimate.own_cost for node in nodes)
    return Option(index, frozenset(node.id for node in nodes), now - costs * times)


def _times(node: PlanNode) -> float:
    """Return how often the planner expects a node to be executed, by what its cost is counted as."""
    whole = sum(each.estimate.own_cost for each in node.walk())
    return whole / node.estimate.total_cost if node.estimate.total_cost > 0 else 1.0


def _reading(node: PlanNode) -> list[PlanNode]:
    """Return a scan with the bitmaps below it, without the subplans of its conditions: these would be asked as well."""
    return [node, *(each for child in node.inputs for each in _reading(child))]


def _scan(index: Index, site: Site, costs: Costs) -> Option | None:
    """Return what reading the table through the index saves."""
    node = site.instance.node
    found = path(index, site, site.own, costs, loops=max(_times(node), 1.0))
    if found is None or (found.fetched > MOST_ROWS and _times(node) >= 1):
        return None
    gather = _gather_above(site)
    if gather is None:
        return _option(index, _reading(node), found.cheapest.total, times=_times(node))
    # The workers would not be needed.
    return _option(index, [*_reading(node), gather], found.cheapest.total, times=_times(gather))


def _gather_above(site: Site) -> PlanNode | None:
    """Return the Gather that is there for this scan alone."""
    for node in site.instance.above:
        if node.kind in _GATHERS:
            return node
        if node.kind in _JOINS or len(node.inputs) != 1:
            return None
    return None


def _join(index: Index, site: Site, joined: Joined, costs: Costs) -> Option | None:
    """Return what it saves to look the table's rows up for each row of the join's other side."""
    node, chain = joined.node, _chain(site, joined.node, _PASSING)
    if chain is None or len(node.inputs) != 2:
        return None
    mine = chain[-1] if chain else site.instance.node
    other = next(each for each in node.inputs if each is not mine)
    if mine.role not in _INNER_OF.get(str(node.raw.get("Join Type", "Inner")), set()):
        return None
    asked = _once((*site.own, *joined.narrowings))
    if not set(index.terms) & {each.term for each in joined.narrowings}:
        return None
    loops = max(other.estimate.rows, 1.0)
    found = path(index, site, asked, costs, loops=loops)
    if found is None:
        return None
    nodes = [node, *chain, *_reading(site.instance.node)]
    nodes += [other] if other.kind == "Sort" else []  # which only a merge join needs
    spent = loops * found.cheapest.total + node.estimate.rows * costs.tuple
    return _option(index, nodes, spent, times=_times(node))


def _once(narrowings: tuple[Narrowing, ...]) -> tuple[Narrowing, ...]:
    """Return each condition once: what a nested loop hands down stands in the scan's own conditions as well."""
    return tuple({(each.term, each.how): each for each in narrowings}.values())


def _chain(site: Site, top: PlanNode, passing: frozenset[str]) -> list[PlanNode] | None:
    """Return the nodes between a site and a node above it, None where one of them does more than pass rows on."""
    found: list[PlanNode] = []
    for node in site.instance.above:
        if node is top:
            return found
        if node.kind not in passing:
            return None
        found.append(node)
    return None


def _sort(index: Index, site: Site, each: Sorted, costs: Costs) -> Option | None:
    """Return what it saves to read the rows in order; with a LIMIT above, only the first of them are read."""
    chain = _chain(site, each.node, _GATHERS)
    if chain is None or not gives(index, site.own, each.keys):
        return None
    found = path(index, site, site.own, costs, ordered=True)
    if found is None or found.ordered is None:
        return None
    top, limit = _merged_and_limited(site, each.node)
    if limit is None and found.fetched > MOST_ROWS:
        return None
    nodes = [*_reading(site.instance.node), *chain, each.node, *([top] if top is not each.node else [])]
    share = 1.0 if limit is None else limit.estimate.rows / max(top.estimate.rows, 1.0)
    return _option(index, nodes, found.ordered.of_first(share), times=_times(top))


def _merged_and_limited(site: Site, sort: PlanNode) -> tuple[PlanNode, PlanNode | None]:
    """Return the node with all that a sort gives (where workers sort, the Gather Merge), and the LIMIT on it."""
    top = sort
    for node in site.instance.above[site.instance.above.index(sort) + 1 :]:
        if node.kind == "Limit":
            return top, node
        if node.kind != "Gather Merge":
            break
        top = node
    return top, None


def _extreme(index: Index, site: Site, costs: Costs) -> Option | None:
    """Return what it saves to look at one end of the index for a min() or max()."""
    nodes = _reading(site.instance.node)
    top: PlanNode | None = None
    for node in site.instance.above:
        if node.kind == "Aggregate" and node.raw.get("Strategy") == "Plain":
            top = node
        elif node.kind not in _GATHERS:
            break
        nodes.append(node)
    key = None if top is None else _only_extreme(top, index)
    if top is None or key is None or not gives(index, site.own, (key,)):
        return None
    found = path(index, site, site.own, costs, ordered=True)
    if found is None or found.ordered is None:
        return None
    rows = max(site.instance.node.estimate.rows, 1.0)
    return _option(index, nodes, found.ordered.of_first(1.0 / rows), times=_times(top))


def _only_extreme(aggregate: PlanNode, index: Index) -> OrderKey | None:
    """Return the order in which the one min() or max() of an aggregate comes first, where it is of a key."""
    outputs = aggregate.raw.get("Output", ())
    match = _EXTREME.fullmatch(str(outputs[0])) if len(outputs) == 1 else None
    term = None if match is None else next((each for each in index.terms if each.column == match["column"]), None)
    if match is None or term is None:
        return None
    down = match["function"] == "max"
    return OrderKey(term, down, down)
