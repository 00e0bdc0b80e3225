"""How a node would come to a standby that was promoted: as whom, from where, with or without TLS. Pure.

A standby would come as it comes to its upstream now, the primary as the standby in question comes to it. An address is
worth something only where it means the same on both machines: a Unix socket or 127.0.0.1 does on one machine alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from dbops.ha.cluster import Cluster
from dbops.ha.hba import SAME_MACHINE, Decision, admission
from dbops.ha.snapshot import Downstream, Node, Upstream

_LOCAL = {"localhost", *SAME_MACHINE}
_UNKNOWN_MACHINE = "from where it would come isn't known"


@dataclass(frozen=True, slots=True)
class Way:
    """A node's way to another; ``address`` None is a Unix socket, ``sslmode`` None is unknown."""

    user: str
    address: str | None
    sslmode: str | None

    def __str__(self) -> str:
        """Return who comes from where."""
        return f"{self.user} from {self.address or 'a Unix socket'}"


def way_in(cluster: Cluster, candidate: Node, other: Node) -> Way | str:
    """Return how ``other`` would come to the candidate, or what isn't known of it."""
    model = candidate if other.is_primary else other
    row = cluster.row(model)
    user = row.user if row is not None else model.upstream.user if model.upstream is not None else None
    if user is None:
        return "as whom it would log in isn't known"
    sslmode = _sslmode(model.upstream)
    if row is not None and row.address in {None, *SAME_MACHINE}:
        same = _on_one_machine(cluster, candidate, other)
        return Way(user, row.address, sslmode) if same else _UNKNOWN_MACHINE
    address = _own_address(candidate, other) if other.is_primary else _address_of(row, other)
    return _UNKNOWN_MACHINE if address is None else Way(user, address, sslmode)


def welcome(candidate: Node, way: Way) -> Decision:
    """Return whether the candidate would let it in."""
    if candidate.hba is None:
        return Decision(None, "the rules aren't known")
    if candidate.major is None:  # versions read rules differently
        return Decision(None, "the server's version isn't known")
    deaf = _deaf(candidate, way)
    if deaf is not None:
        return deaf
    ssl = candidate.setting("ssl")
    tls = None if ssl is None else ssl.on
    return admission(candidate.hba, way.user, way.address, sslmode=way.sslmode, tls=tls, major=candidate.major)


def _sslmode(upstream: Upstream | None) -> str | None:
    """Where no sslmode is given, libpq takes prefer."""
    return None if upstream is None else upstream.sslmode or "prefer"


def _on_one_machine(cluster: Cluster, candidate: Node, other: Node) -> bool:
    """Whether both come to the same upstream from its own machine, or the other is that upstream."""
    own = cluster.row(candidate)
    if own is None or own.address not in {None, *SAME_MACHINE}:
        return False
    return cluster.upstream(candidate) in (other, cluster.upstream(other))


def _address_of(row: Downstream | None, standby: Node) -> str | None:
    """Return a standby's address as its upstream sees it, or else as dbops does."""
    return row.address if row is not None else _abroad(standby.address)


def _own_address(candidate: Node, primary: Node) -> str | None:
    """Return the primary's address as dbops sees it, or else as the candidate does."""
    seen = [primary.address, *(receiver.sender_host for receiver in candidate.receivers or ())]
    return next((known for address in seen if (known := _abroad(address)) is not None), None)


def _abroad(address: str | None) -> str | None:
    """Return an address that is the machine's own on others too."""
    try:
        known = None if address is None else ip_address(address)
    except ValueError:
        return None
    return None if known is None or known.is_loopback else address


def _deaf(candidate: Node, way: Way) -> Decision | None:
    """Return why no connection would get there, None where it would."""
    if way.address is None or _abroad(candidate.address) is not None:
        return None
    listens = candidate.setting("listen_addresses")
    if listens is None:
        return Decision(None, "whether it listens on the network isn't known")
    places = {place.strip() for place in listens.value.split(",")} - {""}
    if not places or (way.address not in SAME_MACHINE and places <= _LOCAL):
        remedy = "ALTER SYSTEM SET listen_addresses = '*'; -- then restart it"
        return Decision(False, f"listen_addresses is '{listens.value}'", remedy)
    return None
