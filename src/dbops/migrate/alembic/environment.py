"""Running a project's env.py with a connection of dbops's, whatever engine it makes.

Alembic's ``context`` is one for the whole process, and so are the working directory and ``sys.path``: one env.py runs
at a time, in the folder of its project, as it does under the ``alembic`` command.
"""

from __future__ import annotations

import logging.config
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager, redirect_stdout
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.engine.mock import MockConnection

from dbops.errors import InvalidMigration
from dbops.migrate.alembic.project import Project
from dbops.migrate.alembic.writer import NAMED

_ONE_AT_A_TIME = threading.RLock()
_URL = "postgresql+psycopg://"
"""What env.py finds as ``sqlalchemy.url``: it needs a driver that is there, and never connects."""

Work = Callable[[MigrationContext, Mapping[str, Any]], None]
"""What to do where env.py says ``context.run_migrations(**kw)``; gets the context that it configured, and ``kw``."""


@contextmanager
def opened(project: Project) -> Iterator[tuple[Config, ScriptDirectory]]:
    """Give a project's configuration and scripts, and make the process the project's for as long as it takes."""
    with ExitStack() as stack:
        stack.enter_context(_ONE_AT_A_TIME)
        stack.enter_context(chdir(project.root))
        stack.enter_context(_replaced(sys, "path", [*sys.path]))
        stack.enter_context(redirect_stdout(sys.stderr))  # stdout is for results
        config = Config(project.ini, toml_file=project.toml)
        if project.scripts is not None:
            config.set_main_option("script_location", _escaped(str(project.scripts)))
        config.set_main_option("sqlalchemy.url", _URL)
        yield config, ScriptDirectory.from_config(config)


def run(config: Config, scripts: ScriptDirectory, work: Work, connect: Callable[[], Any] | None = None) -> None:
    """Run env.py and, where it runs its migrations, ``work`` instead.

    ``connect`` gives the connection that takes the place of any that env.py opens; without it, env.py gets one that
    executes nothing, and the context is one that writes SQL. Raises InvalidMigration when env.py runs no migrations,
    or those of several databases.
    """
    environment = _Environment(config, scripts, work, connect)
    connection = environment.connection
    config.attributes["connection"] = connection
    with (
        environment.context,
        _replaced(Engine, "connect", lambda _engine: environment.opened()),
        # How this process logs is not for env.py to say.
        _replaced(logging.config, "fileConfig", _ignore),
        _replaced(logging.config, "dictConfig", _ignore),
    ):
        scripts.run_env()
    if environment.runs != 1:
        what = "runs no migrations" if environment.runs == 0 else "runs the migrations of several databases"
        raise InvalidMigration(
            f"{scripts.env_py_location}: {what}",
            hint="it must call context.configure() and context.run_migrations() once",
            details=[{"field": "file", "error": what, "file": str(scripts.env_py_location)}],
        )


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _ignore(*_args: Any, **_options: Any) -> None:
    """Do nothing."""


class _Environment:
    """What env.py knows as ``context``: online always, so that it takes the way that it takes in production."""

    def __init__(self, config: Config, scripts: ScriptDirectory, work: Work, connect: Callable[[], Any] | None) -> None:
        options = {} if connect else {"as_sql": True, "output_buffer": _Nowhere()}
        self.context = EnvironmentContext(config, scripts, **options)
        self._work = work
        self._connect = connect
        self._configure = self.context.configure
        self.connection = self.opened()
        self.runs = 0
        # Set on the instance: Alembic ties what ``from alembic import context`` gives to the class itself.
        for name in ("is_offline_mode", "configure", "run_migrations"):
            setattr(self.context, name, getattr(self, name))

    def opened(self) -> Any:
        """Return the connection that env.py gets for its own."""
        return self._connect() if self._connect else _Silent()

    def is_offline_mode(self) -> bool:
        """Say no."""
        return False

    def configure(self, connection: Any = None, *_args: Any, **options: Any) -> None:
        """Configure the context with env.py's options and dbops's connection."""
        for name in ("url", "dialect_name", "dialect_opts", "output_buffer", "starting_rev", "as_sql", "fn"):
            options.pop(name, None)
        if self._connect is None:
            self._configure(dialect_name="postgresql", dialect_opts=NAMED, **options)
            return
        ours = isinstance(connection, Connection) and connection.engine.pool is self.connection.engine.pool
        self._configure(connection=connection if ours else self.connection, **options)

    def run_migrations(self, **kw: Any) -> None:
        """Do the work instead."""
        self.runs += 1
        if self.runs == 1:
            self._work(self.context.get_context(), kw)


class _Nowhere:
    """Takes what nobody reads."""

    def write(self, _text: str) -> None:
        """Pass it by."""

    def flush(self) -> None:
        """Do nothing."""


class _Silent(MockConnection):
    """A connection for an env.py that is only read: nothing is executed, and nothing comes back."""

    def __init__(self) -> None:
        super().__init__(make_url(_URL).get_dialect()(), _ignore)

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it."""

    def begin(self) -> _Silent:
        """Give itself for the transaction."""
        return self

    def exec_driver_sql(self, *_args: Any, **_options: Any) -> None:
        """Execute nothing."""

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def in_transaction(self) -> bool:
        """Say no."""
        return False


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
