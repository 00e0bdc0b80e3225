"""How much memory a sort, a hash or a bitmap may take, and would need.

What PostgreSQL writes to disk is smaller than the same rows in memory. The sizes here were measured on 13 to 18, by
raising work_mem until nothing was written; they are a little too large rather than too small.
"""

from __future__ import annotations

import re

from dbops.explain.findings.finding import DEFAULT_WORK_MEM_KB, Subject
from dbops.explain.findings.words import size

LARGEST_KB = 1024 * 1024
"""More than 1 GB for one operation is not advised: dbops's own bound."""
_SETTING = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?\s*")
_UNITS = {"B": 1 / 1024, "kB": 1.0, "MB": 1024.0, "GB": 1024.0**2, "TB": 1024.0**3}
_SPARE = 1.1
_MULTIPLIER_DOUBLED = 15
"""Since this version hash_mem_multiplier is 2 unless it is set, before it was 1."""
_CHUNKS_EXACT = 15
"""Since this version rows to sort lie in memory without gaps, before each took the next power of two of bytes."""
_STORE_EXACT = 18
"""The same of rows that are kept to be read again."""
_SORTED_ROW_BYTES = 64
_KEPT_ROW_BYTES = 48
_HASHED_ROW_BYTES = 48
_GROUP_BYTES = 100
_PAGE_BYTES = 64


def kilobytes(setting: str) -> float | None:
    """Return a setting of memory, as SHOW has it, in kB; a bare number is of kB. None where it is none."""
    match = _SETTING.fullmatch(setting)
    return float(match[1]) * _UNITS[match[2] or "kB"] if match else None


def work_mem(subject: Subject) -> float:
    """Return work_mem in kB: the server's, the plan's, or the default."""
    return kilobytes(_setting(subject, "work_mem")) or float(DEFAULT_WORK_MEM_KB)


def multiplier(subject: Subject) -> float:
    """Return hash_mem_multiplier; where nothing is known of it 1, which asks for too much rather than too little."""
    try:
        return max(float(_setting(subject, "hash_mem_multiplier")), 1.0)
    except ValueError:
        return 2.0 if (subject.version or 0) >= _MULTIPLIER_DOUBLED else 1.0


def hash_mem(subject: Subject) -> float:
    """Return what one hash table may take, in kB."""
    return work_mem(subject) * multiplier(subject)


def known(subject: Subject) -> bool:
    """Whether the settings are known; a plan captured elsewhere names those that differ from their defaults, or none.

    Where it is not, nothing is said of what is expected to fit.
    """
    return bool(subject.settings or subject.plan.settings)


def shown(subject: Subject, *, hashed: bool = False) -> str:
    """Return work_mem with its size, where that is known: ``work_mem (4 MB)``; for a hash with what it may take."""
    if not known(subject):
        return "work_mem"
    times = multiplier(subject) if hashed else 1.0
    return f"work_mem ({size(work_mem(subject))}{f', for a hash {times:g} times that' if times != 1 else ''})"


def to_sort(subject: Subject, disk_kb: float, rows: float) -> float:
    """Return the kB that a sort needs to stay in memory which took ``disk_kb`` on disk."""
    return _widened(subject, disk_kb, _CHUNKS_EXACT) + rows * _SORTED_ROW_BYTES / 1024


def to_keep(subject: Subject, disk_kb: float, rows: float) -> float:
    """Return the kB that rows need, kept to be read again, which took ``disk_kb`` on disk."""
    return _widened(subject, disk_kb, _STORE_EXACT) + rows * _KEPT_ROW_BYTES / 1024


def to_hash(rows: float, width: int) -> float:
    """Return the kB of a hash table of rows of ``width`` bytes: each has 32 before it, and up to two buckets of 8."""
    return rows * (_HASHED_ROW_BYTES + _aligned(width)) / 1024


def to_group(groups: float, width: int) -> float:
    """Return the kB of a hash of groups, of which nothing but the planner's width is known."""
    return groups * (_GROUP_BYTES + 4 * max(width, 0)) / 1024


def to_group_at_most(groups: float, width: int) -> float:
    """Return the most that a hash of groups was seen to take, in kB, whatever it counts and sums."""
    return groups * (1024 + 4 * max(width, 0)) / 1024


def to_sort_as_planned(rows: float, width: int) -> float:
    """Return the kB that the planner expects a sort to take: each row has a header of 24 bytes."""
    return rows * (24 + _aligned(width)) / 1024


def to_map(pages: float) -> float:
    """Return the kB of a bitmap with an entry for each page (tidbitmap.c: 48 bytes, and two pointers)."""
    return pages * _PAGE_BYTES / 1024


def remedy(subject: Subject, needed_kb: float, *, hashed: bool = False) -> str:
    """Return ``SET work_mem`` with what is needed; words where that is more than one operation should take.

    ``hashed`` is for a hash table, which may take work_mem times hash_mem_multiplier.
    """
    needed = needed_kb * _SPARE / (multiplier(subject) if hashed else 1.0)
    wanted = _round(max(needed, work_mem(subject) * _SPARE))
    if wanted > LARGEST_KB:
        return (
            f"it would need a work_mem of about {size(wanted)}, which is too much for one operation: "
            "let it work on fewer or narrower rows"
        )
    megabytes = f"{wanted / 1024:.0f}MB"
    return f"SET work_mem = '{megabytes}';  -- for this query or role: each sort and hash may take as much"


def _round(needed: float) -> float:
    """Return the next of 1, 2, 3, 4, 6, 8, 12, 16 … MB, in kB."""
    step = 1024.0
    while step < needed:
        if step * 1.5 >= needed and step > 1024:
            return step * 1.5
        step *= 2
    return step


def _widened(subject: Subject, disk_kb: float, since: int) -> float:
    return disk_kb if (subject.version or 0) >= since else 2 * disk_kb


def _aligned(width: int) -> int:
    return (max(width, 0) + 7) // 8 * 8


def _setting(subject: Subject, name: str) -> str:
    return subject.settings.get(name) or subject.plan.settings.get(name, "")
