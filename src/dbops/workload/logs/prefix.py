"""log_line_prefix as what reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from dbops.errors import UsageError

KNOWN = (
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%m [%p] %q%u@%d/%a ",
    "%t:%r:%u@%d:[%p]:",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: ",
    "%m [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ",
    "%m [%p] %u@%d ",
    "%m [%p] %d %u %a ",
    "< %m %u %d > ",
    "%t ",
    "%m ",
    "",
)
"""Those that are tried where none is given: PostgreSQL's own default, Debian's, RDS's, pgBadger's and the like."""

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? [\w+:/-]+"
_PATTERNS = {
    "a": r"(?P<application>.*?)", "u": r"(?P<user>\S*?)", "d": r"(?P<database>\S*?)", "r": r"\S*?", "h": r"\S*?",
    "b": r".*?", "p": r"(?P<pid>\d+)", "P": r"\d*", "t": rf"(?P<at>{_TIME})", "m": rf"(?P<at>{_TIME})",
    "n": r"(?P<epoch>\d+\.\d+)", "i": r".*?", "e": r"\w{5}", "c": r"(?P<session>[0-9a-f]+\.[0-9a-f]+)", "l": r"\d+",
    "s": _TIME, "v": r"(?P<transaction>-?\d+/\d+)?", "x": r"\d*", "Q": r"-?\d*", "L": r"\S*?", "%": "%",
}  # fmt: skip
# What others put around the lines that PostgreSQL writes, and what takes it away.
_AROUND = (
    (
        re.compile(r"(?:<\d+>)?(?:\w{3} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ [\w./@-]+\[\d+\]: "),
        "syslog's",
        r"sed -E 's/^[^]]*\[[0-9]+\]: (\[[0-9]+-[0-9]+\] )?//; s/#011/\t/g' FILE | dbops nplusone --log -",
    ),
    (
        re.compile(r'\{"log":"'),
        "Docker's JSON",
        "docker logs CONTAINER 2>&1 | dbops nplusone --log -, or: jq -rj .log FILE | dbops nplusone --log -",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\dT\S+ (?:stderr|stdout) [FP] "),
        "Kubernetes's",
        "kubectl logs POD | dbops nplusone --log -, or: cut -d' ' -f4- FILE | dbops nplusone --log -",
    ),
)
_ESCAPE = re.compile(r"%(-?\d*)(.)", re.DOTALL)
# What PostgreSQL writes behind the prefix; in other languages the words differ, and so would the messages. With
# log_error_verbosity = verbose the message begins with its SQLSTATE.
_REST = (
    r"(?P<level>DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|"
    r"BACKTRACE):  (?:(?=[A-Z]*\d)[0-9A-Z]{5}: )?(?P<text>.*)"
)


@cache
def compiled(prefix: str) -> re.Pattern[str]:
    """Return what matches a line that begins with the prefix.

    Its groups are ``level`` and ``text``, and as far as the prefix tells them ``at``, ``epoch``, ``pid``, ``session``,
    ``transaction``, ``user``, ``database`` and ``application``. Raises ValueError for an escape that PostgreSQL does
    not have, or one that stands twice where only one can be read.
    """
    parts: list[str] = []
    place = optional = 0
    seen: set[str] = set()
    for match in _ESCAPE.finditer(prefix):
        parts.append(re.escape(prefix[place : match.start()]))
        place = match.end()
        padding, escape = match.groups()
        if escape == "q":
            parts.append("(?:")
            optional += 1
            continue
        if escape not in _PATTERNS:
            raise ValueError(f"log_line_prefix has no escape %{escape}")
        pattern = _PATTERNS[escape] if escape not in seen else re.sub(r"\?P<\w+>", "?:", _PATTERNS[escape])
        seen |= {"t", "m"} if escape in {"t", "m"} else {escape}
        parts.append(f" *{pattern} *" if padding else pattern)
    parts.append(re.escape(prefix[place:]))
    return re.compile("".join(parts) + ")?" * optional + _REST, re.DOTALL)


def guessed(lines: Iterable[str]) -> str | None:
    """Return the known prefix that most of the lines have, None where fewer than half have one.

    Of several that fit as many lines the one that tells more is taken.
    """
    begun = [line for line in lines if line.strip() and not line.startswith("\t")]
    best, most = None, (0, 0)
    for prefix in KNOWN:
        pattern = compiled(prefix)
        matches = [match for line in begun if (match := pattern.match(line))]
        told = sum(len([value for value in match.groupdict().values() if value]) for match in matches)
        if matches and (len(matches), told) > most:
            best, most = prefix, (len(matches), told)
    return best if most[0] * 2 > len(begun) else None


def unrecognised(lines: Iterable[str]) -> UsageError:
    """Return the error for a log of which no prefix is given and none is known; it says what is around the lines."""
    first = next((line for line in lines if line.strip()), "")
    for pattern, what, hint in _AROUND:
        if pattern.match(first):
            return UsageError(
                f"the log's lines are within {what}",
                hint=hint,
                details=[{"field": "--log", "error": f"within {what}"}],
            )
    return UsageError(
        "the log's lines begin with no prefix that is known",
        hint="say which with --log-line-prefix: SHOW log_line_prefix tells it",
        details=[{"field": "--log-line-prefix", "error": "not recognised"}],
    )
