from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command import Ran, dbops, nowhere
from migrate.scene import Folder

__all__ = ["nowhere"]


@pytest.fixture
def folder(nowhere: Path) -> Folder:
    """The folder of migrations in the working directory."""
    return Folder(nowhere / "sql" / "migrations")


@pytest.fixture
def migrate(folder: Folder, database: str) -> Callable[..., Ran]:
    """``migrate("up", "--steps", 1)`` runs ``dbops migrate up … -o json`` on the test's database and folder."""

    def run(*arguments: object, output: str = "json", dsn: str = database) -> Ran:
        return dbops("migrate", *arguments, "--dsn", dsn, "--dir", folder.path, "--connect-wait", 0, "-o", output)

    return run
