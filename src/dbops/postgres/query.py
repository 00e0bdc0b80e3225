"""The SQL files of ``postgres/queries/``, with values put in as literals.

A file names its values as psql does: ``:'name'`` becomes a literal, ``:"name"`` an identifier; and a line
``\\ir FILE`` stands for what is in that file, whose path is from this one's folder. Literals, not protocol parameters,
because a migration and its bookkeeping travel in one simple-query message.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from dbops.sql.quote import identifier, literal

_FOLDER = Path(__file__).parent / "queries"
_INCLUDE = "\\ir "
_NAME = re.compile(r""":(?:'(\w+)'|"(\w+)")""")


@cache
def source(name: str) -> str:
    """Return the text of ``queries/NAME.sql`` without its comment lines and surrounding blanks."""
    file = _FOLDER / f"{name}.sql"
    lines = file.read_text(encoding="utf-8").splitlines()
    kept = (line for line in lines if line.strip() and not line.lstrip().startswith("--"))
    return "\n".join(_included(file, line) if line.startswith(_INCLUDE) else line for line in kept)


def _included(file: Path, line: str) -> str:
    other = (file.parent / line.removeprefix(_INCLUDE).strip()).resolve()
    return source(str(other.relative_to(_FOLDER).with_suffix("")))


def render(query: str, /, **values: str | float | bool | None) -> str:
    """Return the query of that name with its values in place; KeyError when one is missing."""

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return literal(values[match[1]])
        return identifier(str(values[match[2]]))

    return _NAME.sub(replace, source(query))
