"""Who may log in to replicate, as ``pg_hba.conf`` says: the first rule that fits decides. Pure.

A rule of which that can't be told from here (a host's name, the members of a role, most regular expressions) may fit or
not; where that makes a difference, the answer is unknown.

Source: check_hba() in PostgreSQL's src/backend/libpq/hba.c. What replicates physically fits the word ``replication``
alone, ``all`` doesn't mean it. ``pg_hba_file_rules`` doesn't show what was quoted: ``"all"`` and ``"replication"`` are
taken for the keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from dbops.ha.snapshot import HbaRule

SAME_MACHINE = ("127.0.0.1", "::1")
"""Addresses that every machine has, and calls itself."""
_REQUIRING_TLS = ("require", "verify-ca", "verify-full")
_PLAIN_REGEX = re.compile(r"\^?(?:[A-Za-z0-9_-]|\.\*?)*\$?")
"""Regular expressions that mean the same to PostgreSQL and to Python."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login for physical replication; ``address`` None is a Unix socket, ``tls`` whether it is encrypted."""

    user: str
    address: str | None
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a login is let in (as far as to its password), None where that can't be told; and which rule says so.

    ``remedy`` is set where no rule would mend it.
    """

    admitted: bool | None
    reason: str
    remedy: str | None = None


def admission(
    rules: Sequence[HbaRule], user: str, address: str | None, *, sslmode: str | None, tls: bool | None, major: int
) -> Decision:
    """Return whether the server would let in what connects with libpq's ``sslmode``, None where that isn't known.

    ``tls`` says whether the server speaks TLS, ``major`` is its version.
    """
    if address is None:
        return decide(rules, Login(user, None), major)
    plain, encrypted = (decide(rules, Login(user, address, each), major) for each in (False, True))
    modes = ("disable", "prefer", "require") if sslmode is None else (sslmode,)
    answers = [
        _connecting(plain, encrypted, mode, speaks)
        for mode in modes
        for speaks in ((False, True) if tls is None else (tls,))
    ]
    if len({answer.admitted for answer in answers}) > 1:
        return Decision(None, "it depends on whether it connects with TLS")
    return answers[0]


def decide(rules: Sequence[HbaRule], login: Login, major: int) -> Decision:
    """Return what the first rule that fits says; a server without one lets nobody in."""
    broken = next((rule for rule in rules if rule.error is not None and rule.kind is None), None)
    if broken is not None:
        return Decision(None, f"{_place(broken)} can't be parsed, so the server keeps the rules it had")
    doubtful: list[HbaRule] = []
    for rule in rules:
        fits = _all(_fits(rule, login, major))
        if fits:
            return _decided(rule, doubtful)
        if fits is None:
            doubtful.append(rule)
    return _decided(None, doubtful)


def _connecting(plain: Decision, encrypted: Decision, mode: str, speaks_tls: bool) -> Decision:
    """Return how a connection fares: modes that only prefer one way take the other when they are rejected."""
    if mode in _REQUIRING_TLS:
        return encrypted if speaks_tls else _no_tls(mode)
    if mode == "disable" or not speaks_tls:
        return plain
    ways = sorted((encrypted, plain), key=lambda way: (True, None, False).index(way.admitted))
    return ways[0]


def _no_tls(mode: str) -> Decision:
    return Decision(False, f"it insists on TLS (sslmode={mode}), and ssl is off", "set ssl = on, with a certificate")


def _decided(rule: HbaRule | None, doubtful: Sequence[HbaRule]) -> Decision:
    admitted = rule is not None and rule.method != "reject"
    other = next((each for each in doubtful if (each.method != "reject") != admitted), None)
    if other is not None:
        return Decision(None, f"whether {_place(other)} is about it can't be told from here")
    if rule is None:
        return Decision(False, "no line is about it")
    return Decision(admitted, f"{_place(rule)} says {rule.method}")


def _fits(rule: HbaRule, login: Login, major: int) -> Iterator[bool | None]:
    """Yield whether each part of a rule fits, None where that can't be told."""
    yield _kind_fits(rule, login)
    yield "replication" in rule.databases
    yield _any(_user_fits(token, login.user, major) for token in rule.users)
    if login.address is not None and rule.kind != "local":
        yield _address_fits(rule, login.address)
    yield None if rule.method is None else True


def _kind_fits(rule: HbaRule, login: Login) -> bool | None:
    if (rule.kind == "local") != (login.address is None):
        return False
    if rule.error is not None:  # the server says that such a line can't match: it has no TLS, or no GSSAPI
        return False if rule.kind in {"hostssl", "hostgssenc"} else None
    match rule.kind:
        case "local" | "host" | "hostnogssenc":  # what GSSAPI rejects is tried again without
            return True
        case "hostssl":
            return login.tls
        case "hostnossl":
            return not login.tls
    return None


def _user_fits(token: str, user: str, major: int) -> bool | None:
    if token in {"all", user}:
        return True
    if token.startswith("+"):
        return None
    if token.startswith("/") and major >= 16:
        return _matches(token[1:], user)
    return False


def _matches(pattern: str, user: str) -> bool | None:
    if not _PLAIN_REGEX.fullmatch(pattern):
        return None
    ours = pattern.removesuffix("$") + (r"\Z" if pattern.endswith("$") else "")
    return re.search(ours, user, re.DOTALL) is not None


def _address_fits(rule: HbaRule, address: str) -> bool | None:
    if rule.address == "all":
        return True
    if rule.address in {"samehost", "samenet"}:
        return True if address in SAME_MACHINE else None
    if rule.address is None or rule.netmask is None:
        return None
    try:
        ours, theirs, mask = (ip_address(each) for each in (address, rule.address, rule.netmask))
    except ValueError:
        return None
    return ours.version == theirs.version and int(ours) & int(mask) == int(theirs) & int(mask)


def _all(parts: Iterator[bool | None]) -> bool | None:
    known = list(parts)
    return False if False in known else None if None in known else True


def _any(parts: Iterator[bool | None]) -> bool | None:
    known = list(parts)
    return True if True in known else None if None in known else False


def _place(rule: HbaRule) -> str:
    return f"line {rule.line} of {(rule.file or 'pg_hba.conf').rsplit('/', maxsplit=1)[-1]}"
