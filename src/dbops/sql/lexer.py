"""SQL text as tokens, without the parser: for text that may not parse, and where its 60 ms of import are too many.

The rules are those of PostgreSQL's scan.l with ``standard_conforming_strings`` on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

WHITESPACE = " \t\n\r\f\v"  # PostgreSQL's; str.strip() alone would also take U+00A0, a letter of identifiers


class Kind(Enum):
    """What a token is."""

    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    DOLLAR = "dollar"
    QUOTED = "quoted"
    WORD = "word"
    OTHER = "other"


class Token(NamedTuple):
    """``sql[start:end]`` is the token; a quote that is never closed reaches to the end of the text."""

    kind: Kind
    start: int
    end: int


# A letter of a name is an ASCII letter, _ or anything beyond ASCII; negated, for that compiles six times as fast.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER_OR_DIGIT = r"[^\x00-/:-@\[-^`{-\x7f]"
_LETTER_DIGIT_OR_DOLLAR = r"[^\x00-#%-/:-@\[-^`{-\x7f]"

# Literals on several lines ('a' <newline> 'b') are one token: an E'' literal's continuation keeps its escapes.
_TOKEN = re.compile(
    r"""
      (?P<space> [ \t\n\r\f\v]++ )
    | (?P<comment> --[^\n\r]*+ | (?P<block> /\* ) )
    | (?P<string>
          [eE]                  '(?: [^'\\] | \\. | '' | \\\Z )*+ (?:'|\Z)
              (?: CONTINUED     '(?: [^'\\] | \\. | '' | \\\Z )*+ (?:'|\Z) )*
        | (?: [bBnNxX] | [uU]& )? '(?: [^'] | '' )*+ (?:'|\Z)
              (?: CONTINUED     '(?: [^'] | '' )*+ (?:'|\Z) )*
      )
    | (?P<dollar> \$ (?P<tag> (?: LETTER LETTER_OR_DIGIT*+ )? ) \$
          (?: .*? \$(?P=tag)\$ | .*+ ) )
    | (?P<quoted> (?: [uU]& )? "(?: [^"] | "" )*+ (?:"|\Z) )
    | (?P<word> LETTER LETTER_DIGIT_OR_DOLLAR*+ )
    | (?P<other> [0-9] [A-Za-z0-9_.]*+ | . )
    """.replace("CONTINUED", r"(?: [ \t\f\v]++ | --[^\n\r]*+ )*+ [\n\r] (?: [ \t\n\r\f\v]++ | --[^\n\r]*+ )*+")
    .replace("LETTER_DIGIT_OR_DOLLAR", _LETTER_DIGIT_OR_DOLLAR)
    .replace("LETTER_OR_DIGIT", _LETTER_OR_DIGIT)
    .replace("LETTER", _LETTER),
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_KINDS = {kind.value: kind for kind in Kind}
_CODE = {name: kind for name, kind in _KINDS.items() if kind not in {Kind.SPACE, Kind.COMMENT}}


def tokens(sql: str, start: int = 0) -> Iterator[Token]:
    """Cut the text from ``start`` into tokens that join to it again; never fails.

    Operators come character by character. A block comment that is never closed is OTHER and reaches to the end.
    """
    return _tokens(sql, start, _KINDS)


def code(sql: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens from ``start`` that are neither whitespace nor comments."""
    return _tokens(sql, start, _CODE)


def _tokens(sql: str, start: int, wanted: Mapping[str, Kind]) -> Iterator[Token]:
    """Yield the tokens of the ``wanted`` kinds, which are given by name."""
    while start < len(sql):
        for match in _TOKEN.finditer(sql, start):  # the last alternative takes any character: none is passed over
            group = match.lastgroup or "other"
            begin, start = match.span()
            if group == "comment" and match["block"]:
                kind, start = _block_comment(sql, begin)
                if kind.value in wanted:
                    yield Token(kind, begin, start)
                break
            if group in wanted:
                yield Token(wanted[group], begin, start)


def _block_comment(sql: str, start: int) -> tuple[Kind, int]:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(sql, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return Kind.COMMENT, edge.end()
    return Kind.OTHER, len(sql)


def trimmed(sql: str, start: int, end: int) -> str:
    """Return ``sql[start:end]`` without the whitespace and comments at its end."""
    text = sql[start:end].rstrip(WHITESPACE)
    if not text.endswith("*/") and "--" not in text[text.rfind("\n") + 1 :]:
        return text
    last = 0
    for token in code(text):
        last = token.end
    return text[:last]


def position(sql: str, offset: int) -> tuple[int, int]:
    """Return line and column of a character offset, both from 1."""
    return sql.count("\n", 0, offset) + 1, offset - sql.rfind("\n", 0, offset)
