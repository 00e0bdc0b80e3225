"""Which files of a folder are looked at, and which of them are migrations that dbops can't run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dbops.errors import InvalidMigration
from dbops.files.migration import SourceFile, at_line

_PROGRAM = r"\.(?:go|py|[cm]?[jt]s|java|class|kt|groovy|rb|php|exs|sh|ps1|bat|cmd)"
_MIGRATING = re.compile(rf"(?:[0-9].*|[VUBR][0-9._]*__.*){_PROGRAM}")
"""Programs that have a migration's name: that of the tools whose migrations may be programs."""
_TEST = re.compile(r".*_test\.go")
_FOLDER = re.compile(r"[0-9][^/]*/[^/]+")
_IN_FOLDER = re.compile(r"[^/]+/(?:(?:up|down)\.sql|metadata\.toml)")
_FLYWAY = re.compile(r"(?:.*/)?(?:[VUB][0-9][^/]*|R__[^/]*)\.sql(?:\.conf)?")
_SQITCH = re.compile(r"(?:deploy|revert)/.+\.sql")
_PLAN = "sqitch.plan"
_TEXTS = (".sql", ".sql.conf", ".py", ".toml", ".plan")


def is_ours(name: str) -> bool:
    """Say whether a path inside the folder, with ``/`` between, is one that some format reads or refuses.

    In the folder itself that is all SQL, what goes with it, and programs that have a migration's name; below it what
    the formats that have folders put there.
    """
    if any(part.startswith(".") for part in name.split("/")):
        return False
    if "/" in name:
        patterns = (_FOLDER, _IN_FOLDER, _FLYWAY, _SQITCH)
        return any(pattern.fullmatch(name) for pattern in patterns) or _is_program(name.rsplit("/", 1)[1])
    return name.lower().endswith((".sql", ".sql.conf", ".py")) or name == _PLAN or _is_program(name)


def is_read(name: str) -> bool:
    """Say whether a file that is ours is read; of the others the name is enough."""
    return name.lower().endswith(_TEXTS)


def _is_program(name: str) -> bool:
    return _MIGRATING.fullmatch(name) is not None and _TEST.fullmatch(name) is None


def refuse_programs(files: Iterable[SourceFile]) -> None:
    """Raise InvalidMigration when one of the files is a program with a migration's name: passing it by loses data."""
    for file in files:
        if _is_program(file.name.rsplit("/", 1)[-1]):
            raise program(file)


def program(file: SourceFile) -> InvalidMigration:
    """Return the error for a migration that is a program."""
    return at_line(
        file.path,
        1,
        "a migration that is a program: dbops runs SQL alone, and passing it by would leave a gap",
        "write what it does as SQL, or take it out of the folder if it is no migration",
    )
