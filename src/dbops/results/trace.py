"""What a statement really did on a copy of the schema; the field names are the contract of ``plan --trace``'s JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TracedLock:
    """The strongest lock that was taken on a table or view, in PostgreSQL's words, and what it keeps others from."""

    relation: str
    lock: str
    blocks: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A table that was gone through, with its bytes on the target (with indexes and TOAST), None where unknown.

    ``blocks`` is what others were kept from meanwhile, by all locks that the transaction held; None where unknown.
    """

    relation: str
    bytes: int | None
    blocks: str | None


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """An index that was built, anew when ``again``; ``bytes`` and ``blocks`` are those of its table."""

    index: str
    relation: str
    again: bool
    bytes: int | None
    blocks: str | None


@dataclass(frozen=True, slots=True)
class TracedStatement:
    """What one statement did to relations that were there before the migrations.

    ``locks`` are those that the transaction did not hold before; None where they were gone before they could be seen:
    outside of a transaction. ``scans`` are tables read from end to end (and not written anew), None likewise.
    ``failure`` is what PostgreSQL refused it with.
    """

    locks: tuple[TracedLock, ...] | None
    rewrites: tuple[Touched, ...]
    builds: tuple[BuiltIndex, ...]
    scans: tuple[Touched, ...] | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """How it was found out: ``scratch`` says where the copy was, ``basis`` what the figures are worth.

    ``left_out`` are objects of the target that could not be made on the copy, with the reason.
    """

    scratch: str
    basis: str
    left_out: tuple[str, ...]
