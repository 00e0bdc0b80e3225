"""What to do: SQL and commands, which are pasted as they stand, and prose."""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

from dbops.output.cells import TAB, printable
from dbops.output.prose import filled

_SQL = re.compile(
    r"\s*(--\s|(ALTER|CALL|CHECKPOINT|CREATE|DELETE|DROP|GRANT|INSERT|RESET|REVOKE|SELECT|SET|SHOW|UPDATE|VACUUM)\b"
    r"|REINDEX\s+(\(|INDEX\b|TABLE\b|SCHEMA\b|DATABASE\b|SYSTEM\b))"
)
# A sentence may begin with a program's name too ("pg_rewind it, or …"): a command has an option, or a verb it knows.
_COMMAND = re.compile(
    r"\s*(sudo\s+)?("
    r"(pg_\w+|psql|curl|dbops|patronictl|repmgr)\s(.*\s)?-"
    r"|export\s+\w+="
    r"|systemctl\s+(start|stop|restart|reload|status|enable|disable)\s"
    r"|patronictl\s+(resume|pause|list|switchover|failover|reload|restart|reinit|edit-config|show-config)\b)"
)


class Part(NamedTuple):
    """Lines that belong together: ``code`` to paste, or a sentence."""

    code: bool
    text: str


def parts(remedy: str | None) -> tuple[Part, ...]:
    """Return a remedy's parts."""
    lines = (remedy or "").strip("\n").split("\n") if remedy else []
    return tuple(Part(code, "\n".join(some)) for code, some in groupby(lines, key=is_code))


def lines(remedy: str | None, width: int) -> list[str]:
    """Return a remedy in lines of at most ``width`` cells; a line that is to be pasted stays whole."""
    found: list[str] = []
    for code, text in parts(remedy):
        for line in text.split("\n"):
            found += [printable(line.expandtabs(TAB))] if code else filled(line, width)
    return found


def is_code(line: str) -> bool:
    """Whether a line is SQL or a command: it begins like one, or ends a statement."""
    return line.rstrip().endswith(";") or bool(_SQL.match(line) or _COMMAND.match(line))
