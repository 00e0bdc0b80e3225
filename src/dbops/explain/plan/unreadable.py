"""Why a text can't be read as a plan."""

from __future__ import annotations

AGAIN = "run EXPLAIN again with FORMAT JSON or TEXT, and save its output as it is (psql -XAt -o plan.txt)"
COPY_AGAIN = "copy the plan again with the blanks at the lines' beginnings: they tell what belongs to what"


class PlanUnreadable(ValueError):
    """A text that is no plan, or a damaged one.

    ``message`` names the file and the place, what was found there and what was expected; ``hint`` says what to do.
    ``line`` and ``column`` count from 1, in characters of the file.
    """

    def __init__(self, message: str, hint: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line
        self.column = column

    def of(self, name: str) -> PlanUnreadable:
        """Return the same about a file of that name."""
        return PlanUnreadable(f"{name}:{self.line}:{self.column}: {self.message}", self.hint, self.line, self.column)
