"""PostgreSQL servers of our own, without an installation or a container.

``open_named`` is behind every ``embedded:NAME`` connection string, ``temporary`` gives a server that leaves nothing.
"""

from __future__ import annotations

from dbops.postgres.embedded.leftovers import Leftover, clean, leftovers
from dbops.postgres.embedded.named import NamedServer, names, open_named, parse_dsn, remove, state_root
from dbops.postgres.embedded.server import EmbeddedServer
from dbops.postgres.embedded.temporary import temporary

__all__ = [
    "EmbeddedServer",
    "Leftover",
    "NamedServer",
    "clean",
    "leftovers",
    "names",
    "open_named",
    "parse_dsn",
    "remove",
    "state_root",
    "temporary",
]
