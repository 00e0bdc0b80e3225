"""What Alembic writes in its offline mode, statement by statement."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import FrameType

NAMED = {"paramstyle": "named"}
"""The dialect's option with which a percent sign is written once."""


@dataclass(slots=True)
class Writer:
    """Alembic's output buffer; ``lines`` are those of the file ``path`` that each statement was written from."""

    path: str = ""
    statements: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def write(self, text: str) -> None:
        """Take one statement."""
        sql = text.strip().removesuffix(";").rstrip()
        if sql:
            self.statements.append(sql)
            self.lines.append(self._line())

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def _line(self) -> int:
        """Return the line of the file that is being run; 1 where none of it is."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self.path:
                return frame.f_lineno
            frame = frame.f_back
        return 1
