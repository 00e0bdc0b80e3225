"""The nodes as a tree: each behind the one that feeds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbops.results.ha import HaNode

_RAILS = 12
"""Cells that the rails of a long chain of cascades may take."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A node in its place: ``depth`` is 0 for one that none of the nodes is known to feed, ``parent`` is its upstream.

    ``feeds`` tells how many it feeds. ``lead`` are the rails that a terminal shows before its name: none where all
    hang from one node at most, which the roles say well enough.
    """

    node: HaNode
    parent: HaNode | None
    depth: int
    feeds: int
    lead: str


def branches(nodes: Sequence[HaNode]) -> tuple[Branch, ...]:
    """Return all nodes, every one once, each behind its upstream."""
    below = _below(nodes)
    ordered = _ordered(nodes, below)
    heads = {id(parent) for _, parent, depth, _ in ordered if depth == 1}
    flat = all(depth < 2 for _, _, depth, _ in ordered) and len(heads) < 2
    return tuple(
        Branch(node, parent, depth, len(below.get(node.name, ())), "" if flat else _cropped(lead))
        for node, parent, depth, lead in ordered
    )


def _below(nodes: Sequence[HaNode]) -> Mapping[str, list[HaNode]]:
    names = {node.name for node in nodes}
    below: dict[str, list[HaNode]] = {}
    for node in nodes:
        if node.upstream is not None and node.upstream in names and node.upstream != node.name:
            below.setdefault(node.upstream, []).append(node)
    return below


def _ordered(
    nodes: Sequence[HaNode], below: Mapping[str, list[HaNode]]
) -> list[tuple[HaNode, HaNode | None, int, str]]:
    """Return node, upstream, depth and rails; nodes that feed each other in a circle begin where they are met."""
    fed = {id(node) for some in below.values() for node in some}
    done: set[int] = set()
    ordered: list[tuple[HaNode, HaNode | None, int, str]] = []
    for start in [*(node for node in nodes if id(node) not in fed), *nodes]:
        waiting: list[tuple[HaNode, HaNode | None, int, str, str]] = [(start, None, 0, "", "")]
        while waiting:
            node, parent, depth, lead, ahead = waiting.pop()
            if id(node) in done:
                continue
            done.add(id(node))
            ordered.append((node, parent, depth, lead))
            children = [each for each in below.get(node.name, ()) if id(each) not in done]
            for each in reversed(children):
                sign, rail = ("└ ", "  ") if each is children[-1] else ("├ ", "│ ")
                waiting.append((each, node, depth + 1, ahead + sign, ahead + rail))
    return ordered


def _cropped(rails: str) -> str:
    return rails if len(rails) <= _RAILS else "…" + rails[len(rails) - _RAILS + 1 :]
