"""``dbops top`` on a server: what it shows is what was done, and what it can't see it says."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cli.command import Ran, dbops
from conftest import Role
from dbops import Dsn
from dbops.errors import ConfigError
from dbops.output.style import Style
from dbops.output.workload import top as shown
from dbops.postgres.embedded import temporary
from dbops.results.progress import Event, QueryRunning
from dbops.results.workload import Order
from dbops.workload.top import Request, top
from servers.server import Server

LOOP = "SELECT id FROM orders WHERE id = %s"
COUNT = "SELECT count(*) FROM orders WHERE shop = %s"


@pytest.fixture
def run(database: str, counted: psycopg.Connection) -> Callable[..., Ran]:
    return lambda *words: dbops("top", "--dsn", database, *words)


@contextmanager
def working(database: str, pause: float = 0.01, sql: str = LOOP) -> Iterator[None]:
    """Keep a client at work beside the test."""
    over = threading.Event()

    def work() -> None:
        with closing(psycopg.connect(database, autocommit=True)) as connection:
            while not over.wait(pause):
                connection.execute(sql, (1,) if "%s" in sql else None)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _statement(ran: Ran, begin: str) -> dict:
    (found,) = [each for each in ran.data["statements"] if (each["query"] or "").startswith(begin)]
    return found


def test_totals_are_what_was_done(run: Callable[..., Ran], counted: psycopg.Connection) -> None:
    for number in range(30):
        counted.execute(LOOP, (number + 1,))
    ran = run("-o", "json", "--limit", 100)
    assert ran.status == 0
    found = _statement(ran, "SELECT id FROM orders")
    (queryid,) = counted.execute(
        "SELECT queryid FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid AND datname = current_database() "
        "WHERE query LIKE 'SELECT id FROM orders%'"
    ).fetchone() or (None,)
    assert (found["calls"], found["rows"], found["queryid"]) == (30, 30, queryid)
    assert found["explain"] == f"dbops explain --queryid {queryid}"
    assert found["mean_ms"] == pytest.approx(found["total_ms"] / 30, abs=0.001)
    assert ran.data["measured_s"] is None
    assert sum(each["share"] for each in ran.data["statements"] if not each["nested"]) == pytest.approx(1, abs=0.02)
    assert found.keys() >= {"queryid", "query", "calls", "total_ms", "mean_ms", "rows", "share"}


def test_an_interval_has_only_what_was_called_in_it(
    run: Callable[..., Ran], database: str, counted: psycopg.Connection
) -> None:
    for _ in range(50):
        counted.execute(COUNT, (3,))
    with working(database):
        ran = run("--for", "1.2s", "-o", "json")
    assert _statement(ran, "SELECT id FROM orders")["calls"] > 0
    assert not [each for each in ran.data["statements"] if each["query"].startswith("SELECT count(*)")]
    assert ran.data["measured_s"] >= 1


@pytest.mark.parametrize("asked", [["top"], ["advise", "replicas"]])
def test_questions_of_dbopss_own_are_not_shown(run: Callable[..., Ran], database: str, asked: list[str]) -> None:
    before = run("-o", "json", "--limit", 100).data["statements"]
    dbops(*asked, "--dsn", database)
    assert run("-o", "json", "--limit", 100).data["statements"] == before


def test_each_statement_has_its_text_however_much_dbops_asked_before(
    run: Callable[..., Ran], database: str, counted: psycopg.Connection
) -> None:
    for _ in range(5):
        dbops("advise", "replicas", "--dsn", database)
    for number in range(3):
        counted.execute(f"SELECT id FROM orders LIMIT 1 OFFSET {number}")
    found = run("-n", 3, "--sort", "mean", "-o", "json").data["statements"]
    assert len(found) == 3
    assert all(each["query"] for each in found)


def test_what_functions_call_is_told_apart_and_in_no_sum(run: Callable[..., Ran], counted: psycopg.Connection) -> None:
    counted.execute("SET pg_stat_statements.track = 'all'")
    counted.execute(
        "CREATE FUNCTION shops() RETURNS bigint LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN (SELECT count(*) FROM orders WHERE shop = 3); END $$"
    )
    counted.execute("SELECT shops()")
    ran = run("-o", "json", "--limit", 100)
    nested = [each for each in ran.data["statements"] if each["nested"]]
    assert any("count(*)" in each["query"] for each in nested)
    called = [each for each in ran.data["statements"] if not each["nested"]]
    assert ran.data["total_ms"] == pytest.approx(sum(each["total_ms"] for each in called), abs=0.01)


def test_statements_that_the_role_may_not_see_are_one_line_and_it_says_which_grant_shows_them(
    database: str, counted: psycopg.Connection, role: Callable[..., Role]
) -> None:
    counted.execute(LOOP, (1,))
    reader = role()
    ran = dbops("top", "--dsn", reader.dsn(database), "-o", "json")
    (hidden,) = [each for each in ran.data["statements"] if each["queryid"] is None]
    assert (hidden["query"], hidden["explain"]) == (None, None)
    assert hidden["calls"] > 0
    assert any(f"GRANT pg_read_all_stats TO {reader.name}" in note for note in ran.data["notes"])
    assert "orders" not in ran.out
    assert "other roles, which this one may not see" in dbops("top", "--dsn", reader.dsn(database)).out


def test_passwords_in_statements_are_not_shown(run: Callable[..., Ran], role: Callable[..., Role], counted) -> None:
    counted.execute(f"ALTER ROLE {role().name} PASSWORD 'hunter2'")
    ran = run("--limit", 100, "--full")
    assert "hunter2" not in ran.out
    assert "PASSWORD" in ran.out


@pytest.mark.parametrize("order", Order)
def test_the_first_statement_has_most_of_what_is_sorted_by(run: Callable[..., Ran], counted, order: Order) -> None:
    counted.execute("SELECT count(*) FROM orders a JOIN orders b USING (shop)")
    counted.execute("INSERT INTO orders SELECT * FROM orders")
    for _ in range(40):
        counted.execute(LOOP, (1,))
    ran = run("--sort", order, "--limit", 100, "-o", "json")
    figure = {
        "total": lambda each: each["total_ms"],
        "mean": lambda each: each["total_ms"] / each["calls"],
        "calls": lambda each: each["calls"],
        "rows": lambda each: each["rows"],
        "io": lambda each: each["read_bytes"] + each["written_bytes"],
        "temp": lambda each: each["temp_bytes"],
        "wal": lambda each: each["wal_bytes"],
    }[order]
    values = [figure(each) for each in ran.data["statements"]]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) > 1 or order in {Order.IO, Order.TEMP}


def test_the_table_fits_the_width_and_names_each_statement(run: Callable[..., Ran], counted) -> None:
    counted.execute("SELECT count(*) AS " + "very_" * 10 + "long FROM orders, orders AS others WHERE orders.id = 1")
    lines = run().out.splitlines()
    head = next(at for at, line in enumerate(lines) if line.endswith("QUERYID"))
    assert max(map(len, lines[head:])) <= 100
    ids = {str(each) for (each,) in counted.execute("SELECT queryid FROM pg_stat_statements")}
    assert len([line for line in lines[head:] if line.split()[-1:] and line.split()[-1] in ids]) > 2


def test_a_page_holds_every_statement_and_loads_nothing(run: Callable[..., Ran], counted, tmp_path: Path) -> None:
    counted.execute("SELECT '<script>alert(1)</script>' AS a, count(*) FROM orders -- <b>bold</b>")
    assert run("--html", tmp_path / "top.html", "--limit", 100).status == 0
    page = (tmp_path / "top.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold" in page
    assert "<b>bold" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_without_the_extension_it_says_what_is_missing(database: str) -> None:
    ran = dbops("top", "--dsn", database, "-o", "json")
    assert ran.status == 3
    assert "not installed in this database" in ran.error["message"]
    assert "CREATE EXTENSION pg_stat_statements" in ran.error["hint"]


def test_a_page_that_can_not_be_written_is_refused_before_statements_are_watched(run: Callable[..., Ran]) -> None:
    started = time.monotonic()
    ran = run("--for", "1h", "--html", "/nowhere/at/all.html")
    assert (ran.status, "no such folder" in ran.err) == (64, True)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("words", [["--for", "0"], ["--for", "soon"], ["--sort", "luck"], ["--limit", "0"]])
def test_what_can_not_be_meant_is_refused(words: list[str]) -> None:
    assert dbops("top", "--dsn", "host=nowhere", *words).status == 64


def test_a_server_that_is_reset_meanwhile_is_said_so(database: str, counted: psycopg.Connection) -> None:
    for _ in range(20):
        counted.execute(LOOP, (1,))
    reset = "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database WHERE datname = current_database()"
    looks: list[Event] = []

    def looked(event: Event) -> None:
        if isinstance(event, QueryRunning) and not looks:
            looks.append(event)
            counted.execute(reset)

    result = top(Dsn(database, "the test"), Request(seconds=2.2, report=looked))
    assert any("were reset meanwhile" in note for note in result.notes)


def test_where_a_text_is_in_another_encoding_it_says_what_to_do() -> None:
    with temporary(settings={"shared_preload_libraries": "pg_stat_statements"}) as own:
        with closing(psycopg.connect(own.dsn(), autocommit=True)) as client:
            client.execute("CREATE EXTENSION pg_stat_statements")
            client.execute(
                "CREATE DATABASE legacy TEMPLATE template0 ENCODING SQL_ASCII LOCALE_PROVIDER libc LOCALE 'C'"
            )
        with closing(psycopg.connect(own.dsn("legacy"), client_encoding="sql_ascii")) as client:
            client.execute(b'SELECT 1 AS "gr\xf6\xdfe"')
        ran = dbops("top", "--dsn", own.dsn(), "-o", "json")
    assert ran.status == 3
    assert "in another encoding" in ran.error["message"]
    assert "pg_stat_statements_reset(0, oid, 0)" in ran.error["hint"]


def test_watching_prints_a_document_each_time(database: str, counted: psycopg.Connection) -> None:
    from dbops.postgres.interrupt import Interrupt
    from dbops.workload.top import watch

    with Interrupt() as interrupt, working(database):
        results = watch(Dsn(database, "the test"), Request(seconds=5), 0.3, interrupt)
        seen = [next(results) for _ in range(3)]
        results.close()
    (loop,) = [each for each in seen[-1].statements if (each.query or "").startswith("SELECT id FROM orders")]
    assert len(loop.history) == 3
    assert seen[0].measured_s < seen[-1].measured_s


@pytest.mark.fault
def test_a_server_that_is_killed_while_statements_are_watched_is_a_clear_error(private_server: Server) -> None:
    with closing(psycopg.connect(private_server.dsn(), autocommit=True)) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
    timer = threading.Timer(0.7, private_server.kill)
    timer.start()
    ran = dbops("top", "--dsn", private_server.dsn(), "--for", "20s", "-o", "json")
    timer.join()
    assert ran.status == 3
    assert ran.error["code"] == "CONNECTION_FAILED"
    assert json.loads(ran.out)


def test_where_the_library_is_not_loaded_it_says_so(monkeypatch: pytest.MonkeyPatch, database: str, counted) -> None:
    from dbops.workload import available

    real = available.settings
    monkeypatch.setattr(available, "settings", lambda session: {**real(session), "loaded": False})
    with pytest.raises(ConfigError, match="doesn't load it"):
        top(Dsn(database, "the test"), Request())


@pytest.mark.parametrize("room", [10, 40, 80, 200])
@pytest.mark.parametrize("height", [1, 4, 50])
def test_a_screen_is_never_larger_than_the_terminal(counted, database: str, room: int, height: int) -> None:
    result = top(Dsn(database, "the test"), Request(seconds=0.2))
    lines = shown.screen(result, Style(colour=False), room, height, "12:00:00")
    assert 1 <= len(lines) <= height
    assert max(map(len, lines[1:]), default=0) <= room


def test_where_there_is_little_room_columns_go_and_what_explain_needs_stays(counted, database: str) -> None:
    for order in Order:
        result = top(Dsn(database, "the test"), Request(seconds=None, order=order, limit=5))
        for room in (40, 60, 80):
            lines = shown.render(result, Style(colour=False), room).splitlines()
            assert max(map(len, lines)) <= room
            ends = {line.split()[-1] for line in lines if line.strip()}
            assert {str(each.queryid) for each in result.statements} <= ends
            (head,) = [line for line in lines if line.endswith("QUERYID")]
            assert "TOTAL" in head
            assert "↓" in head


def test_a_screen_says_which_server_it_is_and_what_is_the_matter(counted, database: str) -> None:
    result = replace(top(Dsn(database, "the test"), Request()), notes=("statements are missing",))
    lines = shown.screen(result, Style(colour=False), 200, 24, "12:00:00")
    assert lines[0].startswith(f"{result.target.database} @ {result.target.host}")
    assert lines[0].endswith("12:00:00")
    assert lines[2] == "· statements are missing"


def test_what_is_said_below_the_table_fits_too(counted, database: str) -> None:
    result = replace(top(Dsn(database, "the test"), Request()), notes=("word " * 100,))
    said = [line for line in shown.render(result, Style(colour=False), 100).splitlines() if line.startswith("· ")]
    assert len(said) == 1
    assert len(said[0]) <= 100


@pytest.mark.parametrize("words", [["top"], ["advise", "replicas"]])
def test_embedded_servers_are_meant_too(words: list[str]) -> None:
    ran = dbops(*words, "--dsn", "embedded:No Name")
    assert ran.status == 3
    assert "can't name an embedded server" in ran.err


@pytest.mark.parametrize("form", ["json", "table"])
def test_watching_ends_when_nobody_reads_it_any_more(database: str, counted: psycopg.Connection, form: str) -> None:
    command = f"{sys.executable} -m dbops top --watch 100ms -o {form} --dsn '{database}' | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
