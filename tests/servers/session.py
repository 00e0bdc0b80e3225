"""The servers of one test run: which lane they come from, and the one that is shared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from servers import embedded, pgbouncer
from servers.server import FAILOVER, SETTINGS, Cluster, Server, Settings, SharedServer

# Where the run's servers come from, "containers", "embedded" or "dsn"; without it the first that is possible.
LANE_VARIABLE = "DBOPS_TEST_LANE"
DSN_VARIABLE = "DBOPS_TEST_DSN"


class Session:
    """One run's servers.

    Under xdist the controller starts the shared server and tells the workers its address; without, the first test
    that needs it starts it. Private servers are started by who needs them, from the same lane (embedded ones on the
    ``dsn`` lane: a server that was lent is not to be crashed).
    """

    def __init__(self, lane: str, shared: SharedServer | None = None, version: str | None = None) -> None:
        self.lane = lane
        self.version = version
        self._shared = shared
        self._owned: Server | None = None

    @classmethod
    def chosen(cls) -> Session:
        """Return the session of a run that begins; RuntimeError when the environment asks for the impossible."""
        lane = _choose_lane()
        return cls(lane, SharedServer(lane, os.environ[DSN_VARIABLE]) if lane == "dsn" else None)

    @classmethod
    def joined(cls, address: dict[str, str]) -> Session:
        """Return a worker's part in the session whose controller gave ``address``."""
        return cls(address["lane"], SharedServer(address["lane"], address["conninfo"]), address["version"])

    def address(self) -> dict[str, str]:
        """Return what a worker needs to join; the shared server is started when it isn't yet."""
        return {"lane": self.lane, "conninfo": self.shared().conninfo, "version": str(self.version)}

    def shared(self) -> SharedServer:
        """Return the shared server, started when it isn't yet."""
        if self.version is None:
            for kind in (embedded, pgbouncer, self._kind()):
                kind.clean_leftovers()
            if self._shared is None:
                self._owned = self._kind().create_shared()
                self._shared = SharedServer(self.lane, self._owned.dsn())
            self.version = self._shared.version()
        assert self._shared is not None
        return self._shared

    def create(self, settings: Settings = SETTINGS) -> Server:
        """Start a fresh server, for whoever closes it."""
        return self._kind().create(settings)

    @contextmanager
    def cluster(self) -> Iterator[Cluster]:
        """Start a primary with two standbys that stream, each with a slot for the other."""
        with self.create(FAILOVER) as primary:
            first, second = primary.standby("standby1"), primary.standby("standby2")
            first.make_slot("standby2")
            second.make_slot("standby1")
            cluster = Cluster(primary, (first, second))
            cluster.wait_until_streaming()
            yield cluster

    def close(self) -> None:
        """Remove the shared server, if this process started it."""
        if self._owned is not None:
            self._owned.close()
            self._owned = None

    def describe(self) -> str:
        """Return a line for the run's report."""
        return f"lane: {self.lane}, " + (f"PostgreSQL {self.version}" if self.version else "no server was needed")

    def _kind(self) -> ModuleType:
        """Return the module whose ``create`` and ``clean_leftovers`` are this lane's."""
        if self.lane != "containers":
            return embedded
        from servers import containers  # docker's client costs a quarter of a second

        return containers


def _choose_lane() -> str:
    named = os.environ.get(LANE_VARIABLE) or ("dsn" if DSN_VARIABLE in os.environ else None)
    if named not in (None, "containers", "embedded", "dsn"):
        raise RuntimeError(f"{LANE_VARIABLE}={named} is none of containers, embedded and dsn")
    if named == "dsn" and DSN_VARIABLE not in os.environ:
        raise RuntimeError(f"{LANE_VARIABLE}=dsn needs {DSN_VARIABLE}")
    if named in ("dsn", "embedded"):
        return named
    from servers.containers import obstacle

    why_not = obstacle()
    if named == "containers" and why_not:
        raise RuntimeError(f"{LANE_VARIABLE}=containers, but {why_not}")
    return "embedded" if why_not else "containers"
