"""The server, or one of the two connections, goes away in the middle: a clear error in bounded time, and no half."""

from __future__ import annotations

import signal
import subprocess

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from faults.network import Network

pytestmark = pytest.mark.fault

FILE = (
    "INSERT INTO ledger VALUES ('one'); "
    "SELECT pg_sleep(CASE nextval('tries') WHEN 1 THEN 600 ELSE 0 END); INSERT INTO ledger VALUES ('two');"
)


def assert_lost(ran, *words):
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (3, "CONNECTION_FAILED", True), ran.explain()
    for word in words:
        assert word in ran.error["message"]
    assert ran.applied == []
    assert ran.error["pending"] == ["0001"]
    assert "Traceback" not in ran.stderr


def assert_next_run_finishes(project):
    project.write("0001", FILE.replace("600", "0"))  # a crash sets the sequence back
    assert project.up().applied == ["0001"]
    assert project.ledger() == ["one", "two"]
    project.assert_finished(["0001"])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("kill", "transactional"),
        ("restart", "journalled"),
        pytest.param("kill", "journalled", marks=pytest.mark.at_full_count),
        pytest.param("restart", "transactional", marks=pytest.mark.at_full_count),
    ],
)
def test_a_server_that_crashes_or_restarts_is_a_clear_error_and_the_next_run_finishes(
    private_project, private_server, fault, kind
):
    project = private_project
    project.write("0001", FILE, options="" if kind == "transactional" else "transaction:false")
    running = project.start("up")
    project.wait_for_worker()
    getattr(private_server, fault)()
    ran = running.finish()
    if fault == "kill":
        private_server.start()
    assert_lost(ran, "0001 m0001", "connection")
    assert project.ledger() == ([] if kind == "transactional" else ["one"])
    assert_next_run_finishes(project)


@pytest.mark.parametrize("kind", ["transactional", "journalled"])
def test_a_terminated_worker_is_a_clear_error_that_is_logged(project, kind):
    project.write("0001", FILE, options="" if kind == "transactional" else "transaction:false")
    running = project.start("up")
    pid = project.wait_for_worker()
    project.execute(f"SELECT pg_terminate_backend({pid})")
    ran = running.finish()
    assert_lost(ran, "terminating connection", "rolled back" if kind == "transactional" else "resumes")
    assert ran.error["outcome"] == ("rolled_back" if kind == "transactional" else "half_way")
    assert project.logged("failed") == ["0001"]
    assert_next_run_finishes(project)


@pytest.mark.parametrize("kind", ["transactional", "journalled"])
def test_when_the_session_with_the_lock_is_terminated_the_statement_is_cancelled(project, kind):
    project.write("0001", FILE, options="" if kind == "transactional" else "transaction:false")
    running = project.start("up")
    project.wait_for_worker()
    project.execute(f"SELECT pg_terminate_backend({project.wait_for_watcher()})")
    ran = running.finish(timeout=30)
    assert_lost(ran, "runner lock was lost")
    assert project.logged("failed") == ["0001"]
    project.assert_quiet()
    assert_next_run_finishes(project)


def test_when_the_lock_is_lost_a_second_runner_takes_over_and_both_do_no_harm(project):
    project.write("0001", FILE)
    first = project.start("up")
    project.wait_for_worker()
    project.execute(f"SELECT pg_terminate_backend({project.wait_for_watcher()})")
    second = project.start("up", "--lock-timeout", "10s").finish()
    assert second.status == 0, second.explain()
    assert_lost(first.finish(), "runner lock was lost")
    assert project.ledger() == ["one", "two"]
    project.assert_finished(["0001"])


def test_a_statement_that_somebody_cancels_is_rolled_back_and_said_to_be_cancelled(project):
    project.write("0001", FILE)
    running = project.start("up")
    pid = project.wait_for_worker()
    project.execute(f"SELECT pg_cancel_backend({pid})")
    ran = running.finish()
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (2, "MIGRATION_FAILED", True)
    assert "canceling statement" in ran.error["message"]
    assert ran.error["failed"]["version"] == "0001"
    assert_next_run_finishes(project)


def test_a_network_that_falls_silent_ends_in_bounded_time(project):
    project.write("0001", FILE)
    with Network(project.dsn) as network:
        running = project.start("up", dsn=network.dsn)
        project.wait_for_worker()
        network.silence()
        ran = running.finish(timeout=90)
    assert_lost(ran, "did not answer within", "can't be seen now")
    assert ran.error["outcome"] == "unknown"
    # The orphan is ended by the server once it sees that nobody is there.
    project.up("--lock-timeout", "20s")
    assert project.ledger() == ["one", "two"]
    project.assert_finished(["0001"])


def test_a_silent_server_does_not_hold_up_an_interrupt(private_project, private_server):
    project = private_project
    project.write("0001", FILE)
    running = project.start("up", dsn=f"{project.dsn} connect_timeout=2")
    project.wait_for_worker()
    private_server.pause()
    try:
        running.signal(signal.SIGINT)
        ran = running.finish(timeout=40)
    finally:
        private_server.resume()
    assert (ran.status, ran.error["code"]) == (130, "INTERRUPTED"), ran.explain()
    assert "ask `dbops migrate status`" in ran.error["message"]
    assert_next_run_finishes(project)


@pytest.mark.at_full_count
def test_a_network_that_falls_silent_in_the_middle_of_a_long_message_does_not_hold_up_an_interrupt(project):
    project.write("0001", f"INSERT INTO ledger VALUES ('{'x' * 40_000_000}');")
    with Network(project.dsn) as network:
        network.silence_after(1_000_000)
        running = project.start("up", dsn=network.dsn)
        network.wait_for_silence()
        running.signal(signal.SIGINT)
        ran = running.finish(timeout=25)
    assert (ran.status, ran.error["code"]) == (130, "INTERRUPTED"), ran.explain()
    assert ran.error["outcome"] == "unknown"
    project.assert_quiet()
    assert project.ledger() == []


def test_when_the_connection_breaks_while_the_server_goes_on_that_is_what_it_says(project):
    """Both connections break, and dbops comes back in time to see its backend still at work."""
    project.write("0001", "SET LOCAL client_connection_check_interval = 0; SELECT pg_sleep(600);")
    with Network(project.dsn) as network, Network(project.dsn) as other:
        hosts = [conninfo_to_dict(one.dsn)["port"] for one in (network, other)]
        both = make_conninfo(network.dsn, host="127.0.0.1,127.0.0.1", port=",".join(map(str, hosts)))
        running = project.start("up", dsn=both)
        pid = project.wait_for_worker()
        network.cut()
        ran = running.finish()
    assert_lost(ran, f"backend {pid} still runs")
    assert ran.error["outcome"] == "running"
    assert project.workers() == [pid]
    project.execute(f"SELECT pg_terminate_backend({pid})")


def test_a_moment_of_silence_is_sat_out(private_project, private_server):
    project = private_project
    project.write("0001", "INSERT INTO ledger VALUES ('one'); SELECT pg_sleep(1); INSERT INTO ledger VALUES ('two');")
    running = project.start("up")
    project.wait_for_worker()
    private_server.pause()
    with pytest.raises(subprocess.TimeoutExpired):
        running.finish(timeout=3)
    private_server.resume()
    ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert project.ledger() == ["one", "two"]
    project.assert_finished(["0001"])


def test_a_server_that_is_still_starting_is_waited_for(private_project, private_server):
    project = private_project
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    private_server.stop()
    running = project.start("up", "--connect-wait", "60s")
    for line in running.process.stderr:
        if '"waiting"' in line:
            break
    private_server.start()
    ran = running.finish()
    assert ran.status == 0, ran.explain()
    assert project.ledger() == ["one"]


def test_a_server_that_does_not_come_is_waited_for_no_longer_than_asked(project):
    ran = project.run("up", "--connect-wait", "1s", dsn="host=127.0.0.1 port=1 dbname=x user=x", timeout=20)
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (3, "CONNECTION_FAILED", True)
