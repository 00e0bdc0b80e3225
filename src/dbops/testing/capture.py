"""The statements that a program sends, heard at the drivers psycopg 3 and psycopg2, below SQLAlchemy and Django.

The drivers that are installed are loaded once somebody listens: the program may load them only while it is heard.
"""

from __future__ import annotations

import functools
import importlib
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

_OWN = __name__.rpartition(".")[0]
_APART = ("site-packages", "dist-packages", sysconfig.get_path("stdlib"))
_WRITERS = ("django.db", "sqlalchemy.orm", "peewee")


class Heard(NamedTuple):
    """A statement: its text, the values given with it, when it ended and how long it took (s), and who sent it.

    ``session`` is the connection's; ``file`` and ``line`` are the nearest ones outside of installed packages,
    ``writer`` the mapper of objects that is between them and the driver, "" where there is none that is known.
    """

    sql: str
    values: Sequence[Any] | Mapping[str, Any] | None
    at: float
    seconds: float
    session: str
    failed: bool
    file: str | None
    line: int | None
    writer: str = ""


Listener = Callable[[Heard], None]
_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let the listener hear what is sent while the context lasts."""
    _hook()
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _hook() -> None:
    """Listen to the drivers that are installed, each once."""
    psycopg = _driver("psycopg")
    for name in ("Cursor", "ServerCursor"):
        _replace(getattr(psycopg, name, None), "execute", _heard)
    for name in ("AsyncCursor", "AsyncServerCursor"):
        _replace(getattr(psycopg, name, None), "execute", _heard_later)
    psycopg2 = _driver("psycopg2")
    if psycopg2 is not None:
        _replace(psycopg2, "connect", _with_cursors)


def _driver(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _replace(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    original = None if owner is None else vars(owner).get(name)
    if original is not None and not hasattr(original, "_dbops_listens"):
        replacement = wrap(original)
        replacement._dbops_listens = True
        setattr(owner, name, replacement)


def _heard(execute: Any) -> Any:
    """Return what executes a statement and tells of it."""

    @functools.wraps(execute)
    def heard(cursor: Any, query: Any, params: Any = None, *more: Any, **how: Any) -> Any:
        if not _listeners:
            return execute(cursor, query, params, *more, **how)
        with _told(cursor, query, params):
            return execute(cursor, query, params, *more, **how)

    return heard


def _heard_later(execute: Any) -> Any:
    @functools.wraps(execute)
    async def heard(cursor: Any, query: Any, params: Any = None, *more: Any, **how: Any) -> Any:
        if not _listeners:
            return await execute(cursor, query, params, *more, **how)
        with _told(cursor, query, params):
            return await execute(cursor, query, params, *more, **how)

    return heard


def _with_cursors(connect: Any) -> Any:
    """Return what connects with psycopg2, whose own cursors can't be changed, with cursors that tell."""

    @functools.wraps(connect)
    def connected(*words: Any, **how: Any) -> Any:
        connection = connect(*words, **how)
        plain = connection.cursor_factory or sys.modules["psycopg2.extensions"].cursor

        class Telling(plain):  # type: ignore[misc, valid-type]
            def execute(self, query: Any, vars: Any = None) -> Any:
                with _told(self, query, vars):
                    return super().execute(query, vars)

        connection.cursor_factory = Telling
        return connection

    return connected


@contextmanager
def _told(cursor: Any, query: Any, values: Any) -> Iterator[None]:
    """Tell all who listen of a statement, when it has ended or failed."""
    place = _place()
    started, failed = time.monotonic(), True
    try:
        yield
        failed = False
    finally:
        at = time.monotonic()
        said = Heard(_text(query, cursor), values, at, at - started, str(id(cursor.connection)), failed, *place)
        for listener in tuple(_listeners):
            listener(said)


def _text(query: Any, cursor: Any) -> str:
    """Return the text of a query: str, bytes, or psycopg's composed SQL."""
    if isinstance(query, bytes):
        return query.decode(errors="replace")
    return str(query.as_string(cursor)) if hasattr(query, "as_string") else str(query)


def _place() -> tuple[str | None, int | None, str]:
    """Return file and line of the nearest code that is no installed package's, nor Python's own, and who is between."""
    frame, writer = sys._getframe(1), ""
    while frame is not None:
        name, module = frame.f_code.co_filename, str(frame.f_globals.get("__name__", ""))
        ours = module == _OWN or module.startswith(f"{_OWN}.")
        if not ours and not any(part in name for part in _APART) and not name.startswith("<"):
            return name, frame.f_lineno, writer
        writer = writer or next((each for each in _WRITERS if module.startswith(each)), "")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None, None, writer
