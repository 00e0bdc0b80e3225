"""The examples in a finding's module, as they are run and as they are read. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"--[ ]*(setup|set|pg|jit|plan only)\b:?[ ]*(.*)\n")


@dataclass(frozen=True, slots=True)
class Example:
    """``query`` is what is explained, after ``setup`` in autocommit and with ``settings`` ("work_mem = '64kB'").

    ``pg`` is the oldest version that can show it, None for any; ``jit`` whether it needs a server that can compile;
    ``analyze`` whether the query is run.
    """

    query: str
    setup: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    pg: int | None = None
    jit: bool = False
    analyze: bool = True

    @property
    def sql(self) -> str:
        """The example as one can paste it."""
        lines = [f"-- PostgreSQL {self.pg} and newer"] if self.pg is not None else []
        lines += [f"{statement};" for statement in self.setup]
        lines += [f"SET {setting};" for setting in self.settings]
        lines.append("EXPLAIN (ANALYZE)" if self.analyze else "EXPLAIN")
        return "\n".join([*lines, f"{self.query};"])


def read(text: str) -> Example:
    """Read the lines that an example may begin with: setup, set, pg, jit and plan only."""
    setup: list[str] = []
    settings: list[str] = []
    pg, jit, analyze = None, False, True
    while match := _HEADER.match(text):
        match match[1]:
            case "setup":
                setup.append(match[2])
            case "set":
                settings.append(match[2])
            case "pg":
                pg = int(match[2])
            case "jit":
                jit = True
            case _:
                analyze = False
        text = text[match.end() :]
    return Example(text.strip(), tuple(setup), tuple(settings), pg, jit, analyze)


def after(setup: str, *texts: str) -> tuple[str, ...]:
    """Return examples that begin with the same lines."""
    return tuple(setup + text for text in texts)
