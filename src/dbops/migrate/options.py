"""How a run behaves; the command line and a library user give the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dbops.results.progress import Event


def _ignore(_event: Event) -> None:
    """Let an event pass."""


@dataclass(frozen=True, slots=True)
class Options:
    """Times are in seconds; 0 for ``statement_timeout`` and ``max_duration`` is no bound.

    ``retries`` is how often a transactional migration is tried again after a lock timeout or deadlock.
    ``run_id`` is made up when it isn't given. ``show_data`` lets PostgreSQL's DETAIL, which may hold row values, into
    errors. ``variables`` stand for ``${name}`` in migrations; None leaves them as they are, unless the files' own
    format has variables. ``search_path`` is a schema in which unqualified names are looked up first, before public.
    ``format`` is the name of the files' format, None for the one that they are recognised to have.
    """

    directory: Path = Path("sql/migrations")
    schema: str = "dbops"
    role: str | None = None
    environment: str | None = None
    connect_wait: float = 30.0
    lock_wait: float = 60.0
    lock_timeout: float = 2.0
    concurrent_lock_timeout: float = 1800.0
    retries: int = 4
    statement_timeout: float = 0.0
    max_duration: float = 0.0
    change_id: str | None = None
    run_id: str | None = None
    show_data: bool = False
    search_path: str | None = None
    variables: Mapping[str, str] | None = None
    format: str | None = None
    emit: Callable[[Event], None] = _ignore
