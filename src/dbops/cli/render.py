"""Printing results and errors: JSON on stdout, or text for people (errors then on stderr)."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from dbops.errors import DbopsError
from dbops.output.stream import put
from dbops.output.style import Style
from dbops.sql.redact import dsn as redacted


def document(result: Any) -> None:
    """Print a result's JSON document."""
    from dbops.output import envelope

    put(envelope.success(result))


def tell(error: DbopsError, *, json: bool, style: Style, debug: bool) -> int:
    """Print an error and return its exit status.

    Passwords of connection strings are blanked here too: one in the wrong place is quoted by whoever refuses it.
    """
    if debug:
        put(redacted("".join(traceback.format_exception(error))), sys.stderr)
    status = error.context.pop("exit_status", error.exit_status)
    shown = _redacted(error.to_dict())
    if json:
        from dbops.output import envelope

        put(envelope.failure(shown))
    else:
        from dbops.output import failure

        put(failure.render(shown, style), sys.stderr)
    return int(status)


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return redacted(value)
        case dict():
            # The excerpt of a migration was blanked by SQL's rules already; a DSN's would mangle it.
            return {key: inner if key == "statement" else _redacted(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner) for inner in value]
    return value
