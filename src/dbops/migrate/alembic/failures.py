"""What goes wrong inside Alembic and SQLAlchemy, as dbops's own errors."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbops.errors import DbopsError, MigrationFailed
from dbops.postgres.errors import ConnectionLost, ServerError


@contextmanager
def servers() -> Iterator[None]:
    """Raise what a server said through SQLAlchemy as ServerError or ConnectionLost, and let all else pass."""
    from sqlalchemy.exc import DBAPIError

    from dbops.postgres.lent import translated

    try:
        yield
    except DBAPIError as error:
        own = None if error.orig is None else translated(error.orig)
        if own is None:
            raise
        raise own from error


@contextmanager
def comparing() -> Iterator[None]:
    """Raise what makes a comparison impossible as MigrationFailed."""
    try:
        with servers():
            yield
    except (DbopsError, ServerError, ConnectionLost):
        raise
    except Exception as error:
        raise MigrationFailed(
            f"the schemas can't be compared: {said(error)}",
            hint="do the models fit together? `python -c 'import PACKAGE'` and metadata.create_all() would say",
            details=[{"field": "models", "error": said(error)}],
        ) from error


def said(error: BaseException) -> str:
    """Return an error's kind and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def line_in(error: BaseException, path: Path) -> int | None:
    """Return the line of a file in which an error came up, the innermost; None when it didn't pass there."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename) == path:
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if Path(frame.filename) == path), None)
