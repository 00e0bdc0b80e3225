"""Runs the samples of SQLAlchemy against a server; prints of each how often the same query was asked.

A program of its own, so that each of its samples has models of its own: the server's DSN is its argument.
"""

from __future__ import annotations

import inspect
import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from types import ModuleType
from typing import Any

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from tests.workload.source.running import ROWS, calls, repeated, used_up
from tests.workload.source.samples import NEGATIVE, POSITIVE
from tests.workload.source.samples.sqlalchemy import MODELS


def filled(engine: Engine) -> ModuleType:
    """Return the module of the samples' models, with rows in their tables."""
    blog = ModuleType("blog.models")
    sys.modules["blog.models"] = blog
    exec(compile(MODELS, "blog/models.py", "exec"), blog.__dict__)
    blog.Base.metadata.create_all(engine)
    keys = range(1, ROWS + 1)
    with Session(engine) as session:
        session.add_all(blog.Author(name=f"n{key}") for key in keys)
        session.flush()
        session.add_all(blog.Post(title="x", body="b", author_id=key) for key in keys)
        session.flush()
        for key in keys:
            session.add(blog.Comment(text="a", post_id=key, author_id=key % ROWS + 1))
            session.add(blog.Comment(text="b", post_id=1, author_id=key % ROWS + 1))
            session.add_all([blog.Tag(post_id=key), blog.Vote(post_id=key), blog.Visit(post_id=key)])
        session.commit()
    return blog


def ran(body: str, engine: Engine, session: Session) -> int | None:
    """Return how often a sample's query was asked, None for one that can't be called."""
    module: dict[str, Any] = {"__name__": "blog.app", "__package__": "blog"}
    try:
        exec(compile(body, "blog/app.py", "exec"), module)
    except ImportError:  # of what is not installed
        return None
    keys = list(range(1, ROWS + 1))
    wanted: dict[str, Callable[[], Any]] = {
        "session": lambda: session,
        "keys": lambda: keys,
        "names": lambda: [f"n{key}" for key in keys],
        "key": lambda: 1,
        "lists": lambda: [keys],
        "words": lambda: ["x"],
    }
    most = None
    for call in calls(module, wanted):
        session.rollback()
        session.expunge_all()
        asked: list[str] = []

        def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any, asked: list[str] = asked) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", heard)
        with suppress(IntegrityError):  # of writes that the rows refuse
            value = call()
            if not inspect.iscoroutine(value):
                used_up(value)
                most = max(most or 0, repeated(asked))
            else:
                value.close()
        event.remove(engine, "before_cursor_execute", heard)
    session.rollback()
    return most


def main(dsn: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))
    blog = ModuleType("blog")
    blog.__path__ = []
    sys.modules["blog"] = blog
    filled(engine)
    with Session(engine) as session, redirect_stdout(io.StringIO()):
        found = {
            name: ran(files["blog/app.py"], engine, session)
            for name, files in {**POSITIVE, **NEGATIVE}.items()
            if files.get("blog/models.py") == MODELS and "blog/app.py" in files
        }
    engine.dispose()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
