"""The old primary could follow again by pg_rewind, instead of being made anew.

Why: A primary that lived on while another was promoted has WAL that the new one never had. pg_rewind takes it back in
minutes, if the old primary has data checksums or wal_log_hints, if the new one has full_page_writes, and if the WAL
since the last checkpoint that both have is still there. Otherwise it takes a new base backup, for as long as the copy
of all data takes without that standby. The failover itself works all the same: this changes no verdict.

Instead: `wal_log_hints = on` (a restart) where there are no checksums; `full_page_writes = on`; some wal_keep_size, a
slot for each standby, or an archive with a restore_command (`pg_rewind --restore-target-wal`).

Source: https://www.postgresql.org/docs/current/app-pgrewind.html. That only the new primary's full_page_writes count
was tried on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.archiving import Archiving, archiving
from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.INFO
MATTERS = BOTH
QUERY = "checksums"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary as the one to be rewound, each standby as the one to rewind from."""
    if cluster.primary is None:
        yield untold(cluster)
    else:
        yield _target(cluster.primary)
    for node in cluster.standbys:
        yield _source(node)


def _target(node: Node) -> Outcome:
    tracks, keeps = _tracks_changes(node), _keeps_wal(node)
    if tracks is False:
        message = "has neither data checksums nor wal_log_hints: pg_rewind refuses it"
        return failed(node, message, "ALTER SYSTEM SET wal_log_hints = 'on'; -- then restart it")
    if keeps is False:
        message = (
            "keeps no WAL from before its last checkpoint: wal_keep_size is 0, without slots and without an archive"
        )
        return failed(node, message, "ALTER SYSTEM SET wal_keep_size = '1GB'; SELECT pg_reload_conf()")
    if tracks is None:
        return unknown(node, "whether it has data checksums is unknown", "checksums")
    if keeps is None:
        return unknown(node, "whether it keeps WAL from before its last checkpoint is unknown", "settings")
    return passed(node, f"could be rewound: {'data checksums' if node.checksums else 'wal_log_hints'}, and WAL is kept")


def _source(node: Node) -> Outcome:
    setting = node.setting("full_page_writes")
    if setting is None:
        return unknown(node, "whether it has full_page_writes is unknown", "settings")
    if not setting.on:
        message = "full_page_writes is off: pg_rewind takes nothing from it"
        return failed(node, message, "ALTER SYSTEM SET full_page_writes = 'on'; SELECT pg_reload_conf()")
    return passed(node, "pg_rewind could take from it")


def _tracks_changes(node: Node) -> bool | None:
    hints = node.setting("wal_log_hints")
    return _any(node.checksums, None if hints is None else hints.on)


def _keeps_wal(node: Node) -> bool | None:
    kept, mode = node.setting("wal_keep_size"), archiving(node)
    slots = None if node.slots is None else any(not slot.temporary for slot in node.slots)
    return _any(
        slots,
        None if kept is None or kept.number is None else kept.number > 0,
        None if mode is None else mode is Archiving.ON,
    )


def _any(*ways: bool | None) -> bool | None:
    return True if True in ways else None if None in ways else False
