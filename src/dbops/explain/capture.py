"""Planning and running one query on the target, within bounds."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbops.errors import QueryFailed, QueryTimeout
from dbops.explain.failure import lost, of_query
from dbops.explain.parameters.bound import Bound
from dbops.explain.request import Request
from dbops.explain.statement import Query
from dbops.postgres.catalog import read as read_catalog
from dbops.postgres.errors import QUERY_CANCELED, ConnectionLost, ServerError
from dbops.postgres.explain import PLAN_TIMEOUT, Options, explain
from dbops.postgres.session import Session
from dbops.results.progress import QueryRunning
from dbops.schema.catalog import schema_of
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation

Document = Mapping[str, Any]

_UNDEFINED_TABLE = "42P01"


class TimedOut(Exception):
    """The query did not end within the request's timeout; it was cancelled."""


@dataclass(frozen=True)
class Capture:
    """A session on the target, and the request it works for.

    ``version`` is ``server_version_num``, ``writable`` false on a standby.
    """

    session: Session
    version: int
    request: Request
    writable: bool = True

    @property
    def writes(self) -> bool:
        """Whether a run may write; a standby takes no transaction that could."""
        return self.request.allow_writes and self.writable

    def schema(self) -> Schema:
        """Return the tables of the database."""
        return schema_of(read_catalog(self.session, self.version))

    def plan(self, query: Query, bound: Bound, *, generic: bool = False) -> Document:
        """Return the plan without running it. Raises DbopsError for what the server says against it."""
        return self._explained(query, bound, Options(generic=generic), "planning")

    def run(self, query: Query, bound: Bound, what: str) -> Document:
        """Return the plan of a run. Raises TimedOut, and DbopsError for what the server says against it."""
        options = Options(analyze=True, timeout=self.request.timeout, writes=self.writes)
        return self._explained(query, bound, options, what)

    def _explained(self, query: Query, bound: Bound, options: Options, what: str) -> Document:
        started = time.monotonic()
        try:
            return explain(
                self.session, bound.sql, self.version, options, tick=ticking(self.request, what, options.timeout)
            )
        except ServerError as error:
            if error.sqlstate == QUERY_CANCELED:
                raise self._cancelled(options, time.monotonic() - started) from None
            raise of_query(query, bound.offsets, error.report, self._near(error)) from None
        except ConnectionLost as error:
            raise lost(error) from None

    def _cancelled(self, options: Options, seconds: float) -> Exception:
        """Tell our own timeout from somebody else's cancel by the time it took: the message is in any language."""
        if options.timeout is not None and seconds >= options.timeout * 0.99:
            if options.analyze:
                return TimedOut()
            return QueryTimeout(
                f"planning alone took more than {PLAN_TIMEOUT:g} s",
                hint="a join of very many tables, or a server short of CPU: join_collapse_limit and geqo bound it",
                details=[{"field": "query", "error": "planning timed out"}],
            )
        return QueryFailed(
            "the query was cancelled on the server",
            hint="somebody ended it with pg_cancel_backend, or a timeout of the server's own did; run it again",
            details=[{"field": "query", "error": "cancelled"}],
            retryable=True,
        )

    def _near(self, error: ServerError) -> list[str]:
        """Return the names of tables that are like the one a query missed."""
        if error.sqlstate != _UNDEFINED_TABLE or error.report.message.count('"') < 2:
            return []
        missed = error.report.message.split('"')[1]
        schema = self.schema()
        names = {name.name: name for name in schema.tables}
        near = [names[name] for name in difflib.get_close_matches(missed.rpartition(".")[2], names, n=2)]
        return [str(Relation(None, name.name) if name.schema in schema.search_path else name) for name in near]


def ticking(request: Request, what: str, bound: float | None) -> Callable[[float], None]:
    """Return a tick that reports how long something has been running."""

    def tick(seconds: float) -> None:
        request.report(QueryRunning(what, seconds, bound))

    return tick
