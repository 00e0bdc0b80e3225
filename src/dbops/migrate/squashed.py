"""The history of a database on which the originals of a squashed migration were run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbops.files.migration import Migration, version_key
from dbops.migrate.record import APPLIED, Record


def settled(files: Sequence[Migration], record: Record) -> Record:
    """Return the record as if squashed files had been run where all that they were made of was.

    A database that stands between is left as it is: what was squashed is then missing there.
    """
    for file in files:
        if file.squashes:
            record = _settled(file, record)
    return record


def _settled(file: Migration, record: Record) -> Record:
    originals = {version_key(version) for version in file.squashes} - {file.key}
    row = record.row(file.key)
    there = [each for each in record.rows if each.key in originals]
    if row is None or not there or any(each.state != APPLIED for each in (row, *there)):
        return record
    rows = (
        replace(each, name=file.name, checksum=file.checksum) if each is row else each
        for each in record.rows
        if each.key not in originals
    )
    return replace(record, rows=tuple(rows))
