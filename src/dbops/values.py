"""How the values of settings are written, in files, in the environment, and on the command line.

Each function takes what stands there and returns the value; it raises ValueError, saying what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")
"""The name of a variable in a migration, what stands between ``${`` and ``}``."""
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?\s*", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb)\s*", re.IGNORECASE)
_SIZES = ("b", "kb", "mb", "gb", "tb")
_NAMED_DSN = re.compile(r"([\w.-]+)=((?:postgres(?:ql)?://|embedded:|[a-z_]+\s*=).*)", re.DOTALL)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 24 * 86400.0


def parse_duration(text: str | float) -> float:
    """Return seconds for ``500ms``, ``2s``, ``1.5min``, ``2h``, ``1d``; a bare number is seconds.

    Raises ValueError for anything else: months, anything negative, and more than PostgreSQL's own timeouts can hold.
    """
    if isinstance(text, bool):
        raise ValueError("a duration is expected, such as 500ms, 2s, 5min or 1h")
    match = _DURATION.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 500ms, 2s, 5min or 1h")
    seconds = float(match[1]) * _SECONDS[(match[2] or "s").lower()]
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is longer than the 24 days PostgreSQL's timeouts can hold")
    return seconds


def parse_size(text: str) -> int:
    """Return bytes for ``500kB``, ``200MB``, ``1.5GB``, in PostgreSQL's units of 1,024.

    Raises ValueError for anything else, and for 0.
    """
    match = _SIZE.fullmatch(str(text))
    if match is None or not float(match[1]):
        raise ValueError(f"{text!r} is not a size; write 500kB, 200MB or 1.5GB")
    return int(float(match[1]) * 1024 ** _SIZES.index(match[2].lower()))


def parse_lag(text: str | float) -> tuple[str, float]:
    """Return ``("bytes", n)`` for a size, ``("seconds", n)`` for a duration with its unit; else raises ValueError."""
    words = str(text)
    if _SIZE.fullmatch(words):
        return "bytes", float(parse_size(words))
    match = _DURATION.fullmatch(words)
    if match is None or match[2] is None:
        raise ValueError(f"{text!r} is neither a size nor a duration; write 16MB or 30s")
    return "seconds", parse_duration(words)


def parse_node(text: str) -> tuple[str | None, str]:
    """Return NAME (None where there is none) and DSN of ``[NAME=]DSN``; a key=value DSN itself begins with a word =."""
    match = _NAMED_DSN.fullmatch(text)
    return (None, text) if match is None else (match[1], match[2])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is expected, not {value!r}")
    return value


def nonblank(value: object) -> str:
    """Return text that says something, without blanks around it."""
    text = _text(value).strip()
    if not text:
        raise ValueError("it is empty")
    return text


def variables(value: object) -> dict[str, str]:
    """Return values by name, of a table or, where only text can stand, of a JSON object."""
    if isinstance(value, str):
        import json

        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError('a JSON object is expected, such as {"tenant": "acme"}') from None
    if not isinstance(value, dict):
        raise ValueError('a table of names and values is expected, such as { tenant = "acme" }')
    for name, each in value.items():
        if VARIABLE.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a variable: letters, digits and _, beginning with a letter")
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            raise ValueError(f"the value of {name} must be text or a number")
    return {name: str(each) for name, each in value.items()}


def count(value: object) -> int:
    """Return a whole number of at least 0."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value)):
        raise ValueError(f"a whole number of at least 0 is expected, not {value!r}")
    return int(str(value))


def duration(value: object) -> float:
    """Return seconds."""
    if not isinstance(value, str | int | float):
        raise ValueError("a duration is expected, such as 500ms, 2s, 5min or 1h")
    return parse_duration(value)


def bound(value: object) -> float:
    """Return seconds, more than 0: what bounds something."""
    seconds = duration(value)
    if not seconds:
        raise ValueError("0 would be no bound at all; give a time such as 500ms or 2s")
    return seconds


def one_of(*choices: str) -> Callable[[object], str]:
    """Return what takes one of these words alone."""

    def parse(value: object) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)} is expected, not {value!r}")
        return str(value)

    return parse


def names(value: object) -> tuple[str, ...]:
    """A list, or words with commas between as the environment has them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError('a list of names is expected, such as ["select-star", "prefer-*"]')
    return tuple(item.strip() for item in items if item.strip())


def names_by_pattern(value: object) -> dict[str, tuple[str, ...]]:
    """Return names by patterns of paths."""
    if not isinstance(value, dict):
        raise ValueError('a table is expected, such as { "tests/**" = ["select-star"] }')
    return {pattern: names(listed) for pattern, listed in value.items()}


def severities(value: object) -> dict[str, str]:
    """Return severities by name."""
    parse = one_of("info", "warning", "error")
    pairs: list[tuple[Any, ...]] = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, str):  # as the environment has it
        pairs = [tuple(part.strip() for part in item.split("=", 1)) for item in names(value)]
    if not isinstance(value, str | dict) or any(len(pair) != 2 for pair in pairs):
        raise ValueError('a table is expected, such as { select-star = "error" }, or select-star=error')
    return {name: parse(severity) for name, severity in pairs}


def nodes(value: object) -> tuple[tuple[str | None, str], ...]:
    """Return (name or None, DSN) of each node; as the environment has them they are [NAME=]URL, blanks between."""
    if isinstance(value, dict):
        return tuple((name, nonblank(dsn)) for name, dsn in value.items())
    if isinstance(value, str):
        return tuple(map(parse_node, value.split()))
    items = value
    if not isinstance(items, list | tuple):
        raise ValueError('a list of DSNs, or a table such as { n1 = "host=n1", n2 = "host=n2" }, is expected')
    return tuple((None, nonblank(item)) for item in items)


def lags(value: object) -> tuple[tuple[str, float], ...]:
    """Return what each of one or several lags bounds, and the bound."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise ValueError('a size, a duration, or both are expected, such as ["16MB", "30s"]')
    return tuple(parse_lag(item) for item in items)


def accepted(value: object) -> tuple[dict[str, Any], ...]:
    """Return the entries of [[ha.accept]] with their dates as dates."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
        raise ValueError('tables are expected: [[ha.accept]] with check = "…", reason = "…", and node and expires')
    return tuple(map(_entry, value))


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(item) - {"check", "node", "reason", "expires"})
    if unknown:
        raise ValueError(f"an entry has check, node, reason and expires, and no {unknown[0]!r}")
    for needed in ("check", "reason"):
        if item.get(needed) is None:
            raise ValueError(f"an entry needs a {needed}")
    expires = item.get("expires")
    if isinstance(expires, datetime):
        expires = expires.date()
    elif expires is not None and not isinstance(expires, date):
        try:
            expires = date.fromisoformat(nonblank(expires))
        except ValueError:
            raise ValueError(f"expires is a date such as 2027-03-31, not {item['expires']!r}") from None
    entry: dict[str, Any] = {"node": None, "expires": expires}
    return entry | {name: nonblank(item[name]) for name in ("check", "reason", "node") if item.get(name) is not None}


def major_version(value: object) -> int:
    """Return PostgreSQL's major version, of those that are supported."""
    version = count(value)
    if not 13 <= version <= 18:
        raise ValueError(f"a major version from 13 to 18 is expected, not {value!r}")
    return version


def flag(value: object) -> bool:
    """Return true or false."""
    if isinstance(value, bool) or str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise ValueError(f"true or false is expected, not {value!r}")
