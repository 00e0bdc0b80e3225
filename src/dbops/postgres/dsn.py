"""Which database: from the flag, the environment, the configuration, or libpq's own variables."""

from __future__ import annotations

import os
from dataclasses import dataclass

from dbops.config import Setting, Settings
from dbops.errors import ConfigError
from dbops.sql.redact import dsn as redacted

EMBEDDED = "embedded:"
_LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT", "PGUSER")


@dataclass(frozen=True, slots=True)
class Dsn:
    """A connection string as given (``text`` may hold a password: never print it), and where it came from."""

    text: str
    origin: str

    @property
    def shown(self) -> str:
        """Return the text without its password."""
        return redacted(self.text) if self.text else "(libpq's PG* variables)"

    @property
    def embedded(self) -> str | None:
        """Return NAME of ``embedded:NAME``."""
        return self.text.removeprefix(EMBEDDED) if self.text.startswith(EMBEDDED) else None

    def of_database(self, name: str) -> Dsn:
        """Return the connection string of another database of the same server; this one must be libpq's own kind."""
        from psycopg.conninfo import make_conninfo

        return Dsn(make_conninfo(self.text, dbname=name), self.origin)


def resolve(settings: Settings, flag: str | None = None, *, direct: bool = False) -> Dsn:
    """Return the database to connect to; with ``direct`` the ``direct_url`` goes before all but the flag.

    Raises ConfigError when none is named anywhere: there is no default, because a deploy that forgot its DSN must
    fail rather than migrate whatever answers locally.
    """
    if flag:
        return Dsn(flag, "--dsn")
    if direct:
        setting = settings.get("direct_url")
        if setting.value:
            if settings.outranks("database_url", "direct_url"):
                named = settings.get("database_url").origin
                raise ConfigError(
                    f"{named} names the database, and the direct_url of {setting.origin} may be of another one",
                    hint="set direct_url (or DBOPS_DIRECT_URL) in the same place as the database, or give --dsn",
                    details=[{"field": "direct_url", "error": "of a weaker origin"}],
                )
            _refuse_contradiction(settings, setting, "direct_url", "database_url")
            return Dsn(setting.value, setting.origin)
    setting = settings.get("database_url")
    if setting.value:
        _refuse_contradiction(settings, setting, "database_url")
        return Dsn(setting.value, setting.origin)
    present = [name for name in _LIBPQ if os.environ.get(name)]
    if present:
        return Dsn("", "environment " + ", ".join(present))
    raise ConfigError(
        "no database is named",
        hint="give --dsn, set DBOPS_DATABASE_URL or DATABASE_URL, or put database_url into dbops.toml; "
        "--dsn embedded:dev is a local server of dbops's own",
        details=[{"field": "dsn", "error": "missing"}],
    )


def _refuse_contradiction(settings: Settings, setting: Setting, *keys: str) -> None:
    """Refuse to guess when ``--env`` has a database of its own, under any of the keys, and another one is named."""
    own = [found for key in keys if (found := settings.of_environment(key)) is not None]
    if own and all(setting.value != found.value for found in own):
        raise ConfigError(
            f"{own[0].origin} names one database and {setting.origin} another",
            hint=f"unset {setting.origin.removeprefix('environment ')}, or say which with --dsn",
            details=[{"field": "dsn", "error": "contradiction"}],
        )
