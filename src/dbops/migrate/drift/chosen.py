"""Which migrations have built the target, and which differences matter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from dbops.errors import MissingMigration, UsageError
from dbops.files.migration import Migration
from dbops.migrate.order import places
from dbops.migrate.record import APPLIED, Record
from dbops.migrate.squashed import settled
from dbops.results.schema import Difference


@dataclass(frozen=True, slots=True)
class Ignored:
    """Differences to leave out: of a kind (a pattern, too) whose object's name fits."""

    kind: str
    pattern: str

    def fits(self, difference: Difference) -> bool:
        """Say whether a difference is left out."""
        return fnmatchcase(difference.kind, self.kind) and fnmatchcase(difference.object, self.pattern)


def ignored(text: str) -> Ignored:
    """Return what ``KIND:PATTERN`` means; raises UsageError."""
    kind, colon, pattern = text.partition(":")
    if not (kind.strip() and colon and pattern.strip()):
        raise UsageError(
            f"KIND:PATTERN is expected, not {text!r}",
            hint="such as index:public.tmp_* or 'materialized view:*'",
            details=[{"field": "ignore", "error": "not KIND:PATTERN"}],
        )
    return Ignored(kind.strip(), pattern.strip())


def kept(differences: Iterable[Difference], ignore: Sequence[Ignored]) -> tuple[Difference, ...]:
    """Return the differences that no pattern leaves out."""
    return tuple(each for each in differences if not any(pattern.fits(each) for pattern in ignore))


def builders(files: Sequence[Migration], record: Record) -> tuple[tuple[Migration, ...], tuple[str, ...]]:
    """Return the files that built the database, in their order, and what is uncertain about them.

    Raises MissingMigration for what is applied and has no file: nobody knows what it built.
    """
    found: list[Migration] = []
    notes: list[str] = []
    lost: list[str] = []
    for place in places(files, settled(files, record)):
        file, row = place.file, place.row
        if row is None:
            continue
        if file is None:
            lost.append(f"{row.version} {row.name}")
        elif row.state != APPLIED:
            notes.append(f"{file.label} is {row.state} half way: what it has done so far is told as a difference")
        else:
            found.append(file)
            if row.checksum != file.checksum:
                notes.append(f"{file.label} was edited since it was run: its file is taken as it is now")
    if lost:
        raise MissingMigration(
            f"{', '.join(lost[:3])}{f' and {len(lost) - 3} more' if len(lost) > 3 else ''}: applied, but without a "
            "file here, so what they built is unknown",
            hint="is --dir right, is this an older release? Restore the files, or record their removal with "
            "`dbops migrate mark reverted`",
            details=[{"field": "version", "error": "no file", "version": each.split()[0]} for each in lost],
        )
    return tuple(found), tuple(notes)
