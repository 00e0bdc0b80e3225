"""``dbops advise cache --log``: the hit rate that is foretold is the one that a real cache has then."""

from __future__ import annotations

import csv
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.command import Ran, dbops
from dbops.postgres.embedded import temporary

SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE products (id int PRIMARY KEY, name text, size int, seen timestamptz);
INSERT INTO products SELECT i, 'product ' || i, 100000 FROM generate_series(1, 100) AS i;
CREATE TABLE pages (id int PRIMARY KEY, views int);
INSERT INTO pages SELECT i, 0 FROM generate_series(1, 10) AS i;
CREATE FUNCTION described(int) RETURNS text LANGUAGE sql STABLE AS
    'SELECT md5(repeat(name, size)) FROM products WHERE id = $1';
"""
LOOKUP = "SELECT name, md5(repeat(name, size)) FROM products WHERE id = %s"
DESCRIBED = "SELECT views, described(id) FROM pages WHERE id = %s"
RENAME = "UPDATE products SET name = name || '!' WHERE id = %s"
NOTE = "UPDATE products SET seen = now() WHERE id = %s"
COUNT = "UPDATE pages SET views = views + 1 WHERE id = %s"
CALLS = 400


@dataclass(frozen=True)
class Logged:
    """A server with a log, and what an application did on it: statements and their keys."""

    dsn: str
    log: Path
    done: list[tuple[str, int]]

    def advise(self, *words: object) -> Ran:
        ran = dbops("advise", "cache", "--dsn", self.dsn, "--log", self.log, "--min-saved", "0.001", *words)
        assert ran.status == 0, ran.everything
        return ran


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    settings = {
        "shared_preload_libraries": "pg_stat_statements",
        "logging_collector": "on",
        "log_destination": "csvlog",
        "log_filename": "server.log",
        "log_min_duration_statement": "0",
    }
    with temporary(settings=settings) as server, closing(psycopg.connect(server.dsn(), autocommit=True)) as client:
        client.execute(SCHEMA)
        client.execute("SELECT pg_stat_statements_reset()")
        done = list(_work(random.Random(11)))
        for statement, key in done:
            client.execute(statement, (key,))
        client.execute("SELECT 'the end'")
        file = Path(client.execute("SHOW data_directory").fetchone()[0]) / "log" / "server.csv"
        until = time.monotonic() + 10
        while b"the end" not in file.read_bytes() and time.monotonic() < until:
            time.sleep(0.02)
        log = tmp_path_factory.mktemp("log") / "server.csv"  # as it is now: what tests do later is in the server's own
        log.write_bytes(file.read_bytes())
        yield Logged(server.dsn(), log, done)


def _work(chance: random.Random) -> Iterator[tuple[str, int]]:
    for number in range(CALLS):
        yield LOOKUP, min(int(chance.paretovariate(1.0)), 100)
        if number % 10 == 0:
            yield RENAME, chance.randrange(1, 101)
        if number % 8 == 0:
            yield DESCRIBED, 3
        if number % 3 == 0:
            yield NOTE, min(int(chance.paretovariate(1.0)), 100)
        if number % 4 == 0:
            yield COUNT, chance.randrange(1, 11)


def _found(ran: Ran, begin: str) -> dict[str, Any]:
    (one,) = [each for each in ran.data["statements"] if each["query"].startswith(begin)]
    return one


def _lookups(log: Path) -> Iterator[tuple[float, str, str]]:
    """Yield second, statement and key of the application's statements, as another program reads a csvlog."""
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            key = re.search(r"\$1 = '(\d+)'", row[14])
            if key is not None and "execute" in row[13]:
                hour, minute, second = row[0].split(" ")[1].split(":")
                yield int(hour) * 3600 + int(minute) * 60 + float(second), row[13], key[1]


@pytest.mark.parametrize("ttl", [0.01, 0.1, 0.4])
def test_the_rate_of_a_time_to_live_is_that_of_a_dict_which_the_logs_calls_are_asked_of(
    logged: Logged, ttl: float
) -> None:
    held: dict[str, tuple[float, int]] = {}
    versions: dict[str, int] = {}
    hits = old = calls = 0
    for at, statement, key in _lookups(logged.log):
        if "SET name" in statement:
            versions[key] = versions.get(key, 0) + 1
        if "SELECT name" not in statement:
            continue
        calls += 1
        loaded, version = held.get(key, (float("-inf"), 0))
        if at < loaded + ttl - 1e-5:
            hits += 1
            old += version != versions.get(key, 0)
        else:
            held[key] = (at, versions.get(key, 0))
    one = _found(logged.advise("--stale", f"{ttl * 1000:.0f}ms", "-o", "json"), "SELECT name")
    assert calls == CALLS
    assert one["hit_rate"] == pytest.approx(hits / calls, abs=1e-4)
    assert (one["basis"], one["strategy"]) == ("log", "cache-aside")
    assert one["stale_share"] == pytest.approx(old / calls, abs=1e-4)


class Cache:
    """A dict in front of the database, kept up to date by the application's own writes."""

    def __init__(self, client: psycopg.Connection, *, through: bool) -> None:
        self.client = client
        self.through = through
        self.held: dict[int, object] = {}
        self.hits = 0

    def do(self, statement: str, key: int) -> None:
        if statement == LOOKUP and key in self.held:
            self.hits += 1
            return
        cursor = self.client.execute(statement, (key,))
        if statement == LOOKUP:
            self.held[key] = cursor.fetchone()
        elif statement == RENAME:
            self.held[key] = "as it was written"
            if not self.through:
                del self.held[key]


def _counters(client: psycopg.Connection) -> tuple[int, float]:
    found = client.execute(
        "SELECT calls, total_exec_time FROM pg_stat_statements WHERE query LIKE 'SELECT name, md5%'"
    ).fetchone()
    assert found is not None
    return found


def test_a_write_through_cache_saves_what_was_foretold(logged: Logged) -> None:
    foretold = _found(logged.advise("--stale", 0, "-o", "json"), "SELECT name")
    assert foretold["strategy"] == "write-through"
    with closing(psycopg.connect(logged.dsn, autocommit=True)) as client:
        calls, ms = _counters(client)
        cache = Cache(client, through=True)
        for statement, key in logged.done:
            cache.do(statement, key)
        after, ms_after = _counters(client)
    assert calls == foretold["calls"] == CALLS
    assert foretold["hit_rate"] == pytest.approx(cache.hits / CALLS, abs=1e-4)
    assert after - calls == round(CALLS * (1 - foretold["hit_rate"]))
    assert ms_after - ms < ms  # it has far fewer calls; how much quicker they are is no promise
    saved = foretold["hit_rate"] * foretold["load_ms_per_second"]
    assert foretold["saved_ms_per_second"] == pytest.approx(saved, rel=0.01)


def test_a_cache_that_drops_what_is_written_has_the_hits_that_were_counted(logged: Logged) -> None:
    from dbops.sql.fingerprint import fingerprint
    from dbops.workload.cache.replay import Read, Replay, Tables
    from dbops.workload.cache.writes import Entity
    from dbops.workload.followed import Log, of_database
    from dbops.workload.logs.record import Counted

    name = fingerprint(LOOKUP.replace("%s", "$1")) or ""
    read = Read(frozenset({1}), Entity(1, ("id",)), frozenset({"id", "name", "size"}))
    oids = {"products": 1}
    replay = Replay({name: read}, (1.0,), lambda table: Tables(oids.get(table), frozenset({oids.get(table, 2)})))
    for each in of_database(Log((logged.log,)), "postgres", Counted(), lambda _event: None):
        replay.add(each)
    with closing(psycopg.connect(logged.dsn, autocommit=True)) as client:
        cache = Cache(client, through=False)
        for statement, key in logged.done:
            cache.do(statement, key)
    result = replay.result(name)
    assert result is not None
    assert result.invalidated == pytest.approx(cache.hits / CALLS)


def test_counts_that_are_collected_are_told_with_what_a_crash_loses(logged: Logged) -> None:
    one = _found(logged.advise("--stale", "200ms", "-o", "json"), "UPDATE pages")
    assert (one["strategy"], one["distinct_keys"], one["basis"]) == ("write-behind", 10, "log")
    assert 0 < one["hit_rate"] < 1
    assert "a crash loses so much" in one["reason"]


@pytest.mark.parametrize("stale", ["50ms", "0"])
def test_what_a_function_reads_is_not_said_to_be_fresh(logged: Logged, stale: str) -> None:
    one = _found(logged.advise("--stale", stale, "-o", "json"), "SELECT views, described")
    assert (one["writes_per_s"], one["stale_share"]) == (None, None)
    if stale == "50ms":
        assert (one["strategy"], one["basis"]) == ("cache-aside", "log")
        assert "what described() looks at is not known" in one["reason"]
        assert "how often what it reads is written is not known" in one["reason"]
    else:
        assert one["strategy"] == "none"


def test_the_text_says_where_hits_come_from(logged: Logged) -> None:
    out = logged.advise("--stale", "500ms").out
    assert "hits were counted in " in out
    assert "hits (counted in the log)" in out
    assert "what triggers, functions and cascades write no log shows" in " ".join(out.split())


@pytest.fixture
def cut(logged: Logged, tmp_path: Path) -> Callable[[str, str], Logged]:
    """Give the log with something replaced in it."""

    def make(pattern: str, by: str) -> Logged:
        file = tmp_path / "changed.csv"
        file.write_text(re.sub(pattern, by, logged.log.read_text(encoding="utf-8")), encoding="utf-8")
        return Logged(logged.dsn, file, logged.done)

    return make


def test_a_log_without_parameters_tells_nothing_and_says_how_to_have_them(cut: Callable[[str, str], Logged]) -> None:
    one = _found(cut(r'"[Pp]arameters: [^"]*"', "").advise("-o", "json"), "SELECT name")
    assert (one["hit_rate"], one["saved_ms_per_second"], one["distinct_keys"]) == (None, None, None)
    assert "log_parameter_max_length = -1" in one["reason"]


def test_parameters_that_were_cut_off_are_said_to_make_it_inexact(cut: Callable[[str, str], Logged]) -> None:
    one = _found(cut(r"\$1 = '(\d)\d*'", r"$1 = '\1...'").advise("--stale", "500ms", "-o", "json"), "SELECT name")
    assert one["hit_rate"] is not None
    assert "parameters are cut off (log_parameter_max_length): it is that rate at most" in one["reason"]


def test_a_log_of_another_database_is_no_log_of_this_one(cut: Callable[[str, str], Logged]) -> None:
    ran = cut('"postgres","postgres"', '"postgres","elsewhere"').advise("-o", "json")
    assert _found(ran, "SELECT name")["hit_rate"] is None
    assert any("no statement in database postgres is in the log" in note for note in ran.data["notes"])


def test_a_log_that_has_only_what_is_slow_is_said_to_be_one(cut: Callable[[str, str], Logged]) -> None:
    ran = cut(r"duration: [\d.]+ ms", "duration: 250.000 ms").advise("-o", "json")
    assert any("no statement of the log was quicker than 250 ms" in note for note in ran.data["notes"])


def test_what_is_no_log_is_one_clear_error(logged: Logged, tmp_path: Path) -> None:
    file = tmp_path / "no.log"
    file.write_text("hello\nworld\n")
    ran = dbops("advise", "cache", "--dsn", logged.dsn, "--log", file)
    assert ran.status == 64
    assert "no.log: the log's lines begin with no prefix that is known" in ran.err
