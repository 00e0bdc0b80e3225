"""What is around a query's tables: version, settings, locale; and how near a scratch database can come to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dbops.sql.quote import literal

ICU_SINCE = 150000
BUILTIN_SINCE = 170000
# They sort by code point, whoever provides them.
_BY_CODE_POINT = frozenset({"C", "POSIX", "C.UTF-8", "C.UTF8", "PG_UNICODE_FAST"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A session's server, database and settings.

    ``schemas`` are those of its search path that exist; ``provider`` is pg_database's letter, ``locale`` the name for
    ICU and the built-in provider, else None. ``shared_buffers`` is in bytes, ``workers`` is max_worker_processes;
    ``settings`` are those that decide how a query is planned and what its literals mean, as SHOW spells them.
    """

    version: int
    schemas: tuple[str, ...]
    encoding: str
    provider: str
    collate: str
    ctype: str
    locale: str | None
    shared_buffers: int
    workers: int
    settings: Mapping[str, str]

    @property
    def collation(self) -> str:
        """The name of what the database sorts by."""
        return self.collate if self.provider == "c" else (self.locale or "")

    def with_settings(self, settings: Mapping[str, str]) -> Surroundings:
        """Return the same with other values of its settings; what it hasn't is left out."""
        known = {name: value for name, value in settings.items() if name in self.settings}
        return replace(self, settings={**self.settings, **known})


@dataclass(frozen=True, slots=True)
class Locale:
    """A way to make a database: ``clause`` of CREATE DATABASE, and by what it sorts where that isn't the same."""

    clause: str
    instead: str | None = None


def surroundings(said: Mapping[str, Any]) -> Surroundings:
    """Return what the query ``prove/surroundings`` said."""
    return Surroundings(**{**said, "schemas": tuple(said["schemas"])})


def locales(of: Surroundings, version: int) -> Iterator[Locale]:
    """Yield ways to make a like database on a server of ``version``, the best first; the last one always works.

    Where the locale is missing, libc's C.UTF-8 comes nearest: its order is another one, but like others it is none
    that the planner knows to go by code point, so that the same indexes serve LIKE.
    """
    encoding = f"ENCODING {literal(of.encoding)}"
    if of.provider == "c":
        yield Locale(f"{encoding} {_libc(of.collate, of.ctype, version)}")
    elif of.provider == "i" and version >= ICU_SINCE:
        icu = f"{encoding} LOCALE_PROVIDER icu ICU_LOCALE {literal(of.locale)}"
        yield Locale(f"{icu} LC_COLLATE {literal(of.collate)} LC_CTYPE {literal(of.ctype)}")
        yield Locale(f"{icu} LC_COLLATE 'C' LC_CTYPE 'C'")
    elif of.provider == "b" and version >= BUILTIN_SINCE:
        yield Locale(f"{encoding} LOCALE_PROVIDER builtin BUILTIN_LOCALE {literal(of.locale)} LOCALE 'C'")
    if of.provider != "c" and of.collation.upper() in _BY_CODE_POINT:
        yield Locale(f"{encoding} {_libc('C', 'C.UTF-8', version)}")
    if of.collation.upper() not in _BY_CODE_POINT:
        yield Locale(f"ENCODING 'UTF8' {_libc('C.UTF-8', 'C.UTF-8', version)}", "C.UTF-8")
    yield Locale("", "the server's own locale")


def _libc(collate: str, ctype: str, version: int) -> str:
    provider = "LOCALE_PROVIDER libc " if version >= ICU_SINCE else ""
    return f"{provider}LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}"
