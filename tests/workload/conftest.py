"""A database whose statements are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest


@pytest.fixture
def counted(database: str) -> Iterator[psycopg.Connection]:
    """A connection to the test's database, in which pg_stat_statements is installed, with a table ``orders``."""
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("CREATE TABLE orders AS SELECT i AS id, i % 10 AS shop FROM generate_series(1, 5000) AS i")
        yield connection
