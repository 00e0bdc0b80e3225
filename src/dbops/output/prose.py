"""Prose as paragraphs, and as lines of a width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dbops.output.cells import TAB, pieces, printable
from dbops.output.style import Style

_LABEL = re.compile(r"(Why|Instead|Versions|Source): ")
_CODE = re.compile(r"`[^`]+`")
_HELD = "\0"  # a space that no line is broken at
_BLANKS = str.maketrans("\n\v\f\r", "    ")
_NARROWEST = 24
# SQL that begins a line, a literal or a comment: a line break put into these would change what is pasted.
_SQL = re.compile(r"\s*[A-Z]{2,}\b|.*(--|;\s*$|(?<!\w)')")
_LAID_OUT = re.compile(r"^(\s|[-*] |\d+\. )", re.MULTILINE)


class Paragraph(NamedTuple):
    """A paragraph, and ``Why``, ``Instead``, ``Versions`` or ``Source`` where it begins with that."""

    label: str
    text: str

    @property
    def laid_out(self) -> bool:
        """Whether its line breaks mean something: it is a list, or code."""
        return _LAID_OUT.search(self.text) is not None


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield what blank lines separate."""
    for part in re.split(r"\n\s*\n", text.strip()):
        match = _LABEL.match(part)
        yield Paragraph(match[1], part[match.end() :]) if match else Paragraph("", part)


def styled(paragraph: Paragraph, style: Style, width: int) -> str:
    """Return a paragraph in lines of the width, its label and its `code` painted."""
    label = f"{paragraph.label}: " if paragraph.label else ""
    text = label + paragraph.text
    lines = text.split("\n") if paragraph.laid_out else wrapped(text, width)
    painted = outside_code("\n".join(lines), str, lambda code: style(code, "cyan"))
    return style(label.rstrip(), "bold") + painted[len(label.rstrip()) :]


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Return the text as lines of at most ``width`` characters, broken at spaces outside of `code` only."""
    if len(indent) + len(text) <= width and "\n" not in text and "\t" not in text:
        return [indent + text] if text else []
    held = outside_code(text, lambda plain: plain, lambda code: code.replace(" ", _HELD))
    room = max(max(width, _NARROWEST) - len(indent), 1)
    return [indent + line.replace(_HELD, " ") for line in _broken(held.expandtabs().translate(_BLANKS), room)]


def _broken(text: str, room: int) -> Iterator[str]:
    """Yield lines of at most ``room`` characters; a longer word has a line of its own.

    As textwrap does it, which takes half of the time that thousands of findings need.
    """
    while len(text) > room:
        cut = text.rfind(" ", 0, room + 1)
        if cut < 0:
            cut = text.find(" ", room)
        if cut < 0:
            break
        line = text[:cut].rstrip(" ")
        if line:
            yield line
        text = text[cut:].lstrip(" ")
    last = text.rstrip(" ")
    if last:
        yield last


def filled(text: str, width: int, *, indent: str = "") -> list[str]:
    """Return the text as :func:`wrapped` does, in lines of at most ``width`` cells: a word that is longer is cut."""
    room = max(width, _NARROWEST) - len(indent)
    lines = wrapped(printable(text.expandtabs(TAB).translate(_BLANKS)), room)
    return [indent + piece for line in lines for piece in pieces(line, room)]


def advice(text: str, width: int) -> list[str]:
    """Return what to do as lines: prose is filled, a line of SQL stays whole, so that it can be pasted."""
    lines: list[str] = []
    for line in text.split("\n") if text else ():
        shown = printable(line.expandtabs(TAB))
        lines += [shown] if is_sql(shown) else filled(shown, width)
    return lines


def is_sql(line: str) -> bool:
    """Whether a line of advice is to be pasted: it is SQL, or has a literal or a comment in it."""
    return _SQL.match(line) is not None


def counted(count: int, what: str) -> str:
    """Return a count and its noun: ``1 file``, ``1,200 files``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def outside_code(text: str, plain: Callable[[str], str], code: Callable[[str], str] = str) -> str:
    """Return the text with ``plain`` applied to what stands outside of backquotes, and ``code`` to what is within."""
    done, end = [], 0
    for match in _CODE.finditer(text):
        done += [plain(text[end : match.start()]), code(match[0])]
        end = match.end()
    return "".join([*done, plain(text[end:])])
