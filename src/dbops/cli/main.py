"""``dbops``: the root of the command line, and how any error leaves it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click

from dbops import __version__
from dbops.cli.context import Common
from dbops.cli.lazy import LazyGroup
from dbops.cli.options import TEXT
from dbops.errors import DbopsError, InternalError, Interrupted, UsageError

COMMANDS = {
    "migrate": ("dbops.cli.migrate", "Change the schema with up/down SQL migrations."),
    "lint": ("dbops.cli.lint.command", "Find the query and the migration that will hurt."),
    "explain": ("dbops.cli.explain.command", "Say why a query is slow, and which index is proven to help."),
    "nplusone": ("dbops.cli.nplusone.command", "Find the loops that ask once for each row of an answer."),
    "advise": ("dbops.cli.advise", "Advise on what the application does to the database."),
    "top": ("dbops.cli.top.command", "Show which statements take the time, now or in all."),
    "ha-status": ("dbops.cli.ha.command", "Say whether a failover would work right now."),
    "doctor": ("dbops.cli.doctor", "Say what is configured, what works and what is missing."),
    "demo": ("dbops.cli.demo", "Show dbops at work on a throw-away PostgreSQL."),
    "completion": ("dbops.cli.completion", "Print the completion script of a shell."),
}

EPILOG = """\b
Exit status: 0 good, 1 attention, 2 failed, 3 could not tell (unreachable, not permitted,
configuration), 64 usage, 130 interrupted.

\b
The database: --dsn, DBOPS_DATABASE_URL, DATABASE_URL, dbops.toml, or libpq's PG* variables.
"""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="dbops", message="%(prog)s %(version)s")
@click.option("--env", "env_name", type=TEXT, metavar="NAME", help="Use the [env.NAME] table of the configuration.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Read FILE in place of dbops.toml.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="Default: info.")
@click.option("--log-format", type=click.Choice(["auto", "console", "json"]), help="Default: by terminal.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), help="Default: by terminal.")
@click.option("--debug", is_flag=True, help="Show tracebacks, and log at level debug.")
@click.pass_context
def main(
    ctx: click.Context,
    env_name: str | None,
    config: Path | None,
    log_level: str | None,
    log_format: str | None,
    color: str | None,
    debug: bool,
) -> None:
    """Run PostgreSQL safely: migrations, and what surrounds them."""
    common = ctx.ensure_object(Common)
    common.env_name, common.config_file = env_name, config
    common.log_level, common.log_format = "debug" if debug else log_level, log_format
    common.color, common.debug = color, debug
    ctx.color = True  # what is printed is painted, or not, by Common.style: click need not judge once more


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit status."""
    # Starting up makes objects that stay: looking through them every 700 for garbage is a tenth of a command's time.
    gc.set_threshold(100_000)
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before we were started (`>&-`)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for as long as we run
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 shows a ? for a tick rather than a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(status_of(arguments))


def status_of(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status; every error is told here and nowhere else."""
    common = Common()
    try:
        status = main.main(list(arguments), prog_name="dbops", standalone_mode=False, obj=common)
    except DbopsError as error:
        return _tell(error, arguments, common)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_status
    except click.ClickException as error:
        return _tell(_usage(error), arguments, common)
    except (KeyboardInterrupt, click.Abort):
        return _tell(Interrupted("interrupted", retryable=True), arguments, common)
    except Exception as error:
        unexpected = InternalError(
            f"a defect in dbops: {type(error).__name__}",
            hint="run it again with `dbops --debug …` and report what it prints",
        )
        unexpected.__cause__ = error
        return _tell(unexpected, arguments, common)
    return status if isinstance(status, int) else 0


def _usage(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "dbops"
    parameter = getattr(error, "param", None)
    field = parameter.opts[-1] if parameter is not None and parameter.opts else "arguments"
    message = error.format_message()
    return UsageError(message, hint=f"try `{path} --help`", details=[{"field": field, "error": message}])


def _tell(error: DbopsError, arguments: Sequence[str], common: Common) -> int:
    from dbops.cli.render import tell

    return tell(error, json=_wants_json(arguments), style=common.style(error=True), debug=common.debug)


def _wants_json(arguments: Sequence[str]) -> bool:
    """Say whether JSON was asked for, also on a command line that could not be parsed."""
    return not {"-ojson", "-o=json", "--output=json"}.isdisjoint(arguments) or any(
        option in {"-o", "--output"} and value == "json" for option, value in pairwise(arguments)
    )
