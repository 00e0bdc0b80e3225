"""``dbops migrate verify`` stopped or cut off: an error that says so, and nothing left on the server that was lent."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path

import pytest

from faults.scene import eventually

pytestmark = pytest.mark.fault

SLOW = "CREATE TABLE made (a int); SELECT pg_sleep(600);"
WHERE = "up", "down"


def lent(project, running):
    """The databases that a run has on the server now; others have theirs there, too."""
    ours = f"dbops_scratch_{running.process.pid}_%"
    return project.column(f"SELECT datname FROM pg_database WHERE datname LIKE '{ours}'")


def sleeping(project, running):
    ours = f"dbops_scratch_{running.process.pid}_%"
    return project.column(f"SELECT pid FROM pg_stat_activity WHERE datname LIKE '{ours}' AND wait_event = 'PgSleep'")


def start(project, slow):
    if slow == "up":
        project.write("0001", SLOW, "DROP TABLE made;")
    else:
        project.write("0001", "CREATE TABLE made (a int);", "SELECT pg_sleep(600); DROP TABLE made;")
    running = project.start("verify", "--scratch-dsn", project.dsn, dsn="")
    eventually(lambda: sleeping(project, running), "no migration is under way")
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("slow", WHERE)
def test_a_signal_ends_it_and_the_databases_are_dropped(project, number, slow):
    running = start(project, slow)
    running.signal(number)
    ran = running.finish(timeout=30)
    assert ran.status == 130, ran.explain()
    assert ran.error["code"] == "INTERRUPTED"
    assert "Traceback" not in ran.stderr
    assert lent(project, running) == []


@pytest.mark.parametrize("slow", WHERE)
def test_a_lost_backend_is_an_error_that_may_be_tried_again_and_the_databases_are_dropped(project, slow):
    running = start(project, slow)
    for pid in sleeping(project, running):
        project.execute(f"SELECT pg_terminate_backend({pid})")
    ran = running.finish()
    assert ran.status == 3, ran.explain()
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert ran.error["retryable"]
    assert "m0001" in ran.error["message"]
    assert "Traceback" not in ran.stderr
    assert lent(project, running) == []


@pytest.fixture
def temporary_folder():
    """A folder for temporary files that the server's user can get to, which pytest's own are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_after_a_signal_no_server_of_its_own_is_left(project, temporary_folder):
    project.write("0001", SLOW, "DROP TABLE made;")
    running = project.start("verify", dsn="", env={"TMPDIR": str(temporary_folder)})
    began = "dbops-temporary-*/primary/data/postmaster.pid"
    eventually(lambda: list(temporary_folder.glob(began)), "no server was started")
    running.signal(signal.SIGINT)
    ran = running.finish(timeout=30)
    assert ran.status == 130, ran.explain()
    assert list(temporary_folder.glob("dbops-temporary-*")) == []
