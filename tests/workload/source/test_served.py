"""The samples' labels are true: run against a server, what is found there asks as often as there are rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.workload.source.running import ROWS
from tests.workload.source.samples import NEGATIVE, POSITIVE

# They ask as often, and are right to, or are told apart for another reason than how often they ask.
TOLD_APART = {
    "get or create",  # it writes
    "the same for each round",  # no key differs
    "remembered",  # once for each key, and no more
    "remembered, the other way around",
    "remembered by a function",
    "second round, settings",  # as many as are written there
    "silenced",
    "silenced by its pattern",
    "SQLAlchemy, a queue",  # it locks
    "given, a row that is locked for its round",
    "SQLAlchemy, the same each time",
    "SQLAlchemy, remembered",
    "SQLAlchemy, silenced",
}


@pytest.mark.parametrize(("program", "fewest"), [("run_django", 105), ("run_sqlalchemy", 50)])
def test_what_is_found_asks_once_for_each_row_and_what_is_not_does_not(
    program: str, fewest: int, database: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.workload.source.{program}", database],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    asked = {name: times for name, times in json.loads(done.stdout).items() if times is not None}
    assert len(asked) >= fewest
    assert [name for name, times in asked.items() if name in POSITIVE and times < ROWS] == []
    assert [name for name, times in asked.items() if name in NEGATIVE.keys() - TOLD_APART and times >= ROWS] == []
