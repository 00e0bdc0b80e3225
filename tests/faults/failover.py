"""A cluster that `dbops ha-status` is asked about: what is done to its servers, and what it then says.

Whatever a context manager here does to a server is undone at its end, also for one that was killed meanwhile.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from dbops.errors import ConnectionFailed
from dbops.ha.request import Address, Request
from dbops.ha.status import ha_status
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.ha import HaCheck, HaNode, HaStatus, Status
from faults.scene import Ran, eventually
from servers.server import Cluster, Server, reload

READY, DEGRADED, NOT_READY, UNKNOWN = "READY", "DEGRADED", "NOT_READY", "UNKNOWN"
LITTLE = 1000
"""Bytes of WAL that an idle primary may write for itself while it is watched, without a commit among them."""
PATIENCE = 60


class Watched:
    """A primary and its standbys, called ``primary``, ``standby1`` and so on, and the questions about them."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.primary = cluster.primary
        self.standbys = cluster.standbys
        self.servers: dict[str, Server] = {"primary": cluster.primary}
        self.servers |= {f"standby{1 + number}": standby for number, standby in enumerate(cluster.standbys)}

    def dsns(self) -> dict[str, str]:
        """How dbops gets to each node."""
        return {name: server.dsn() for name, server in self.servers.items()}

    def ask(self, *, dsns: dict[str, str] | None = None, **changed: Any) -> Said:
        """Ask the library; ``dsns`` replace those of the nodes they name, or name further ones."""
        named = {**self.dsns(), **(dsns or {})}
        nodes = tuple(Address(Dsn(dsn, "a test"), name) for name, dsn in named.items())
        wanted: dict[str, Any] = {"timeout": 5.0, "observe": 0.3, "every": 0.05, **changed}
        with Interrupt() as interrupt:
            return Said(ha_status(Request(nodes, **wanted), interrupt))

    def run(self, *words: str) -> Ran:
        """Run the command as people do, about all nodes."""
        nodes = [word for name, dsn in self.dsns().items() for word in ("--node", f"{name}={dsn}")]
        command = [sys.executable, "-m", "dbops", "ha-status", *nodes, "--observe", "400ms", "--timeout", "5s", *words]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBOPS_", "PG", "DATABASE_"))}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, env=kept)
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def wait_until_well(self) -> None:
        """Wait until every standby streams and has replayed all."""
        self.cluster.wait_until_streaming()
        for standby in self.standbys:
            wait_for_replay(self.primary, standby)


@dataclass(frozen=True, slots=True)
class Said:
    """What ha-status answered."""

    result: HaStatus

    @property
    def verdicts(self) -> tuple[str, str, int]:
        """Of a switchover, of an emergency, and the exit status."""
        return (self.result.switchover.verdict, self.result.emergency.verdict, self.result.exit_status)

    @property
    def troubles(self) -> set[tuple[str, str | None, str]]:
        """Check, node and status of all that did not pass."""
        fine = {Status.PASS, Status.SKIPPED}
        return {(check.id, check.node, str(check.status)) for check in self.result.checks if check.status not in fine}

    @property
    def loses_nothing(self) -> bool:
        """Whether the candidate of an emergency would lose nothing that anybody has written."""
        loss = self.result.emergency.loss_bytes
        return loss is not None and loss <= LITTLE

    def node(self, name: str) -> HaNode:
        return next(node for node in self.result.nodes if node.name == name)

    def check(self, name: str, node: str | None = None) -> HaCheck:
        """The one outcome of a check about a node, or about the cluster."""
        found = [check for check in self.result.checks if (check.id, check.node) == (name, node)]
        assert len(found) == 1, f"{len(found)} outcomes of {name} about {node}\n{self.explain()}"
        return found[0]

    def explain(self) -> str:
        checks = [f"{each.id} {each.node} {each.status}: {each.message}" for each in self.result.checks]
        answers = [self.result.switchover, self.result.emergency]
        return "\n".join([*map(str, answers), *map(str, self.result.nodes), *checks])


class Ledger:
    """Rows that a primary acknowledged, one transaction each: what a promotion loses is counted in them."""

    def __init__(self, primary: Server) -> None:
        self._primary = primary
        self._acknowledged: dict[int, float] = {}
        execute(primary, "CREATE TABLE ledger (id int PRIMARY KEY)")

    def write(self, count: int) -> None:
        with connect(self._primary) as connection:
            for number in range(len(self._acknowledged), len(self._acknowledged) + count):
                connection.execute("INSERT INTO ledger VALUES (%s)", [number])
                self._acknowledged[number] = time.monotonic()

    def lost_by(self, promoted: Server) -> dict[int, float]:
        """The rows that a new primary doesn't have, and when (time.monotonic) they were acknowledged."""
        with connect(promoted) as connection:
            kept = {row[0] for row in connection.execute("SELECT id FROM ledger").fetchall()}
        return {number: at for number, at in self._acknowledged.items() if number not in kept}


def end_of_wal(primary: Server) -> str:
    return value(primary, "SELECT pg_current_wal_flush_lsn()::text")


def wal_lost_by(promoted: Server, end: str) -> int:
    """How many bytes of WAL before ``end`` a new primary doesn't have: those behind where its timeline forked off."""
    history = "'pg_wal/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '.history'"
    lines = value(promoted, f"SELECT pg_read_file({history})").split("\n")
    fork = [line.split("\t")[1] for line in lines if line.strip()][-1]
    return max(0, int(value(promoted, f"SELECT pg_wal_lsn_diff('{end}', '{fork}')")))


def promotes(standby: Server) -> bool:
    """Promote it; say whether it takes writes then."""
    try:
        standby.promote()
        return value(standby, "SELECT NOT pg_is_in_recovery()")
    except (ConnectionFailed, psycopg.OperationalError):
        return False


def execute(server: Server, *statements: str) -> None:
    with connect(server) as connection:
        for statement in statements:
            connection.execute(statement)


def value(server: Server, query: str) -> Any:
    """The first column of the only row."""
    with connect(server) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


@contextmanager
def connect(server: Server) -> Iterator[psycopg.Connection]:
    """Give a superuser's autocommit connection."""
    with closing(psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10)) as connection:
        yield connection


def wait_for_replay(primary: Server, standby: Server) -> None:
    """Wait until a standby has replayed what its primary has written so far."""
    position = value(primary, "SELECT pg_current_wal_flush_lsn()::text")
    eventually(
        lambda: value(standby, f"SELECT pg_last_wal_replay_lsn() >= '{position}'"), "the standby does not replay"
    )


@contextmanager
def settings(server: Server, **changed: str) -> Iterator[None]:
    """Change settings that take effect on a reload; a standby's primary_conninfo is one that was set before."""
    with connect(server) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE sourcefile LIKE '%auto.conf'").fetchall()
    _alter(server, changed)
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):  # it was killed
            _alter(server, dict.fromkeys(changed) | {name: text for name, text in rows if name in changed})


@contextmanager
def replay_paused(standby: Server) -> Iterator[None]:
    """Pause replay, and wait until it has."""
    execute(standby, "SELECT pg_wal_replay_pause()")
    try:
        eventually(lambda: value(standby, "SELECT pg_get_wal_replay_pause_state() = 'paused'"), "replay goes on")
        yield
    finally:
        with suppress(psycopg.Error):  # it was killed, or promoted
            execute(standby, "SELECT pg_wal_replay_resume()")


@contextmanager
def frozen(server: Server, query: str) -> Iterator[None]:
    """Freeze a single process of a server's: the one whose pid the query gives."""
    pid = value(server, query)
    signal(server, "STOP", pid)
    try:
        yield
    finally:
        with suppress(psycopg.Error):  # it was killed
            signal(server, "CONT", pid)


def sender(name: str) -> str:
    """The query for the pid of the process that sends WAL to a standby: frozen, it sends no more."""
    return f"SELECT pid FROM pg_stat_replication WHERE application_name = '{name}'"


STARTUP = "SELECT pid, wait_event_type, wait_event FROM pg_stat_activity WHERE backend_type = 'startup'"
"""The process that replays, and what it waits for."""
RECEIVER = "SELECT pid FROM pg_stat_wal_receiver"
"""The process that receives."""
HEAR_NOTHING = "SELECT count(*) = 0 FROM pg_stat_wal_receiver"
"""Whether a standby receives nothing."""


def signal(server: Server, name: str, pid: int) -> None:
    """Signal a process where it runs, be that in a container: the server may signal its own."""
    shell(server, f"kill -{name} {pid}")


def shell(server: Server, command: str) -> None:
    """Let the server run a command where it runs, in its data folder; a standby does that too."""
    execute(server, f"COPY (SELECT WHERE false) TO PROGRAM '{command}'")


@contextmanager
def stopped(*servers: Server) -> Iterator[None]:
    """Stop servers in order."""
    with ExitStack() as stack:
        for server in servers:
            server.stop()
            stack.callback(server.start)
        yield


@contextmanager
def killed(*servers: Server) -> Iterator[None]:
    """Crash servers."""
    with ExitStack() as stack:
        for server in servers:
            server.kill()
            stack.callback(server.start)
        yield


@contextmanager
def hung(*servers: Server) -> Iterator[None]:
    """Freeze servers."""
    with ExitStack() as stack:
        for server in servers:
            server.pause()
            stack.callback(server.resume)
        yield


def _alter(server: Server, changed: Mapping[str, str | None]) -> None:
    with connect(server) as connection:
        for name, text in changed.items():
            words = (sql.Identifier(name), sql.SQL("DEFAULT") if text is None else sql.Literal(text))
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(*words))
        reload(connection)


@contextmanager
def writing(server: Server) -> Iterator[Callable[[], int]]:
    """Write as fast as one session can; gives what tells how many transactions were acknowledged so far."""
    acknowledged = 0
    ending = threading.Event()

    def write() -> None:
        nonlocal acknowledged
        with connect(server) as connection:
            connection.execute("CREATE TABLE heavy (filler text)")
            while not ending.is_set():
                connection.execute("INSERT INTO heavy SELECT repeat('x', 100) FROM generate_series(1, 1000)")
                acknowledged += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield lambda: acknowledged
    finally:
        ending.set()
        writer.join()
        execute(server, "DROP TABLE heavy")


@contextmanager
def once_watched(server: Server, then: Callable[[], None]) -> Iterator[None]:
    """Do something as soon as dbops watches where the server stands in the WAL."""
    query = "SELECT FROM pg_stat_activity WHERE application_name = 'dbops ha-status' AND query LIKE '%written%'"

    def wait() -> None:
        with connect(server) as connection:
            eventually(lambda: connection.execute(query).fetchone() is not None, "dbops does not come")
        then()

    waiter = threading.Thread(target=wait)
    waiter.start()
    yield
    waiter.join()
