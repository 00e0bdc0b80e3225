"""A server's error as one a person can act on. No server needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dbops.errors import LockTimeout, MigrationFailed, NotPrimary
from dbops.migrate.failure import failed, lock_timeout
from dbops.migrate.script import UP, Script, build
from dbops.postgres.errors import Report
from dbops.results.progress import Session
from migrate.scene import migration

FILE = "dir/0001_x.sql"


def _script(up: str) -> Script:
    return build(migration("0001", up=up), UP)


def _report(sqlstate: str = "42P01", **more: str) -> Report:
    return Report("ERROR", sqlstate, "it is wrong", **more)


def test_an_error_with_a_position_has_line_and_column() -> None:
    script = _script("SELECT 1;\nSELECT\n  nothing;")
    statement = script.statements[1]
    error = failed(script, _report(), statement, script.sql.index("nothing"), show_data=False)
    assert isinstance(error, MigrationFailed)
    assert error.message == f"{FILE}:4:3: it is wrong"
    assert error.details[0].items() >= {"file": FILE, "line": 4, "column": 3, "sqlstate": "42P01"}.items()
    assert error.details[0]["statement"] == "SELECT\n  nothing"


def test_an_error_without_a_position_has_its_statements_line() -> None:
    script = _script("SELECT 1;\n\nSELECT 1/0;")
    error = failed(script, _report(), script.statements[1], None, show_data=False)
    assert error.message.startswith(f"{FILE}:4: ")


def test_an_error_at_commit_says_so() -> None:
    script = _script("SELECT 1;")
    error = failed(script, _report(), None, None, show_data=False)
    assert "at COMMIT: it is wrong" in error.message


def test_detail_and_context_need_to_be_asked_for() -> None:
    report = _report(detail="Key (a)=(private)", context="line 3 of private")
    script = _script("SELECT 1;")
    assert "private" not in str(failed(script, report, script.statements[0], None, show_data=False).to_dict())
    assert failed(script, report, script.statements[0], None, show_data=True).details[0]["detail"] == report.detail


def test_the_servers_hint_goes_before_ours() -> None:
    script = _script("SELECT 1;")
    assert failed(script, _report(hint="try so"), None, None, show_data=False).hint == "try so"
    assert "--role" in str(failed(script, _report("42501"), None, None, show_data=False).hint)


def test_passwords_in_the_statement_are_blanked() -> None:
    script = _script("ALTER ROLE r PASSWORD 'hunter2';")
    error = failed(script, _report(), script.statements[0], None, show_data=False)
    assert "hunter2" not in str(error.to_dict())


def test_a_long_statement_is_shortened() -> None:
    script = _script(f"SELECT '{'x' * 5000}';")
    assert len(failed(script, _report(), script.statements[0], None, show_data=False).details[0]["statement"]) <= 400


@pytest.mark.parametrize(
    ("sqlstate", "kind", "retryable"),
    [("40P01", MigrationFailed, True), ("57014", MigrationFailed, True), ("25006", NotPrimary, True),
     ("23505", MigrationFailed, False)],
)  # fmt: skip
def test_what_may_succeed_again_is_retryable(sqlstate: str, kind: type[Exception], retryable: bool) -> None:
    error = failed(_script("SELECT 1;"), _report(sqlstate), None, None, show_data=False)
    assert (type(error), error.retryable) == (kind, retryable)


def test_a_lock_timeout_names_who_was_in_the_way() -> None:
    blocker = Session(8812, "reports", "ann", "idle in transaction", 840.0)
    error = lock_timeout(build(migration("0143", "drop_legacy"), UP), 5, 48.0, (blocker,), _report("55P03"))
    assert isinstance(error, LockTimeout)
    assert "0143 drop_legacy" in error.message
    assert "5 tries in 48 s" in error.message
    assert 'blocked by pid 8812 "reports", idle in transaction 14 m 0 s' in error.message
    assert error.details[0].items() >= {"pid": 8812, "application": "reports"}.items()
    assert error.retryable


def test_passwords_in_what_the_server_says_are_blanked() -> None:
    said = replace(_report(), message="bad: ALTER ROLE r PASSWORD 'hunter2'", hint="try postgresql://me:hunter2@h/d")
    errors = [
        failed(_script("SELECT 1;"), said, None, None, show_data=False),
        lock_timeout(_script("SELECT 1;"), 1, 1.0, (), said),
    ]
    for error in errors:
        assert "hunter2" not in str(error.to_dict())
        assert "***" in error.message
