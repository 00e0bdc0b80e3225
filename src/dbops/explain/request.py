"""What an explain run is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dbops.explain.limits import Limits as PlanLimits
from dbops.explain.prove.trial import Limits
from dbops.explain.statement import Source
from dbops.postgres.dsn import Dsn
from dbops.results.progress import Event

DEFAULT_TIMEOUT = 30.0
"""Seconds a query may run."""


@dataclass(frozen=True, slots=True)
class Proving:
    """How indexes are proven: on the server that ``scratch`` names, else on a throw-away one, within ``limits``."""

    scratch: Dsn | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Request:
    """What to explain on a database, and how.

    The query is that of ``source`` (its ``statement``, from 1, where it holds several), or that of ``queryid`` in
    pg_stat_statements. ``values`` are those of its parameters by name or number, None for NULL; what is missing is
    taken from the statistics. ``analyze`` runs it: None leaves that to the target, which is only planned on when its
    ``environment`` is production. A writing statement is run only with ``allow_writes``, and rolled back. ``timeout``
    is in seconds; ``repeat`` counts the warm runs. ``redact`` takes literals out of all that is returned;
    ``show_data`` says that values of rows may be in it. ``advise`` looks for indexes; ``prove`` copies rows to another
    server to time them there.
    """

    source: Source | None = None
    queryid: int | None = None
    statement: int | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    analyze: bool | None = None
    allow_writes: bool = False
    timeout: float = DEFAULT_TIMEOUT
    repeat: int = 1
    redact: bool = False
    show_data: bool = False
    advise: bool = True
    prove: Proving | None = None
    environment: str | None = None
    limits: PlanLimits = field(default_factory=PlanLimits)
    report: Callable[[Event], None] = field(default=lambda _event: None)
