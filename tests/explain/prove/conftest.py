"""A server to copy to, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbops.postgres import embedded
from explain.prove.scene import ORDERS, Database


@pytest.fixture(scope="package")
def scratch_server() -> Iterator[str]:
    """The DSN of a server that is lent for scratch databases."""
    with embedded.temporary(settings={"shared_buffers": "48MB"}) as server:
        yield server.dsn()


@pytest.fixture
def lent(database, scratch_server) -> Database:
    """An empty database, whose tables are copied to a server that is lent."""
    return Database(database, scratch_server)


@pytest.fixture
def orders(lent) -> Database:
    """The same with customers and orders in it."""
    lent.execute(ORDERS)
    return lent
