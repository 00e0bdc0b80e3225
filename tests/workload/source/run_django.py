"""Runs the samples of Django against a server; prints of each how often the same query was asked.

A program of its own, as Django has one configuration a process: the server's DSN is its argument.
"""

from __future__ import annotations

import inspect
import io
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict
from tests.workload.source.running import ROWS, calls, repeated, used_up
from tests.workload.source.samples import NEGATIVE, POSITIVE
from tests.workload.source.samples.django import MODELS


def configure(dsn: str, folder: Path) -> None:
    parts = conninfo_to_dict(dsn)
    (folder / "blog").mkdir()
    (folder / "blog" / "__init__.py").write_text("")
    (folder / "blog" / "models.py").write_text(MODELS)
    sys.path.insert(0, str(folder))
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "blog"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts["dbname"],
                "HOST": parts["host"],
                "PORT": parts.get("port", ""),
                "USER": parts["user"],
                "PASSWORD": parts.get("password", ""),
            }
        },
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def fill() -> None:
    from blog import models as blog

    for number in range(1, ROWS + 1):
        company = blog.Company.objects.create(name=f"c{number}")
        blog.Author.objects.create(name=f"n{number}", email=f"e{number}", company=company)
    authors = list(blog.Author.objects.order_by("pk"))
    for number, author in enumerate(authors):
        after = authors[(number + 1) % ROWS]
        post = blog.Post.objects.create(
            title="x", body="b", author=author, editor=after, published=f"2026-01-0{number + 1}"
        )
        post.tags.add(blog.Tag.objects.create(name=f"t{number}"))
        blog.Cover.objects.create(post=post, url="u")
        for text in ("first", "x"):
            blog.Comment.objects.create(post=post, author=after, text=text)
    first = blog.Post.objects.get(author=authors[0])
    for author in authors:
        blog.Comment.objects.create(post=first, author=author, text="y")
        blog.Cover.objects.create(post=_another(blog, authors[0], author), url="u")


def _another(blog: ModuleType, author: Any, editor: Any) -> Any:
    return blog.Post.objects.create(title="x", body="b", author=author, editor=editor, published="2025-01-01")


def wanted() -> dict[str, Callable[[], Any]]:
    from blog import models as blog

    keys = list(range(1, ROWS + 1))
    return {
        "keys": lambda: keys,
        "names": lambda: {key: f"n{key}" for key in keys},
        "emails": lambda: [f"e{key}" for key in keys],
        "key": lambda: 1,
        "first": lambda: 1,
        "number": lambda: 1,
        "full": lambda: True,
        "base": lambda: "n1",
        "author": lambda: blog.Author.objects.get(pk=1),
        "authors": lambda: list(blog.Author.objects.all()),
    }


def ran(body: str, arguments: dict[str, Callable[[], Any]]) -> int | None:
    """Return how often a sample's query was asked, None for one that can't be called."""
    from asgiref.sync import async_to_sync
    from django.core.exceptions import ObjectDoesNotExist
    from django.db import connection, transaction

    module: dict[str, object] = {"__name__": "blog.app"}
    try:
        exec(compile(body, "blog/app.py", "exec"), module)
    except (ImportError, LookupError):  # of what is not installed, or of a newer Python's
        return None
    most = None
    for call in calls(module, arguments):
        asked: list[str] = []

        def heard(execute: Any, sql: str, *rest: Any, asked: list[str] = asked) -> Any:
            asked.append(sql)
            return execute(sql, *rest)

        with suppress(_Undone, ObjectDoesNotExist), transaction.atomic(), connection.execute_wrapper(heard):
            value = call()
            if inspect.iscoroutine(value):
                async_to_sync(_awaited)(value)
            used_up(value)
            raise _Undone
        most = max(most or 0, repeated(asked))
    return most


class _Undone(Exception):
    """What a sample wrote is taken back."""


async def _awaited(value: Any) -> Any:
    return await value


def main(dsn: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        configure(dsn, Path(folder))
        fill()
        arguments = wanted()
        with redirect_stdout(io.StringIO()):
            found = {
                name: ran(files["blog/app.py"], arguments)
                for name, files in {**POSITIVE, **NEGATIVE}.items()
                if files.get("blog/models.py") == MODELS and "blog/app.py" in files
            }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
