"""Migrations whose directions are files of their own."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.files.checksum import checksum
from dbops.files.migration import Migration, Section, SourceFile
from dbops.files.text import decode, does_nothing


@dataclass(frozen=True, slots=True)
class Side:
    """The file of one direction, and what else is known of it; see :class:`dbops.files.migration.Section`."""

    file: SourceFile
    transaction: bool | None = None
    variables: bool | None = None

    def section(self, text: str, *, own: bool) -> Section:
        """Return the file's text as a direction; ``own`` says that the migration's file is another one."""
        path, whole = (self.file.path, text) if own else (None, None)
        return Section(text, 0, 1, self.transaction, path, whole, self.variables)


def pair(version: str, name: str, up: Side, down: Side | None, *, repeatable: bool = False) -> Migration:
    """Return the migration that two files make; a down that does nothing is none.

    Raises InvalidMigration for a file that is no text.
    """
    text = decode(up.file)
    up_section = up.section(text, own=False)
    if down is None:
        return Migration(version, name, up.file.path, text, checksum(text), up_section, None, repeatable=repeatable)
    other = decode(down.file)
    back = None if does_nothing(other) else down.section(other, own=True)
    return Migration(version, name, up.file.path, text, checksum(text, other), up_section, back)
