"""Record the corpus anew: what a server of a version logs of the same work, in each format.

    python -m workload.logs.record BIN_DIR…

in ``tests/``, with the folders of servers' programs. Of each log the part between two marks is kept: nothing of who and
where the server is.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import ClientCursor

from dbops.postgres.embedded import EmbeddedServer, temporary

CORPUS = Path(__file__).parent / "corpus"
BEGIN, END = "SELECT 'the begin'", "SELECT 'the end'"
APPLICATION = "shop"
AUTHORS = 6


class Mode(NamedTuple):
    """What is logged, how text begins, and which formats are kept of it."""

    name: str
    prefix: str
    settings: dict[str, str]
    kept: frozenset[str] = frozenset({"log"})


ODD = "%n|%c|%v|%e|%d|%u|%a "
"""A prefix that must be given."""
_ALL = frozenset({"log", "csv", "json"})
_PLAIN = {"log_parameter_max_length": "-1", "log_error_verbosity": "default"}
_DURATIONS = {"log_min_duration_statement": "0", "log_statement": "none", "log_duration": "off"}
_BOTH = {"log_min_duration_statement": "-1", "log_statement": "all", "log_duration": "on"}
_STATEMENTS = {"log_min_duration_statement": "-1", "log_statement": "all", "log_duration": "off"}
MODES = (
    Mode("durations", "%m [%p] %q%u@%d/%a ", _DURATIONS, _ALL),
    Mode("both", "%t:%r:%u@%d:[%p]:", _BOTH, _ALL),
    Mode("short", "%m [%p] ", {**_DURATIONS, "log_parameter_max_length": "10"}),
    Mode("verbose", "%t [%p]: user=%u,db=%d,app=%a,client=%h ", {**_DURATIONS, "log_error_verbosity": "verbose"}, _ALL),
    Mode("statements", ODD, _STATEMENTS),
)
_SCHEMA = """
CREATE TABLE authors (id int PRIMARY KEY, name text);
CREATE TABLE posts (id int PRIMARY KEY, author_id int, body text, data bytea);
INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 9) AS i;
INSERT INTO posts SELECT i, i FROM generate_series(1, 9) AS i;
"""


def work(dsn: str) -> None:
    """Do what an application does, in each way in which a client can ask."""
    with closing(psycopg.connect(dsn, autocommit=True, application_name=APPLICATION)) as client:
        _simple(client)
        _extended(client)
        _loops(client)
        _cursors(client)
        _errors(client)


def _simple(client: psycopg.Connection) -> None:
    """The simple protocol: values in the text."""
    cursor = ClientCursor(client)
    cursor.execute("SELECT id FROM posts WHERE body = %s", ['it\'s "quoted", with a \\ and a ;'])
    cursor.execute("SELECT id\n\tFROM posts  -- a comment, \"quoted\"\n\n WHERE body = 'two\nlines'")
    cursor.execute("SELECT 1; SELECT 2")
    cursor.execute("SELECT $$LOG:  duration: 1.000 ms  statement: SELECT 'no'$$, '\t''\u00e4\u00f6\u20ac \u65e5\u672c'")
    cursor.execute("SELECT id FROM posts /*controller='posts',traceparent='00-%s-00f067aa0ba902b7-01'*/" % ("a" * 32))


def _extended(client: psycopg.Connection) -> None:
    """The extended protocol: bound values, as text and binary, none, long, with quotes and line breaks."""
    client.execute("SELECT id FROM posts WHERE id = %s AND body IS DISTINCT FROM %s", (3, None))
    client.execute("SELECT id FROM posts WHERE body = %s", ("o'neill, $1 = 'x'\nDETAIL:  parameters: $2 = 'y'",))
    client.execute("SELECT id FROM posts WHERE body = %s", ("x" * 100 + "\u00e9" * 5,))
    client.execute("SELECT id FROM posts WHERE id = %b AND data = %b", (7, b"\x00\xff'"))
    client.execute("SELECT id FROM posts WHERE id = ANY(%s)", ([1, 2, 3],))
    for number in range(3):
        client.execute("SELECT body FROM posts WHERE id = %s", (number,), prepare=True)
    with client.pipeline():
        client.execute("UPDATE posts SET body = %s WHERE id = %s", ("new", 1))
        client.execute("SELECT count(*) FROM posts")


def _loops(client: psycopg.Connection) -> None:
    """A query for each row of another, in a transaction; prepared from the fifth on."""
    with client.transaction():
        found = client.execute("SELECT author_id FROM posts ORDER BY id LIMIT %s", (AUTHORS,)).fetchall()
        for (author,) in found:
            client.execute("SELECT name FROM authors WHERE id = %s", (author,))


def _cursors(client: psycopg.Connection) -> None:
    with client.transaction(), client.cursor("some") as cursor:
        cursor.execute("SELECT id FROM posts WHERE id > %s ORDER BY id", (2,))
        cursor.fetchmany(2)
        cursor.fetchall()
    with client.cursor().copy("COPY (SELECT id FROM posts) TO STDOUT") as copy:
        list(copy)


def _errors(client: psycopg.Connection) -> None:
    failing: list[Callable[[], object]] = [
        lambda: client.execute("SELECT nothing\nFROM posts"),
        lambda: client.execute("SELECT 1 / (id - %s) FROM posts", (3,)),
        lambda: ClientCursor(client).execute("SELEC 1"),
        lambda: client.execute("INSERT INTO posts VALUES (%s, 1, %s, NULL)", (1, "it's there")),
    ]
    for each in failing:
        with suppress(psycopg.Error):
            each()
    with suppress(psycopg.Error), client.transaction():
        client.execute("SELECT pg_advisory_xact_lock(1)")
        client.execute("SELECT 1 / 0")


def record(bin_dir: Path) -> None:
    """Write what a server of these programs logs."""
    with temporary(bin_dir=bin_dir, settings={"logging_collector": "on", "log_filename": "server.log"}) as server:
        major = server.binaries.major
        folder = CORPUS / str(major)
        folder.mkdir(parents=True, exist_ok=True)
        destinations = {"log": "stderr", "csv": "csvlog"} | ({"json": "jsonlog"} if major >= 15 else {})
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
            admin.execute(_SCHEMA)
            admin.execute(f"ALTER SYSTEM SET log_destination = '{','.join(destinations.values())}'")
            for mode in MODES:
                _set(admin, mode)
                for ending, text in _recorded(server, destinations):
                    if ending in mode.kept:
                        (folder / f"{mode.name}.{ending}.gz").write_bytes(gzip.compress(text, mtime=0))


def _set(admin: psycopg.Connection, mode: Mode) -> None:
    for name, value in {**_PLAIN, **mode.settings, "log_line_prefix": mode.prefix}.items():
        admin.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    admin.execute("SELECT pg_reload_conf()")
    time.sleep(1)


def _recorded(server: EmbeddedServer, destinations: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    files = {ending: server.data / "log" / f"server.{ending}" for ending in destinations}
    before = {ending: file.stat().st_size if file.exists() else 0 for ending, file in files.items()}
    _mark(server, BEGIN)
    work(server.dsn())
    _mark(server, END)
    time.sleep(1)
    for ending, file in files.items():
        lines = file.read_bytes()[before[ending] :].splitlines(keepends=True)
        first, last = (next(at for at, line in enumerate(lines) if mark in line) for mark in (b"the begin", b"the end"))
        yield ending, b"".join(line for line in lines[first + 1 : last] if b"[unknown]" not in line)


def _mark(server: EmbeddedServer, sql: str) -> None:
    with closing(psycopg.connect(server.dsn(), autocommit=True)) as client:
        client.execute(sql)


if __name__ == "__main__":
    for each in sys.argv[1:]:
        record(Path(each))
