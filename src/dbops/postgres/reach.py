"""From a DSN as given to one libpq understands: ``embedded:NAME`` starts (or reuses) a local server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt


@contextmanager
def reachable(dsn: Dsn, interrupt: Interrupt) -> Iterator[Dsn]:
    """Give a DSN that can be connected to while the context lasts."""
    if dsn.embedded is None:
        yield dsn
        return
    from dbops.postgres.embedded import open_named, parse_dsn

    name, database = parse_dsn(dsn.text)
    with interrupt.raising():
        server = open_named(name, database)
    with server:
        yield Dsn(server.dsn, dsn.origin)
