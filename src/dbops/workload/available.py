"""Whether pg_stat_statements can be read here, and what to do where it can't."""

from __future__ import annotations

from dbops.errors import ConfigError
from dbops.postgres.session import Session
from dbops.postgres.statements import Extension, extension, settings

PRELOAD = "shared_preload_libraries = 'pg_stat_statements' in postgresql.conf and a restart"


def statements_of(session: Session) -> Extension:
    """Return where pg_stat_statements is. Raises ConfigError saying what is missing, and how to get it."""
    found = extension(session)
    known = settings(session)
    if found is not None and known["loaded"] is not False:
        return found
    if found is not None:
        raise _missing("pg_stat_statements is installed here, but the server doesn't load it", f"it takes {PRELOAD}")
    if not known["available"]:
        raise _missing(
            "this server has no pg_stat_statements",
            "install PostgreSQL's contrib package (postgresql-contrib), then it takes "
            f"{PRELOAD}, and CREATE EXTENSION pg_stat_statements",
        )
    also = "" if known["loaded"] else f"; it also takes {PRELOAD}"
    raise _missing("pg_stat_statements is not installed in this database", f"CREATE EXTENSION pg_stat_statements{also}")


def _missing(message: str, hint: str) -> ConfigError:
    return ConfigError(message, hint=hint, details=[{"field": "pg_stat_statements", "error": message}])
