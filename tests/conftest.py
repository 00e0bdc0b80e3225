"""Real servers for the tests. When none starts, the run fails: a promise that was not tried was not kept."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from types import FrameType
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from servers import pooler
from servers.emptied import Emptied
from servers.memory import files_in_memory
from servers.pgbouncer import PgBouncer
from servers.pooler import Pooler
from servers.server import Cluster, Server, SharedServer
from servers.session import Session

# How fast the machine is decides nothing: no test fails for the time that it took. Nor does chance: the same inputs are
# tried at every run, and `make explore` looks for new ones.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _UNTIMED, derandomize=True, max_examples=60)
settings.register_profile("explore", _UNTIMED, max_examples=500, print_blob=True)
settings.load_profile(os.environ.get("DBOPS_TEST_INPUTS", "same"))

ON_LANE = {"server", "private_server", "cluster", "private_cluster"}
SESSION = pytest.StashKey[Session]()
FAILED = 3  # pytest's own status for an error that is no test's
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the lane, or as an xdist worker join the controller's session."""
    given = getattr(config, "workerinput", {}).get("dbops")
    if given is None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end_run)
    if given is None:
        files_in_memory()
    try:
        session = Session.joined(given) if given else Session.chosen()
        pooler.possible()
    except RuntimeError as error:
        pytest.exit(str(error), returncode=FAILED)
    config.stash[SESSION] = session
    config.add_cleanup(session.close)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Start the shared server in xdist's controller, once for all workers."""
    try:
        node.workerinput["dbops"] = node.config.stash[SESSION].address()
    except Exception as error:
        pytest.exit(f"no server could be started: {error}", returncode=FAILED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on the lane's servers: all else is the same on every lane."""
    for item in items:
        if isinstance(item, pytest.Function) and ON_LANE.intersection(item.fixturenames):
            item.add_marker(pytest.mark.lane)


def pytest_report_header(config: pytest.Config) -> str:
    return f"lane: {config.stash[SESSION].lane}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(config.stash[SESSION].describe())
    terminalreporter.write_line(f"pooler: {pooler.possible()[0]}")


def _end_run(number: int, frame: FrameType | None) -> None:
    """On SIGTERM end the run as Ctrl-C does, so that fixtures remove what they started."""
    pytest.exit("SIGTERM", returncode=128 + number)


@dataclass(frozen=True, slots=True)
class Role:
    """A role that may log in."""

    name: str
    password: str

    def dsn(self, database: str) -> str:
        """Return ``database``, a DSN, with this role's login."""
        return make_conninfo(database, user=self.name, password=self.password)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> SharedServer:
    """The run's shared server. Tests keep to databases and roles of their own."""
    return request.config.stash[SESSION].shared()


@pytest.fixture(scope="session")
def admin(server: SharedServer) -> Iterator[psycopg.Connection]:
    """A superuser's autocommit connection to the shared server's database ``postgres``."""
    with closing(psycopg.connect(server.dsn(), autocommit=True, connect_timeout=10)) as connection:
        yield connection


@pytest.fixture
def database(server: SharedServer, admin: psycopg.Connection, _roles: list[Role]) -> Iterator[str]:
    """The superuser's DSN of a fresh, empty UTF-8 database."""
    name = _unique("test")
    # template0, unlike template1, can be cloned by many at once: nobody can be connected to it.
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    yield server.dsn(name)
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def _emptied(server: SharedServer, admin: psycopg.Connection) -> Iterator[Emptied]:
    emptied = Emptied(server, admin)
    yield emptied
    emptied.drop()


@pytest.fixture
def emptied(_emptied: Emptied) -> Iterator[str]:
    """The superuser's DSN of an empty database, which is emptied again and may be another test's afterwards."""
    yield _emptied.dsn()
    _emptied.empty()


@pytest.fixture
def role(admin: psycopg.Connection, _roles: list[Role]) -> Callable[..., Role]:
    """Make roles: ``role()``, or ``role("CREATEDB CONNECTION LIMIT 2")`` with attributes. They are dropped."""

    def make(attributes: str = "") -> Role:
        made = Role(_unique("role"), "secret")
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} " + attributes)
        admin.execute(statement.format(sql.Identifier(made.name), made.password))
        _roles.append(made)
        return made

    return make


@pytest.fixture
def _roles(admin: psycopg.Connection) -> Iterator[list[Role]]:
    """The test's roles, dropped after its database: what they own or may do there goes with it."""
    made: list[Role] = []
    yield made
    for role in made:
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role.name)))


@pytest.fixture
def private_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the test's own, to crash, freeze and restart."""
    with request.config.stash[SESSION].create() as server:
        yield server


@pytest.fixture(scope="module")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A primary with two streaming standbys for a module's tests, which leave all three running."""
    with request.config.stash[SESSION].cluster() as cluster:
        yield cluster


@pytest.fixture
def private_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A primary with two streaming standbys of the test's own, to crash and to promote."""
    with request.config.stash[SESSION].cluster() as cluster:
        yield cluster


@pytest.fixture
def pgbouncer(server: SharedServer) -> Iterator[PgBouncer | Pooler]:
    """PgBouncer (or what stands in for it), in transaction mode, with two server connections to the shared server."""
    with pooler.start(server) as made:
        yield made


def _unique(what: str) -> str:
    return f"{what}_{os.getpid()}_{next(_numbers)}"
