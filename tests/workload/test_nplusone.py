"""``dbops nplusone --log`` as a shell sees it: a server's own log, exit statuses, formats, bad input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from cli.command import dbops
from dbops.postgres.embedded import temporary

HEAD = "2026-11-25 12:00:0{}.{:03} UTC [7] LOG:  duration: 1.000 ms  "


@pytest.fixture(scope="module")
def log() -> Iterator[Path]:
    """The log of a server on which an application loads posts, and then the author of each."""
    settings = {
        "logging_collector": "on",
        "log_destination": "csvlog",
        "log_filename": "server.log",
        "log_min_duration_statement": "0",
    }
    with temporary(settings=settings) as server, closing(psycopg.connect(server.dsn())) as client:
        with client.transaction():
            client.execute("CREATE TABLE authors (id int PRIMARY KEY, name text)")
            client.execute("CREATE TABLE posts (id int PRIMARY KEY, author_id int)")
            client.execute("INSERT INTO posts SELECT i, i FROM generate_series(1, 20) AS i")
        with client.transaction():
            for (author,) in client.execute("SELECT author_id FROM posts").fetchall():
                client.execute("SELECT name FROM authors WHERE id = %s", (author,))
        with client.transaction():
            client.execute("SELECT p.id, a.name FROM posts p JOIN authors a ON a.id = p.author_id").fetchall()
        file = Path(client.execute("SELECT current_setting('data_directory')").fetchone()[0]) / "log" / "server.csv"
        until = time.monotonic() + 10
        while b"data_directory" not in file.read_bytes() and time.monotonic() < until:
            time.sleep(0.05)
        yield file


def test_a_servers_log_shows_the_loop_and_exits_1(log: Path) -> None:
    ran = dbops("nplusone", "--log", log, "-o", "json")
    assert ran.status == 1
    (found,) = ran.data["findings"]
    assert found.keys() >= {
        "kind", "query", "source_query", "calls", "distinct_parameters", "total_ms", "session", "remedy", "file",
        "line",
    }  # fmt: skip
    assert (found["kind"], found["calls"], found["distinct_parameters"]) == ("confirmed", 20, 20)
    assert found["query"] == "SELECT name FROM authors WHERE id = $1"
    assert found["source_query"] == "SELECT author_id FROM posts"
    assert found["remedy"] == "SELECT name, id FROM authors WHERE id = ANY($1)"
    assert found["total_ms"] > 0


def test_the_remedy_runs_and_gives_what_the_loop_gave(log: Path, database: str) -> None:
    (found,) = dbops("nplusone", "--log", log, "-o", "json").data["findings"]
    with closing(psycopg.connect(database)) as client:
        client.execute("CREATE TABLE authors (id int PRIMARY KEY, name text)")
        client.execute("INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 20) AS i")
        looped = [(client.execute(found["query"].replace("$1", "%s"), (i,)).fetchone()[0], i) for i in range(1, 8)]
        at_once = client.execute(found["remedy"].replace("$1", "%s"), (list(range(1, 8)),)).fetchall()
    assert sorted(at_once) == sorted(looped)


def test_the_text_names_loop_source_and_remedy(log: Path) -> None:
    ran = dbops("nplusone", "--log", log)
    assert ran.status == 1
    assert "confirmed  20 calls, 20 different keys" in ran.out
    assert "after   SELECT author_id FROM posts" in ran.out
    assert "→ SELECT name, id FROM authors WHERE id = ANY($1);" in ran.out
    assert ran.out.splitlines()[-1].startswith("1 loop in ")


def test_a_log_without_a_loop_exits_0(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(HEAD.format(1, 0) + "statement: SELECT 1\n")
    ran = dbops("nplusone", "--log", file)
    assert (ran.status, ran.out.strip()) == (0, "No loop in 1 statement of 1 session")


def test_a_log_without_statements_says_what_it_must_have(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("2026-11-25 12:00:00.000 UTC [7] LOG:  database system is ready to accept connections\n")
    ran = dbops("nplusone", "--log", file)
    assert ran.status == 3
    assert "log_min_duration_statement = 0" in ran.out


def test_statements_that_were_cut_off_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(HEAD.format(1, 0) + "statement: SELECT name FROM authors WHERE id IN (1, 2,\n")
    assert dbops("nplusone", "--log", file, "-o", "json").data["unparsed"] == 1


def test_statements_in_another_encoding_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes((HEAD.format(1, 0) + "statement: SELECT 'ä'\n").encode("latin-1"))
    (note,) = dbops("nplusone", "--log", file, "-o", "json").data["notes"]
    assert note == "1 statements have bytes that are not of the encoding: --encoding says which it is"
    assert dbops("nplusone", "--log", file, "--encoding", "latin-1", "-o", "json").data["notes"] == []


def test_several_files_follow_the_option(tmp_path: Path, log: Path) -> None:
    assert dbops("nplusone", "--log", log, log, "-o", "json").data["findings"][0]["calls"] == 40


def test_another_database_is_left_out(log: Path) -> None:
    assert dbops("nplusone", "--log", log, "--database", "elsewhere").status == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--log", "/nothing/here.log"], "/nothing/here.log: can't be read"),
        (["--log", "x", "--log-line-prefix", "%z"], "no escape %z"),
        (["--log", "x", "--encoding", "klingon"], "no encoding 'klingon'"),
        (["--log", "x", "--encoding", "rot13"], "no encoding 'rot13'"),
        (["--log", "x", "--min-calls", "1"], "--min-calls"),
        ([], "--log"),
    ],
)
def test_bad_input_is_one_clear_error(words: list[str], said: str) -> None:
    ran = dbops("nplusone", *words)
    assert ran.status == 64
    assert said in ran.everything
    assert "Traceback" not in ran.everything


@pytest.mark.fault
@pytest.mark.parametrize("busy", [True, False], ids=["while lines come", "while none come"])
def test_ctrl_c_ends_it_at_once(tmp_path: Path, busy: bool) -> None:
    endless, said = tmp_path / "endless", tmp_path / "said"
    os.mkfifo(endless)
    line = (HEAD.format(1, 0) + "statement: SELECT 1\n").encode() * 1000
    command = [sys.executable, "-m", "dbops", "nplusone", "--log", str(endless)]
    with said.open("wb") as err, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err) as running:
        with suppress(BrokenPipeError), endless.open("wb", buffering=0) as feed:
            feed.write(line)
            time.sleep(2)
            running.send_signal(signal.SIGINT)
            while running.poll() is None:
                if busy:
                    feed.write(line)
                time.sleep(0.01)
        assert running.wait(timeout=30) == 130
    assert "Traceback" not in said.read_text()
