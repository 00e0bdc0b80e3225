"""A running migration as lines."""

from __future__ import annotations

import io
import re

import pytest

from dbops.output.progress import Lines
from dbops.output.style import Style
from dbops.results.progress import (
    Event,
    MigrationDone,
    MigrationFailed,
    MigrationRetried,
    MigrationStarted,
    Notice,
    Session,
    StatementRunning,
    StatementSkipped,
    TargetKnown,
    Waiting,
    Warned,
    duration,
)
from dbops.results.target import Target

TARGET = Target("orders", "pg1", 5432, "me", "orders_owner", False, False, "production", 170000, False)
BLOCKER = Session(8812, "reports", "ann", "idle in transaction", 840.0)


def _drawn(*events: Event, live: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    lines = Lines(out, err, Style(colour=False), live=live)
    for event in events:
        lines(event)
    lines.clear()
    return out.getvalue(), err.getvalue()


def _line(event: Event) -> str:
    out, err = _drawn(event)
    assert err == ""
    return out.rstrip("\n")


@pytest.mark.parametrize(("pending", "said"), [(3, "3 to run"), (0, "nothing to do"), (None, "")])
def test_the_target(pending: int | None, said: str) -> None:
    line = _line(TargetKnown(TARGET, "7f3a", pending))
    assert line == f"orders @ pg1:5432  PRIMARY  production  role orders_owner  {said}".rstrip()


def test_a_standby_and_a_fenced_server_show_as_such() -> None:
    standby = Target("orders", "/run/pg", None, "me", "me", True, True, None, 170000, False)
    assert _line(TargetKnown(standby, "7f3a", None)) == "orders @ /run/pg  STANDBY  role me"
    fenced = Target("orders", "pg1", 5432, "me", "me", False, True, None, 170000, False)
    assert "PRIMARY  READ-ONLY" in _line(TargetKnown(fenced, "7f3a", None))


def test_a_migration_that_is_done() -> None:
    up = _line(MigrationDone("0141", "add_note", "up", 12, True, 0))
    assert re.fullmatch(r"✓ 0141 add_note +12 ms", up)
    down = _line(MigrationDone("0142", "index", "down", 251_000, False, 1))
    assert re.fullmatch(r"↓ 0142 index +4 m 11 s  outside a transaction, journalled, 1 retry", down)


def test_a_retry_names_the_blockers() -> None:
    first, second = _line(MigrationRetried("0143", "drop", 1, 5, 2.5, "it is locked", (BLOCKER,))).splitlines()
    assert "it is locked; rolled back, try 2 of 5 in 2.5 s" in first
    assert second == '  blocked by pid 8812 "reports", idle in transaction 14 m 0 s'


def test_a_failure_says_what_it_left() -> None:
    line = _line(MigrationFailed("0143", "drop", "up", "LOCK_TIMEOUT", "long message", "rolled back"))
    assert re.fullmatch(r"✗ 0143 drop +LOCK_TIMEOUT; rolled back", line)


def test_a_warning_and_a_skipped_statement_are_said() -> None:
    assert _line(Warned("look out")) == "! look out"
    assert _line(StatementSkipped("0143", "x", 2, "done before")) == "  0143 statement 2: done before"


RUNNING = [
    Waiting("server", 3.0, 30.0, "it starts"),
    Waiting("runner", 3.0, 60.0, "pid 7"),
    MigrationStarted("0141", "add_note", "up", True),
    StatementRunning("0142", "index", 2, 3, 61.0, "building: 40% of 10 blocks", (BLOCKER,)),
]


@pytest.mark.parametrize("event", RUNNING, ids=lambda event: type(event).__name__)
def test_what_is_under_way_is_one_line_of_the_terminal_that_goes_away(event: Event) -> None:
    out, err = _drawn(event, live=True)
    assert out == ""
    assert err.endswith("\r\x1b[K")
    assert "\n" not in err
    assert len(err.removesuffix("\r\x1b[K")) < 80
    assert _drawn(event) == ("", "")


def test_a_line_takes_the_one_under_way_from_the_terminal() -> None:
    out, err = _drawn(RUNNING[2], MigrationDone("0141", "add_note", "up", 12, True, 0), live=True)
    assert out.startswith("✓ 0141")
    assert err == "  0141 add_note …\r\x1b[K"


def test_notices_are_for_the_terminal_only() -> None:
    notice = Notice("NOTICE", "row 7")
    assert _drawn(notice) == ("", "")
    assert _drawn(notice, live=True)[0] == "  NOTICE: row 7\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0 ms"), (0.012, "12 ms"), (3.44, "3.4 s"), (48, "48 s"), (251, "4 m 11 s"), (840, "14 m 0 s"),
     (7500, "2 h 5 m"), (0.9999, "1.0 s"), (9.96, "10 s"), (59.7, "1 m 0 s"), (3599.6, "1 h 0 m")],
)  # fmt: skip
def test_a_length_of_time(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_session_of_which_little_may_be_seen() -> None:
    assert str(Session(1, None, None, None, None)) == "pid 1, state unknown"
