"""The string literals of a Python text, character by character: escapes, f-strings, several in a row. Pure."""

from __future__ import annotations

import re
import unicodedata

from dbops.lint.sources.composed import Builder, Composed

_GAP = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|\\\r|#[^\r\n]*)*+")
_OPEN = re.compile(r"(?P<prefix>[A-Za-z]{0,3})(?P<quote>'''|\"\"\"|'|\")")
_SPECIAL = {quote: re.compile(rf"\\|\r|{quote}") for quote in ("'''", '"""', "'", '"')}
_SPECIAL_IN_F = {quote: re.compile(rf"\\|\r|[{{}}]|{quote}") for quote in _SPECIAL}
_ESCAPE = re.compile(
    r"\\(?:(?P<line>\r\n|\n|\r)|(?P<octal>[0-7]{1,3})|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|N\{(?P<name>[^}]+)\})"
)
_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_WORD = re.compile(r"\w+")
_CONVERSION = re.compile(r"\s*=?\s*(?:![rsa])?\s*(?::.*)?\Z", re.DOTALL)


class NotUnderstood(ValueError):
    """The literal is written in a way that is not known here."""


def read(text: str, start: int, end: int) -> Composed:
    """Return what the literals that stand from ``start`` to ``end`` become, as holes what f-strings put in.

    Raises NotUnderstood.
    """
    builder = Builder()
    reader = _Reader(text, end)
    at = _after_gap(text, start)
    while at < end:
        at = _after_gap(text, reader.literal(at, builder))
    return builder.built()


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    assert gap is not None  # it matches the empty text
    return gap.end()


class _Reader:
    """Reads one literal after the other; each method takes an offset and returns the one behind what it read."""

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end

    def literal(self, at: int, out: Builder) -> int:
        match = _OPEN.match(self.text, at)
        if match is None:
            raise NotUnderstood(f"no literal at character {at}")
        prefix = match["prefix"].lower()
        if "b" in prefix:
            raise NotUnderstood("a literal of bytes")
        return self._body(match.end(), match["quote"], "r" in prefix, "f" in prefix or "t" in prefix, out)

    def _body(self, at: int, quote: str, raw: bool, fields: bool, out: Builder) -> int:
        special = (_SPECIAL_IN_F if fields else _SPECIAL)[quote]
        while True:
            found = special.search(self.text, at, self.end)
            if found is None:
                raise NotUnderstood("a literal that does not end")
            out.add(self.text[at : found.start()], at, found.start() - at, verbatim=True)
            at = found.start()
            match found[0]:
                case "\\":
                    at = self._raw_backslash(at, fields, out) if raw else self._escape(at, fields, out)
                case "\r":
                    width = 2 if self.text.startswith("\r\n", at) else 1
                    out.add("\n", at, width)
                    at += width
                case "{" | "}":
                    at = self._brace(at, out)
                case _:
                    return found.end()

    def _raw_backslash(self, at: int, fields: bool, out: Builder) -> int:
        alone = self.text[at + 1] == "\r" or (fields and self.text[at + 1] in "{}")
        width = 1 if alone else 2
        out.add(self.text[at : at + width], at, width, verbatim=True)
        return at + width

    def _escape(self, at: int, fields: bool, out: Builder) -> int:
        match = _ESCAPE.match(self.text, at)
        if match is not None:
            out.add(_unescaped(match), at, match.end() - at)
            return match.end()
        character = self.text[at + 1]
        if character not in _SIMPLE:
            return self._raw_backslash(at, fields, out)
        out.add(_SIMPLE[character], at, 2)
        return at + 2

    def _brace(self, at: int, out: Builder) -> int:
        brace = self.text[at]
        if self.text[at + 1] == brace:
            out.add(brace, at, 2)
            return at + 2
        if brace == "}":
            raise NotUnderstood("a brace that is not opened")
        end = self._field(at + 1)
        out.hole(_CONVERSION.sub("", self.text[at + 1 : end - 1], count=1), at, end - at)
        return end

    def _field(self, at: int) -> int:
        """Return where a replacement field ends, whose expression begins at ``at``."""
        depth = 0
        while at < self.end:
            character = self.text[at]
            if (word := _WORD.match(self.text, at)) and not _OPEN.match(self.text, at):
                at = word.end()
                continue
            if _OPEN.match(self.text, at):
                at = self.literal(at, Builder())
                continue
            if character == "}" and depth == 0:
                return at + 1
            if character == ":" and depth == 0:
                return self._format(at + 1)
            if character == "#":
                at = _after_gap(self.text, at)
                continue
            depth += (character in "([{") - (character in ")]}")
            at += 1
        raise NotUnderstood("a field that does not end")

    def _format(self, at: int) -> int:
        """Return where a replacement field ends, whose format begins at ``at``: it may hold fields again."""
        while at < self.end:
            if self.text[at] == "}":
                return at + 1
            at = self._field(at + 1) if self.text[at] == "{" else at + 1
        raise NotUnderstood("a format that does not end")


def _unescaped(match: re.Match[str]) -> str:
    if match["line"]:
        return ""
    if match["octal"]:
        return chr(int(match["octal"], 8))
    if match["name"]:
        try:
            return unicodedata.lookup(match["name"])
        except KeyError:
            raise NotUnderstood("a character's name that is not known") from None
    return chr(int(match["x"] or match["u"] or match["U"], 16))
