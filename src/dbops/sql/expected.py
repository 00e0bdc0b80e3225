"""What may stand next in a SQL text, judged by the tokens before it: for text that no parser can read yet."""

from __future__ import annotations

from enum import Enum

from dbops.sql.lexer import Kind, Token


class Expected(Enum):
    """What the grammar wants next."""

    OPERAND = "operand"
    """A value: at the beginning, after an operator, a comma or a word such as WHERE."""
    NAME = "name"
    """A table's or column's name, as after FROM or a dot."""
    OPERATOR = "operator"
    """What follows a value: an operator, a comma, a closing bracket or the next clause."""


# Reserved words that no value ends with, and others that a value follows.
# fmt: off
_BEFORE_OPERAND = frozenset({
    "all", "and", "any", "array", "as", "asymmetric", "between", "both", "by", "call", "case", "check", "distinct",
    "else", "escape", "except", "fetch", "for", "freeze", "group", "having", "ilike", "in", "intersect", "is",
    "leading", "like", "limit", "not", "offset", "on", "or", "order", "placing", "returning", "select", "set",
    "similar", "some", "symmetric", "then", "to", "trailing", "union", "using", "values", "variadic", "when", "where",
    "with",
})
_BEFORE_NAME = frozenset({"from", "into", "join", "lateral", "only", "references", "table", "update"})
_BEFORE_QUERY = frozenset({"as", "exists", "from", "join", "materialized"})
_TAKE_LIST = frozenset({"in", "values"})
# fmt: on
_UNLESS_AFTER = {"first": "fetch", "next": "fetch", "zone": "time"}
"""Words that are mostly names, but before a value when another word is before them."""
_FROM_IN_CALL = frozenset({"extract", "overlay", "position", "substring", "trim"})
_TYPES_OF_TIME = frozenset({"date", "interval", "time", "timestamp", "timestamptz"})


class Reader:
    """Reads code tokens one after the other; ``expected`` is what may follow the last one."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._word = self._before = ""
        self._open: list[str] = []
        self.expected = Expected.OPERAND

    def feed(self, token: Token) -> None:
        """Take the next token that is neither blank nor comment."""
        text = self._sql[token.start : token.end]
        if token.kind is Kind.WORD:
            text = text.lower()
            self.expected = self._after_word(text)
        elif token.kind is not Kind.OTHER or text[0] in "0123456789":
            self.expected = Expected.OPERATOR
        else:
            self._after_sign(text)
        self._before, self._word = self._word, text

    def operand(self) -> None:
        """Take a value or name that replaces the next tokens."""
        self._before, self._word = self._word, "$1"
        self.expected = Expected.OPERATOR

    def value(self, number: int) -> str:
        """Return a parameter as it can stand next, where a client would put a literal or a list of them."""
        if self._word in _TAKE_LIST and self._before != ".":
            return f"(${number})"
        if self._word in _TYPES_OF_TIME and self._before != ".":
            return "'1'"  # interval $1 is no SQL
        return f"${number}"

    @property
    def last(self) -> str:
        """The last token, a word in lower case; "" at the beginning."""
        return self._word

    @property
    def in_slice(self) -> bool:
        """Whether a colon here is that of an array slice, such as ``a[1:2]`` or ``a[:2]``."""
        return bool(self._open) and self._open[-1] == "[" and self._slices_now()

    @property
    def in_json_object(self) -> bool:
        """Whether a colon here parts key and value, as in ``json_object('a': 1)``."""
        innermost = self._open[-1] if self._open else ""
        return innermost in {"json_object", "json_objectagg"} and self.expected is Expected.OPERATOR

    @property
    def in_new_query(self) -> bool:
        """Whether the last token is a parenthesis in which only a query can stand."""
        return self._word == "(" and self._before in _BEFORE_QUERY

    def _slices_now(self) -> bool:
        return self.expected is Expected.OPERATOR or self._word == "["

    def _after_word(self, word: str) -> Expected:
        if self._word == ".":
            return Expected.OPERATOR
        if word == "from" and (self._word == "distinct" or (self._open and self._open[-1] in _FROM_IN_CALL)):
            return Expected.OPERAND
        if word in _BEFORE_NAME:
            return Expected.NAME
        if word in _BEFORE_OPERAND or (word in _UNLESS_AFTER and self._word == _UNLESS_AFTER[word]):
            return Expected.OPERAND
        return Expected.OPERATOR

    def _after_sign(self, sign: str) -> None:
        self.expected = Expected.OPERAND
        match sign:
            case "(":
                self._open.append(self._word)
            case "[":
                # An array's elements may be parameters; only a subscript may be a slice.
                self._open.append("[" if self._word not in {"array", "", "[", ",", "("} else "array")
            case ")" | "]":
                if self._open:
                    self._open.pop()
                self.expected = Expected.OPERATOR
            case ".":
                self.expected = Expected.NAME
            case ";":
                self._open.clear()
