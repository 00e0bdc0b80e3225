"""``dbops advise replicas``: a standby answers what it is said to answer, and refuses what it is said not to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

from cli.command import dbops
from conftest import Role
from dbops.results.workload import RoutedStatement
from dbops.sql.fingerprint import fingerprint
from dbops.sql.nodes import Relation
from dbops.sql.normalized import readable
from dbops.sql.purpose import purpose
from dbops.workload.routing import Behind, judge
from faults.failover import wait_for_replay
from servers.server import Cluster, Server
from workload.test_top import working

SCHEMA = """
CREATE EXTENSION pg_stat_statements;
CREATE TABLE orders (id int PRIMARY KEY, note text);
CREATE TABLE "Odd name" (id int);
CREATE UNLOGGED TABLE hot (id int);
CREATE SEQUENCE numbers;
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM orders';
CREATE FUNCTION forgot() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';
CREATE FUNCTION writes() RETURNS bigint LANGUAGE sql AS
    'INSERT INTO orders VALUES (-1) ON CONFLICT DO NOTHING; SELECT 1';
CREATE VIEW readable AS SELECT id FROM orders;
CREATE VIEW numbered AS SELECT nextval('numbers') AS n;
CREATE VIEW over_numbered AS SELECT n FROM numbered;
CREATE VIEW dated AS SELECT clock_timestamp() AS at;
CREATE VIEW locked AS SELECT id FROM orders FOR UPDATE;
CREATE VIEW over_locked AS SELECT id FROM locked;
CREATE VIEW monitored AS SELECT pid FROM pg_stat_activity;
CREATE MATERIALIZED VIEW kept AS SELECT id, random() FROM hot;
CREATE TABLE ruled (id int);
CREATE RULE note AS ON INSERT TO ruled DO ALSO INSERT INTO hot VALUES (NEW.id);
CREATE FUNCTION note(int, int) RETURNS int LANGUAGE sql AS
    'INSERT INTO orders VALUES (-2) ON CONFLICT DO NOTHING; SELECT 1';
CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = note);
CREATE AGGREGATE noted(int) (SFUNC = note, STYPE = int, INITCOND = '0');
CREATE TYPE tag AS (name text);
CREATE FUNCTION tagged(int) RETURNS tag LANGUAGE sql AS
    'INSERT INTO orders VALUES (-2) ON CONFLICT DO NOTHING; SELECT NULL::tag';
CREATE CAST (int AS tag) WITH FUNCTION tagged(int);
CREATE FUNCTION checked(int) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN INSERT INTO orders VALUES (-3) ON CONFLICT DO NOTHING; RETURN true; END';
CREATE DOMAIN checked_id AS int CHECK (checked(VALUE));
INSERT INTO orders VALUES (7);
SELECT nextval('numbers');
CREATE SCHEMA elsewhere;
CREATE FUNCTION elsewhere.writes_too() RETURNS bigint LANGUAGE sql AS 'SELECT writes()';
"""
# Each statement, whether a standby could answer it, and what of the reason must be said.
STATEMENTS: dict[str, tuple[bool | None, str]] = {
    "SELECT id FROM orders WHERE note = 'x'": (True, "only reads"),
    "SELECT count(*), now(), random() FROM orders": (True, "only reads"),
    "WITH o AS (SELECT id FROM orders) SELECT * FROM o": (True, "only reads"),
    'SELECT id FROM "Odd name"': (True, "only reads"),
    "SELECT * FROM readable": (True, "only reads"),
    "SELECT * FROM dated": (True, "only reads"),
    "SELECT counted()": (True, "only reads"),
    "SELECT 1 + 1": (True, "reads no table"),
    "SELECT * FROM kept": (True, "only reads"),
    "SELECT id FROM ruled": (True, "only reads"),
    "SELECT extract(year FROM now()), substring('ab' FROM 1 FOR 1), date(now()), 1::int": (True, "reads no table"),
    "SELECT id FROM orders WHERE note > 'a' AND now() > timestamptz '2020-01-01'": (True, "only reads"),
    "EXPLAIN ANALYZE SELECT id FROM orders": (True, "only reads"),
    "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM orders": (True, "only reads"),
    "DECLARE d CURSOR WITH HOLD FOR SELECT writes()": (False, "declared volatile"),
    "EXPLAIN ANALYZE INSERT INTO orders VALUES (8)": (False, "writes orders"),
    "SELECT * FROM ts_stat('SELECT to_tsvector(note) FROM orders')": (True, "only reads"),
    "SELECT id FROM orders FOR UPDATE": (False, "locks rows of orders"),
    "SELECT id FROM orders WHERE id IN (SELECT id FROM orders FOR SHARE)": (False, "locks rows of orders"),
    "INSERT INTO orders VALUES (1)": (False, "writes orders"),
    "UPDATE orders SET note = 'x'": (False, "writes orders"),
    "WITH d AS (DELETE FROM orders RETURNING id) SELECT * FROM d": (False, "writes orders"),
    "SELECT nextval('numbers')": (False, "nextval() is refused"),
    "SELECT * FROM numbered": (False, "through the view numbered: nextval() is refused"),
    "SELECT * FROM over_numbered": (False, "through the view over_numbered: nextval() is refused"),
    "SELECT forgot()": (False, "declared volatile"),
    "SELECT writes()": (False, "declared volatile"),
    "SELECT * FROM hot": (False, "hot is unlogged"),
    "SELECT id INTO copied FROM orders": (False, "makes a table"),
    "CREATE INDEX ON orders (note)": (False, "no query"),
    "SELECT pg_notify('a', 'b')": (False, "pg_notify() is refused"),
    "SELECT * FROM locked": (False, "through the view locked: it locks rows of orders"),
    "SELECT * FROM over_locked": (False, "through the view over_locked: it locks rows of orders"),
    "SELECT id ### 1 FROM orders": (False, "### calls note(), which is declared volatile"),
    "SELECT noted(id) FROM orders": (False, "noted() is declared volatile"),
    "SELECT id::tag FROM orders": (False, "tag calls tagged(), which is declared volatile"),
    "SELECT id::checked_id FROM orders": (False, "checked_id calls checked(), which is declared volatile"),
    "SELECT last_value FROM numbers": (False, "numbers is a sequence"),
    "SELECT count(*) FROM pg_stat_activity": (False, "tells of the server that is asked"),
    "SELECT count(*) FROM monitored": (False, "through the view monitored: pg_stat_get_activity() tells of"),
    "SELECT count(*) FROM pg_stat_statements(false)": (False, "pg_stat_statements() tells of the server"),
    "SELECT inet_server_port()": (False, "tells of the server that is asked"),
    "SELECT writes_too()": (None, "writes_too() is not on this role's search path"),
}
SURE_TO_FAIL = [
    sql
    for sql, (fine, reason) in STATEMENTS.items()
    if fine is False
    and "forgot" not in sql
    and "declared" not in reason
    and "tells of" not in reason
    and "is a sequence" not in reason
]
WRITES_BY_THE_WAY = [sql for sql, (_, reason) in STATEMENTS.items() if "declared" in reason and "forgot" not in sql]


@pytest.fixture(scope="module")
def primary(cluster: Cluster) -> Server:
    with closing(psycopg.connect(cluster.primary.dsn(), autocommit=True)) as connection:
        connection.execute(SCHEMA)
        connection.execute("SELECT pg_stat_statements_reset()")
        connection.execute("SET search_path = public, elsewhere")
        for sql in STATEMENTS:
            connection.execute(sql)
        connection.execute("INSERT INTO orders VALUES (7) ON CONFLICT DO NOTHING")
    wait_for_replay(cluster.primary, cluster.standbys[0])
    return cluster.primary


@pytest.fixture(scope="module")
def advised(primary: Server) -> dict[str, Any]:
    ran = dbops("advise", "replicas", "--dsn", primary.dsn(), "-n", 500, "-o", "json")
    assert ran.status == 0
    return ran.data


def _found(advised: dict[str, Any], sql: str) -> dict[str, Any]:
    (found,) = [each for each in advised["statements"] if fingerprint(readable(each["query"])) == fingerprint(sql)]
    return found


@pytest.mark.parametrize("sql", STATEMENTS)
def test_each_statement_is_told_apart_with_the_reason(advised: dict[str, Any], sql: str) -> None:
    routable, reason = STATEMENTS[sql]
    found = _found(advised, sql)
    assert (found["routable"], reason in found["reason"]) == (routable, True), found
    assert found.keys() >= {"query", "routable", "reason", "share"}


@pytest.mark.parametrize("sql", [sql for sql, (routable, _) in STATEMENTS.items() if routable])
def test_a_standby_answers_what_is_said_to_be_routable(cluster: Cluster, primary: Server, sql: str) -> None:
    with closing(psycopg.connect(cluster.standbys[0].dsn(), autocommit=True)) as standby:
        standby.execute(sql)


@pytest.mark.parametrize("mode", ["ISOLATION LEVEL SERIALIZABLE", "READ WRITE"])
def test_a_standby_takes_no_transaction_that_is_said_to_stay(cluster: Cluster, primary: Server, mode: str) -> None:
    with closing(psycopg.connect(cluster.standbys[0].dsn(), autocommit=True)) as standby, pytest.raises(psycopg.Error):
        standby.execute(f"BEGIN {mode}")
        standby.execute("SELECT 1")


def test_a_sequence_of_a_standby_is_ahead_of_the_primarys(cluster: Cluster, primary: Server) -> None:
    values = []
    for server in (primary, cluster.standbys[0]):
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as connection:
            values.append(connection.execute("SELECT last_value FROM numbers").fetchone())
    assert values[0] < values[1]


@pytest.mark.parametrize("sql", [*SURE_TO_FAIL, *WRITES_BY_THE_WAY])
def test_a_standby_refuses_what_is_said_to_be_not(cluster: Cluster, primary: Server, sql: str) -> None:
    with closing(psycopg.connect(cluster.standbys[0].dsn(), autocommit=True)) as standby, pytest.raises(psycopg.Error):
        standby.execute(sql)


def test_the_share_is_that_of_the_time_and_the_standbys_are_named(advised: dict[str, Any]) -> None:
    routable = sum(each["share"] for each in advised["statements"] if each["routable"])
    assert advised["routable_share"] == pytest.approx(routable, abs=0.01)
    assert 0 < advised["routable_share"] < 1
    assert {each["name"] for each in advised["replicas"]} == {"standby1", "standby2"}
    assert any("must stay on the primary" in note for note in advised["notes"])


def test_the_text_says_the_share_first(primary: Server) -> None:
    lines = dbops("advise", "replicas", "--dsn", primary.dsn(), "-n", 500).out.splitlines()
    assert lines[1].startswith("A standby could take up to ")
    assert any(line.startswith("✗") and "locks rows of orders" in line for line in lines)
    assert max(map(len, lines[1:])) <= 100


def test_over_an_interval_it_says_how_often_what_is_read_is_written(database: str, counted: psycopg.Connection) -> None:
    counted.execute("SELECT id FROM orders WHERE id = 1")
    with working(database), working(database, sql="INSERT INTO orders VALUES (1, 2)"):
        ran = dbops("advise", "replicas", "--dsn", database, "--for", "2.5s", "-o", "json")
    (read,) = [each for each in ran.data["statements"] if each["query"].startswith("SELECT id FROM orders")]
    assert read["written_per_s"] > 0
    assert ran.data["measured_s"] >= 2


def test_what_partitions_are_written_counts_for_their_parent(database: str, counted: psycopg.Connection) -> None:
    counted.execute("CREATE TABLE events (id int, at int) PARTITION BY RANGE (at)")
    counted.execute("CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (9)")
    reads = "SELECT id FROM events WHERE at = 3"
    counted.execute(reads)
    with working(database, sql=reads), working(database, sql="INSERT INTO events VALUES (1, 2)"):
        ran = dbops("advise", "replicas", "--dsn", database, "--for", "2.5s", "-o", "json")
    (read,) = [each for each in ran.data["statements"] if each["query"].startswith("SELECT id FROM events")]
    assert read["written_per_s"] > 0


def test_what_the_role_may_not_see_is_unknown(database: str, counted, role: Callable[..., Role]) -> None:
    counted.execute("SELECT id FROM orders WHERE id = 1")
    ran = dbops("advise", "replicas", "--dsn", role().dsn(database), "-o", "json")
    assert ran.data["routable_share"] < 0.5 < ran.data["unclear_share"]


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT (", "", "SELECT 1; SELECT 2"])
def test_what_can_not_be_parsed_can_not_be_told(sql: str) -> None:
    assert judge(purpose(sql), Behind()).routable is None


def test_what_resets_counters_is_no_view_of_them() -> None:
    reset = Relation(None, "pg_stat_statements_reset")
    behind = Behind(volatile=frozenset({reset}), compiled=frozenset({reset}))
    assert "can't be told" in judge(purpose("SELECT pg_stat_statements_reset()"), behind).reason


def test_names_in_a_schema_that_the_role_may_not_use_are_judged_as_well(
    database: str, counted: psycopg.Connection, role: Callable[..., Role]
) -> None:
    monitor = role()
    counted.execute(f"GRANT pg_read_all_stats TO {monitor.name}")
    counted.execute('CREATE SCHEMA "App"; CREATE TABLE "App"."Größe" (id int PRIMARY KEY)')
    counted.execute('CREATE VIEW "App".seen AS SELECT id FROM "App"."Größe"')
    read, view = 'SELECT id FROM "App"."Größe"', 'SELECT id FROM "App".seen'
    for sql in 10 * [read, view]:
        counted.execute(sql)
    for command in (("advise", "replicas"), ("advise", "cache"), ("nplusone", "--statements")):
        ran = dbops(*command, "--dsn", monitor.dsn(database), "-o", "json")
        assert ran.status == 0, ran.everything
        if command[-1] == "replicas":
            assert [_found(ran.data, sql)["routable"] for sql in (read, view)] == [True, True]


def test_what_is_certain_is_told_before_what_can_not_be_told() -> None:
    functions = frozenset({Relation("a", "in_c"), Relation("b", "writes")})
    behind = Behind(volatile=functions, compiled=frozenset({Relation("a", "in_c")}))
    assert judge(purpose("SELECT a.in_c(), b.writes()"), behind).routable is False


def test_a_table_that_this_role_does_not_find_can_not_be_told() -> None:
    found = judge(purpose("SELECT 1 FROM elsewhere"), Behind(unknown=frozenset({"elsewhere"})))
    assert found.routable is None
    assert "elsewhere" in found.reason


def test_a_function_of_ones_own_says_what_to_do() -> None:
    found = judge(purpose("SELECT app.f()"), Behind(volatile=frozenset({Relation("app", "f")})))
    assert found.reason.endswith("(ALTER FUNCTION app.f(…) STABLE)")


def test_the_result_is_made_of_statements(advised: dict[str, Any]) -> None:
    assert {name for each in advised["statements"] for name in each} == set(RoutedStatement.__dataclass_fields__)


def test_where_nothing_was_asked_no_share_is_told(database: str, counted: psycopg.Connection) -> None:
    ran = dbops("advise", "replicas", "--dsn", database, "--for", "300ms")
    assert "No statement ended in" in ran.out
    assert "%" not in ran.out
