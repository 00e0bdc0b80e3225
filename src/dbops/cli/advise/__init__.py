"""``dbops advise``: the group."""

from __future__ import annotations

import click

from dbops.cli.lazy import LazyGroup

COMMANDS = {
    "cache": ("dbops.cli.advise.cache", "Say which statements a cache would answer, and how."),
    "replicas": ("dbops.cli.advise.replicas", "Say which share of the work a standby could take."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Advise on what the application does to the database."""
