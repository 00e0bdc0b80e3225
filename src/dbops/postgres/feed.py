"""Data on its way into COPY … FROM STDIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


class Feed:
    """What takes the data of one COPY; :meth:`dbops.postgres.session.Session.feeding` makes it.

    ``rows`` is how many rows the server stored, known once the COPY has ended well.
    """

    def __init__(self, pgconn: PGconn, flush: Callable[[], None]) -> None:
        self._pgconn = pgconn
        self._flush = flush
        self.rows = 0

    def put(self, data: bytes) -> None:
        """Send data and wait until the server has taken it, so that a slow server slows down its source.

        Raises ConnectionLost, and Interrupted where a request to stop is heeded.
        """
        self._pgconn.put_copy_data(data)
        self._flush()

    def end(self, failure: str | None = None) -> None:
        """Say that this was all, or that the server shall forget it."""
        self._pgconn.put_copy_end(None if failure is None else failure.encode())
        self._flush()
