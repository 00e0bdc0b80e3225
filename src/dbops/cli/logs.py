"""What commands that read PostgreSQL's logs have in common."""

from __future__ import annotations

from dbops.errors import UsageError


def refuse_unknown(prefix: str | None, encoding: str) -> None:
    """Raise UsageError for a log_line_prefix with an escape that there is not, or an encoding that there is not."""
    from dbops.workload.logs.prefix import compiled

    try:
        compiled(prefix or "")
    except ValueError as error:
        raise UsageError(
            f"--log-line-prefix: {error}",
            hint="write it as SHOW log_line_prefix does, blanks at its end included",
            details=[{"field": "--log-line-prefix", "error": str(error)}],
        ) from None
    try:
        b"a".decode(encoding)
    except (LookupError, UnicodeError):  # no encoding, or none of text
        raise UsageError(
            f"--encoding: there is no encoding {encoding!r}",
            hint="give one that Python knows, such as utf-8, latin-1, cp1252 or euc-jp",
            details=[{"field": "--encoding", "error": "unknown"}],
        ) from None
