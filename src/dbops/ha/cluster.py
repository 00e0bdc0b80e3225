"""The nodes as one cluster: who writes, who follows whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbops.ha.lag import Lag, lag_of
from dbops.ha.snapshot import Downstream, Limits, Node, Patroni
from dbops.ha.topology import Link, links_of


@dataclass(frozen=True, slots=True)
class Cluster:
    """All that a check may know. ``links`` say which node feeds which, as the sending node sees it."""

    nodes: tuple[Node, ...]
    limits: Limits = field(default_factory=Limits)
    patroni: Patroni | None = None
    links: tuple[Link, ...] = field(init=False)
    lags: Mapping[str, Lag] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "links", links_of(self.nodes))
        lags = {node.name: lag_of(self.primary, node) for node in self.standbys}
        object.__setattr__(self, "lags", lags)

    @property
    def writers(self) -> tuple[Node, ...]:
        """The nodes that take writes; more than one of one system is a split brain."""
        return tuple(node for node in self.nodes if node.is_primary)

    @property
    def primary(self) -> Node | None:
        """The one writer, None when there is none or more than one."""
        writers = self.writers
        return writers[0] if len(writers) == 1 else None

    @property
    def standbys(self) -> tuple[Node, ...]:
        """The nodes in recovery that answer: each may be the one to be promoted."""
        return tuple(node for node in self.nodes if node.is_standby)

    @property
    def silent(self) -> tuple[Node, ...]:
        """The nodes that gave no answer."""
        return tuple(node for node in self.nodes if not node.answers)

    def node(self, name: str) -> Node | None:
        """Return the node of that name."""
        return next((node for node in self.nodes if node.name == name), None)

    def upstream(self, node: Node) -> Node | None:
        """Return the node that feeds this one, None when none of ours is known to."""
        link = self.link(node)
        return None if link is None else self.node(link.upstream)

    def link(self, node: Node) -> Link | None:
        """Return how the node is fed, as its upstream sees it."""
        return next((link for link in self.links if link.downstream == node.name), None)

    def fed_by(self, node: Node) -> tuple[Node, ...]:
        """Return the nodes of ours that this one feeds."""
        names = [link.downstream for link in self.links if link.upstream == node.name]
        return tuple(each for name in names if (each := self.node(name)) is not None)

    def siblings(self, standby: Node) -> tuple[Node, ...]:
        """Return the nodes that would have to follow this standby after its promotion: all but itself."""
        return tuple(node for node in self.nodes if node.name != standby.name)

    def row(self, node: Node) -> Downstream | None:
        """Return the upstream's row of ``pg_stat_replication`` for this node."""
        link = self.link(node)
        return None if link is None else link.row

    def lag(self, standby: Node) -> Lag:
        """Return how far a standby is behind the primary."""
        return self.lags.get(standby.name, Lag())
