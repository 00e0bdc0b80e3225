"""One log that grows, as lines: through a rename, a truncation, and its absence."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from typing import NamedTuple

_CHUNK = 1_000_000
"""Bytes that are read at once: so many are in memory, however much was written meanwhile."""
_HEAD = 256
"""Bytes by which a copy of a log is recognised (logrotate's copytruncate makes one): its first entries with times."""


class Identity(NamedTuple):
    """Which file it is, whatever its name."""

    device: int
    inode: int


class Known:
    """The files that were read already: rotation gives them other names, or copies them."""

    def __init__(self) -> None:
        self._identities: set[Identity] = set()
        self._heads: set[bytes] = set()

    def add(self, path: Path, identity: Identity) -> bool:
        """Know a file again, and say whether its copy would be known too: it is long enough."""
        self._identities.add(identity)
        begin = head(path, _HEAD)
        if len(begin) == _HEAD:
            self._heads.add(begin)
        return len(begin) == _HEAD

    def has(self, path: Path, identity: Identity) -> bool:
        """Whether it is known, or a copy of one that is."""
        return identity in self._identities or head(path, _HEAD) in self._heads


class Tail:
    """Follows the file of a name. Raises OSError for what can't be read; a file that is not there is waited for."""

    def __init__(self, path: Path, known: Known) -> None:
        self.path = path
        self.more = False
        self.cut = 0
        self._known = known
        self._is_known = False
        self._identity: Identity | None = None
        self._offset = 0
        self._file: FileIO | None = None
        self._rest = b""

    @property
    def is_open(self) -> bool:
        """Whether the file is held open: then it is read to its end also when it is renamed or removed."""
        return self._file is not None

    def lines(self) -> list[bytes]:
        """Return the whole lines that came since the last call; ``more`` says that there are others already.

        ``cut`` counts lines that were lost: the file was emptied before they ended.
        """
        found = self._read()
        said = None if self.more else _stat(self.path)
        if said is None:
            return found
        identity = Identity(said.st_dev, said.st_ino)
        if self._file is None or (identity != self._identity and said.st_size):
            found += self._read()  # what came to the old one last
            if not self.more:
                self._open(identity, said.st_size)
                found += self._read()
        elif identity == self._identity and said.st_size < self._offset:
            self.cut += bool(self._rest.strip())
            self._rest, self._offset, self._is_known = b"", self._file.seek(0), False
            found += self._read()
        if found and not self._is_known and identity == self._identity:
            self._is_known = self._known.add(self.path, identity)
        return found

    def skip(self, *, hold: bool) -> None:
        """Leave out what is there; open the file, where it is to be held."""
        said = _stat(self.path)
        if said is not None:
            identity = Identity(said.st_dev, said.st_ino)
            self._is_known = self._known.add(self.path, identity)
            self._identity, self._offset = identity, said.st_size
            if hold:
                self._open(identity, said.st_size)

    def changed(self) -> bool:
        """Whether a file that is not open is another one, longer or shorter than when it was read last."""
        said = _stat(self.path)
        return said is not None and (Identity(said.st_dev, said.st_ino), said.st_size) != (self._identity, self._offset)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, identity: Identity, size: int) -> None:
        if self._file is None and identity == self._identity and self._offset <= size:
            begin = self._offset
        else:
            begin = size if self._known.has(self.path, identity) else 0
        self.close()
        self._file = FileIO(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK), "rb")
        self._identity, self._offset = identity, self._file.seek(begin)
        self._is_known = self._known.add(self.path, identity)

    def _read(self) -> list[bytes]:
        if self._file is None:
            return []
        chunk = self._file.read(_CHUNK) or b""
        self._offset += len(chunk)
        self.more = len(chunk) == _CHUNK
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        return whole


def head(path: Path, size: int) -> bytes:
    """Return the file's first bytes, none where it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
