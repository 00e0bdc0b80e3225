"""A query by its queryid in pg_stat_statements."""

from __future__ import annotations

from dbops.errors import PermissionDenied, UsageError
from dbops.explain.statement import Source
from dbops.postgres.session import Session
from dbops.postgres.statement import seen
from dbops.results.explain import Statistics
from dbops.sql.normalized import readable
from dbops.workload.available import statements_of
from dbops.workload.ranking import HIDDEN


def look_up(session: Session, queryid: int) -> tuple[Source, Statistics]:
    """Return the query's text, and what was seen of it.

    Raises ConfigError where pg_stat_statements can't be read, PermissionDenied where the text is hidden from the role,
    UsageError where there is no such queryid in this database.
    """
    found = seen(session, statements_of(session).schema, queryid)
    if found is None:
        raise UsageError(
            f"--queryid {queryid}: pg_stat_statements of this database has no such query",
            hint="`dbops top` lists them with their queryids",
            details=[{"field": "--queryid", "error": "unknown"}],
        )
    text = found["query"]
    if text is None or text == HIDDEN:
        raise PermissionDenied(
            f"--queryid {queryid}: its text is another role's",
            hint="GRANT pg_read_all_stats TO this role",
            details=[{"field": "--queryid", "error": "insufficient privilege"}],
        )
    statistics = Statistics(queryid, found["calls"], found["mean_ms"], found["total_ms"], found["rows"])
    return Source(readable(text), f"queryid {queryid}"), statistics
