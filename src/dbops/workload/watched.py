"""A session that looks at the counters of pg_stat_statements, once or again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dbops.errors import ConfigError, ConnectionFailed, PermissionDenied, QueryFailed
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.errors import INSUFFICIENT_PRIVILEGE, ConnectionLost, ServerError
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.reach import reachable
from dbops.postgres.session import Session
from dbops.postgres.statements import WAL_SINCE, Extension, counted_since, sample, settings, texts
from dbops.postgres.target import identify
from dbops.results.progress import Event, QueryRunning, TargetKnown
from dbops.results.target import Target
from dbops.sql.redact import message as without_secrets
from dbops.workload.available import PRELOAD, statements_of
from dbops.workload.caveats import Seen, caveats
from dbops.workload.counters import Sample
from dbops.workload.ranking import Meaning, Text
from dbops.workload.window import Window

_PARTS = 30
"""Into so many parts an interval is cut at most, and none is shorter than a second: what is drawn of it."""
_NOT_LOADED = "55000"
_ENCODINGS = frozenset({"22021", "22P05"})


@contextmanager
def watching(
    dsn: Dsn,
    what: str,
    interrupt: Interrupt,
    *,
    everywhere: bool = False,
    environment: str | None = None,
    report: Callable[[Event], None] = lambda _event: None,
) -> Iterator[Watched]:
    """Give a session on the target for ``what`` (a command's name), of all databases when ``everywhere``.

    Raises ConfigError where pg_stat_statements can't be read, PermissionDenied, QueryFailed and ConnectionFailed, also
    for what the server says within the context.
    """
    with reachable(dsn, interrupt) as reached:
        session = connect(reached, f"dbops {what}", interrupt)
        try:
            known = identify(session, environment=environment)
            report(TargetKnown(known.target, "", None))
            yield Watched(session, known.target, statements_of(session), everywhere, settings(session))
        except ServerError as error:
            raise _refused(error) from error
        except ConnectionLost as error:
            raise ConnectionFailed(
                f"the connection was lost while statements were watched: {error}",
                hint="run it again",
                details=[{"field": "dsn", "error": str(error)}],
                retryable=True,
            ) from None
        finally:
            session.close()


@dataclass(slots=True)
class Watched:
    """The session, where pg_stat_statements is, what its counters mean, and what was seen of them in ``window``.

    ``since`` is from when on the totals were counted, None where an interval was watched or the server can't tell.
    ``first`` and ``last`` are what the server told of the counting itself when the first and the last look was taken.
    """

    session: Session
    target: Target
    where: Extension
    everywhere: bool
    settings: Mapping[str, Any]
    window: Window = field(default_factory=Window)
    since: str | None = None
    first: Mapping[str, Any] | None = None
    last: Mapping[str, Any] | None = None

    @property
    def meaning(self) -> Meaning:
        """What the counters' figures mean."""
        wal = self.where.version >= WAL_SINCE
        return Meaning(self.settings["block_size"], io_timing=self.settings["io_timing"], wal=wal)

    def look(self) -> None:
        """Add what happened since the last look."""
        self.window.add(Sample.read(sample(self.session, self.where, everywhere=self.everywhere)))
        self.last = counted_since(self.session, self.where)
        self.first = self.first or self.last

    def totals(self) -> None:
        """Take all that was counted so far for the window."""
        since = counted_since(self.session, self.where)
        self.window.add(Sample(float(since["since"]) if since else 0.0, {}))
        self.look()
        if since is not None:
            self.since = since["at"]

    def during(
        self,
        seconds: float,
        interrupt: Interrupt,
        report: Callable[[Event], None],
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        """Look until so many seconds have passed; ``beside`` is called after each look."""
        step = max(seconds / _PARTS, min(1.0, seconds))
        self.look()
        beside()
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            # The last part is as long as the others, or longer: a short one would be drawn as a peak or a gap.
            interrupt.sleep(left if left < 1.5 * step else step)
            self.look()
            beside()
            report(QueryRunning("watching statements", seconds - left, seconds))

    def texts(self, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Text]:
        """Return the texts of statements by database's oid and queryid, those of dbops's own questions as well."""
        return {
            (database, queryid): Text(name, text, own)
            for database, queryid, name, text, own in texts(self.session, self.where, wanted)
        }

    def notes(self, *, hidden: bool) -> Iterator[str]:
        """Yield what makes the figures other than they look; ``hidden`` says that other roles' statements are."""
        yield from caveats(
            Seen(self.settings, self.where.version, self.first, self.last, self.since is not None, self.window.lost)
        )
        if hidden:
            yield f"other roles' statements are one line; to see them: GRANT pg_read_all_stats TO {self.target.role}"


def _refused(error: ServerError) -> Exception:
    said = without_secrets(error.report.message)
    details = [{"field": "pg_stat_statements", "error": said, "sqlstate": error.sqlstate}]
    if error.sqlstate == _NOT_LOADED:
        return ConfigError(said, hint=f"it takes {PRELOAD}", details=details)
    if error.sqlstate == INSUFFICIENT_PRIVILEGE:
        return PermissionDenied(
            f"this role may not read pg_stat_statements: {said}",
            hint="GRANT pg_read_all_stats TO this role, and USAGE on the schema that the extension is in",
            details=details,
        )
    if error.sqlstate in _ENCODINGS:
        return ConfigError(
            f"the texts of statements can't be read here, since one is in another encoding: {said}",
            hint="it is of a database in SQL_ASCII, or in another encoding than this one; where it isn't needed: "
            "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = '…'",
            details=details,
        )
    return QueryFailed(f"the server refused to tell of its statements: {said}", hint="see its log", details=details)
