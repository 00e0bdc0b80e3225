"""What commands that read PostgreSQL's logs have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbops.cli import options
from dbops.cli.options import Command
from dbops.errors import UsageError

if TYPE_CHECKING:
    from dbops.workload.followed import Log


def reads_logs(purpose: str) -> Callable[[Command], Command]:
    """``--log`` and how logs are to be read; ``purpose`` begins the help, and says what a log is for."""
    log = click.option(
        "--log",
        "logs",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"{purpose}: csvlog, jsonlog or text, plain or compressed; - is standard input.",
    )
    prefix = click.option("--log-line-prefix", metavar="PREFIX", help="Of logs as text [default: as recognised].")
    encoding = click.option("--encoding", type=options.TEXT, default="utf-8", show_default=True, help="Of the logs.")
    return lambda command: log(prefix(encoding(command)))


def named_logs(flags: dict[str, Any], *about: str) -> Log | None:
    """Return which logs are to be read and how, None for none.

    ``about`` are options that say something of logs alone. Raises UsageError for these, and for further files, without
    ``--log``, and for what there is not.
    """
    from dbops.workload.followed import Log

    if not flags["logs"]:
        given = [f"--{name}" for name in about if flags[name] is not None]
        if flags["more"] or given:
            raise UsageError(
                f"{', '.join(map(str, (*given, *flags['more'])))}: without --log there is no log that this is about",
                hint="name a log of PostgreSQL: --log FILE",
                details=[{"field": "--log", "error": "missing"}],
            )
        return None
    refuse_unknown(flags["log_line_prefix"], flags["encoding"])
    return Log((*flags["logs"], *flags["more"]), flags["log_line_prefix"], flags["encoding"])


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
