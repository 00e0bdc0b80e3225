"""``synchronous_standby_names``: for whom commits wait, as PostgreSQL reads it. Pure.

Source: ``syncrep_scanner.l``, ``syncrep_gram.y`` and SyncRepGetStandbyPriority() in PostgreSQL's
``src/backend/replication``; they are the same from 13 to 18.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>[ \t\n\r\f\v]+)
    | "(?P<quoted>(?:[^"]|"")*)"
    | (?P<name>[A-Za-z_\u0080-\U0010ffff][A-Za-z_0-9$\u0080-\U0010ffff]*)
    | (?P<number>[0-9]+)
    | (?P<sign>[*,()])""",
    re.VERBOSE,
)
_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class SyncNames:
    """Commits wait for ``count`` standbys of the ``names``: for any of them (``quorum``), or for the first ones.

    Several standbys may have the same name, and ``*`` is every name's, so that ``count`` may exceed the names.
    """

    count: int
    names: tuple[str, ...]
    quorum: bool = False

    def include(self, application: str) -> bool:
        """Whether a standby of this application_name is one of them.

        Case is ignored, also of quoted names; ``"*"`` in quotes is a ``*`` too. An application_name is ASCII (the
        server replaces everything else) and has at most 63 characters.
        """
        return any(name == "*" or _folded(name) == _folded(application) for name in self.names)


def parse(text: str) -> SyncNames | None:
    """Return for whom commits wait, None for nobody; raises ValueError for what PostgreSQL would refuse."""
    if not text:
        return None
    tokens = _tokens(text)
    kinds = [kind for kind, _ in tokens]
    quorum = kinds[:1] == ["any"]
    if kinds[:1] in (["any"], ["first"]):
        return _counted(tokens[1:], quorum)
    if kinds[:2] == ["number", "("]:
        return _counted(tokens, quorum)
    return SyncNames(1, _names(tokens))


def _counted(tokens: Sequence[tuple[str, str]], quorum: bool) -> SyncNames:
    if [kind for kind, _ in (*tokens[:2], *tokens[-1:])] != ["number", "(", ")"]:
        raise ValueError("expected a number and names in parentheses")
    count = int(tokens[0][1])
    if count == 0:
        raise ValueError("the number of standbys must be greater than zero")
    return SyncNames(count, _names(tokens[2:-1]), quorum)


def _names(tokens: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    names, commas = tokens[::2], tokens[1::2]
    if len(names) != len(commas) + 1 or any(kind != "," for kind, _ in commas):
        raise ValueError("expected names, with commas between them")
    if any(kind not in {"name", "number"} for kind, _ in names):
        raise ValueError("expected a name")
    return tuple(text for _, text in names)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Return (kind, text): name, number, any, first, or the sign itself."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"unexpected {text[at]!r}")
        at = match.end()
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match[kind]))
    return found


def _token(kind: str, text: str) -> tuple[str, str]:
    if kind == "quoted":
        return "name", text.replace('""', '"')
    if kind == "name" and _folded(text) in {"any", "first"}:
        return _folded(text), text
    if kind == "sign" and text != "*":
        return text, text
    return "number" if kind == "number" else "name", text


def _folded(text: str) -> str:
    """Return the text in lower case as pg_strcasecmp() has it, which leaves all but ASCII alone."""
    return text.translate(_UPPER_TO_LOWER)
