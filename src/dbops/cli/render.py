"""Printing results and errors: JSON on stdout, or text for people (errors then on stderr)."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import click

from dbops.errors import DbopsError


def document(result: Any) -> None:
    """Print a result's JSON document."""
    from dbops.output import envelope

    click.echo(envelope.success(result))


def tell(error: DbopsError, *, json: bool, debug: bool) -> int:
    """Print an error and return its exit status."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    status = error.context.pop("exit_status", error.exit_status)
    if json:
        from dbops.output import envelope

        click.echo(envelope.failure(error.to_dict()))
    else:
        from dbops.output import failure
        from dbops.output.style import Style, wants_colour

        style = Style(colour=wants_colour("auto", os.environ, terminal=sys.stderr.isatty()))
        click.echo(failure.render(error.to_dict(), style), err=True)
    return int(status)
