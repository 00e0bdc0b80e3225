from __future__ import annotations

from pathlib import Path

import pytest

from cli.command import nowhere

__all__ = ["nowhere"]


@pytest.fixture(autouse=True)
def folder(nowhere: Path) -> Path:
    """An empty ``sql/migrations`` in the working directory."""
    folder = nowhere / "sql" / "migrations"
    folder.mkdir(parents=True)
    return folder
