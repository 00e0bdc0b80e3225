"""Names as EXPLAIN's text format quotes them."""

from __future__ import annotations

import re

_NAME = r'(?:"(?:[^"]|"")++"|[^\s".]++)'
NAME = re.compile(_NAME)
TARGET = re.compile(rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})(?: (?P<alias>{_NAME}))?")


def plain(name: str) -> str:
    """Return a name without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
