"""What PostgreSQL's own cache brings, and what prewarming or more of it would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from dbops.results.cache import CachedRelation, ServerCaches
from dbops.results.figures import size
from dbops.workload.cache.thresholds import GOOD_HIT_RATE, LEAST_MS_PER_S, POOR_HIT_RATE

_SOON_S = 3600.0
"""A table is read again after a restart if all its blocks are asked for within an hour."""
_NOTABLE_MS = 1000.0
"""Reading less than a second's worth is nothing to prepare for."""
_KERNEL = "a block that is not in shared_buffers may still come from the kernel's cache, which is no disk"


class Blocks(NamedTuple):
    """How many blocks a relation has, and had found in shared_buffers and read; an index's ``table`` is another one."""

    name: str
    table: str
    pages: int
    hit: int
    read: int


@dataclass(frozen=True, slots=True)
class Look:
    """What the server told of its cache at a moment; see :mod:`dbops.postgres.caches`."""

    said: Mapping[str, Any]
    relations: Mapping[int, Blocks]

    @classmethod
    def read(cls, said: Mapping[str, Any], rows: Iterable[list[Any]]) -> Look:
        """Return what was said."""
        return cls(said, {oid: Blocks(*rest) for oid, *rest in rows})


class _Added(NamedTuple):
    hit: int
    read: int
    read_ms: float | None
    seconds: float | None


def judged(
    now: Look, before: Look | None, resident: Mapping[str, Any] | None, limit: int, *, in_recovery: bool
) -> ServerCaches:
    """Return what the cache did since ``before``, None for all since its counters were reset."""
    block, total = now.said["block"], _total(now, before)
    share, per_s, ms_per_s = _rate(total.hit, total.read), _per_s(total.read, total), _per_s(total.read_ms, total)
    block_ms = None if total.read_ms is None or not total.read else total.read_ms / total.read
    relations_bytes = _bytes(now)
    more, reason = next(_more(now, relations_bytes, share, ms_per_s, resident))
    there = None if resident is None else dict(resident["relations"])
    found = [_relation(oid, each, now, before, total, block_ms, there) for oid, each in now.relations.items()]
    ordered = sorted(found, key=lambda each: (-(each.read_per_s or 0.0), -(each.accessed_per_s or 0.0), each.name))
    asked = [each for each in ordered if each.hit_rate is not None or each.resident_bytes]
    return ServerCaches(
        shared_buffers_bytes=now.said["shared_buffers"],
        relations_bytes=relations_bytes,
        used_bytes=None if resident is None else resident["used"] * block,
        hit_rate=share,
        read_per_s=per_s,
        read_ms_per_second=ms_per_s,
        block_ms=None if block_ms is None else round(block_ms, 4),
        more_memory=more,
        reason=reason,
        relations=tuple(asked[:limit]),
        seen=len(asked),
        since=None if before is not None else now.said["since_text"],
        notes=tuple(_notes(now, before, share, resident, in_recovery=in_recovery)),
    )


def _bytes(now: Look) -> int | None:
    """Return the size of all relations; None where one has blocks, or all have none: nobody vacuumed or analysed."""
    if any(each.pages <= 0 < each.hit + each.read for each in now.relations.values()):
        return None
    return sum(each.pages for each in now.relations.values()) * int(now.said["block"]) or None


def _total(now: Look, before: Look | None) -> _Added:
    """Return what was added; counters that went down were reset, and hold what came since."""
    anew = before is None or any(before.said[each] > now.said[each] for each in ("hit", "read"))
    then: Mapping[str, Any] = {} if before is None or anew else before.said
    begin = now.said["since"] if before is None else before.said["at"]
    ms = None if now.said["read_ms"] is None else float(now.said["read_ms"]) - float(then.get("read_ms") or 0.0)
    return _Added(
        now.said["hit"] - then.get("hit", 0),
        now.said["read"] - then.get("read", 0),
        ms,
        None if begin is None else max(float(now.said["at"]) - float(begin), 0.001),
    )


def _rate(hit: float, read: float) -> float | None:
    return round(hit / (hit + read), 4) if hit + read else None


def _per_s(amount: float | None, total: _Added) -> float | None:
    return None if amount is None or total.seconds is None else round(amount / total.seconds, 3)


def _more(
    now: Look,
    relations_bytes: int | None,
    share: float | None,
    ms_per_s: float | None,
    resident: Mapping[str, Any] | None,
) -> Iterator[tuple[bool | None, str]]:
    """Yield whether a larger shared_buffers would bring something, and why; the first is what counts."""
    buffers, block = now.said["shared_buffers"], now.said["block"]
    if share is None:
        yield None, "no block was asked for"
    elif share >= GOOD_HIT_RATE:
        yield False, "hardly a block has to be read"
    if relations_bytes is not None and relations_bytes <= buffers:
        yield False, f"all tables and indexes ({size(relations_bytes)}) fit into shared_buffers ({size(buffers)})"
    if resident is not None and resident["used"] * block < buffers * GOOD_HIT_RATE:
        yield False, f"{size(buffers - resident['used'] * block)} of shared_buffers are not used"
    if ms_per_s is None:
        yield None, "how long reading takes is not known (track_io_timing is off)"
    elif ms_per_s < LEAST_MS_PER_S:
        yield False, f"reading takes {ms_per_s:.2g} ms/s alone: the kernel's cache has most of it"
    else:
        yield True, f"reading takes {ms_per_s:.0f} ms/s: so much could go away at most"


def _relation(
    oid: int,
    each: Blocks,
    now: Look,
    before: Look | None,
    total: _Added,
    block_ms: float | None,
    resident: Mapping[int, int] | None,
) -> CachedRelation:
    then = before.relations.get(oid) if before is not None else None
    hit, read = each.hit - (then.hit if then else 0), each.read - (then.read if then else 0)
    if hit < 0 or read < 0:
        hit, read = each.hit, each.read
    block, share = now.said["block"], _rate(hit, read)
    found = CachedRelation(
        name=each.name,
        table=each.table,
        kind="table" if each.name == each.table else "index",
        bytes=each.pages * block if each.pages > 0 else None,
        resident_bytes=None if resident is None else resident.get(oid, 0) * block,
        hit_rate=share,
        accessed_per_s=_per_s(hit + read, total),
        read_per_s=_per_s(read, total),
        prewarm=None,
        prewarm_ms=None if block_ms is None or each.pages <= 0 else round(each.pages * block_ms, 1),
        reason="",
    )
    worth, reason = next(_prewarm(found, now))
    return replace(found, prewarm=worth, reason=reason)


def _prewarm(each: CachedRelation, now: Look) -> Iterator[tuple[bool | None, str]]:
    """Yield whether loading a relation after a restart would pay, and why; the first is what counts."""
    buffers, block = now.said["shared_buffers"], now.said["block"]
    if now.said["autoprewarm"]:
        yield False, "autoprewarm loads what was there before a restart"
    if each.bytes is None:
        yield None, "its size is not known: it is empty, or was never vacuumed or analysed"
    elif each.bytes > buffers:
        yield False, f"it is larger than shared_buffers ({size(buffers)})"
    elif each.accessed_per_s is None:
        yield None, "since when it is counted is not known"
    elif each.accessed_per_s * _SOON_S * block < each.bytes:
        yield False, "it is asked for too seldom"
    if each.prewarm_ms is None:
        yield None, "how long reading it takes is not known (track_io_timing is off, or nothing was read)"
    elif each.prewarm_ms < _NOTABLE_MS:
        yield False, f"reading all of it takes {each.prewarm_ms:.0f} ms"
    else:
        yield True, f"after a restart it is read again within the hour, which takes {each.prewarm_ms / 1000:.1f} s"


def _notes(
    now: Look, before: Look | None, share: float | None, resident: Mapping[str, Any] | None, *, in_recovery: bool
) -> Iterator[str]:
    if share is not None and share < GOOD_HIT_RATE:
        whose = "postgres-mcp's bound is 95 %" if share < POOR_HIT_RATE else "pghero's bound is 99 %"
        yield f"{share:.1%} of the blocks were in shared_buffers ({whose}); {_KERNEL}".replace("%", " %", 1)
    if now.said["read_ms"] is None:
        yield "track_io_timing is off: how long reading takes is not known"
    if before is None and now.said["since"] is None:
        yield "since when blocks are counted is not known: rates of them need --for"
    if resident is None:
        known = now.said["buffercache"] is not None
        yield (
            "what is in shared_buffers could not be looked through: GRANT pg_monitor, or it took too long"
            if known
            else "what is in shared_buffers now is not known: CREATE EXTENSION pg_buffercache shows it"
        )
    if in_recovery:
        yield "this is a standby: what is counted is what is asked here"
