"""Every index that is proposed is one that PostgreSQL makes: no type without an order, nothing that isn't immutable."""

from __future__ import annotations

from contextlib import closing

import psycopg

from explain.advise.scenes import DDL, proposed
from explain.advise.test_candidates import SHAPES


def test_the_server_takes_what_is_proposed(database: str) -> None:
    refused: list[str] = []
    with closing(psycopg.connect(database, autocommit=True, connect_timeout=10)) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute(DDL.partition("CREATE FOREIGN TABLE")[0].encode())
        wanted = {definition for query, _ in SHAPES for definition in proposed(query)}
        for definition in sorted(wanted):
            try:
                connection.execute(f"CREATE INDEX ON {definition}".encode())
            except psycopg.Error as error:
                refused.append(f"{definition}: {error}")
    assert len(wanted) > 50
    assert refused == []
