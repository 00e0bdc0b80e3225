"""No database comes near the end of its transaction ids.

Why: Ids of transactions and multixacts are reused after 2^31. A database whose oldest rows come near that takes no more
writes, on the old primary and on the new one alike: their age is replicated, and a promotion mends nothing.

Instead: Vacuum it, and end what keeps vacuum from it: old transactions, prepared transactions, slots with an old xmin,
hot_standby_feedback of a standby.

Versions: The server itself warns from 40 million ids before the end, and refuses 3 million before it (13: 11 and 1).

Source: age(datfrozenxid) and mxid_age(datminmxid). A blocker from 40 million before the end; a warning from twice
autovacuum_freeze_max_age (or its like for multixacts), which is when autovacuum should long have been through, at the
latest at 1.6 thousand million, where vacuum_failsafe_age lets vacuum hurry.
https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import witnesses
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight
from dbops.sql.quote import identifier

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "databases"

_END = 2**31
_NEAR = 40_000_000
_FAILSAFE = 1_600_000_000
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class _Age:
    """The age of a database's oldest id, and the setting from which autovacuum works against it."""

    database: str
    what: str
    age: int
    setting: str

    @property
    def left(self) -> int:
        return _END - self.age

    def __str__(self) -> str:
        """Return whose age it is, and the age."""
        age = f"{self.age // _MILLION} million" if self.age >= _MILLION else f"{self.age}"
        return f"database {self.database}: the oldest {self.what} id is {age} ids old"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary, or what its standbys have replayed."""
    for node in witnesses(cluster):
        ages = list(_ages(node))
        if not ages:
            yield unknown(node, "how old its transaction ids are is unknown", "databases")
        else:
            yield _judged(node, ages)


def _judged(node: Node, ages: Iterable[_Age]) -> Outcome:
    oldest = max(ages, key=lambda each: each.age)
    if oldest.left <= _NEAR:
        return failed(node, f"{oldest}: {oldest.left // _MILLION} million are left", _vacuum(oldest))
    late = [each for each in ages if each.age >= _late(node, each)]
    if late:
        worst = max(late, key=lambda each: each.age)
        limit = node.setting(worst.setting)
        than = "" if limit is None else f", {worst.setting} is {limit.value}"
        return failed(node, f"{worst}{than}", _vacuum(worst), weight=Weight.WARNING)
    unseen = sorted({each.setting for each in ages if _freezing(node, each) is None})
    if unseen:
        return unknown(node, f"{', '.join(unseen)} is unknown", "settings")
    return passed(node, str(oldest))


def _late(node: Node, age: _Age) -> int:
    limit = _freezing(node, age)
    return _FAILSAFE if limit is None else min(2 * limit, _FAILSAFE)


def _freezing(node: Node, age: _Age) -> int | None:
    setting = node.setting(age.setting)
    return None if setting is None else setting.number


def _ages(node: Node) -> Iterator[_Age]:
    for each in node.databases or ():
        if each.xid_age is not None:
            yield _Age(each.name, "transaction", each.xid_age, "autovacuum_freeze_max_age")
        if each.multixact_age is not None:
            yield _Age(each.name, "multixact", each.multixact_age, "autovacuum_multixact_freeze_max_age")


def _vacuum(age: _Age) -> str:
    return f"VACUUM (FREEZE) in database {identifier(age.database)}, once nothing holds its oldest ids"
