"""The pooler of a test run: PgBouncer where it is installed, else one in Python that behaves like it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from psycopg.conninfo import make_conninfo

from servers.pgbouncer import PgBouncer, program
from servers.ports import free_port
from servers.server import Server, SharedServer

# Which pooler the tests use, "pgbouncer" or "python"; without it PgBouncer where it is installed.
VARIABLE = "DBOPS_TEST_POOLER"
PYTHON = "python"
PGBOUNCER = "pgbouncer"


class Pooler:
    """A pooler on 127.0.0.1 in place of PgBouncer; whoever connects is the server's superuser. ``close`` ends it.

    It is a process of its own: libpq holds Python's lock while it pings, and would wait for a thread of ours that
    waits for the lock. It ends with its standard input, so none outlives its test run.
    """

    def __init__(
        self,
        server: Server | SharedServer,
        *,
        pool_size: int = 2,
        pool_mode: str = "transaction",
        query_wait_timeout: float = 120,
    ) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "servers.pooler_process"],
            cwd=Path(__file__).parent.parent,
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the test run, which then closes it
            text=True,
        )
        settings = {
            "upstream": server.dsn(),
            "port": self.port,
            "pool_size": pool_size,
            "pool_mode": pool_mode,
            "query_wait_timeout": query_wait_timeout,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(settings) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ready\n":
            self.close()

    def dsn(self, database: str = "postgres") -> str:
        """Return a libpq connection string through the pooler."""
        return make_conninfo(host="127.0.0.1", port=self.port, user="postgres", dbname=database)

    def close(self) -> None:
        """End it, and fail if it complained, were it of something left open."""
        if self._process.returncode is not None:
            return
        try:
            _, complaints = self._process.communicate(timeout=30)  # this closes its standard input
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, complaints = self._process.communicate()
        assert self._process.returncode == 0, f"the pooler ended with {self._process.returncode}: {complaints}"
        assert not complaints, complaints

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


KINDS: dict[str, type[PgBouncer | Pooler]] = {PGBOUNCER: PgBouncer, PYTHON: Pooler}


def start(server: Server | SharedServer, **options: Any) -> PgBouncer | Pooler:
    """Start the run's pooler, for whoever closes it."""
    return KINDS[possible()[0]](server, **options)


def possible() -> list[str]:
    """Return the poolers that a run may use, the best first; RuntimeError when the environment asks for none."""
    named = os.environ.get(VARIABLE) or None
    if named not in (None, *KINDS):
        raise RuntimeError(f"{VARIABLE}={named} is none of {', '.join(KINDS)}")
    found = [PGBOUNCER, PYTHON] if program() else [PYTHON]
    if named not in (None, *found):
        raise RuntimeError(f"{VARIABLE}={named}, but it isn't installed")
    return [named] if named else found
