"""One file of a folder of migrations. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbops.errors import InvalidMigration
from dbops.files.formats import format_of
from dbops.files.migration import Migration, SourceFile
from dbops.lint.text import NotText, SourceText, encode

NUMBERED = re.compile(r"(?:[VvUuBb])?(?P<version>[0-9]+(?:[._][0-9]+)*)(?=\D|\Z).*\.sql", re.IGNORECASE)
"""Names that tell the order of files, as several tools have them."""
_DOWN = re.compile(r"(?:[Uu][0-9].*|(?:.*[._-])?(?:down|rollback|revert|undo))\.sql", re.IGNORECASE)
_MARKED = re.compile(
    r"^(?:[ \t]*--[ \t]*(?:migrate:|(?:up|down)[ \t]+migration\b)|--[ \t]*\+goose[ \t]+up\b)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a folder of migrations.

    ``migration`` is it read in a format that dbops runs; without one it is plain SQL, and ``down`` says that it goes
    back: from what the file ``up`` makes, where there is one of its version. It stands before that one, and so does
    what is known of the schema. ``wrong`` is why a file with markers can't be read.
    """

    source: SourceText | NotText
    migration: Migration | None = None
    down: bool = False
    up: SourceText | None = None
    wrong: InvalidMigration | None = None

    @property
    def path(self) -> str:
        """The file's path."""
        return self.source.path


def step(source: SourceText | NotText) -> Step:
    """Return a file as a migration: in the format whose markers it has, dbops' or goose's, whatever it is called."""
    if isinstance(source, NotText):
        return Step(source)
    name = source.path.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    if not _MARKED.search(source.text):
        return Step(source, down=_DOWN.fullmatch(name) is not None)
    file = SourceFile(source.path, name if NUMBERED.fullmatch(name) else "0_unnamed.sql", encode(source, source.text))
    try:
        return Step(source, format_of([file]).parse([file])[0])
    except InvalidMigration as error:
        return Step(source, wrong=error)
