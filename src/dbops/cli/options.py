"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dbops.values import VARIABLE, parse_duration, parse_lag, parse_size

Command = TypeVar("Command", bound=Callable[..., Any])


if TYPE_CHECKING:
    _Seconds = click.ParamType[float]
    _Words = click.ParamType[str]
    _Bytes = click.ParamType[int]
    _Bound = click.ParamType[tuple[str, float]]
    _Pair = click.ParamType[tuple[str, str]]
else:
    _Seconds = _Words = _Bytes = _Bound = _Pair = click.ParamType  # generic for type checkers alone, before click 8.5


class Duration(_Seconds):
    """500ms, 2s, 5min, 1h; a bare number is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Bound(Duration):
    """A duration above 0, where PostgreSQL takes 0 for no bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        seconds = super().convert(value, param, ctx)
        if not seconds:
            self.fail("0 would be no bound at all; give a time such as 500ms or 2s", param, ctx)
        return seconds


DURATION = Duration()


class Size(_Bytes):
    """500kB, 200MB, 1.5GB, in PostgreSQL's units (1 kB is 1,024 bytes)."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return bytes."""
        try:
            return parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Lag(_Bound):
    """A size such as 16MB, or a duration with its unit such as 30s."""

    name = "lag"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Return what is bound, ``bytes`` or ``seconds``, and the bound."""
        if isinstance(value, tuple):
            return value
        try:
            return parse_lag(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Text(_Words):
    """Text that PostgreSQL can hold, and that says something.

    ``--dsn "$DSN"`` with the variable unset gives an empty value, which must not mean "whatever the default is".
    """

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is."""
        text = str(value)
        if not text.strip():
            self.fail("it is empty; is a variable unset?", param, ctx)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("it is not UTF-8", param, ctx)
        return text


TEXT = Text()


class Names(_Words):
    """Names with commas between."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the names as a tuple."""
        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in TEXT.convert(value, param, ctx).split(","))
        if not all(names):
            self.fail("a name is empty; write names with commas between", param, ctx)
        return names


class Folder(click.Path):
    """A folder, by a path that isn't empty (pathlib takes an empty one for the working directory)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        TEXT.convert(value, param, ctx)
        return super().convert(value, param, ctx)


class Variable(_Pair):
    """NAME=VALUE, or NAME for the environment variable of that name."""

    name = "variable"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return name and value."""
        name, given, text = value.partition("=")
        if VARIABLE.fullmatch(name) is None:
            self.fail("NAME=VALUE is expected, the name of letters, digits and _", param, ctx)
        if not given and name not in os.environ:
            self.fail(f"{name} is not set in the environment, and no value is given (NAME=VALUE)", param, ctx)
        return name, text if given else os.environ[name]


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator for several options, listed in ``--help`` in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def output(*formats: str) -> Callable[[Command], Command]:
    """``-o``: how the result is printed."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to print the result.",
    )


dsn = click.option("--dsn", type=TEXT, metavar="DSN", help="The database: URL, key=value words, or embedded:NAME.")

folder = click.option(
    "--dir", "directory", type=Folder(path_type=Path), metavar="DIR", help="Migrations [default: sql/migrations]."
)
file_format = click.option(
    "--format",
    "file_format",
    type=TEXT,
    metavar="NAME",
    help="Format of the files: dbops, goose, flyway … [default: as recognised].",
)
reason = click.option("--reason", type=TEXT, metavar="TEXT", help="Why; kept in migration_log.")
show_data = click.option(
    "--show-data", is_flag=True, help="Let row values (PostgreSQL's DETAIL) and passwords into the output."
)

variables = click.option(
    "--var",
    "variables",
    multiple=True,
    type=Variable(),
    metavar="NAME=VALUE",
    help="What ${NAME} stands for in migrations; NAME alone takes it from the environment.",
)

connecting = together(
    dsn,
    folder,
    file_format,
    variables,
    click.option("--schema", type=TEXT, metavar="NAME", help="Schema of the history's tables [default: dbops]."),
    click.option("--role", type=TEXT, metavar="ROLE", help="Run as this role (SET ROLE)."),
    click.option("--connect-wait", type=DURATION, help="Wait for a server that is still starting [default: 30s]."),
)

locking = click.option("--lock-wait", type=DURATION, help="Wait for another runner [default: 60s].")

running = together(
    locking,
    click.option("--lock-timeout", type=Bound(), help="Wait for a table's lock, each try [default: 2s]."),
    click.option("--retries", type=click.IntRange(0, 1000), help="Tries after the first [default: 4]."),
    click.option("--statement-timeout", type=DURATION, help="Bound on each statement [default: none]."),
    click.option("--max-duration", type=DURATION, help="Bound on the whole run [default: none]."),
    click.option(
        "--change-id",
        type=TEXT,
        envvar="DBOPS_CHANGE_ID",
        metavar="ID",
        help="A commit or ticket, kept in migration_log.",
    ),
    click.option("--allow-modified", is_flag=True, help="Accept applied files that were edited."),
    click.option("--tempfail", is_flag=True, help="Exit 75 when it failed and running it again is safe."),
    show_data,
)

scratch = together(
    click.option(
        "--scratch-dsn", type=TEXT, metavar="DSN", help="Try it on this server [default: one that is started for it]."
    ),
    click.option(
        "--as-superuser", is_flag=True, help="On dbops's own server, run as a superuser: for files that you trust."
    ),
)

_tenant_names: dict[str, Any] = {"type": TEXT, "multiple": True, "metavar": "PATTERN"}
tenants = together(
    click.option("--schemas", **_tenant_names, help="Once for each schema that fits, such as tenant_*."),
    click.option("--databases", **_tenant_names, help="Once for each database of the server that fits."),
    click.option("--canary", type=click.IntRange(0), default=1, help="Of these, so many first and alone [default: 1]."),
    click.option("--jobs", type=click.IntRange(1, 64), default=4, help="Of the others so many at once [default: 4]."),
    click.option("--max-failures", type=click.IntRange(1), default=1, help="Stop after so many failed [default: 1]."),
)
