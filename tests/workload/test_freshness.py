"""``dbops advise replicas --log`` on a standby that is held at a lag: what could go gives the same answers there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.command import dbops
from dbops.postgres.embedded import EmbeddedServer, temporary
from dbops.sql.fingerprint import fingerprint
from dbops.sql.normalized import readable
from faults.scene import eventually
from workload.test_top import working

DELAY_S = 1.0
SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "logging_collector": "on",
    "log_destination": "csvlog",
    "log_filename": "server.log",
    "log_min_duration_statement": "0",
}
SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE carts (id int PRIMARY KEY, items int);
CREATE TABLE shops (id int PRIMARY KEY, name text);
CREATE TABLE stock (id int PRIMARY KEY, left_over int);
CREATE VIEW overview AS SELECT sum(items) AS items FROM carts;
INSERT INTO carts SELECT i, 0 FROM generate_series(1, 9) AS i;
INSERT INTO shops SELECT i, 'shop ' || i FROM generate_series(1, 9) AS i;
INSERT INTO stock SELECT i, 100 FROM generate_series(1, 9) AS i;
"""
AFTER_WRITE = "SELECT items FROM carts WHERE id = %s"
THROUGH_A_VIEW = "SELECT items FROM overview"
LATER = "SELECT id, items FROM carts WHERE id = %s"
OF_OTHERS = "SELECT name FROM shops WHERE id = %s"
IN_WRITING = "SELECT left_over FROM stock WHERE id = %s"
ADD = "UPDATE carts SET items = items + 1 WHERE id = %s"
TAKE = "UPDATE stock SET left_over = left_over - 1 WHERE id = %s"


@dataclass
class Scene:
    """A primary with a standby that is a second behind, and the answers that both gave at the same times."""

    dsn: str
    standby: str
    log: Path
    answers: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)

    def advised(self, *words: object) -> dict[str, Any]:
        ran = dbops("advise", "replicas", "--dsn", self.dsn, "--log", self.log, "-n", 500, "-o", "json", *words)
        assert ran.status == 0, ran.err
        return ran.data


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with temporary(settings=SETTINGS) as server, ExitStack() as stack:
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
            admin.execute(SCHEMA)
        client = stack.enter_context(closing(psycopg.connect(server.dsn(), autocommit=True)))
        delayed = _standby(server)
        standby = stack.enter_context(closing(psycopg.connect(delayed.dsn(), autocommit=True)))
        client.execute("SELECT pg_stat_statements_reset()")
        scene = Scene(server.dsn(), delayed.dsn(), server.data / "log" / "server.csv")
        _work(scene, client, standby)
        client.execute("SELECT 'the end'")
        eventually(lambda: b"the end" in scene.log.read_bytes(), "the log is not written")
        yield scene


def _standby(server: EmbeddedServer) -> EmbeddedServer:
    settings = {"recovery_min_apply_delay": f"{DELAY_S:g}s", "logging_collector": "off"}
    return server.standby(server.home.with_name("late"), "late", durable=False, settings=SETTINGS | settings)


def _work(scene: Scene, client: psycopg.Connection, standby: psycopg.Connection) -> None:
    """Let one session read after its writes at once and later, and ask the standby the same at the same time."""

    def ask(sql: str, *values: object) -> None:
        both = [connection.execute(sql, values or None).fetchall() for connection in (client, standby)]
        scene.answers.setdefault(sql, []).append((both[0], both[1]))

    for number in range(1, 4):
        client.execute(ADD, (number,))
        ask(AFTER_WRITE, number)
        ask(THROUGH_A_VIEW)
        ask(OF_OTHERS, number)
        with client.transaction():
            client.execute(TAKE, (number,))
            ask(IN_WRITING, number)
    (written,) = client.execute("SELECT pg_current_wal_flush_lsn()").fetchone() or ("",)
    replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
    eventually(lambda: standby.execute(replayed, (written,)).fetchone() == (True,), "the standby is behind")
    for number in range(1, 4):
        ask(LATER, number)
        ask(OF_OTHERS, number)


def _of(advised: dict[str, Any], sql: str) -> dict[str, Any]:
    name = fingerprint(sql.replace("%s", "$1"))
    (found,) = [each for each in advised["statements"] if fingerprint(readable(each["query"])) == name]
    return found


@pytest.mark.parametrize("sql", [LATER, OF_OTHERS])
def test_what_could_go_has_the_same_answer_on_the_standby(scene: Scene, sql: str) -> None:
    found = _of(scene.advised("--lag", "1s"), sql)
    assert found["routable"] is True
    assert (found["freshness"]["within_writing"], found["freshness"]["after_write"]) == (0, 0)
    assert all(primary == standby for primary, standby in scene.answers[sql])


@pytest.mark.parametrize("sql", [AFTER_WRITE, THROUGH_A_VIEW, IN_WRITING])
def test_what_must_be_fresh_has_another_answer_on_the_standby(scene: Scene, sql: str) -> None:
    found = _of(scene.advised("--lag", "1s"), sql)
    assert found["freshness"]["within_writing"] + found["freshness"]["after_write"] == 1
    assert found["routable"] is False
    assert all(primary != standby for primary, standby in scene.answers[sql])


def test_at_a_smaller_lag_more_could_go_and_at_a_larger_one_less(scene: Scene) -> None:
    shares = [scene.advised("--lag", lag)["followed"]["at_lag_share"] for lag in ("0s", "1s", "1h")]
    assert shares[0] > shares[2]
    assert _of(scene.advised("--lag", "1h"), LATER)["freshness"]["after_write"] == 1
    assert _of(scene.advised("--lag", "0s"), AFTER_WRITE)["routable"] is True


def test_shares_are_parts_of_a_whole_and_the_reason_says_why(scene: Scene) -> None:
    found = scene.advised("--lag", "1s")
    parts = found["followed"]
    assert parts["identity"] == "session"
    whole = parts["at_lag_share"] + parts["stay_share"] + parts["unseen_share"] + found["unclear_share"]
    assert whole == pytest.approx(1, abs=0.001)
    assert parts["always_share"] <= parts["at_lag_share"]
    assert _of(found, AFTER_WRITE)["reason"].startswith(
        "100 % of calls follow a write of carts in the same session within 1.0 s, 100 % ever (half within "
    )
    assert "100 % of calls are in transactions of which" in _of(found, IN_WRITING)["reason"]
    assert "no call follows a write of what it reads in the same session" in _of(found, OF_OTHERS)["reason"]


def test_the_lag_is_measured_while_it_is_watched(scene: Scene) -> None:
    with working(scene.dsn, sql="UPDATE carts SET items = 0 WHERE id = 9"):
        time.sleep(DELAY_S)
        found = scene.advised("--for", "2.2s")
    (late,) = found["replicas"]
    assert late["name"] == "late"
    assert late["lag_s"] >= 0.9 * DELAY_S
    assert found["followed"]["lag_s"] == late["lag_s"]


def test_a_lag_that_was_looked_at_once_is_said_to_be_one_moments(scene: Scene) -> None:
    once = "the lag is that of one moment"
    assert any(once in note for note in scene.advised()["notes"])
    assert not any(once in note for note in scene.advised("--lag", "1s")["notes"])


def test_the_text_has_the_shares_at_the_lag_and_whatever_it_is(scene: Scene) -> None:
    ran = dbops("advise", "replicas", "--dsn", scene.dsn, "--lag", "1s", "--log", scene.log)
    lines = ran.out.splitlines()
    text = " ".join(lines)
    assert "of the log, where each session sees what it wrote, it could take " in text
    assert "at a lag of 1.0 s, and " in text
    assert "whatever the lag is; " in text
    assert max(map(len, lines[1:])) <= 100


def test_a_log_of_another_database_says_so_and_of_no_query_is_anything_known(scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("2026-11-25 12:00:00.000 UTC [7] a@elsewhere LOG:  statement: SELECT 1\n")
    words = ["advise", "replicas", "--dsn", scene.dsn, "--lag", "1s", "--log", log]
    assert "can't be told: no statement of this database is in the log" in dbops(*words).out
    ran = dbops(*words, "-o", "json")
    assert any("no statement in database postgres is in the log" in note for note in ran.data["notes"])
    assert ran.data["followed"]["at_lag_share"] == ran.data["followed"]["always_share"] == 0
    assert "the log doesn't have it" in _of(ran.data, AFTER_WRITE)["reason"]


def test_a_log_of_slow_statements_alone_is_said_to_be_none_of_all(scene: Scene, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "2026-11-25 12:00:00.500 UTC [7] LOG:  duration: 250.000 ms  statement: SELECT items FROM overview\n"
    )
    notes = dbops("advise", "replicas", "--dsn", scene.dsn, "--log", log, "-o", "json").data["notes"]
    assert any("no statement of the log was quicker than 250 ms" in note for note in notes)
    assert any("nothing in the log writes" in note for note in notes)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lag", "1s"], "without --log"),
        (["--identity", "session"], "without --log"),
        (["server.log"], "without --log"),
        (["--log", "x", "--log-line-prefix", "%z"], "no escape %z"),
        (["--log", "x", "--encoding", "klingon"], "no encoding"),
        (["--log", "x", "--lag", "far"], "is not a duration"),
        (["--log", "x", "--identity", "luck"], "--identity"),
    ],
)
def test_bad_input_is_refused_before_anything_is_asked(words: list[str], said: str) -> None:
    ran = dbops("advise", "replicas", "--dsn", "host=nowhere.invalid", *words)
    assert (ran.status, said in ran.err) == (64, True), ran.err


@pytest.mark.parametrize(
    ("log", "said"), [("/nothing/here.log", "can't be read"), (__file__, "no prefix that is known")]
)
def test_a_log_that_can_not_be_read_is_refused_before_statements_are_watched(log: str, said: str) -> None:
    ran = dbops("advise", "replicas", "--dsn", "host=nowhere.invalid", "--for", "1h", "--log", log)
    assert ran.status == 64
    assert f"{log}: {said}" in ran.err or f"{log}: the log's lines begin with {said}" in ran.err
