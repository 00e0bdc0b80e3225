"""The text of a migration's file, and where its SQL begins."""

from __future__ import annotations

from dbops.files.migration import SourceFile, at_line
from dbops.sql.lexer import code

_ENCODING_HINT = "save the file as UTF-8 (editors call UTF-16 Unicode)"
_NOTHING = frozenset({"begin", "commit", ";"})


def decode(file: SourceFile) -> str:
    """Return the text with LF line ends and without a BOM; raises InvalidMigration for what is not UTF-8 text."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data[: error.start].count(b"\n") + 1
        raise at_line(file.path, line, f"byte {file.data[error.start]:#04x} is not UTF-8", _ENCODING_HINT) from None
    nul = text.find("\0")
    if nul >= 0:
        raise at_line(file.path, text.count("\n", 0, nul) + 1, "a NUL character", _ENCODING_HINT)
    return text.replace("\r\n", "\n")


def first_line_of_sql(text: str) -> int:
    """Return the line of the first thing that isn't blank, a comment or a semicolon; there must be one."""
    first = next(token.start for token in code(text) if text[token.start] != ";")
    return text.count("\n", 0, first) + 1


def does_nothing(sql: str) -> bool:
    """Say whether there is nothing to run: blanks, comments, and at most a BEGIN and a COMMIT around them."""
    return all(sql[token.start : token.end].lower() in _NOTHING for token in code(sql))
