"""Programs that use servers of our own, and are stopped, killed and waited for."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import psycopg

# Uses the server argv[1] until its input ends; says when it has it.
USER = """\
import sys
from dbops.postgres.embedded import open_named
with open_named(sys.argv[1]) as named:
    print(named.server.data, flush=True)
    sys.stdin.read()
"""
TEMPORARY = """\
import sys
from dbops.postgres.embedded import temporary
with temporary() as server:
    print(server.home.parent, flush=True)
    sys.stdin.read()
"""


@contextmanager
def program(text, *arguments):
    """Run a Python program; it is killed at the end if it hasn't ended."""
    command = [sys.executable, "-c", text, *arguments]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def sleeper(**options):
    """Run a process that has nothing to do with PostgreSQL."""
    with subprocess.Popen(["sleep", "600"], **options) as running:
        try:
            yield running
        finally:
            running.kill()


def said(running):
    line = running.stdout.readline().strip()
    assert line, "the program ended without a word"
    return line


def finish(running):
    running.stdin.close()
    assert running.wait(60) == 0


def query(dsn, text):
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(text)
        return cursor.fetchone()[0] if cursor.description else None
