"""Where the parts of a query stand whose words have no place in its tree, and their text in one line. Pure."""

from __future__ import annotations

from bisect import bisect_left

from dbops.lint.queries import extents
from dbops.lint.queries.extents import Word
from dbops.lint.queries.query import Query
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.lexer import code
from dbops.sql.query import Span, exp, span

_SHOWN = 120
_DEPTH = {"(": 1, ")": -1}
_BEGINS_QUERY = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
_BEGINS_CONDITION = frozenset(
    {
        "WHERE", "AND", "OR", "ON", "HAVING", "SELECT", "DISTINCT", "ALL", "WHEN", "THEN", "ELSE", "CASE", "BY", "AS",
        "RETURNING", "NOT", ",", ";", "FROM", "JOIN", "SET", "UNION", "LIMIT",
    }
)  # fmt: skip
_ENDS_CONDITION = frozenset(
    {
        "AND", "OR", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "UNION",
        "INTERSECT", "EXCEPT", "RETURNING", "FROM", "AS", "ASC", "DESC", "JOIN", "LEFT", "RIGHT", "FULL", "INNER",
        "CROSS", "NATURAL", "WHEN", "THEN", "ELSE", "END", "ON", "DO", ",", ";",
    }
)  # fmt: skip


def words(query: Query) -> tuple[Word, ...]:
    """Return the statement's tokens; operators come character by character."""
    return extents.words(query.statement.text, query.statement.start).every


def place(query: Query, node: exp.Expr) -> Span | None:
    """Return where a node stands in the script, as far as its tokens have a place; None when none has."""
    within = span(node)
    return None if within is None else Span(query.start + within.start, query.start + within.end)


def condition(query: Query, node: exp.Expr) -> Span:
    """Return the whole of a condition: also the NULLs and keywords at its beginning and end."""
    start, end = query.span(node)
    ends = _ENDS_CONDITION - {"OR"} if isinstance(node, exp.Or) else _ENDS_CONDITION
    every = words(query)
    first, depth = _begin(every, bisect_left(every, start, key=lambda word: word.start)), 0
    joints = 1 if isinstance(node, exp.Between) and place(query, node.args["high"]) is None else 0
    for word in every[first:]:
        depth += _DEPTH.get(word.text, 0)
        if depth < 0 or (word.start >= end and depth == 0 and word.text in ends and joints == 0):
            break
        joints -= joints > 0 and word.start >= end and word.text == "AND"
        end = max(end, word.end)
    return Span(min(start, every[first].start), end)


def _begin(every: tuple[Word, ...], first: int) -> int:
    """Return the number of the token with which the condition begins that this one belongs to."""
    depth = 0
    while first > 0:
        before = every[first - 1].text
        depth -= _DEPTH.get(before, 0)
        if depth < 0 or (depth == 0 and before in _BEGINS_CONDITION):
            break
        first -= 1
    return first


def found(
    query: Query, node: exp.Expr, message: str, hint: str | None = None, *, severity: Severity | None = None
) -> Found:
    """Return a finding at a condition."""
    start, end = condition(query, node)
    return Found(message, hint, start, end, severity)


def clause(query: Query, node: exp.Expr, keyword: str, message: str, hint: str) -> Found:
    """Return a finding at a clause, such as LIMIT, from its keyword to its end; at the statement if it has no place."""
    if place(query, node) is None:
        return Found(message, hint)
    start, end = query.span(node)
    before = [word for word in words(query) if word.start <= start and word.text == keyword]
    return Found(message, hint, before[-1].start if before else start, end)


def inside(query: Query, node: exp.Expr) -> Span | None:
    """Return what stands between the parentheses around a subquery, or None when they can't be told."""
    within = place(query, node)
    if within is None:
        return None
    all_words = words(query)
    opened: list[int] = []
    for index, word in enumerate(all_words):
        if word.text == "(":
            opened.append(index)
        elif word.text == ")" and opened:
            first = all_words[opened.pop() + 1]
            if first.start <= within.start and within.end <= word.start and first.text in _BEGINS_QUERY:
                return Span(first.start, all_words[index - 1].end)
    return None


def after_from(query: Query, part: Span) -> str | None:
    """Return what follows the FROM of the query that stands there, in one line; None when it has none."""
    depth = 0
    for word in words(query):
        if not part.start <= word.start < part.end:
            continue
        depth += _DEPTH.get(word.text, 0)
        if word.text == "FROM" and depth == 0:
            return in_one_line(query.sql[word.end : part.end])
    return None


def in_one_line(sql: str) -> str:
    """Return the SQL without comments, with single spaces for its white space."""
    pieces: list[str] = []
    last = 0
    for token in code(sql):
        if pieces and token.start > last:
            pieces.append(" ")
        pieces.append(sql[token.start : token.end])
        last = token.end
    return "".join(pieces)


def shown(sql: str) -> str:
    """Return the SQL as a hint can show it: in one line, cut when it is long."""
    line = in_one_line(sql)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"


def text(query: Query, node: exp.Expr) -> str:
    """Return a condition's whole text, as a hint can show it."""
    start, end = condition(query, node)
    return shown(query.sql[start:end])


def union(query: Query, node: exp.Expr) -> Word | None:
    """Return the word UNION that joins the two parts of a set operation, or None when it can't be told."""
    left, right = place(query, node.this), place(query, node.expression)
    if left is None or right is None:
        return None
    depth, found = 0, list[tuple[int, Word]]()
    for word in words(query):
        if left.end <= word.start < right.start:
            depth += _DEPTH.get(word.text, 0)
            if word.text == "UNION":
                found.append((depth, word))
    least = min((level for level, _ in found), default=0)
    return next((word for level, word in reversed(found) if level == least), None)


def following(query: Query, word: Word) -> Word | None:
    """Return the token after this one."""
    return next((each for each in words(query) if each.start >= word.end), None)
