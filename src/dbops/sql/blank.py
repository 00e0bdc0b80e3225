"""Whether a SQL text does anything."""

from __future__ import annotations

from dbops.sql.lexer import code


def blank(sql: str) -> bool:
    """Whether the text holds nothing to run: only whitespace, comments and semicolons.

    A quote or comment that is never closed is something: PostgreSQL would refuse it.
    """
    return all(sql[token.start] == ";" for token in code(sql))
