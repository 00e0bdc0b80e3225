"""The checksum that tells an edited migration from an untouched one."""

from __future__ import annotations

import hashlib

from dbops.sql.lexer import WHITESPACE


def checksum(text: str, *others: str) -> str:
    """Return the SHA-256, in hex, of the text with what editors and checkouts change taken out.

    Line ends become LF, blanks at line ends and empty lines at the end go, a BOM goes: none of these change what
    the SQL does, and all of them are changed by tools (core.autocrlf, an editor's trim-on-save). A migration of
    several files has them all in its checksum.
    """
    texts = (text, *others)
    if others:
        return hashlib.sha256("\n".join(map(checksum, texts)).encode()).hexdigest()
    lines = (line.rstrip(WHITESPACE) for line in text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"))
    return hashlib.sha256("\n".join(lines).rstrip("\n").encode()).hexdigest()
