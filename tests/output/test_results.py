"""Results as text and as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import FrozenInstanceError

import pytest

from dbops.output import envelope, failure
from dbops.output.migrate import failed_run, render
from dbops.output.stream import put
from dbops.output.style import Style, wants_colour
from dbops.results.migration import (
    DownResult,
    HistoryResult,
    MigrationStatus,
    PlanResult,
    RedoResult,
    RunMigration,
    State,
    StatusResult,
    UpResult,
)
from dbops.results.target import Target

TARGET = Target("orders", "pg1", 5432, "me", "me", False, False, None, 170000, False)
PLAIN = Style(colour=False)
RAN = RunMigration("0001", "x", 12, True, 0)


def _status(*states: State, running: str | None = None) -> StatusResult:
    rows = tuple(
        MigrationStatus(f"{number:04}", "x", state, None, None, "hash", True) for number, state in enumerate(states)
    )
    applied = sum(state not in {State.PENDING, State.OUT_OF_ORDER, State.FAILED} for state in states)
    pending = sum(state in {State.PENDING, State.OUT_OF_ORDER} for state in states)
    return StatusResult(TARGET, rows, applied, pending, running)


@pytest.mark.parametrize(
    ("states", "summary"),
    [
        ((), "✓ up to date: 0 applied, 0 pending"),
        ((State.APPLIED,), "✓ up to date: 1 applied, 0 pending"),
        ((State.APPLIED, State.PENDING), "1 applied, 1 pending"),
        ((State.APPLIED, State.DATABASE_AHEAD), "✓ up to date: 2 applied (1 database ahead), 0 pending"),
        ((State.OUT_OF_ORDER, State.APPLIED, State.PENDING), "1 applied, 2 pending (1 out of order)"),
        ((State.MODIFIED, State.MISSING, State.APPLIED), "3 applied (1 modified, 1 missing), 0 pending"),
        ((State.APPLIED, State.FAILED), "1 applied, 0 pending, 1 failed"),
    ],
)
def test_the_summary_counts_each_migration_once(states: tuple[State, ...], summary: str) -> None:
    assert render(_status(*states), PLAIN).splitlines()[-1] == summary


def test_a_runner_at_work_is_named() -> None:
    text = render(_status(State.PENDING, running='pid 7 "dbops migrate up"'), PLAIN)
    assert text.endswith('a runner is at work: pid 7 "dbops migrate up"')


def test_versions_are_text_and_keep_their_zeros() -> None:
    assert "\n0000 " in render(_status(State.PENDING), PLAIN)


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (UpResult(TARGET, "7f3a", (), (), (), ()), "Up to date.   run 7f3a"),
        (UpResult(TARGET, "7f3a", (), ("2",), (), ()), "Nothing applied, 1 pending.   run 7f3a"),
        (UpResult(TARGET, "7f3a", (RAN,), (), (), ()), "Applied 1.   run 7f3a"),
        (UpResult(TARGET, "7f3a", (RAN,), ("2",), (), ()), "Applied 1, 1 pending.   run 7f3a"),
        (DownResult(TARGET, "7f3a", (), ()), "Nothing to revert.   run 7f3a"),
        (DownResult(TARGET, "7f3a", (RAN,), ()), "Reverted 1.   run 7f3a"),
        (RedoResult(TARGET, "7f3a", (), (), ()), "Nothing to redo.   run 7f3a"),
        (RedoResult(TARGET, "7f3a", (RAN,), (RAN,), ()), "Reverted 1 and applied 1 again.   run 7f3a"),
        (PlanResult(TARGET, "up", (), ()), "Nothing to apply."),
        (PlanResult(TARGET, "down", (), ()), "Nothing to revert."),
        (HistoryResult(TARGET, "7f3a", "repair", None, ()), "Nothing to change.   run 7f3a"),
    ],
)
def test_the_last_line(result: object, text: str) -> None:
    assert render(result, PLAIN) == text


FAILED = {"version": "0002", "name": "bad"}


@pytest.mark.parametrize(
    ("context", "retryable", "line"),
    [
        ({"applied": [1], "failed": FAILED, "pending": ["0002", "0003"]}, False, "Applied 1 of 3. Nothing of the"),
        ({"applied": [1], "failed": FAILED, "pending": ["0002"]}, True, "Applied 1 of 2. Retryable: running it again"),
        ({"applied": [], "failed": FAILED, "pending": ["0002"], "left": "journalled at statement 2"}, False,
         "Applied 0 of 1. Running it again resumes where it stopped."),
        ({"reverted": [1, 2], "failed": FAILED, "pending": ["0002"]}, False, "Reverted 2 of 3. "),
        ({"applied": [], "failed": None, "pending": ["0002"]}, False, "Nothing was run, 1 pending."),
        ({"applied": [], "failed": None, "pending": ["0002"]}, True, "Nothing was run, 1 pending. Retryable"),
        ({"applied": [], "failed": None, "pending": []}, False, "Nothing was run."),
    ],
)  # fmt: skip
def test_a_failed_runs_last_line(context: dict[str, object], retryable: bool, line: str) -> None:
    said = failed_run(context | {"run_id": "7f3a"}, retryable=retryable, style=PLAIN)
    assert said is not None
    assert said.startswith(line)
    assert said.endswith("run 7f3a")


def test_an_error_that_is_not_of_a_run_has_no_such_line() -> None:
    assert failed_run({}, retryable=False, style=PLAIN) is None


def test_an_error_shows_the_statement_and_the_hint() -> None:
    long = "\n".join(f"line {number}" for number in range(10))
    error = {"code": "X", "message": "no", "hint": "do", "details": [{"statement": long, "detail": "Key (a)=(b)"}]}
    lines = failure.render(error, PLAIN).splitlines()
    assert lines[0] == "error X: no"
    assert lines[1] == "  | line 0"
    assert lines[7] == "  | … 4 more lines"
    assert lines[8:] == ["  detail: Key (a)=(b)", "  hint: do"]


def test_the_envelope_of_a_result() -> None:
    document = json.loads(envelope.success(UpResult(TARGET, "7f3a", (RAN, RAN), (), (), ())))
    assert document.keys() == {"data", "meta"}
    assert document["meta"]["target"]["database"] == "orders"
    assert document["meta"]["target"]["standing"] == "primary"
    assert (document["meta"]["run_id"], document["meta"]["total"]) == ("7f3a", 2)
    assert "target" not in document["data"]


def test_a_state_is_its_name_in_json() -> None:
    document = json.loads(envelope.success(_status(State.OUT_OF_ORDER)))
    assert document["data"]["migrations"][0]["state"] == "out_of_order"


def test_json_is_one_line_whatever_is_in_it() -> None:
    assert "\n" not in envelope.failure({"message": "one\ntwo\u2028 é"})


def test_results_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        RAN.version = "2"  # type: ignore[misc]


def test_a_style_without_colour_changes_nothing() -> None:
    assert PLAIN("x", "red", "bold") == "x"
    assert Style(colour=True)("x", "red", "bold") == "\x1b[31;1mx\x1b[0m"
    assert Style(colour=True)("x") == "x"


@pytest.mark.parametrize(
    ("setting", "environ", "terminal", "wanted"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"TERM": "dumb"}, True, False),
    ],
)
def test_colour_is_decided(setting: str, environ: dict[str, str], terminal: bool, wanted: bool) -> None:
    assert wants_colour(setting, environ, terminal=terminal) is wanted


def test_a_line_is_put_at_once() -> None:
    stream = io.StringIO()
    put("x", stream)
    assert stream.getvalue() == "x\n"


def test_what_a_failed_migration_committed_is_not_said_to_be_gone() -> None:
    failed = {"version": "2b", "name": "b"}
    context = {"applied": [], "failed": failed, "pending": ["2b"], "run_id": "7f3a"}
    said = failed_run(context | {"left": "what ran before was committed and stays"}, retryable=True, style=PLAIN)
    assert said == "Applied 0 of 1. What the failed one committed stays.   run 7f3a"
