"""Literals out of a query and its plan, as ``$n``: equal ones get the same number everywhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dbops.sql.lexer import Kind, Token, tokens
from dbops.sql.parameters import places
from dbops.sql.quote import literal

_NAMES = frozenset(
    {
        "Node Type", "Parent Relationship", "Subplan Name", "Relation Name", "Schema", "Alias", "Index Name",
        "CTE Name", "Function Name", "Table Function Name", "Tuplestore Name", "Join Type", "Strategy",
        "Partial Mode", "Operation", "Command", "Scan Direction", "Sort Method", "Sort Space Type",
        "Sort Methods Used", "Cache Mode", "Storage", "Custom Plan Provider", "Trigger Name", "Relation",
        "Constraint Name", "Conflict Resolution", "Conflict Arbiter Indexes", "Params Evaluated", "Format",
        "Settings", "JIT", "Query Identifier", "Sampling Method",
    }
)  # fmt: skip
_COMPARED = r"(?P<before>[=<>(,] ?){}(?![\w.])"
_UNTOUCHED_BEHIND = frozenset({"$", "initplan", "subplan"})


class Redactor:
    """Replaces string and number literals; one object for all that belongs together.

    ``texts`` are those whose own ``$n`` keep their numbers; ``values`` are what was put in for some of these.
    """

    def __init__(self, *texts: str, values: Mapping[int, str | None] | None = None) -> None:
        self._numbers: dict[str, int] = {}
        for number, value in (values or {}).items():
            if value is not None:
                self._numbers.setdefault(value, number)
                self._numbers.setdefault(literal(value), number)
        self._used = {number for text in texts for number, _, _ in places(text)}

    def sql(self, text: str) -> str:
        """Return SQL, or an expression of a plan, without its literals; ``true``, ``false`` and ``null`` stay."""
        return "".join(self._pieces(text))

    def document(self, value: Any) -> Any:
        """Return a plan's JSON document without the literals of its expressions."""
        if isinstance(value, Mapping):
            return {key: inner if key in _NAMES else self.document(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.document(inner) for inner in value]
        return self.sql(value) if isinstance(value, str) else value

    def prose(self, text: str) -> str:
        """Return a sentence without the literals that were seen so far: an apostrophe in it opens no string."""
        for found in sorted(self._numbers, key=len, reverse=True):
            number = f"${self._numbers[found]}"
            if found.endswith("'"):
                text = text.replace(found, number)
            else:
                text = re.sub(_COMPARED.format(re.escape(found)), rf"\g<before>{number}", text)
        return text

    def _pieces(self, text: str) -> Iterator[str]:
        before: list[str] = []  # the code so far, lower case, as far as the rules look back
        modifier = False
        for token in tokens(text):
            piece = text[token.start : token.end]
            if token.kind is Kind.SPACE:
                yield piece
                continue
            if token.kind is Kind.COMMENT:  # which may hold what the query was before
                continue
            modifier = piece != ")" and (modifier or (piece == "(" and _is_type(before)))
            hidden = _is_literal(token, piece) and not modifier and not (before and before[-1] in _UNTOUCHED_BEHIND)
            yield f"${self._number(piece)}" if hidden else piece
            before = [*before[-3:], piece.lower()]

    def _number(self, piece: str) -> int:
        if piece not in self._numbers:
            number = max(self._numbers.values(), default=0) + 1
            while number in self._used:
                number += 1
            self._numbers[piece] = number
        return self._numbers[piece]


def _is_literal(token: Token, piece: str) -> bool:
    return token.kind in {Kind.STRING, Kind.DOLLAR} or (token.kind is Kind.OTHER and piece[0].isdigit())


def _is_type(before: list[str]) -> bool:
    """Whether a parenthesis that comes now holds a type's length: ``::numeric(10,2)``, ``::character varying(20)``."""
    return before[-3:-1] == [":", ":"] or (before[-4:-2] == [":", ":"] and before[-1] == "varying")
