"""The clusters of the pages: `<!-- cluster: n1 n2 n3 -->` starts one, `<!-- fault: n1 kill -->` breaks it.

The first name is the primary, the others are its standbys; on every lane they are embedded, because what a page shows
is of that version. Commands that follow find the nodes in DBOPS_HA_NODES, and each one's URL in N1, N2 …
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from servers import embedded
from servers.server import Cluster, Server

FAULTS = ("kill", "stop", "pause", "promote")
"""Methods of Server."""
# Our servers are made to be thrown away, and pg_rewind needs what that leaves out.
_SETTLED = ("ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()")


class Incident:
    """The cluster of the moment."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._ending = ExitStack()
        self._servers: dict[str, Server] = {}

    def __call__(self, what: str, words: list[str]) -> None:
        """Do what a comment says."""
        if what == "cluster":
            self._start(words)
        else:
            name, fault = words
            assert fault in FAULTS
            getattr(self._servers[name], fault)()

    def environment(self) -> dict[str, str]:
        """Return the variables by which the commands find the nodes."""
        urls = {name: _url(server.dsn()) for name, server in self._servers.items()}
        nodes = " ".join(f"{name}={url}" for name, url in urls.items())
        return {"DBOPS_HA_NODES": nodes} | {name.upper(): url for name, url in urls.items()}

    def _start(self, names: list[str]) -> None:
        self._ending.close()
        primary = self._ending.enter_context(embedded.create())
        self._stack.callback(self._ending.close)
        with closing(psycopg.connect(primary.dsn(), autocommit=True)) as connection:
            for statement in (*_SETTLED, "CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id"):
                connection.execute(statement)
        standbys = tuple(primary.standby(name) for name in names[1:])
        self._servers = dict(zip(names, (primary, *standbys), strict=True))
        Cluster(primary, standbys).wait_until_streaming()


def _url(dsn: str) -> str:
    words = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    place = {key: words[key] for key in ("host", "port", "user", "password") if key in words}
    return f"postgresql:///{quote(words['dbname'])}?{urlencode(place)}"
