"""``dbops advise cache`` on a server: what it says of each kind of statement, and what it can't see."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from cli.command import Ran, dbops
from conftest import Role
from dbops.results.cache import CacheStatement
from dbops.sql.fingerprint import fingerprint
from dbops.sql.normalized import readable
from faults.failover import wait_for_replay
from servers.server import Cluster, SharedServer

SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE users (id int PRIMARY KEY, name text, size int);
INSERT INTO users SELECT i, 'user ' || i, 100000 FROM generate_series(1, 20) AS i;
CREATE TABLE teams (LIKE users INCLUDING ALL);
INSERT INTO teams TABLE users;
CREATE TABLE few AS SELECT * FROM users LIMIT 3;
CREATE TABLE orders (id int, status text, due timestamptz);
INSERT INTO orders SELECT i, (ARRAY['new', 'paid', 'sent'])[1 + i % 3], now() FROM generate_series(1, 60000) AS i;
CREATE TABLE copies AS SELECT i FROM generate_series(1, 100) AS i;
CREATE TABLE events (id int GENERATED ALWAYS AS IDENTITY, kind int) PARTITION BY RANGE (kind);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (9);
CREATE VIEW recent AS SELECT id, kind FROM events;
CREATE TABLE pages (id int PRIMARY KEY, views int);
INSERT INTO pages SELECT i, 0 FROM generate_series(1, 10) AS i;
CREATE TABLE notes (id int PRIMARY KEY, due date, tags jsonb, n int);
CREATE TABLE jobs (id int PRIMARY KEY);
INSERT INTO jobs VALUES (1);
CREATE TABLE letters (id int PRIMARY KEY, text text);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
CREATE SEQUENCE numbers;
CREATE TABLE ruled (id int);
CREATE RULE noted AS ON INSERT TO ruled DO ALSO INSERT INTO jobs SELECT 2 WHERE false;
CREATE FUNCTION forgot() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM orders';
CREATE FUNCTION me() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN RETURN current_setting(''application_name''); END';
CREATE FUNCTION noted(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
CREATE OPERATOR ### (RIGHTARG = text, FUNCTION = noted);
CREATE VIEW locked AS SELECT id FROM jobs FOR UPDATE;
CREATE MATERIALIZED VIEW kept AS SELECT size, random() AS n FROM users;
CREATE SCHEMA elsewhere;
CREATE FUNCTION elsewhere.hidden() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM orders';
ANALYZE;
"""
PATH = "-c search_path=public,elsewhere"
# What keeps a lookup busy for longer than a cache would take; a constant would look like a parameter.
BUSY = "md5(repeat(name, size))"
LOOKUP = f"SELECT id, {BUSY} FROM teams WHERE id = %s"
SHARED = [f"SELECT id, {BUSY} FROM users WHERE id = %s", f"SELECT name, {BUSY} FROM users WHERE id = %s"]
LIST = f"SELECT max({BUSY}) FROM few"
REPORT = "SELECT status, count(*) FROM orders CROSS JOIN copies GROUP BY status"
COUNTER = "UPDATE pages SET views = views + 1 WHERE id = %s"
RECENT = "SELECT id, md5(repeat(id::text, 500000)) FROM recent WHERE kind = %s LIMIT 1"
INSERTS = ["INSERT INTO events (kind) VALUES (3), (3)", "INSERT INTO events (kind) SELECT 3"]
RULED = "SELECT max(id) FROM ruled"
# Each statement, its strategy, and what of the reason must be said.
VERDICTS: dict[str, tuple[str, str]] = {
    LOOKUP: ("cache-aside", "--log FILE"),
    SHARED[0]: ("read-through", "2 statements look up one row by id of users"),
    SHARED[1]: ("read-through", "--log FILE"),
    LIST: ("cache-aside", "an earlier answer would do"),
    REPORT: ("materialized-view", "refresh a view every 30 s"),
    COUNTER: ("write-behind", "it only counts views of pages"),
    "UPDATE notes SET due = due + 1 WHERE id = %s": ("none", "it writes notes"),
    "UPDATE notes SET tags = tags - 'x' WHERE id = %s": ("none", "it writes notes"),
    "UPDATE notes SET n = n - 1 WHERE id = %s": ("none", "it only counts, and all its calls take"),
    "UPDATE teams SET name = 'team x' WHERE id = %s": ("none", "it writes teams"),
    INSERTS[0]: ("none", "it writes events"),
    INSERTS[1]: ("none", "it writes events"),
    RECENT: ("none", "times a second, and it is asked"),
    "SELECT id FROM jobs LIMIT 1 FOR UPDATE SKIP LOCKED": ("none", "it locks rows of jobs"),
    "SELECT count(*), random() FROM orders": ("none", "random() says or does something each time"),
    "SELECT forgot()": ("none", "forgot() is declared volatile"),
    "SELECT counted()": ("cache-aside", "how often what it reads is written is not known"),
    "SELECT count(*), counted() FROM orders": ("cache-aside", "what counted() looks at is not known"),
    "SELECT count(*) FROM orders WHERE status = me()": ("none", "me() looks at who asks"),
    "SELECT hidden() FROM orders LIMIT 1": ("none", "hidden() is not on this role's search path"),
    "SELECT count(*) FROM orders WHERE ### status": ("none", "### calls noted(), which is declared volatile"),
    "SELECT count(*) FROM locked": ("none", "through the view locked: it locks rows of jobs"),
    "SELECT max(md5(repeat('x', size))) FROM kept": ("cache-aside", "an earlier answer"),
    "SELECT max(md5(id::text)) FROM orders TABLESAMPLE SYSTEM (90)": ("cache-aside", "changes with TABLESAMPLE"),
    "SELECT count(*) FROM orders WHERE status = current_setting('application_name')": ("none", "current_setting()"),
    "SELECT last_value FROM numbers": ("none", "numbers is a sequence"),
    "SELECT text FROM letters": ("none", "letters has row-level security"),
    "SELECT count(*) FROM pg_class": ("none", "the server's own catalogs"),
    "SELECT i FROM generate_series(1, 20000) AS i": ("none", "20,000 rows each"),
    "SELECT count(*) FROM orders WHERE due < now()": ("cache-aside", "its answer changes with now()"),
}


def ask(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement, (3,) if "%s" in statement else None)


@contextmanager
def at_work(database: str, statements: list[str], *, pause: float = 0.0) -> Iterator[None]:
    """Keep a client at work beside the test, with one statement after the other."""
    over = threading.Event()

    def work() -> None:
        with closing(psycopg.connect(database, autocommit=True, options=PATH)) as connection:
            while not over.is_set():
                for each in statements:
                    ask(connection, each)
                    over.wait(pause)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def busy(server: SharedServer, admin: psycopg.Connection) -> Iterator[str]:
    """A database in which clients are at work with all kinds of statements."""
    name = f"advise_cache_{os.getpid()}"
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    database = server.dsn(name)
    with ExitStack() as stack:
        stack.callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
        with closing(psycopg.connect(database, autocommit=True)) as connection:
            connection.execute(SCHEMA)
            connection.execute("SET search_path = public, elsewhere")
            for each in (*VERDICTS, RULED):
                ask(connection, each)
        yield database


@pytest.fixture(scope="module")
def advised(busy: str) -> dict[str, Any]:
    rest = [each for each in (*VERDICTS, RULED) if each != REPORT]
    with at_work(busy, [REPORT]), at_work(busy, rest):
        ran = dbops("advise", "cache", "--dsn", busy, "--for", "2.5s", "--min-saved", "0.01", "-n", 500, "-o", "json")
    assert ran.status == 0, ran.everything
    return ran.data


def found(advised: dict[str, Any], statement: str) -> dict[str, Any]:
    name = fingerprint(statement.replace("%s", "$1"))
    (one,) = [each for each in advised["statements"] if fingerprint(readable(each["query"])) == name]
    return one


@pytest.mark.parametrize("statement", VERDICTS)
def test_each_kind_of_statement_has_its_strategy_and_the_reason(advised: dict[str, Any], statement: str) -> None:
    strategy, said = VERDICTS[statement]
    one = found(advised, statement)
    assert (one["strategy"], said in one["reason"]) == (strategy, True), one
    assert one.keys() == set(CacheStatement.__dataclass_fields__)


def test_figures_are_those_of_the_interval(advised: dict[str, Any]) -> None:
    one = found(advised, LIST)
    assert advised["measured_s"] >= 2
    assert one["calls_per_s"] == pytest.approx(one["calls"] / advised["measured_s"], abs=0.01)
    assert one["load_ms_per_second"] == pytest.approx(one["calls_per_s"] * one["mean_ms"], rel=0.01)
    assert one["saved_ms_per_second"] == pytest.approx(one["hit_rate"] * one["load_ms_per_second"], rel=0.01)
    assert (one["basis"], one["distinct_keys"], one["rows_per_call"], one["tables"]) == ("formula", 1, 1, ["few"])
    assert one["explain"] == f"dbops explain --queryid {one['queryid']}"


def test_writes_are_counted_through_views_and_partitions(advised: dict[str, Any]) -> None:
    read, *inserts = (found(advised, each) for each in (RECENT, *INSERTS))
    assert read["tables"] == ["events_1"]
    assert read["writes_per_s"] >= sum(each["calls_per_s"] for each in inserts) * 0.99
    assert read["written_per_s"] > read["calls_per_s"]


def test_what_a_table_s_rules_write_is_not_what_it_is_read_from(advised: dict[str, Any]) -> None:
    assert found(advised, RULED)["tables"] == ["ruled"]


def test_a_statement_that_is_asked_with_values_has_no_hit_rate_without_a_log(advised: dict[str, Any]) -> None:
    for each in (LOOKUP, *SHARED, COUNTER):
        one = found(advised, each)
        assert (one["hit_rate"], one["saved_ms_per_second"], one["ttl_seconds"], one["basis"]) == (None,) * 4
    assert advised["saved_ms_per_second"] == pytest.approx(
        sum(each["saved_ms_per_second"] or 0 for each in advised["statements"]), abs=0.1
    )


def test_what_pays_comes_first_and_the_rest_is_counted_by_why(advised: dict[str, Any]) -> None:
    strategies = [each["strategy"] == "none" for each in advised["statements"]]
    assert strategies == sorted(strategies)
    saved = [each["saved_ms_per_second"] for each in advised["statements"] if each["saved_ms_per_second"] is not None]
    assert saved == sorted(saved, reverse=True)
    assert sum(advised["not_worth"].values()) == strategies.count(True)
    assert advised["not_worth"]["writes or locks"] == 6


def test_the_view_runs_and_gives_what_the_report_gave(advised: dict[str, Any], busy: str) -> None:
    view = found(advised, REPORT)["view"]
    with closing(psycopg.connect(busy)) as connection:
        rows = sorted(connection.execute(REPORT).fetchall())
        connection.execute(view["create"])
        connection.execute(view["unique_index"])
        assert sorted(connection.execute(view["query"]).fetchall()) == rows


def test_the_server_tells_of_its_own_cache(advised: dict[str, Any]) -> None:
    server = advised["server"]
    assert server["shared_buffers_bytes"] > 0
    assert 0 < server["hit_rate"] <= 1
    assert server["more_memory"] is False
    assert {each["name"] for each in server["relations"]} >= {"orders", "users"}
    assert all(each["resident_bytes"] is None for each in server["relations"])
    assert any("CREATE EXTENSION pg_buffercache" in note for note in server["notes"])


def test_the_text_says_first_what_is_saved_then_what_is_left_alone_then_the_servers_part(busy: str) -> None:
    with at_work(busy, [LIST, "SELECT count(*), random() FROM orders"]):
        lines = dbops("advise", "cache", "--dsn", busy, "--for", "1s", "--min-saved", "0.01").out.splitlines()
    assert lines[1].startswith("A cache would save ")
    assert lines[2].startswith("Answers may be 30 s old (--stale)")
    parts = ("cache-aside", "Not worth", "shared_buffers: ", "· ")
    at = [next(number for number, line in enumerate(lines) if part in line) for part in parts]
    assert at == sorted(at)
    assert max(map(len, lines[1:])) <= 100


def test_totals_say_that_they_are_of_another_time(busy: str) -> None:
    ran = dbops("advise", "cache", "--dsn", busy, "-o", "json")
    assert ran.data["measured_s"] is None
    assert any("--for 60s" in note for note in ran.data["notes"])
    assert any("rates of them need --for" in note for note in ran.data["server"]["notes"])


def test_what_is_resident_is_told_where_pg_buffercache_is_installed(database: str, counted) -> None:
    counted.execute("CREATE EXTENSION pg_buffercache")
    counted.execute("ANALYZE orders")
    counted.execute("SELECT count(*) FROM orders")
    server = dbops("advise", "cache", "--dsn", database, "-o", "json").data["server"]
    (orders,) = [each for each in server["relations"] if each["name"] == "orders"]
    assert 0 < orders["resident_bytes"] <= server["used_bytes"] <= server["shared_buffers_bytes"]
    assert orders["bytes"] == orders["resident_bytes"]


def test_who_may_not_look_into_the_cache_is_told_so(database: str, counted, role: Callable[..., Role]) -> None:
    counted.execute("CREATE EXTENSION pg_buffercache")
    ran = dbops("advise", "cache", "--dsn", role().dsn(database), "-o", "json")
    assert ran.status == 0
    assert any("GRANT pg_monitor" in note for note in ran.data["server"]["notes"])
    assert any("GRANT pg_read_all_stats" in note for note in ran.data["notes"])
    (hidden,) = [each for each in ran.data["statements"] if each["queryid"] is None]
    assert (hidden["strategy"], hidden["reason"]) == ("none", "its text is not known")


def test_a_trigger_s_writes_count_though_no_statement_of_a_client_s_tells_of_them(database: str, counted) -> None:
    counted.execute("CREATE TABLE sums (n int); INSERT INTO sums VALUES (0)")
    counted.execute(
        "CREATE FUNCTION sum_up() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE sums SET n = n + 1; RETURN NULL; END $$"
    )
    counted.execute("CREATE TRIGGER sum_up AFTER INSERT ON orders EXECUTE FUNCTION sum_up()")
    read = "SELECT n FROM sums"
    counted.execute(read)
    with at_work(database, ["INSERT INTO orders VALUES (1, 2)", read], pause=0.01):
        ran = dbops("advise", "cache", "--dsn", database, "--for", "2s", "-o", "json")
    assert found(ran.data, read)["writes_per_s"] > 0


def test_on_a_standby_what_is_written_is_not_known(cluster: Cluster) -> None:
    with closing(psycopg.connect(cluster.primary.dsn(), autocommit=True)) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("CREATE TABLE cached AS SELECT i, 'x' AS name FROM generate_series(1, 5000) AS i")
    standby, read = cluster.standbys[0].dsn(), "SELECT max(md5(name || i)) FROM cached"
    wait_for_replay(cluster.primary, cluster.standbys[0])
    with at_work(standby, [read], pause=0.01):
        ran = dbops("advise", "cache", "--dsn", standby, "--for", "1.5s", "--min-saved", "0.01", "-o", "json")
    one = found(ran.data, read)
    assert (one["strategy"], one["writes_per_s"], one["stale_share"]) == ("cache-aside", None, None)
    assert "how often what it reads is written is not known" in one["reason"]
    assert any("on the primary alone" in note for note in ran.data["notes"])


def test_without_the_extension_it_says_what_is_missing(database: str) -> None:
    ran = dbops("advise", "cache", "--dsn", database, "-o", "json")
    assert ran.status == 3
    assert "CREATE EXTENSION pg_stat_statements" in ran.error["hint"]


def test_where_nothing_was_asked_nothing_is_told(database: str, counted: psycopg.Connection) -> None:
    ran = dbops("advise", "cache", "--dsn", database, "--for", "300ms")
    assert "No statement ended in" in ran.out
    assert "worth" not in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stale", "soon"], "--stale"),
        (["--stale", "-1s"], "--stale"),
        (["--min-saved", "-1"], "--min-saved"),
        (["--log", "x", "--log-line-prefix", "%z"], "no escape %z"),
        (["--log", "x", "--encoding", "klingon"], "no encoding 'klingon'"),
        (["file.log"], "without --log there is no log that this is about"),
    ],
)
def test_bad_input_is_one_clear_error(words: list[str], said: str) -> None:
    ran: Ran = dbops("advise", "cache", "--dsn", "host=nowhere", *words)
    assert ran.status == 64
    assert said in ran.everything
    assert "Traceback" not in ran.everything


@pytest.mark.parametrize("log", ["/nothing/here.log", "/tmp"])
def test_a_log_that_can_not_be_read_is_refused_before_statements_are_watched(log: str) -> None:
    ran = dbops("advise", "cache", "--dsn", "host=nowhere", "--for", "1h", "--log", log)
    assert ran.status == 64
    assert f"{log}: can't be read" in ran.err
