"""A standby's libraries sort text as the primary's do.

Why: Indexes on text are in the order of the operating system's library (libc, ICU). They are replicated byte by byte;
on a standby with another version of the library, lookups in them miss rows and unique keys let duplicates in, without
an error. A promotion makes that permanent.

Instead: The same operating system release on all nodes. After a switchover that can't wait: `REINDEX DATABASE` and
`ALTER DATABASE … REFRESH COLLATION VERSION`.

Versions: 15 and newer tell each database's own version. On 13 and 14 only the connected database's is known, by a
collation with the same locale, if there is one. Everywhere, collations that columns name are those of the connected
database alone. Without a version (the C locale, or musl's libc, which has none) nothing can be compared.

Source: what pg_database_collation_actual_version() and pg_collation_actual_version() say on each node.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import SWITCHOVER_ONLY, Outcome, failed, passed, skipped, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import beside
from dbops.ha.snapshot import Collation, Node
from dbops.results.ha import Weight

WEIGHT = Weight.BLOCKER
MATTERS = SWITCHOVER_ONLY
QUERY = "collations"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary by what it has recorded, each standby by the primary."""
    if cluster.primary is not None:
        yield _recorded(cluster.primary)
    yield from beside(cluster, _compared)


def _recorded(primary: Node) -> Outcome:
    collations = _seen(primary)
    if collations is None:
        return unknown(primary, "the versions of its collations are unknown", "collations")
    versioned = [each for each in collations if each.recorded is not None]
    changed = [
        f"{each.name} was made with {each.recorded}, the library is {each.actual}"
        for each in versioned
        if each.actual not in {None, each.recorded}
    ]
    if changed:
        remedy = "REINDEX what sorts by it, then ALTER DATABASE (or COLLATION) … REFRESH COLLATION VERSION"
        return failed(primary, listed(changed), remedy, weight=Weight.WARNING)
    unseen = [each.name for each in versioned if each.actual is None]
    if unseen:
        return unknown(primary, f"the library's version is unknown for {listed(unseen)}")
    if not versioned:
        return skipped(primary, "no collation in use has a recorded version")
    return passed(primary, "what is recorded is what the library has")


def _compared(primary: Node, node: Node) -> Outcome:
    theirs, ours = _seen(primary), _seen(node)
    if theirs is None or ours is None:
        message = f"the versions of {node.name if ours is None else primary.name}'s collations are unknown"
        return unknown(node, message, "collations" if ours is None else None, primary.denied.get("collations"))
    wanted, own = _versions(theirs), _versions(ours)
    different = [
        f"{name} is {own[name]} here, {version} on {primary.name}"
        for name, version in wanted.items()
        if version is not None and own.get(name) not in {None, version}
    ]
    if different:
        remedy = f"the same operating system release on {node.name} and {primary.name}; else REINDEX after a promotion"
        return failed(node, f"text sorts differently: {listed(different)}", remedy)
    unseen = [name for name in {**wanted, **own} if wanted.get(name) is None or own.get(name) is None]
    if unseen:
        connect = None if node.database == primary.database else f"connect to database {primary.database} on both"
        return unknown(node, f"versions can't be compared for {listed(unseen)}", remedy=connect)
    if not wanted:
        return skipped(node, "no collation in use has a version")
    return passed(node, f"as on {primary.name}: {listed([f'{name} {version}' for name, version in wanted.items()])}")


def _seen(node: Node) -> tuple[Collation, ...] | None:
    """Return a node's collations, None unless a database's own is among them."""
    collations = node.collations or ()
    return collations if any(each.name.startswith("database ") for each in collations) else None


def _versions(collations: tuple[Collation, ...]) -> dict[str, str | None]:
    """Return the libraries' versions of the collations that have one, None where it can't be told."""
    return {each.name: each.actual for each in collations if each.recorded is not None or each.actual is not None}
