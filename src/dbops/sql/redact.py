"""Passwords out of SQL text and connection strings, before either is shown, logged or stored.

Works on text that does not parse, and rather hides too much than too little: inside literals and comments anything
that reads ``password = …`` is hidden. What a function gets as a plain argument (``crypt('secret', …)``) cannot be told
from other text and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from urllib.parse import unquote

from dbops.sql.lexer import Kind, tokens

HIDDEN = "***"

_KEYWORDS = frozenset({"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})
_SUSPICIOUS = re.compile(r"password|oauth_client_secret|scram_|://", re.IGNORECASE)
_ASSIGNMENT = frozenset("=:>")  # password = '…', password := '…', password => '…'
_DEEPEST = 6  # literals within literals; what lies deeper is hidden whole

_PASSWORD_IS = rf"(?P<key> \b(?:{'|'.join(sorted(_KEYWORDS))}) \s*=\s* )"
_QUOTED_VALUE = r"'(?: [^'\\] | \\. )*+ (?:'|\Z)"
_FLAGS = re.VERBOSE | re.IGNORECASE | re.DOTALL
_CONNINFO = re.compile(rf"{_PASSWORD_IS} (?: {_QUOTED_VALUE} | (?: [^\s\\] | \\. )++ )", _FLAGS)
_CONNINFO_IN_CODE = re.compile(rf"{_PASSWORD_IS} (?: {_QUOTED_VALUE} | (?: [^\s'\\] | \\. )++ )", _FLAGS)

# No literal, as PostgreSQL wants it, but meant as one.
_BARE = re.compile(
    r"(?P<key>\b(?:create|alter)\s+(?:role|user|group)\b[^;('\"]*?\bpassword\s+)(?!null\b)\w+", _FLAGS & ~re.VERBOSE
)

# For text whose quotes may be misread: what stands between quotes after the word.
_QUOTED_AFTER_PASSWORD = re.compile(
    rf"""(?P<key>\b(?:{"|".join(sorted(_KEYWORDS))})\b[\s=:>]*[eE]?)\\?['"][^'"]+['"]?""", re.IGNORECASE
)

_URL = re.compile(r"[a-z][a-z0-9+.-]*+://\S*", re.IGNORECASE)
_URL_IN_CODE = re.compile(r"""\b[a-z][a-z0-9+.-]*+://[^\s'"]*+""", re.IGNORECASE)
# libpq ends a password at the last @ before a slash. One with a bare slash is no valid URL, but is hidden as well.
_USER_PASSWORD = re.compile(r"(?P<user>\A[^:]*://[^:/?#@]*):(?:[^/?#]*@|(?!\d+[/?,]).*@)", re.DOTALL)
_PARAMETER = re.compile(r"(?P<mark>[?&])(?P<key>[^=&]*)=[^&]*")

_STRING = re.compile(r"(?P<open>[^']*')(?P<body>.*?)(?P<close>'?)\Z", re.DOTALL)
_DOLLAR_STRING = re.compile(r"(?P<open>\$[^$]*\$)(?P<body>.*?)(?P<close>(?P=open)|\Z)\Z", re.DOTALL)


def secrets(sql: str, *, line_ends: bool = False) -> str:
    """Return the text with every password in it as ``***``.

    Hidden are the literal after PASSWORD (roles, user mappings, ``password => '…'``), and within literals and comments
    the passwords of connection strings and URLs, also where the literal is code that holds literals again. With
    ``line_ends`` those of a hidden literal stay.
    """
    shown = _BARE.sub(rf"\g<key>{HIDDEN}", _redacted(sql, 0, line_ends=line_ends))
    return shown if sql.count("'") % 2 == 0 else _hide_quoted(shown)


def dsn(text: str) -> str:
    """Return a connection URL or ``key=value`` string with its passwords as ``***``; any other text unchanged."""
    if _URL.match(text):
        return _hide_in_url(text)
    return _URL.sub(lambda url: _hide_in_url(url[0]), _CONNINFO.sub(rf"\g<key>{HIDDEN}", text))


def message(text: str) -> str:
    """Return what PostgreSQL says of an error, which may quote SQL or a connection string, without passwords."""
    return dsn(secrets(text))


def _hide_quoted(text: str) -> str:
    return _QUOTED_AFTER_PASSWORD.sub(rf"\g<key>'{HIDDEN}'", text)


def _hide_in_url(url: str) -> str:
    return _PARAMETER.sub(_hide_parameter, _USER_PASSWORD.sub(rf"\g<user>:{HIDDEN}@", url))


def _hide_parameter(match: re.Match[str]) -> str:
    secret = unquote(match["key"]).lower() in _KEYWORDS
    return f"{match['mark']}{match['key']}={HIDDEN}" if secret else match[0]


def _redacted(sql: str, depth: int, *, line_ends: bool = False) -> str:
    if not _SUSPICIOUS.search(sql):
        return sql
    if depth > _DEEPEST:
        return HIDDEN
    return _URL_IN_CODE.sub(lambda url: _hide_in_url(url[0]), "".join(_redacted_tokens(sql, depth, line_ends)))


def _redacted_tokens(sql: str, depth: int, line_ends: bool) -> Iterator[str]:
    after_password = False
    for token in tokens(sql):
        text = sql[token.start : token.end]
        match token.kind:
            case Kind.SPACE:
                yield text
            case Kind.COMMENT:
                yield _hide_quoted(_CONNINFO_IN_CODE.sub(rf"\g<key>{HIDDEN}", text))
            case Kind.STRING | Kind.DOLLAR | Kind.QUOTED if after_password:
                yield f"'{HIDDEN}'" + "\n" * (text.count("\n") if line_ends else 0)
                after_password = False
            case Kind.STRING:
                yield _redacted_string(text, depth)
            case Kind.DOLLAR:
                yield _redacted_dollar_string(text, depth)
            case Kind.QUOTED | Kind.WORD:
                after_password = text.strip('"').lower() in _KEYWORDS
                yield _hide_quoted(_CONNINFO.sub(rf"\g<key>{HIDDEN}", text))  # psql's \connect "host=… password=…"
            case Kind.OTHER:  # one character, or a comment that is never closed
                after_password = after_password and text in _ASSIGNMENT
                yield _hide_quoted(text)


def _redacted_string(text: str, depth: int) -> str:
    literal = _STRING.match(text)
    assert literal is not None
    escapes = literal["open"] in {"E'", "e'"}
    body = literal["body"].replace("''", "'")
    if escapes:
        body = body.replace("\\'", "'")
    shown = dsn(body) if _URL.match(body) else _CONNINFO.sub(rf"\g<key>{HIDDEN}", _redacted(body, depth + 1))
    return text if shown == body else literal["open"] + shown.replace("'", "''") + literal["close"]


def _redacted_dollar_string(text: str, depth: int) -> str:
    literal = _DOLLAR_STRING.match(text)
    assert literal is not None
    shown = _CONNINFO_IN_CODE.sub(rf"\g<key>{HIDDEN}", _redacted(literal["body"], depth + 1))
    return literal["open"] + shown + literal["close"]


def lines(text: str, *, program: bool = False) -> str:
    """Return the text with its passwords as asterisks, each line as long as it was, so that columns still hold.

    In a ``program``'s text, whose quotes are not SQL's, what stands between quotes after the word is hidden, too.
    """
    if not _SUSPICIOUS.search(text):
        return text
    before, after = text.split("\n"), secrets(text, line_ends=True).split("\n")
    if len(after) != len(before):  # a literal of several lines was hidden
        after = [secrets(line) for line in before]
    if program:
        after = [_hide_quoted(line) for line in after]
    return "\n".join(_as_long(line, hidden) for line, hidden in zip(before, after, strict=True))


def _as_long(line: str, hidden: str) -> str:
    """Put asterisks over what differs, from the first to the last character that does."""
    if line == hidden:
        return line
    start = _alike(line, hidden)
    end = _alike(line[:start:-1], hidden[:start:-1])
    return line[:start] + "*" * (len(line) - start - end) + line[len(line) - end :]


def _alike(one: str, other: str) -> int:
    """Return how many characters the two begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
