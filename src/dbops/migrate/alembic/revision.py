"""An Alembic revision as a migration. Imports nothing of Alembic's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dbops.errors import MissingMigration
from dbops.files.migration import Migration
from dbops.migrate.alembic.project import Project


@dataclass(frozen=True, slots=True)
class History:
    """What a project's revisions have in common.

    ``depends`` are, by revision and base first, those that must be applied before it; ``table`` and ``schema`` (None
    for the current one) name Alembic's version table as env.py configures it.
    """

    project: Project
    depends: Mapping[str, tuple[str, ...]]
    table: str
    schema: str | None

    def applied(self, heads: Iterable[str]) -> tuple[str, ...]:
        """Return the heads and all they stand on, base first. What no file has comes last."""
        found: set[str] = set()
        left = list(heads)
        while left:
            version = left.pop()
            if version not in found:
                found.add(version)
                left += self.depends.get(version, ())
        known = [version for version in self.depends if version in found]
        return (*known, *sorted(found - self.depends.keys()))

    def require_known(self, heads: Iterable[str]) -> None:
        """Raise MissingMigration for a head without a file: what it stands on can't be known."""
        unknown = sorted(set(heads) - self.depends.keys())
        if unknown:
            raise MissingMigration(
                f"the database is at {', '.join(unknown)}, which has no file here: what is applied can't be told",
                hint="is --dir right, is the release complete? Restore the file, or run the release that has it",
                details=[{"field": "version", "error": "no file", "version": version} for version in unknown],
            )


@dataclass(frozen=True, slots=True)
class Revision(Migration):
    """``up`` and ``down`` are what Alembic writes in its offline mode; it is Alembic that runs the revision."""

    history: History = field(kw_only=True, repr=False, compare=False)


def history_of(files: Sequence[Migration]) -> History | None:
    """Return what the files' project knows, None when they are not an Alembic project's."""
    first = files[0] if files else None
    return first.history if isinstance(first, Revision) else None
