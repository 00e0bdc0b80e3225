"""A rule's text as paragraphs, and lines of a width."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple

_LABEL = re.compile(r"(Why|Instead|Versions): ")
_CODE = re.compile(r"`[^`]+`")
_HELD = "\0"  # a space that no line is broken at
_LAID_OUT = re.compile(r"^(\s|[-*] |\d+\. )", re.MULTILINE)


class Paragraph(NamedTuple):
    """A paragraph, and ``Why``, ``Instead`` or ``Versions`` where it begins with that."""

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


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Return the text as lines of at most ``width`` characters, broken at spaces outside of `code` only."""
    if len(indent) + len(text) <= width and "\n" not in text and "\t" not in text:
        return [indent + text] if text else []
    held = outside_code(text, lambda plain: plain, lambda code: code.replace(" ", _HELD))
    lines = textwrap.wrap(
        held,
        max(width, 24),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines]


def outside_code(text: str, plain: Callable[[str], str], code: Callable[[str], str] = str) -> str:
    """Return the text with ``plain`` applied to what stands outside of backquotes, and ``code`` to what is within."""
    done, end = [], 0
    for match in _CODE.finditer(text):
        done += [plain(text[end : match.start()]), code(match[0])]
        end = match.end()
    return "".join([*done, plain(text[end:])])
