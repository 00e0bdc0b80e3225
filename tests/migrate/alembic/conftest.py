from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command import Ran, dbops, nowhere
from migrate.alembic.scene import AlembicProject

__all__ = ["nowhere"]


@pytest.fixture
def project(nowhere: Path) -> AlembicProject:
    """A project as `alembic init` makes it, in the working directory."""
    return AlembicProject(nowhere / "app")


@pytest.fixture
def migrate(project: AlembicProject, database: str) -> Callable[..., Ran]:
    """``migrate("up")`` runs ``dbops migrate up … -o json`` on the test's database and project."""

    def run(*arguments: object, dsn: str = database, directory: Path | None = None) -> Ran:
        where = ("--dsn", dsn, "--dir", directory or project.root)
        return dbops("migrate", *arguments, *where, "--connect-wait", 0, "-o", "json")

    return run
