"""What a proof on a copy reports while it is under way, and what it says of the copy."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.results.progress import Event


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table whose rows were copied: ``percent`` of them (of its pages), 100 for all.

    ``bytes`` are those that went over. ``hidden`` says that row level security may have held rows back.
    """

    table: str
    percent: float
    rows: int
    bytes: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class CopyAhead(Event):
    """Rows are about to be copied to another server, ``to``; they may be personal data.

    ``tables`` are names with the percentage that is taken; ``bytes`` are expected in all.
    """

    tables: tuple[tuple[str, float], ...]
    bytes: int
    to: str


@dataclass(frozen=True, slots=True)
class Copying(Event):
    """A table's rows are going over; ``of_bytes`` is what it has in the database, where it may be compressed."""

    table: str
    bytes: int
    of_bytes: int


@dataclass(frozen=True, slots=True)
class Preparing(Event):
    """Something is done on the copy: ``what`` says it in words ("building orders_customer_idx")."""

    what: str


@dataclass(frozen=True, slots=True)
class Timing(Event):
    """A pair of runs, without and with ``what``, is done."""

    what: str
    pairs: int
    of_pairs: int
