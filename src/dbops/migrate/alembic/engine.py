"""SQLAlchemy over a session's connection: one backend, so that the lock's watcher, the timeouts and Ctrl-C hold for
whatever is run through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dbops.postgres.session import TICK, Session, Tick

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dbops.postgres.lent import Lent


@contextmanager
def engine_over(
    session: Session, *, opening: Sequence[str] = (), tick: Tick | None = None, every: float = TICK
) -> Iterator[tuple[Engine, Lent]]:
    """Give an engine whose connections are all the session's, and the lent connection below them.

    ``opening`` are statements that each transaction begins with (SET LOCAL …).
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import StaticPool

    with session.lent(tick=tick, every=every) as lent:
        engine = create_engine("postgresql+psycopg://", creator=lambda: lent, poolclass=StaticPool)
        if opening:
            event.listen(engine, "begin", _opener(lent, ";".join(opening)))
        yield engine, lent


def _opener(lent: Lent, sql: str) -> Callable[[Any], None]:
    def begun(_connection: Any) -> None:
        if not lent.autocommit:
            lent.execute(sql.encode())

    return begun
