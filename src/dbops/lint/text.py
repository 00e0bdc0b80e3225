"""Files as text: reading their bytes so that positions are right, and back so that nothing else changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

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
        return NotText(path, f"has the byte {data[at]:#04x}, which is not UTF-8", "save the file as UTF-8", line)
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


def is_python(path: str) -> bool:
    """Whether a file is read as Python."""
    return path.lower().endswith(".py")
