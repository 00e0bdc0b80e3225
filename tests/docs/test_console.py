"""Every console block of README and docs is run, and prints what it says; times, ids and hosts apart.

What a block marked ``varying`` shows depends on the server's version and on how fast it is. Of that the titles and what
is to be pasted must be printed, on the embedded lane, where the pages are made; on other lanes it must only run.
"""

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbops.postgres.binaries import find
from docs.incidents import Incident

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```console( varying)?\n(.*?)^```|^<!-- (cluster|fault): ([\w ]+) -->$", re.MULTILINE | re.DOTALL)
_LASTING = re.compile(r"[A-Z][a-z]+( \w+)?$|  → |    undo: |[A-Z]+(?=  )")
_VERDICT = re.compile(r"(SWITCHOVER|EMERGENCY)  |[✗!?] [a-z-]+ |exit ")
_NUMBER = re.compile(r"\d+")
_VARYING = [
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "N ms"),
    (re.compile(r"run [0-9a-f]{8}"), "run ID"),
    (re.compile(r"\S+ @ \S+"), "DATABASE @ HOST"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "SUM"),
    (re.compile(r"PostgreSQL \d+(\.\d+)?"), "PostgreSQL N"),
    (re.compile(r" {2,}|-{3,}"), "  "),
]


@dataclass
class Step:
    command: str
    expected: list[str]
    varying: bool = False


@dataclass
class Action:
    """What a comment does to the cluster of a page."""

    what: str
    words: list[str]


def steps(page):
    found = []
    for varying, block, what, words in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if what:
            found.append(Action(what, words.split()))
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], [], bool(varying)))
            else:
                found[-1].expected.append(line)
    return found


def normal(line):
    for pattern, replacement in _VARYING:
        line = pattern.sub(replacement, line)
    return line.rstrip()


def matches(expected, printed):
    """Compare line by line; a line of … stands for any lines."""
    if not expected:
        return not printed
    if expected[0] == "…":
        return any(matches(expected[1:], printed[skip:]) for skip in range(len(printed) + 1))
    return bool(printed) and normal(expected[0]) == normal(printed[0]) and matches(expected[1:], printed[1:])


def lasting(lines):
    """Return what of a varying output is the same each time: titles, what is to be pasted, the basis of advice, and
    of a cluster the verdicts and what stands against them."""
    found = [(line, match) for line in lines if (match := _LASTING.match(line) or _VERDICT.match(line))]
    return [_gist(line) if _VERDICT.match(line) else match[0] if match[0].isupper() else line for line, match in found]


def _gist(line):
    """Return of a verdict what comes before the figures, of a check what it is and of which node."""
    words = line.split(";")[0] if line[0].isalpha() else " ".join(line.split()[:3])
    return normal(_NUMBER.sub("N", words))


@pytest.fixture
def incident():
    with ExitStack() as stack:
        yield Incident(stack)


@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.name)
def test_the_commands_of_a_page_print_what_it_shows(page, database, server, incident, tmp_path):
    shutil.copytree(ROOT / "sql", tmp_path / "sql")
    if page.name == "nplusone.md":  # elsewhere it would be one more folder that is linted
        shutil.copytree(ROOT / "docs" / "example", tmp_path / "example")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PG", "DBOPS_", "DATABASE_"))},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(find().bin_dir), os.environ["PATH"]]),
        "DBOPS_DATABASE_URL": database,
    }
    for step in steps(page):
        if isinstance(step, Action):
            incident(step.what, step.words)
            continue
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=tmp_path,
            env=environment | incident.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        printed = done.stdout.splitlines()
        if step.varying and step.expected:
            assert done.returncode == 0, f"$ {step.command}\nprinted\n{done.stdout}{done.stderr}"
            shown, there = lasting(step.expected), lasting(printed)
            assert server.lane != "embedded" or shown == there, f"$ {step.command}\nprinted\n{done.stdout}"
            continue
        assert matches(step.expected, printed), (
            f"$ {step.command}\nprinted\n{done.stdout}{done.stderr}\nbut {page.name} shows\n" + "\n".join(step.expected)
        )


def test_there_are_pages_with_commands():
    assert {page.name for page in PAGES if steps(page)} >= {"README.md", "migrations.md"}
