from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Timer
from typing import Any

import psycopg
import pytest

from cli.command import Ran
from dbops.migrate import limits
from dbops.migrate.options import Options
from dbops.postgres.session import Session
from migrate.scene import Folder, query

QUIET = {"statement_timeout": 0, "transaction_timeout": 0, "idle_in_transaction_session_timeout": 0, "lock_timeout": 0}


def test_a_transactional_migration_waits_briefly_for_locks() -> None:
    sets = limits.transactional(Options(lock_timeout=2), QUIET, checks_client=False)
    assert sets == ["SET LOCAL lock_timeout = 2000"]


def test_a_statement_alone_gets_the_long_bound() -> None:
    sets = limits.alone(Options(lock_timeout=2, concurrent_lock_timeout=1800), QUIET, checks_client=False)
    assert "SET lock_timeout = 1800000" in sets
    assert "SET lock_timeout = 2000" not in sets


def test_inherited_timeouts_are_lifted_and_said_so() -> None:
    inherited = {**QUIET, "statement_timeout": 5000, "transaction_timeout": 60000}
    assert "SET LOCAL statement_timeout = 0" in limits.transactional(Options(), inherited, checks_client=False)
    first, second = limits.overridden(Options(), inherited)
    assert first == "statement_timeout of 5 s is inherited and overridden with none; --statement-timeout sets one"
    assert second == "transaction_timeout of 60 s is inherited and overridden with none"


def test_a_statement_timeout_that_was_asked_for_holds() -> None:
    options = Options(statement_timeout=1.5)
    assert "SET LOCAL statement_timeout = 1500" in limits.transactional(options, QUIET, checks_client=False)
    assert limits.overridden(options, {**QUIET, "statement_timeout": 1500}) == []


def test_an_old_server_is_not_told_of_what_it_does_not_know() -> None:
    """transaction_timeout came with 17, client_connection_check_interval with 14."""
    before_17 = {key: value for key, value in QUIET.items() if key != "transaction_timeout"}
    sets = " ".join(limits.transactional(Options(), before_17, checks_client=False))
    assert "transaction_timeout = 0" not in sets.replace("idle_in_transaction", "")
    assert "client_connection_check_interval" not in sets
    assert "client_connection_check_interval = 5000" in " ".join(
        limits.transactional(Options(), before_17, checks_client=True)
    )


@pytest.mark.parametrize(("seconds", "milliseconds"), [(0.0004, 1), (0.0011, 2), (2.3, 2300), (0.001, 1)])
def test_a_bound_is_never_rounded_to_none(seconds: float, milliseconds: int) -> None:
    options = Options(lock_timeout=seconds, concurrent_lock_timeout=seconds, statement_timeout=seconds)
    sets = limits.transactional(options, QUIET, checks_client=False)
    assert f"SET LOCAL lock_timeout = {milliseconds}" in sets
    assert f"SET LOCAL statement_timeout = {milliseconds}" in sets
    assert f"SET lock_timeout = {milliseconds}" in limits.alone(options, QUIET, checks_client=False)


def test_idling_between_two_tries_is_allowed_where_it_is_not() -> None:
    assert limits.idle(QUIET) == limits.idle({**QUIET, "idle_session_timeout": 0}) == []
    inherited = {**QUIET, "idle_session_timeout": 2000}
    assert limits.idle(inherited) == ["SET idle_session_timeout = 0"]
    assert limits.overridden(Options(), inherited) == [
        "idle_session_timeout of 2 s is inherited and overridden with none"
    ]


def test_an_inherited_idle_session_timeout_ends_no_run_that_pauses(
    folder: Folder, migrate: Callable[..., Ran], database: str, role
) -> None:
    """Neither before the first try nor after a reset, which gives the session its inherited settings back."""
    owner = role()
    query(database, f"CREATE SCHEMA dbops AUTHORIZATION {owner.name}; GRANT CREATE ON SCHEMA public TO {owner.name}")
    if int(query(database, "SHOW server_version_num")[0][0]) >= 140000:  # 13 has no such timeout to inherit
        query(database, f"ALTER ROLE {owner.name} SET idle_session_timeout = '500ms'")
    folder.tables([1, 2])
    assert migrate("up", "--steps", 1, dsn=owner.dsn(database)).status == 0
    folder.write("0003_alter", "ALTER TABLE t1 ADD COLUMN b int;")
    with closing(psycopg.connect(database)) as blocker:
        blocker.execute("LOCK TABLE t1 IN ACCESS SHARE MODE")
        released = Timer(1.5, blocker.rollback)
        released.start()
        ran = migrate("up", "--lock-timeout", "100ms", "--retries", 2, dsn=owner.dsn(database))
        released.join()
    assert (ran.status, [row["retries"] > 0 for row in ran.data["applied"]]) == (0, [False, True])
    assert any("idle_session_timeout of 0.5 s" in warning for warning in ran.data["warnings"])


def test_a_lock_timeout_of_none_is_a_usage_error(migrate: Callable[..., Ran]) -> None:
    ran = migrate("up", "--lock-timeout", "0s")
    assert (ran.status, ran.error["code"]) == (64, "USAGE")
    assert "--lock-timeout" in ran.error["message"]


def test_a_tiny_lock_timeout_makes_no_busy_watch(
    folder: Folder, migrate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    intervals: list[float] = []
    run = Session.run

    def noted(session: Session, text: str, **options: Any) -> Any:
        intervals.append(options.get("every", 1.0))
        return run(session, text, **options)

    monkeypatch.setattr(Session, "run", noted)
    folder.write("0001_x", "SELECT 1;")
    assert migrate("up", "--lock-timeout", "0.4ms").status == 0
    assert min(intervals) == 0.1
