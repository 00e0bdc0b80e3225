"""``dbops completion``."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      eval "$(dbops completion bash)"             # in ~/.bashrc
      eval "$(dbops completion zsh)"              # in ~/.zshrc
      dbops completion fish > ~/.config/fish/completions/dbops.fish
    """
    from click.shell_completion import get_completion_class

    from dbops.cli.main import main

    completion = get_completion_class(shell)
    assert completion is not None, "click knows the shells of the choice"
    click.echo(completion(main, {}, "dbops", "_DBOPS_COMPLETE").source())
