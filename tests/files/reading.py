"""Texts as files of a folder, and what a format says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from dbops.errors import InvalidMigration
from dbops.files.formats import Format, formats
from dbops.files.migration import Migration, SourceFile


def files(texts: Mapping[str, str | bytes]) -> list[SourceFile]:
    """Return files by their names inside ``dir``."""
    return [
        SourceFile(f"dir/{name}", name, text.encode() if isinstance(text, str) else text)
        for name, text in texts.items()
    ]


def read(tool: str, texts: Mapping[str, str | bytes]) -> Sequence[Migration]:
    return formats()[tool].parse(files(texts))


def recognised(texts: Mapping[str, str | bytes]) -> list[str]:
    """Return the names of the formats that the files fit."""
    found: list[Format] = [each for each in formats().values() if each.recognises(files(texts))]
    return [each.NAME for each in found]


def refused(tool: str, texts: Mapping[str, str | bytes], place: str, message: str) -> None:
    """Check that reading fails at ``place``, FILE:LINE inside ``dir``, and says what to do."""
    with pytest.raises(InvalidMigration) as caught:
        read(tool, texts)
    error = caught.value
    path, _, line = place.rpartition(":")
    assert error.message.startswith(f"dir/{place}: ")
    assert message in error.message
    assert error.hint
    assert error.details[0].items() >= {"file": f"dir/{path}", "line": int(line)}.items()
