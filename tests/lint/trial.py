"""An example of a rule, run on a real server: what it locks, reads through and rewrites of what was there before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from dbops.lint import example
from dbops.lint.example import Example
from dbops.lint.rule import MIGRATION
from dbops.lint.script import Script
from dbops.sql.lock_modes import Mode
from dbops.sql.split import Statement
from dbops.sql.transactions import control, outside_transaction

MODES = {mode.title().replace(" ", "") + "Lock": mode for mode in Mode}
RELATIONS = """
SELECT c.oid, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm', 'i', 'I')
"""
HELD = "SELECT relation, mode FROM pg_locks WHERE pid = %s AND locktype = 'relation' AND granted"
AWAITED = "SELECT relation, mode FROM pg_locks WHERE pid = %s AND NOT granted"
SCANS = "SELECT relid, seq_scan FROM pg_stat_xact_user_tables"
FILES = "SELECT oid, pg_relation_filenode(oid) FROM pg_class WHERE relkind IN ('r', 'm')"


@dataclass
class Effects:
    """What transactions did to relations that existed before the example.

    ``locked`` has the strongest lock on each, ``scanned`` the lock that was held on each one that was read through
    from its first row to its last, ``rewritten`` those that got another file.
    """

    locked: dict[str, Mode] = field(default_factory=dict)
    scanned: dict[str, Mode] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)

    @property
    def strongest(self) -> Mode | None:
        """The strongest lock of all."""
        return max(self.locked.values(), key=lambda mode: mode.strength, default=None)


class Trial:
    """An example on a database of its own, whose schema it is given first."""

    def __init__(self, database: str, text: str) -> None:
        self._database = database
        self._example: Example = example.read(text)
        self._script: Script = example.script(self._example, MIGRATION)
        self._effects = Effects()
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in self._example.schema:
                connection.execute(statement)
            found = connection.execute(RELATIONS).fetchall()
        self._names = {oid: name for oid, name, _ in found}
        self._tables = [name for _, name, kind in found if kind in "rpm"]

    def run(self) -> Effects:
        """Run the example as its script says. Raises psycopg.Error when the server refuses a statement."""
        with (
            psycopg.connect(self._database, autocommit=True) as watcher,
            psycopg.connect(self._database, autocommit=True) as runner,
        ):
            runner.prepare_threshold = None
            before = dict(watcher.execute(FILES).fetchall())
            for begun, statements in self._units():
                if not begun and outside_transaction(statements[0].node):
                    self._run_alone(runner, watcher, statements[0])
                else:
                    self._run_together(runner, watcher, statements)
            after = dict(watcher.execute(FILES).fetchall())
        changed = {oid for oid in before.keys() & after.keys() if before[oid] != after[oid]}
        self._effects.rewritten = {self._names[oid] for oid in changed if oid in self._names}
        return self._effects

    def _units(self) -> Iterator[tuple[bool, list[Statement]]]:
        """Yield what is run in one transaction, without its BEGIN and COMMIT, and whether it has them."""
        if self._script.transactional:
            yield True, list(self._script.statements)
            return
        opened: list[Statement] | None = None
        for statement in self._script.statements:
            match control(statement.node):
                case "BEGIN" | "START TRANSACTION":
                    opened = []
                case "COMMIT" | "ROLLBACK":
                    yield True, opened or []
                    opened = None
                case _ if opened is None:
                    yield False, [statement]
                case _:
                    opened.append(statement)
        if opened:
            yield True, opened

    def _run_together(self, runner: psycopg.Connection, watcher: psycopg.Connection, unit: list[Statement]) -> None:
        with runner.transaction():
            before = dict(runner.execute(SCANS).fetchall())
            for statement in unit:
                runner.execute(statement.text)
            held: dict[int, Mode] = {}
            for oid, lock in watcher.execute(HELD, (runner.info.backend_pid,)):
                self._note(held, oid, MODES[lock])
            for oid, scans in runner.execute(SCANS):
                if scans > before.get(oid, 0) and oid in self._names and oid in held:
                    self._effects.scanned[self._names[oid]] = held[oid]

    def _run_alone(self, runner: psycopg.Connection, watcher: psycopg.Connection, statement: Statement) -> None:
        """Run what refuses a transaction, and see the locks for which it waits behind readers of every table."""
        failures: list[psycopg.Error] = []

        def run() -> None:
            try:
                runner.execute(statement.text)
            except psycopg.Error as error:
                failures.append(error)

        with psycopg.connect(self._database) as reader:
            for table in self._tables:
                reader.execute(f'SELECT FROM "{table}"')  # which locks its indexes, too
            thread = threading.Thread(target=run)
            thread.start()
            self._watch(watcher, runner.info.backend_pid, thread)
        thread.join()
        if failures:
            raise failures[0]

    def _watch(self, watcher: psycopg.Connection, pid: int, thread: threading.Thread) -> None:
        """Look for a lock that is waited for, until there is one or the statement ends."""
        deadline = time.monotonic() + 10
        while thread.is_alive() and time.monotonic() < deadline:
            waiting = watcher.execute(AWAITED, (pid,)).fetchall()
            for oid, lock in waiting:
                if oid is not None:  # CONCURRENTLY waits for transactions
                    self._note({}, oid, MODES[lock])
            if waiting:
                return
            time.sleep(0.01)

    def _note(self, held: dict[int, Mode], oid: int, mode: Mode) -> None:
        name = self._names.get(oid)
        if name is None:
            return
        held[oid] = max(mode, held.get(oid, mode), key=lambda mode: mode.strength)
        self._effects.locked[name] = max(mode, self._effects.locked.get(name, mode), key=lambda mode: mode.strength)
