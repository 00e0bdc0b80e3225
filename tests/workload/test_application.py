"""All commands about the workload on a shop and on pgbench, as a user runs them, held against what is known of both."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.command import Ran, dbops
from dbops.postgres.binaries import find
from dbops.postgres.embedded import EmbeddedServer, temporary
from dbops.sql.fingerprint import fingerprint
from dbops.sql.normalized import readable
from faults.scene import eventually
from workload import application
from workload.application import Shop

LONG = [pytest.mark.fault, pytest.mark.at_full_count]


@pytest.fixture(scope="module", params=[1, pytest.param(20, marks=LONG)], ids=["a day", "twenty days"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with application.opened() as shop:
        application.run(shop, request.param)
        _wait_for_log(shop.server, shop.log)
        yield shop


def _wait_for_log(server: EmbeddedServer, log: Path) -> None:
    with closing(psycopg.connect(server.dsn(), autocommit=True)) as client:
        client.execute("SELECT 'the end'")
    eventually(lambda: b"the end" in log.read_bytes(), "the log is not written")


def _name(sql: str) -> str | None:
    return fingerprint(readable(sql.replace("%s", "$1")))


def _by_name(statements: list[dict[str, Any]]) -> dict[str | None, dict[str, Any]]:
    return {_name(each["query"]): each for each in statements}


def test_top_counts_what_was_asked_and_the_report_takes_the_longest(shop: Shop) -> None:
    ran = dbops("top", "--dsn", shop.dsn, "--limit", 200, "--sort", "mean", "-o", "json")
    calls: Counter[str | None] = Counter()
    for each in ran.data["statements"]:  # one that is sent with values in its text is another to the server
        calls[_name(each["query"])] += each["calls"]
    assert {sql: calls[_name(sql)] for sql in shop.asked} == dict(shop.asked)
    assert _name(ran.data["statements"][0]["query"]) == _name(application.REPORT)


def test_nplusone_finds_the_loops_and_nothing_else(shop: Shop) -> None:
    ran = dbops("nplusone", "--log", shop.log, "-o", "json")
    found = ran.data["findings"]
    assert ran.status == 1
    assert {_name(each["query"]): _name(each["source_query"]) for each in found} == {
        _name(loop): _name(source) for loop, source in application.LOOPS.items()
    }
    assert {each["kind"] for each in found} == {"confirmed"}
    calls = {_name(each["query"]): each["calls"] for each in found}
    assert calls == {_name(loop): shop.asked[loop] for loop in application.LOOPS}
    (stars,) = [each for each in found if each["application"] == "pages"]
    assert stars["request"] == "/category"


def test_advise_replicas_tells_reads_from_what_only_a_primary_takes(shop: Shop) -> None:
    found = _by_name(dbops("advise", "replicas", "--dsn", shop.dsn, "-n", 500, "-o", "json").data["statements"])
    told = {sql: found[_name(sql)]["routable"] for sql in shop.asked}
    assert told == {sql: sql not in application.WRITES for sql in shop.asked}


def test_with_the_log_it_tells_what_has_to_be_fresh(shop: Shop) -> None:
    words = ["advise", "replicas", "--dsn", shop.dsn, "-n", 500, "--lag", "1h", "--log", shop.log, "-o", "json"]
    ran = dbops(*words)
    found = {sql: _by_name(ran.data["statements"])[_name(sql)] for sql in shop.asked}
    assert ran.data["followed"]["identity"] == "application"  # sessions have several traces
    assert {sql for sql in shop.asked if found[sql]["routable"]} == application.READS
    assert all(found[sql]["freshness"]["within_writing"] == 1 for sql in application.WITHIN_WRITING)
    assert all(found[sql]["freshness"]["after_write"] == 1 for sql in application.FRESH)
    assert all(found[sql]["freshness"]["after_no_write"] == 1 for sql in application.NEVER_WRITTEN)
    assert all(found[sql]["freshness"]["calls"] == shop.asked[sql] for sql in application.READS)


def test_advise_cache_keeps_the_reports_answers_and_no_write(shop: Shop) -> None:
    ran = dbops("advise", "cache", "--dsn", shop.dsn, "-n", 500, "--log", shop.log, "-o", "json")
    found = _by_name(ran.data["statements"])
    assert found[_name(application.REPORT)]["strategy"] in {"cache-aside", "materialized-view"}
    told = {sql: found[_name(sql)]["strategy"] for sql in application.WRITES}
    assert told.pop(application.HIT) in {"none", "write-behind"}  # by how much it costs
    assert set(told.values()) == {"none"}


def test_counters_alone_suspect_a_loop_and_nothing_that_is_none(shop: Shop) -> None:
    ran = dbops("nplusone", "--statements", "--dsn", shop.dsn, "-o", "json")
    found = {_name(each["query"]): each for each in ran.data["findings"]}
    assert ran.status == 1
    assert _name(application.CONTENT) in found
    assert found.keys() <= {_name(loop) for loop in application.LOOPS}
    assert {each["kind"] for each in found.values()} == {"suspected"}


@pytest.fixture(scope="module")
def bank() -> Iterator[tuple[EmbeddedServer, Path]]:
    """pgbench's own workload: one client, prepared statements, a number of transactions that is known."""
    with temporary(settings=application.SETTINGS) as server:
        _pgbench(server, "-i", "-q")
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
            admin.execute("CREATE EXTENSION pg_stat_statements")
        _pgbench(server, "-t", TRANSACTIONS, "-M", "prepared", "-n", "-b", "tpcb-like@1")
        _pgbench(server, "-t", TRANSACTIONS, "-n", "-S")
        log = server.data / "log" / "server.csv"
        _wait_for_log(server, log)
        yield server, log


TRANSACTIONS = 40
BALANCE = "SELECT abalance FROM pgbench_accounts WHERE aid = 1"
PAID = ("pgbench_accounts", "pgbench_tellers", "pgbench_branches", "pgbench_history")


def _pgbench(server: EmbeddedServer, *words: object) -> None:
    command = [find().path("pgbench"), *words, "postgres"]
    environment = {"PGHOST": str(server.socket_dir), "PGUSER": "postgres", "PGPORT": str(server.port)}
    subprocess.run(list(map(str, command)), env=environment, check=True, capture_output=True, timeout=60)


def _on_bank(bank: tuple[EmbeddedServer, Path], *words: object) -> Ran:
    return dbops(*words, "--dsn", bank[0].dsn(), "-o", "json")


def test_top_counts_pgbenchs_transactions(bank: tuple[EmbeddedServer, Path]) -> None:
    found = _on_bank(bank, "top", "--limit", 100).data["statements"]
    calls = {table: [each["calls"] for each in found if f" {table} " in each["query"]] for table in PAID}
    assert calls["pgbench_tellers"] == calls["pgbench_branches"] == calls["pgbench_history"] == [TRANSACTIONS]
    assert calls["pgbench_accounts"] == [TRANSACTIONS] * 3  # -S sends its query in another protocol


def test_pgbench_has_no_loop(bank: tuple[EmbeddedServer, Path]) -> None:
    ran = dbops("nplusone", "--log", bank[1], "-o", "json")
    assert (ran.status, ran.data["findings"]) == (0, [])
    assert ran.data["statements"] >= 8 * TRANSACTIONS


def test_of_pgbenchs_reads_half_are_in_transactions_that_write(bank: tuple[EmbeddedServer, Path]) -> None:
    ran = _on_bank(bank, "advise", "replicas", "-n", 500, "--lag", "1h", "--log", bank[1])
    found = _by_name(ran.data["statements"])
    read = found[_name(BALANCE)]
    assert read["routable"] is True
    assert (read["freshness"]["calls"], read["freshness"]["within_writing"]) == (2 * TRANSACTIONS, 0.5)
    assert read["freshness"]["after_no_write"] == 0.5  # -S asks in a session of its own, which writes nothing
    assert all(not each["routable"] for each in ran.data["statements"] if each["query"].startswith(("UPD", "INS")))


def test_no_write_of_pgbench_is_cached_and_nothing_suspected_of_a_loop(bank: tuple[EmbeddedServer, Path]) -> None:
    found = _on_bank(bank, "advise", "cache", "-n", 500, "--log", bank[1]).data["statements"]
    told = {each["strategy"] for each in found if each["query"].startswith(("UPDATE", "INSERT"))}
    assert told <= {"none", "write-behind"}
    ran = _on_bank(bank, "nplusone", "--statements")
    assert (ran.status, ran.data["findings"]) == (0, [])
