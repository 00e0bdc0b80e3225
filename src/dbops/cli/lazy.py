"""Groups whose commands are imported when they are run; the summaries stand here, so that ``--help`` imports none."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group that knows its commands as ``{name: (module, summary)}``; each module has a ``command``."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were given: the order in which one comes to need them."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return it."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, summary = self._lazy[cmd_name]
        command: click.Command = importlib.import_module(module).command
        command.short_help = summary
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a mistyped one name the nearest, which click looks for among loaded ones only."""
        name = args[0]
        if name not in self.list_commands(ctx) and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            raise click.UsageError(f"No such command {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""), ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without importing the commands."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=said) for name, (_, said) in self._lazy.items() if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the static summaries."""
        rows = [(name, summary) for name, (_, summary) in self._lazy.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
