"""What the fault tests share: a project on the shared server or on one of the test's own, and clusters to watch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conftest import SESSION
from faults.failover import Watched
from faults.scene import Project, full_count
from servers.server import Cluster, Server
from servers.session import Session


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test of this folder; leave the long variants to `make faults`."""
    for item in items:
        if item.nodeid.startswith("tests/faults/"):
            item.add_marker(pytest.mark.fault)
    if not full_count(0, 1):
        long = [item for item in items if item.get_closest_marker("at_full_count")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture
def project(tmp_path, database) -> Iterator[Project]:
    """A folder of migrations for a database of the shared server."""
    made = Project(tmp_path / "migrations", database)
    made.set_scene()
    yield made
    made.close()


@pytest.fixture
def private_project(tmp_path, private_server: Server) -> Iterator[Project]:
    """A folder of migrations for a server that the test may crash, freeze and restart (``private_server``)."""
    made = Project(tmp_path / "migrations", private_server.dsn())
    made.set_scene()
    yield made
    made.close()


@pytest.fixture
def watched(cluster: Cluster) -> Watched:
    """The module's cluster, in order; a test leaves it so that it gets in order by itself."""
    made = Watched(cluster)
    made.wait_until_well()
    return made


@pytest.fixture
def doomed(request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A cluster of the test's own, to kill and to promote.

    It is embedded on every lane, because that is there in a third of the time; `make faults` takes the lane's own.
    """
    session = request.config.stash[SESSION]
    with (session if full_count(0, 1) else Session("embedded")).cluster() as cluster:
        made = Watched(cluster)
        made.wait_until_well()
        yield made
