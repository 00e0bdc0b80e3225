"""Files as text: reading them so that positions are right, writing them so that nothing else changes."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

STDIN = "-"
_BOM = b"\xef\xbb\xbf"
_SNIFFED = 8192


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's text with LF line ends and without its byte order mark: what positions count in.

    ``path`` is the name it goes by in findings. ``newline`` is what its lines end with, None when that is mixed.
    """

    path: str
    text: str
    newline: str | None = "\n"
    bom: bool = False


@dataclass(frozen=True, slots=True)
class NotText:
    """A file that can't be read as text: ``reason`` says why, ``hint`` what to do; ``line`` counts from 1."""

    path: str
    reason: str
    hint: str
    line: int = 1


class Texts:
    """The files of a run, each read once, so that all that is said of it is said of one text.

    ``edited`` are texts that stand in for files' own, by path. stdin is ``-``, and goes by ``stdin_name``.
    """

    def __init__(self, stdin_name: str = "stdin.sql") -> None:
        self.edited: dict[str, SourceText] = {}
        self._stdin_name = stdin_name
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


def _load(path: str, name: str) -> SourceText | NotText:
    try:
        data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        return NotText(name, f"can't be read: {error.strerror}", "check its permissions, or leave it out")
    return decode(data, name)


def decode(data: bytes, path: str) -> SourceText | NotText:
    """Return the text of a file's bytes, or why they are none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return NotText(path, "is UTF-16, not UTF-8", "save the file as UTF-8 (editors call UTF-16 Unicode)")
    if b"\0" in data[:_SNIFFED]:
        return NotText(path, "is a binary file", "leave it out, or give SQL")
    bom = data.startswith(_BOM)
    try:
        text = data[len(_BOM) if bom else 0 :].decode()
    except UnicodeDecodeError as error:
        at = error.start + (len(_BOM) if bom else 0)
        line = data.count(b"\n", 0, at) + 1
        return NotText(path, f"byte {data[at]:#04x} is not UTF-8", "save the file as UTF-8", line)
    crlf = text.count("\r\n")
    if not crlf:
        return SourceText(path, text, "\n", bom)
    newline = "\r\n" if crlf == text.count("\n") else None
    return SourceText(path, text.replace("\r\n", "\n"), newline, bom)


def encode(source: SourceText, text: str) -> bytes:
    """Return ``text``, which replaces the source's, with the source's line ends and mark."""
    if source.newline == "\r\n":
        text = text.replace("\n", "\r\n")
    return (_BOM if source.bom else b"") + text.encode()


def save(source: SourceText, text: str) -> None:
    """Write the new text in place of the file's, at once or not at all, with its permissions kept."""
    path = Path(source.path).resolve()  # what a link leads to is written, the link stays
    mode = path.stat().st_mode
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(encode(source, text))
            file.flush()
            os.fsync(file.fileno())
        Path(made).chmod(mode)
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
