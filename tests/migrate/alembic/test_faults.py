"""A revision that is interrupted, cut off, or run through a pooler."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from cli.command import SOURCE
from migrate.scene import query

SLEEPS = 'op.execute("CREATE TABLE slept (a int)")\nop.execute("SELECT pg_sleep(60)")'
ASLEEP = "FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND datname = current_database()"


@pytest.fixture
def running(project, database):
    """A dbops that is in the middle of a revision."""
    project.revision("a1", SLEEPS)
    command = [
        sys.executable,
        "-m",
        "dbops",
        "migrate",
        "up",
        "--dsn",
        database,
        "--dir",
        str(project.root),
        "-o",
        "json",
    ]
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ, text=True) as run:
        while run.poll() is None and query(database, f"SELECT count(*) {ASLEEP}") != [(1,)]:
            time.sleep(0.05)
        yield run


def error(run):
    out, _ = run.communicate(timeout=60)
    return json.loads(out)["error"]


def test_ctrl_c_cancels_the_statement_and_leaves_nothing(running, project, database):
    running.send_signal(signal.SIGINT)
    said = error(running)
    assert (running.returncode, said["code"], said["left"]) == (130, "INTERRUPTED", "rolled back")
    assert query(database, f"SELECT count(*) {ASLEEP} AND state = 'active'") == [(0,)]
    assert query(database, "SELECT to_regclass('slept')") == [(None,)]
    assert project.current(database) == set()


def test_a_backend_that_is_ended_is_told_with_what_became_of_the_revision(running, database):
    query(database, f"SELECT pg_terminate_backend(pid) {ASLEEP}")
    said = error(running)
    assert (running.returncode, said["code"], said["outcome"]) == (3, "CONNECTION_FAILED", "rolled_back")
    assert query(database, "SELECT to_regclass('slept')") == [(None,)]


def test_through_a_pooler_what_is_transactional_runs_and_what_is_not_is_refused(project, migrate, pgbouncer, database):
    project.table("a1")
    through = pgbouncer.dsn(query(database, "SELECT current_database()")[0][0])
    assert migrate("up", dsn=through).status == 0
    project.revision("b2", 'with op.get_context().autocommit_block():\n    op.execute("VACUUM t_a1")', after="a1")
    ran = migrate("up", dsn=through)
    assert (ran.status, ran.error["code"]) == (3, "CONFIG_ERROR")
    assert project.current(database) == {"a1"}
