"""The files of a run: each read once."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from dbops.lint.text import STDIN, NotText, SourceText, decode


class Texts:
    """The files of a run, each read once, so that all that is said of it is said of one text.

    ``edited`` are texts that stand in for files' own, by path. stdin is ``-``, and goes by ``stdin_name``.
    """

    def __init__(self, stdin_name: str = "stdin.sql") -> None:
        self.edited: dict[str, SourceText] = {}
        self._stdin_name = os.path.normpath(stdin_name)
        self._read: dict[str, SourceText | NotText] = {}

    def load(self, path: str) -> SourceText | NotText:
        """Return a file's text, or why it has none."""
        name = self._stdin_name if path == STDIN else path
        if name in self.edited:
            return self.edited[name]
        if name not in self._read:
            self._read[name] = _load(path, name)
        return self._read[name]

    def known(self, path: str) -> SourceText | NotText | None:
        """Return the text of a file that was read, by the name it goes by."""
        return self.edited.get(path) or self._read.get(path)

    def original(self, path: str) -> str:
        """Return the text that a file had before it was edited."""
        source = self._read.get(path)
        return source.text if isinstance(source, SourceText) else ""


def _is_endless(mode: int) -> bool:
    """Whether it is a pipe or a device, which could be waited for without end."""
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _load(path: str, name: str) -> SourceText | NotText:
    try:
        if path != STDIN and _is_endless(Path(path).stat().st_mode):
            return NotText(name, "is no regular file", "name a file, or give it on stdin as -")
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        return NotText(name, f"can't be read: {error.strerror}", "check its permissions, or leave it out")
    return decode(data, name)
