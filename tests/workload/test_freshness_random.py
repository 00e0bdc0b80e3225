"""Any sessions' reads and writes: exactly those answers are old on a standby that are said to follow an own write."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from dbops.postgres.embedded import EmbeddedServer, temporary
from dbops.results.workload import Identity
from dbops.sql.fingerprint import fingerprint
from dbops.workload.freshness.facts import Facts
from dbops.workload.freshness.history import History
from dbops.workload.logs.executions import Execution, executions
from dbops.workload.logs.opening import read
from dbops.workload.logs.record import Counted
from dbops.workload.routing import Behind
from faults.scene import eventually
from workload.test_freshness import SETTINGS

TABLES = ("carts", "visits", "marks")
LONG = [pytest.mark.fault, pytest.mark.at_full_count]
HELD = "SELECT 'replay is held from here on'"


class Undone(Exception):
    """What a transaction is rolled back by."""


@dataclass
class Sessions:
    """Clients of a primary, each with a row of its own in every table, and a standby that is asked the same."""

    clients: list[psycopg.Connection]
    standby: psycopg.Connection
    random: random.Random
    reads: int = 0
    old: dict[str, bool] = field(default_factory=dict)

    def act(self, steps: int, *, ask: bool) -> None:
        """Let clients do anything; with ``ask`` what they read is read on the standby too."""
        for _ in range(steps):
            number = self.random.randrange(len(self.clients))
            client = self.clients[number]
            kind = self.random.choice(["read", "read", "read", "write", "reads", "undone", "written"])
            if kind == "read":
                self._read(number, ask=ask)
            elif kind == "write":
                self._write(number)
            else:
                with suppress(Undone), client.transaction():
                    if kind != "reads":
                        self._write(number)
                    if kind != "written":
                        self._read(number, ask=ask and kind == "reads")
                    if kind == "undone":
                        raise Undone

    def _write(self, number: int) -> None:
        table = self.random.choice(TABLES)
        self.clients[number].execute(f"UPDATE {table} SET n = n + 1 WHERE client = %s", (number,))

    def _read(self, number: int, *, ask: bool) -> None:
        """Read a row; each time with another statement, of other operators, so that it is told from the others."""
        self.reads += 1
        signs = "".join("+ 0 " if bit == "1" else "- 0 " for bit in f"{self.reads:010b}")
        sql = f"SELECT n {signs}FROM {self.random.choice(TABLES)} WHERE client = {number}"
        answer = self.clients[number].execute(sql, prepare=False).fetchall()
        if ask:
            self.old[sql] = self.standby.execute(sql, prepare=False).fetchall() != answer


@pytest.fixture
def log_and_sessions(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Sessions]]:
    settings = {**SETTINGS, "shared_preload_libraries": ""}
    with temporary(settings=settings) as server, ExitStack() as stack:
        clients = [stack.enter_context(closing(psycopg.connect(server.dsn(), autocommit=True))) for _ in range(3)]
        for table in TABLES:
            clients[0].execute(f"CREATE TABLE {table} AS SELECT i AS client, 0 AS n FROM generate_series(0, 2) AS i")
        held = server.standby(server.home.with_name("held"), "held", durable=False, settings={"hot_standby": "on"})
        standby = stack.enter_context(closing(psycopg.connect(held.dsn(), autocommit=True)))
        sessions = Sessions(clients, standby, random.Random(request.param))
        sessions.act(30, ask=False)
        _hold(server, standby)
        sessions.act(120, ask=True)
        clients[0].execute("SELECT 'the end'")
        log = server.data / "log" / "server.csv"
        eventually(lambda: b"the end" in log.read_bytes(), "the log is not written")
        yield log, sessions


def _hold(server: EmbeddedServer, standby: psycopg.Connection) -> None:
    """Stop replay when all is replayed, and note that in the log, apart from what comes before and after."""
    with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
        (written,) = admin.execute("SELECT pg_current_wal_flush_lsn()").fetchone() or ("",)
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        eventually(lambda: standby.execute(replayed, (written,)).fetchone() == (True,), "the standby is behind")
        standby.execute("SELECT pg_wal_replay_pause()")
        time.sleep(0.02)  # a log tells milliseconds
        admin.execute(HELD)
        time.sleep(0.02)


def _is_young(found: list[Execution], facts: Facts, sql: str, held: float) -> bool:
    """Return what is told of one read, at the lag that the standby had when it was asked."""
    (asked,) = [each for each in found if each.sql == sql]
    begin = (asked.at or 0.0) - (asked.ms or 0.0) / 1000
    name = fingerprint(sql) or ""
    history = History(facts, {name}, Identity.SESSION, begin - held)
    for each in found:
        history.add(each)
    history.end()
    freshness = history.tallies[name].freshness(begin - held)
    assert freshness.within_writing == 0
    return freshness.after_write == 1


@pytest.mark.parametrize(
    "log_and_sessions", [1, *(pytest.param(seed, marks=LONG) for seed in range(2, 12))], indirect=True
)
def test_an_answer_is_old_just_when_it_is_said_to_follow_a_write(log_and_sessions: tuple[Path, Sessions]) -> None:
    log, sessions = log_and_sessions
    found = list(executions(read([log], Counted())))
    (held,) = [each.at for each in found if each.sql == HELD]
    assert held is not None
    facts = Facts(Behind(), {})
    told = {sql: _is_young(found, facts, sql, held) for sql in sessions.old}
    assert told == sessions.old
    assert {True, False} == set(told.values())
