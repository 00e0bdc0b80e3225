"""From offsets of a file's text to lines and columns, and from hits to findings. Pure."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from dbops.lint.rule import Edit
from dbops.results.lint import Finding, Severity
from dbops.sql.redact import secrets

_SHOWN = 500
"""Characters of a statement in a finding: enough to know it by, few enough for a log line."""


class Places:
    """The lines of a text."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._length = len(text)
        self._starts = [0]
        end = text.find("\n")
        while end >= 0:
            self._starts.append(end + 1)
            end = text.find("\n", end + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        offset = min(max(offset, 0), self._length)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int = 1) -> int:
        """Return the offset of a line and column."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, self._length)

    def finding(
        self,
        rule: str,
        severity: Severity,
        message: str,
        hint: str | None,
        span: tuple[int, int],
        *,
        statement: str = "",
        edits: tuple[Edit, ...] = (),
    ) -> Finding:
        """Return a finding about the text's characters from ``span[0]`` to ``span[1]``."""
        line, column = self.at(span[0])
        end_line, end_column = self.at(max(span))
        return Finding(
            rule=rule,
            severity=severity,
            message=message,
            hint=hint,
            file=self.path,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            statement=shown(statement),
            fixable=bool(edits),
        )


@lru_cache(maxsize=1)  # the findings about one statement follow one another
def shown(statement: str) -> str:
    """Return a statement's text as a finding has it: passwords blanked, cut when it is long."""
    text = secrets(statement[: 20 * _SHOWN])  # a statement can be megabytes of rows
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
