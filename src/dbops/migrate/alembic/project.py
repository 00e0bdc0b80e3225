"""Where an Alembic project is. Imports nothing of Alembic's: every command asks whether its folder is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbops.errors import UsageError

INI = "alembic.ini"
TOML = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """``root`` is the folder that its relative paths are meant from; at least one of the others is not None.

    ``scripts`` is the script location where that was named, rather than the project.
    """

    root: Path
    ini: Path | None = None
    toml: Path | None = None
    scripts: Path | None = None

    @property
    def configuration(self) -> Path:
        """Return the file (or folder) to look at when something is wrong with the project."""
        return self.ini or self.toml or self.scripts or self.root


def find(folder: Path) -> Project | None:
    """Return the project that a folder holds, or whose script location it is; None when it is none of these."""
    if (project := _configured(folder)) is not None:
        return project
    if not ((folder / "env.py").is_file() and (folder / "versions").is_dir()):
        return None
    scripts = folder.resolve()
    for parent in scripts.parents:
        if (above := _configured(parent)) is not None:
            return Project(above.root, above.ini, above.toml, scripts)
    return Project(scripts.parent, scripts=scripts)


def refuse(folder: Path | None, why: str, hint: str) -> None:
    """Raise UsageError where a folder is an Alembic project; ``why`` says of it what stands against the command."""
    project = None if folder is None else find(folder)
    if project is not None:
        raise UsageError(
            f"{folder} is an Alembic project, which {why}",
            hint=hint,
            details=[{"field": "dir", "error": "an Alembic project", "file": str(project.configuration)}],
        )


def _configured(folder: Path) -> Project | None:
    ini, toml = folder / INI, folder / TOML
    has_ini = ini.is_file()
    has_toml = toml.is_file() and _names_alembic(toml)
    if not (has_ini or has_toml):
        return None
    root = folder.resolve()
    return Project(root, root / INI if has_ini else None, root / TOML if has_toml else None)


def _names_alembic(path: Path) -> bool:
    """Say whether a pyproject.toml has ``[tool.alembic]``; one that can't be read is somebody else's trouble."""
    import tomllib

    try:
        return "alembic" in tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False
