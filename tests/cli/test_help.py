"""Help: every command has it, with an example; what is only printed imports little; completion completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.command import SOURCE, dbops, process
from dbops.cli.lazy import LazyGroup
from dbops.cli.main import main

HEAVY = {"psycopg", "postgast", "sqlglot", "structlog", "tabulate", "alembic", "sqlalchemy", "google", "jinja2"}
Path_ = tuple[str, ...]


def _commands(group: click.Command = main, path: Path_ = ()) -> Iterator[tuple[Path_, click.Command]]:
    yield path, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands())
LEAVES = [path for path, command in COMMANDS.items() if not isinstance(command, click.Group)]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_runs(path: Path_) -> None:
    for option in ("--help", "-h"):
        ran = dbops(*path, option)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith(f"Usage: {' '.join(('dbops', *path))}")


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_help_has_an_example(path: Path_) -> None:
    _, marker, examples = dbops(*path, "--help").out.partition("Example")
    assert marker
    assert f"dbops {' '.join(path)}" in examples


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(path: Path_) -> None:
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help


def test_the_groups_list_their_commands_with_the_static_summaries() -> None:
    for path, command in COMMANDS.items():
        if isinstance(command, LazyGroup):
            out = " ".join(dbops(*path, "--help").out.split())
            for name in command.list_commands(click.Context(command)):
                assert f"{name} {COMMANDS[(*path, name)].short_help}" in out


def _loaded(*arguments: object) -> set[str]:
    """Return the top-level modules, other than the standard library's, that a run of dbops imports."""
    path = [str(SOURCE), *(entry for entry in sys.path if "site-packages" in entry)]
    script = (
        f"import sys; sys.path[:0] = {path!r}\n"
        "import json, io, contextlib\n"
        "from dbops.cli.main import status_of\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        f"    status = status_of({[str(argument) for argument in arguments]!r})\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(json.dumps([status, sorted(names - sys.stdlib_module_names - {'__main__'})]))\n"
    )
    # Without site: an editable install's hooks are none of ours.
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    status, names = json.loads(done.stdout)
    assert status in {0, 1}
    return set(names)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["migrate", "--help"], ["migrate", "up", "--help"]])
def test_what_is_only_printed_imports_click_and_nothing_else(arguments: list[str]) -> None:
    assert _loaded(*arguments) == {"dbops", "click"}


def test_status_imports_the_driver_and_nothing_else_heavy(folder: Path, database: str) -> None:
    (folder / "0001_first.sql").write_text("-- migrate:up\nSELECT 1;\n")
    assert _loaded("migrate", "status", "--dsn", database, "-o", "json") & HEAVY == {"psycopg"}
    assert _loaded("migrate", "status", "--dsn", database) & HEAVY == {"psycopg", "tabulate"}


def test_an_up_to_date_up_parses_no_sql(folder: Path, database: str) -> None:
    assert _loaded("migrate", "up", "--dsn", database) & HEAVY == {"psycopg"}


def test_the_version_is_printed() -> None:
    ran = process("--version")
    assert ran.out.startswith("dbops ")
    assert ran.out.strip()[-1].isdigit()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(shell: str) -> None:
    ran = dbops("completion", shell)
    assert ran.status == 0
    assert "_DBOPS_COMPLETE" in ran.out


def _completed(words: str) -> list[str]:
    said = {"_DBOPS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    ran = process(environ=said)
    assert ran.err == ""
    return [line.partition(",")[2] for line in ran.out.splitlines()]


def test_completion_completes() -> None:
    assert _completed("dbops mig") == ["migrate"]
    assert _completed("dbops migrate st") == ["status"]
    assert set(_completed("dbops migrate ")) >= {"new", "up", "down", "status", "repair"}
    assert _completed("dbops migrate mark app") == ["applied"]
    assert "--lock-wait" in _completed("dbops migrate up --lo")
    assert "--env" in _completed("dbops --e")


def test_completing_a_commands_name_imports_no_command() -> None:
    said = {"_DBOPS_COMPLETE": "zsh_complete", "COMP_WORDS": "dbops ", "COMP_CWORD": "1"}
    ran = process(environ=said, python=("-v",))
    assert "migrate" in ran.out
    assert "import 'dbops.cli.main'" in ran.err
    assert "import 'dbops.cli.migrate'" not in ran.err


def test_the_completion_script_works_in_a_real_bash(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "dbops").write_text(f'#!/bin/sh\nPYTHONPATH={SOURCE} exec {sys.executable} -m dbops "$@"\n')
    (folder / "dbops").chmod(0o755)
    script = (
        'eval "$(dbops completion bash)"\n'
        "COMP_WORDS=(dbops migrate sta) COMP_CWORD=2\n"
        "_dbops_completion dbops sta migrate\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environ, timeout=60, check=False)
    assert done.stdout.strip() == "status"
