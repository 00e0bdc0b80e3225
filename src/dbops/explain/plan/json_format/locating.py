"""Where in a JSON text a value stands, for messages about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)


def locate(text: str, start: int, path: Iterable[str | int]) -> int:
    """Return where the value at ``path`` begins, of valid JSON that begins at ``start``."""
    at = start
    for key in path:
        at = next((where for name, where in _members(text, at) if name == key), at)
    return at


def too_deep(text: str, start: int, most: int) -> int:
    """Return where more than ``most`` brackets are open; ``start`` when they never are."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in {"[", "{"}) - (token[0] in {"]", "}"})
        if depth > most:
            return token.start()
    return start


def _members(text: str, start: int) -> Iterator[tuple[str | int, int]]:
    """Yield the members of the object or array that begins at ``start``, each with where its value begins."""
    depth, key, count = 0, "", 0
    named = text[start] == "{"
    awaited = not named
    for token in _TOKEN.finditer(text, start):
        if depth == 1 and awaited and token[0] not in {"]", "}"}:
            yield (key if named else count), token.start()
            count += 1
            awaited = False
        elif depth == 1 and token[0] == (":" if named else ","):
            awaited = True
        elif depth == 1 and token[0].startswith('"'):
            key = str(json.loads(token[0], strict=False))
        depth += (token[0] in {"[", "{"}) - (token[0] in {"]", "}"})
        if depth == 0:
            return
