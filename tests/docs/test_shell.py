"""Every dbops command in the pages' shell blocks is one that the command line takes. None is run."""

import re
import shlex
from pathlib import Path

import click
import pytest

from dbops.cli.context import Common
from dbops.cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"(?:^|[\s(;&|])dbops( [^)#;&|>\n]*)", re.MULTILINE)
COMMANDS = [
    (page.name, words.strip())
    for page in PAGES
    for block in _BLOCK.findall(page.read_text(encoding="utf-8"))
    for words in _COMMAND.findall(block.replace("\\\n", " "))
]


def parse(command, name, words, parent=None):
    """Let click read the words, down to the command they end at."""
    context = command.make_context(name, list(words), parent=parent, **({} if parent else {"obj": Common()}))
    if isinstance(command, click.Group):
        inner_name, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        parse(inner, inner_name, rest, context)


@pytest.mark.parametrize(("page", "words"), COMMANDS)
def test_a_command_parses(page, words):
    parse(main, "dbops", shlex.split(words))


def test_an_option_in_the_wrong_place_would_be_found():
    with pytest.raises(click.UsageError):
        parse(main, "dbops", ["migrate", "up", "--env", "production"])


def test_there_are_commands():
    assert {page for page, _ in COMMANDS} >= {"README.md", "migrations.md"}
