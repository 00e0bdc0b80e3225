"""``dbops nplusone --follow``: loops as they come into growing logs, through rotation, truncation and absence."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from cli.command import SOURCE, dbops
from dbops.errors import UsageError
from dbops.postgres.embedded import temporary
from dbops.workload.logs.following import Following
from dbops.workload.logs.record import Counted
from faults.scene import eventually

POSTS = "SELECT id FROM posts"
AUTHOR = "SELECT name FROM authors WHERE id = {}"


def text(number: int, sql: str, session: int = 7) -> str:
    at = f"2026-11-25 12:00:{number // 1000:02}.{number % 1000:03} UTC"
    return f"{at} [{session}] LOG:  duration: 1.000 ms  statement: {sql}\n"


def csv(number: int, sql: str) -> str:
    return (
        f'2026-11-25 12:00:{number // 1000:02}.{number % 1000:03} UTC,"app","shop",7,"[local]",6b.7,1,"SELECT",'
        f'2026-11-25 11:00:00 UTC,3/1,0,LOG,00000,"duration: 1.000 ms  statement: {sql}",,,,,,,,,"web","client",,0\n'
    )


def jsonlog(number: int, sql: str) -> str:
    said = {"timestamp": f"2026-11-25 12:00:{number // 1000:02}.{number % 1000:03} UTC", "pid": 7}
    said |= {"session_id": "6b.7", "error_severity": "LOG", "message": f"duration: 1.000 ms  statement: {sql}"}
    return json.dumps(said, separators=(",", ":")) + "\n"


FORMATS = {"text": text, "csv": csv, "json": jsonlog}
Line = Callable[[int, str], str]
Follow = Callable[..., Following]


def add(file: Path, *lines: str) -> None:
    with file.open("a") as log:
        log.write("".join(lines))


def told(following: Following) -> list[str]:
    """Return the statements that came since the last call."""
    return [record.message.partition("statement: ")[2] for record in following.records()]


def rest(following: Following) -> list[str]:
    return [record.message.partition("statement: ")[2] for record in following.rest()]


@pytest.fixture(params=FORMATS.values(), ids=FORMATS.keys())
def line(request: pytest.FixtureRequest) -> Line:
    return request.param


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def follow(counted: Counted) -> Iterator[Callable[..., Following]]:
    """Follow names; what is held open is let go of at the end."""
    with ExitStack() as stack:
        yield lambda *names, **how: stack.enter_context(closing(Following(names, counted, **how)))


@pytest.fixture
def log(tmp_path: Path, line: Line) -> Path:
    file = tmp_path / "server.log"
    file.write_text(line(1, "SELECT 'old'"))
    return file


def test_what_comes_is_told_and_what_was_there_is_not(log: Path, line: Line, counted: Counted, follow: Follow) -> None:
    following = follow(log)
    assert told(following) == []
    add(log, line(2, "SELECT 2"), line(3, "SELECT 3"))
    assert told(following) + rest(following) == ["SELECT 2", "SELECT 3"]
    assert counted.unreadable == 0


def test_from_the_start_what_was_there_is_told_first(log: Path, line: Line, follow: Follow) -> None:
    following = follow(log, from_start=True)
    assert told(following) + rest(following) == ["SELECT 'old'"]


def test_a_line_waits_for_its_end(log: Path, line: Line, counted: Counted, follow: Follow) -> None:
    following = follow(log, from_start=True)
    whole = line(2, "SELECT 2")
    add(log, whole[:70])
    assert told(following) + rest(following) == ["SELECT 'old'"]
    add(log, whole[70:], line(3, "SELECT 3"))
    assert told(following) + rest(following) == ["SELECT 2", "SELECT 3"]
    assert counted.unreadable == 0


def test_a_log_that_is_renamed_and_made_anew_is_read_on(log: Path, line: Line, follow: Follow) -> None:
    following = follow(log)
    told(following)
    add(log, line(2, "SELECT 2"))
    log.rename(log.with_suffix(".1"))
    log.touch()
    assert told(following) + rest(following) == ["SELECT 2"]
    add(log.with_suffix(".1"), line(3, "SELECT 3"))  # the server writes to the old one until it is told
    assert told(following) + rest(following) == ["SELECT 3"]
    add(log, line(4, "SELECT 4"))
    assert told(following) + rest(following) == ["SELECT 4"]


def test_a_log_that_is_removed_and_remade_is_read_on(log: Path, line: Line, follow: Follow) -> None:
    following = follow(log)
    told(following)
    add(log, line(2, "SELECT 2"))
    log.unlink()
    assert told(following) == told(following) == []
    assert rest(following) == ["SELECT 2"] or line is not jsonlog
    add(log, line(3, "SELECT 3"))
    assert (told(following) + rest(following))[-1] == "SELECT 3"


def test_a_log_that_is_emptied_is_read_from_its_begin(log: Path, line: Line, follow: Follow) -> None:
    following = follow(log)
    told(following)
    add(log, line(2, "SELECT 2"), line(3, "SELECT 3"))
    assert told(following) + rest(following) == ["SELECT 2", "SELECT 3"]
    log.write_text("")
    assert told(following) == []
    add(log, line(4, "SELECT 4"))
    assert told(following) + rest(following) == ["SELECT 4"]


def test_a_line_that_was_cut_by_it_is_counted(log: Path, line: Line, counted: Counted, follow: Follow) -> None:
    following = follow(log, from_start=True)
    add(log, line(2, "SELECT 2")[:70])
    assert told(following) + rest(following) == ["SELECT 'old'"]
    log.write_text(line(3, "SELECT 3")[:60])
    os.truncate(log, 0)
    assert told(following) == []
    assert counted.unreadable == 1


def test_a_statement_whose_lines_come_before_and_after_rotation_is_whole(
    log: Path, line: Line, counted: Counted, follow: Follow
) -> None:
    following = follow(log)
    told(following)
    many = line(2, "SELECT a\n\tFROM b\n\tWHERE c = 1")
    cut = many.index("\n") + 1 if line is not jsonlog else 50
    add(log, many[:cut])
    assert told(following) == []
    log.rename(log.with_suffix(".1"))
    add(log, many[cut:], line(3, "SELECT 3"))
    found = told(following) + rest(following)
    assert [" ".join(each.split()) for each in found] == ["SELECT a FROM b WHERE c = 1", "SELECT 3"]
    assert counted.unreadable == 0


@pytest.mark.parametrize("named", ["folder", "pattern"])
def test_new_files_of_a_folder_or_a_pattern_are_read_whole(
    tmp_path: Path, line: Line, named: str, follow: Follow
) -> None:
    (tmp_path / "mon.log").write_text(line(1, "SELECT 'old'"))
    following = follow(tmp_path if named == "folder" else tmp_path / "*.log")
    told(following)
    add(tmp_path / "tue.log", line(2, "SELECT 2"))
    (tmp_path / "sun.gz").write_bytes(b"\x1f\x8b")
    assert told(following) + rest(following) == ["SELECT 2"]
    add(tmp_path / "mon.log", line(3, "SELECT 3"))
    add(tmp_path / "wed.log", line(4, "SELECT 4"))
    assert sorted(told(following) + rest(following)) == ["SELECT 3", "SELECT 4"]


@pytest.mark.parametrize("copied", [True, False], ids=["copied and emptied", "renamed"])
def test_what_rotation_leaves_under_another_name_is_not_read_again(
    tmp_path: Path, line: Line, copied: bool, follow: Follow
) -> None:
    log, older, oldest = (tmp_path / f"server.log{ending}" for ending in ("", ".1", ".2"))
    log.write_text("".join(line(number, f"SELECT {number}") for number in range(5)))
    following = follow(tmp_path / "server.log*")
    told(following)
    add(log, line(5, "SELECT 5"))
    for number in (6, 7):
        if older.exists():
            older.rename(oldest)
        if copied:
            shutil.copy(log, older)
            os.truncate(log, 0)
        else:
            log.rename(older)
        told(following)
        add(log, *(line(number, f"SELECT {number}") for _ in range(4)))
        assert (told(following) + rest(following))[-4:] == [f"SELECT {number}"] * 4
        assert told(following) + rest(following) == []


def test_of_a_folder_the_logs_of_one_format_are_followed(tmp_path: Path, follow: Follow) -> None:
    for ending, written in (("csv", csv), ("log", text), ("json", jsonlog)):
        (tmp_path / f"server.{ending}").write_text(written(1, "SELECT 'old'"))
    following = follow(tmp_path)
    told(following)
    for ending, written in (("csv", csv), ("log", text), ("json", jsonlog)):
        add(tmp_path / f"server.{ending}", written(2, "SELECT 2"))
    assert told(following) + rest(following) == ["SELECT 2"]


def test_a_folder_that_is_gone_for_a_while_is_waited_for(tmp_path: Path, line: Line, follow: Follow) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "a.log").write_text(line(1, "SELECT 'old'"))
    following = follow(folder)
    shutil.rmtree(folder)
    assert told(following) == []
    folder.mkdir()
    assert told(following) == []
    add(folder / "b.log", line(2, "SELECT 2"))
    assert told(following) + rest(following) == ["SELECT 2"]


def test_a_folder_that_may_not_be_read_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    ran = dbops("nplusone", "--log", tmp_path, "--follow")
    assert ran.status == 64
    assert f"{tmp_path}: can't be read: Permission denied" in ran.everything


def test_many_files_are_followed_with_few_of_them_open(tmp_path: Path, line: Line, follow: Follow) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.log").write_text(line(number, "SELECT 'old'"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    following = follow(tmp_path)
    told(following)
    for number in range(30):
        add(tmp_path / f"{number:02}.log", line(number, f"SELECT {number}"))
    found = told(following) + rest(following)
    assert sorted(found) == sorted(f"SELECT {number}" for number in range(30))
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 12
    add(tmp_path / "03.log", line(40, "SELECT 40"))
    assert told(following) + rest(following) == ["SELECT 40"]


def test_text_without_a_known_prefix_is_refused_by_its_name(tmp_path: Path, follow: Follow) -> None:
    log = tmp_path / "server.log"
    log.write_text("")
    following = follow(log)
    told(following)
    add(log, "hello\n", "world\n")
    told(following)
    with pytest.raises(UsageError, match=r"server\.log: the log's lines begin with no prefix"):
        rest(following)


def test_bytes_of_another_encoding_are_read(tmp_path: Path, follow: Follow) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"\xef\xbb\xbf" + text(1, "SELECT 1").encode())
    following = follow(log, encoding="euc-jp", from_start=False)
    told(following)
    with log.open("ab") as file:
        file.write(text(2, "SELECT '日本'").encode("euc-jp"))
    assert told(following) + rest(following) == ["SELECT '日本'"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.log", "nothing.log: can't be read: No such file"),
        ("*.log", "there is no log to follow"),
        ("", "there is no log to follow"),
        ("fifo", "it is no regular file"),
        ("old.gz", "it is compressed"),
    ],
)
def test_what_can_not_be_followed_is_said_at_once(tmp_path: Path, name: str, said: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "old.gz").write_bytes(b"\x1f\x8b\x08\x00")
    ran = dbops("nplusone", "--log", tmp_path / name, "--follow")
    assert ran.status == 64
    assert said in ran.everything


def loop(line: Line, calls: int = 9) -> list[str]:
    """Return a loop in a transaction, and what the session does next."""
    asked = ["BEGIN", POSTS, *(AUTHOR.format(number) for number in range(calls)), "COMMIT", "SELECT 'next'"]
    return [line(number, sql) for number, sql in enumerate(asked, 1)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command on a log; it is ended at the end, or when nothing came of it."""
    started: list[subprocess.Popen[str]] = []
    timers: list[threading.Timer] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "dbops", "nplusone", "--follow", "--log", *words]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        started.append(process)
        timers.append(threading.Timer(60, process.kill))
        timers[-1].start()
        return process

    yield start
    for process, timer in zip(started, timers, strict=True):
        timer.cancel()
        process.kill()
        process.communicate()


@pytest.mark.fault
def test_a_loop_is_told_as_it_comes_and_ctrl_c_ends_it_with_all(
    tmp_path: Path, running: Callable[..., subprocess.Popen[str]]
) -> None:
    log = tmp_path / "server.log"
    log.write_text(text(1, "SELECT 'old'"))
    process = running(str(log))
    assert process.stdout is not None
    assert process.stdout.readline() == f"following {log}\n"
    add(log, *loop(text))
    lines = iter(process.stdout.readline, "")
    assert any(said.startswith("confirmed  9 calls") for said in lines)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-1] == "1 loop in 13 statements of 1 session"
    assert "Traceback" not in err


@pytest.mark.fault
def test_who_reads_no_more_ends_it(tmp_path: Path, running: Callable[..., subprocess.Popen[str]]) -> None:
    log = tmp_path / "server.log"
    log.write_text("")
    process = running(str(log), "-o", "json", "--from-start")
    add(log, *loop(text))
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["data"]["findings"][0]["calls"] == 9
    process.stdout.close()
    add(log, *(each.replace("authors", "writers") for each in loop(text)))
    assert process.wait(timeout=30) == 1
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_for_a_time_it_ends_by_what_was_found(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("".join(loop(text)))
    ran = dbops("nplusone", "--log", log, "--follow", "--from-start", "--for", "0.1s", "-o", "json")
    assert ran.status == 1
    documents = [json.loads(said) for said in ran.out.splitlines()]
    assert [each["data"]["findings"][0]["calls"] for each in documents][-1] == 9
    assert dbops("nplusone", "--log", log, "--follow", "--for", "0.1s").status == 3


@pytest.mark.fault
def test_a_server_that_rotates_its_logs_is_followed(
    running: Callable[..., subprocess.Popen[str]],
) -> None:
    settings = {
        "logging_collector": "on",
        "log_destination": "csvlog,stderr",
        "log_filename": "server-%H%M%S.log",
        "log_min_duration_statement": "0",
    }
    with temporary(settings=settings) as server, closing(psycopg.connect(server.dsn(), autocommit=True)) as client:
        client.execute("CREATE TABLE posts (id int)")
        client.execute("CREATE TABLE authors (id int, name text)")
        client.execute("INSERT INTO posts SELECT i FROM generate_series(1, 12) AS i")
        folder = Path(client.execute("SELECT current_setting('data_directory') || '/log'").fetchone()[0])
        process = running(str(folder), "-o", "json")
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")))
        reader.start()
        ended = time.monotonic() + 60
        files = len(list(folder.glob("*.csv")))
        while not said and time.monotonic() < ended:  # it may be a while until it follows
            with client.transaction():
                for (number,) in client.execute("SELECT id FROM posts").fetchall():
                    client.execute("SELECT name FROM authors WHERE id = %s", (number,))
            time.sleep(1.1)  # a name a second
            client.execute("SELECT pg_rotate_logfile()")
            eventually(lambda before=files: len(list(folder.glob("*.csv"))) > before, "it was not rotated")
            files = len(list(folder.glob("*.csv")))
        process.send_signal(signal.SIGINT)
        reader.join(timeout=30)
    (found,) = json.loads(said[0])["data"]["findings"]
    assert (found["kind"], found["calls"]) == ("confirmed", 12)
    assert json.loads(said[-1])["data"]["findings"][0]["query"] == "SELECT name FROM authors WHERE id = $1"
