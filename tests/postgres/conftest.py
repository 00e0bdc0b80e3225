from __future__ import annotations

import pytest

from dbops.postgres.embedded.temporary import temporary_folder


@pytest.fixture
def state(monkeypatch):
    """An empty folder for named servers that is gone, with all its servers, after the test."""
    with temporary_folder() as folder:
        monkeypatch.setenv("DBOPS_EMBEDDED_HOME", str(folder))
        yield folder
