"""Explaining on a real server: what runs, what doesn't, and what is said of it."""

from __future__ import annotations

import threading
from dataclasses import replace

import psycopg
import pytest

from dbops.errors import (
    ConfigError,
    InvalidQuery,
    LockTimeout,
    PermissionDenied,
    QueryFailed,
    UsageError,
)
from dbops.explain.explain import explain
from dbops.explain.limits import Forbidden, Limits
from dbops.explain.request import Request
from dbops.explain.statement import Source
from dbops.postgres.dsn import Dsn
from dbops.results.progress import TargetKnown, Warned

TABLES = """
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL, total int, note text);
INSERT INTO orders (status, total, note)
SELECT CASE WHEN i % 100 = 0 THEN 'new' WHEN i % 10 = 0 THEN 'paid' ELSE 'done' END, i % 1000, repeat('x', 50)
FROM generate_series(1, 20000) AS i;
ANALYZE orders;
CREATE FUNCTION counted() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION fine() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
CREATE VIEW counted_orders AS SELECT id, counted() AS counted FROM orders;
"""


@pytest.fixture
def orders(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES)
        yield connection


@pytest.fixture
def explained(database, orders):
    def call(text=None, **request):
        source = None if text is None else Source(text, "query")
        return explain(Dsn(database, "test"), Request(source=source, **request)).result

    return call


def version(connection):
    return connection.info.server_version


def test_a_query_is_run_and_its_time_and_rows_are_told(explained):
    result = explained("SELECT * FROM orders WHERE total = 5")
    assert result.not_analyzed is None
    assert result.plan.analyzed
    assert result.summary.rows == 20
    assert result.summary.execution_ms > 0
    assert result.summary.blocks_hit + result.summary.blocks_read > 100
    assert result.summary.takers[0].label == "Seq Scan on orders"


def test_the_target_is_named_before_anything_runs(explained):
    events = []
    explained("SELECT counted()", report=events.append)
    assert isinstance(events[0], TargetKnown)
    assert isinstance(events[1], Warned)


def test_no_analyze_only_plans(explained):
    result = explained("SELECT pg_sleep(30)", analyze=False)
    assert result.not_analyzed == "--no-analyze"
    assert result.summary.execution_ms is None
    assert result.summary.rows is None


def test_in_production_it_only_plans_unless_told_to_run(explained):
    assert "production" in explained("SELECT 1", environment="production").not_analyzed
    assert explained("SELECT 1", environment="production", analyze=True).not_analyzed is None
    assert explained("SELECT 1", environment="staging").not_analyzed is None


def test_a_writing_statement_is_planned_and_not_run(explained, orders):
    result = explained("DELETE FROM orders WHERE total = 5")
    assert "--allow-writes" in result.not_analyzed
    with pytest.raises(UsageError, match="it writes"):
        explained("DELETE FROM orders", analyze=True)
    assert orders.execute("SELECT count(*) FROM orders").fetchone() == (20000,)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders WHERE total = 5",
        "UPDATE orders SET total = 0",
        "INSERT INTO orders (status) SELECT 'new' FROM generate_series(1, 10)",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone",
        "CREATE TABLE copied AS SELECT * FROM orders",
        "SELECT id FROM orders WHERE total = 5 FOR UPDATE",
    ],
)
def test_a_writing_statement_that_is_allowed_is_run_and_rolled_back(explained, orders, statement):
    result = explained(statement, allow_writes=True)
    assert result.plan.analyzed
    assert orders.execute("SELECT count(*), sum(total) FROM orders").fetchone() == (20000, 9990000)
    assert orders.execute("SELECT to_regclass('copied')").fetchone() == (None,)


def test_what_a_rollback_does_not_undo_is_said_before_the_run(explained, orders):
    orders.execute("CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    orders.execute("CREATE TRIGGER note BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION noted()")
    warnings = "\n".join(explained("INSERT INTO orders (status) VALUES ('new')", allow_writes=True).warnings)
    assert "trigger note of public.orders" in warnings
    assert "sequence public.orders_id_seq" in warnings


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT counted()", "public.counted()"),
        ("SELECT * FROM counted_orders LIMIT 1", "public.counted()"),
        ("SELECT * FROM orders WHERE total = counted() LIMIT 1", "public.counted()"),
        ("SELECT pg_reload_conf() WHERE false", None),
        ("SELECT random(), fine(), now(), clock_timestamp()", None),
    ],
)
def test_volatile_functions_are_named_wherever_they_hide(explained, text, named):
    warnings = explained(text).warnings
    assert any(named in warning for warning in warnings) if named else "counted" not in "".join(warnings)
    if "random" in text:
        assert warnings == ()


def test_a_function_that_writes_is_refused_in_a_read_only_transaction(explained):
    with pytest.raises(InvalidQuery, match="read-only transaction") as raised:
        explained("SELECT nextval('orders_id_seq')")
    assert "--allow-writes" in raised.value.hint


def test_a_query_that_does_not_end_in_time_is_explained_without_a_run(explained, orders):
    result = explained("SELECT count(*), pg_sleep(60) FROM orders", timeout=0.3)
    assert "did not end within 0.3 s" in result.not_analyzed
    assert result.plan.root.kind == "Aggregate"
    assert not result.plan.analyzed


def test_repeats_give_medians(explained):
    repeats = explained("SELECT count(*) FROM orders", repeat=5).summary.repeats
    assert repeats.count == 5
    assert repeats.least_ms <= repeats.median_ms <= repeats.most_ms


def test_given_values_are_used(explained):
    result = explained(
        "SELECT * FROM orders WHERE status = :status AND total < %s", values={"status": "new", "2": "500"}
    )
    assert [(each.name, each.values) for each in result.scenarios] == [("given", {"status": "new", "2": "500"})]
    assert result.summary.rows == 100


def test_missing_values_are_a_common_a_typical_and_a_rare_one(explained):
    result = explained("SELECT * FROM orders WHERE status = $1", show_data=True)
    assert [(each.name, each.values["1"]) for each in result.scenarios] == [
        ("common", "done"),
        ("typical", "paid"),
        ("rare", "new"),
    ]
    assert all(each.execution_ms > 0 for each in result.scenarios)
    assert [each.shown for each in result.scenarios].count(True) == 1


def test_values_from_the_statistics_are_hidden_unless_asked_for(explained):
    result = explained("SELECT * FROM orders WHERE status = $1")
    assert {each.values["1"] for each in result.scenarios} == {"…"}
    filters = [node.text("Filter") for node in result.plan.nodes()]
    assert not any(value in text for text in filters for value in ("done", "paid", "new"))


def test_parameters_without_values_are_planned_as_a_generic_plan(explained, orders):
    text = "SELECT * FROM orders WHERE status = $1"
    names = [each.name for each in explained(text, analyze=False).scenarios]
    assert names == (["generic"] if version(orders) >= 160000 else ["common", "typical", "rare"])


def test_a_parameter_that_no_statistics_tell_of_must_be_given(explained, orders):
    text = "SELECT $1::int + total FROM orders WHERE id = 1"
    if version(orders) >= 160000:
        assert "-p 1=…" in explained(text).not_analyzed
    else:
        with pytest.raises(UsageError, match="parameter 1"):
            explained(text)
    assert explained(text, values={"1": "5"}).plan.analyzed


def test_literals_can_be_taken_out_of_everything(explained):
    result = explained("SELECT * FROM orders WHERE status = 'new' AND total = 100", redact=True)
    said = repr(result)
    assert "'new'" not in said
    assert "100)" not in said
    assert result.query == "SELECT * FROM orders WHERE status = $1 AND total = $2"


def test_lint_judges_the_query_too(explained):
    assert {each.rule for each in explained("SELECT * FROM orders").lint} == {"select-star", "unpaginated-query"}


def test_limits_that_are_broken_are_named(explained):
    limits = Limits(max_ms=0.0, max_cost=1.0, forbidden=(Forbidden.read("seq-scan:orders"),))
    broken = explained("SELECT * FROM orders WHERE total = 5", limits=limits).broken
    assert [each.limit for each in broken] == ["--max-ms", "--max-cost", "--forbid seq-scan:orders"]


def test_a_limit_that_nobody_measured_is_not_taken_for_kept(explained):
    with pytest.raises(ConfigError, match="was not run"):
        explained("SELECT 1", limits=Limits(max_ms=1000.0), environment="production")


@pytest.mark.parametrize(
    ("text", "error", "message", "hint"),
    [
        ("SELECT * FROM ordes", InvalidQuery, 'query:1:15: relation "ordes" does not exist', "did you mean orders?"),
        ("SELECT statu FROM orders", InvalidQuery, 'query:1:8: column "statu" does not exist', "status"),
        ("SELECT nothing($1)", InvalidQuery, "query:1:8: function nothing", "type casts"),
        ("SELECT 1/0 FROM orders", InvalidQuery, "division by zero", None),
        (
            "SELECT * FROM orders WHERE id = 'x'",
            InvalidQuery,
            'query:1:33: invalid input syntax for type bigint: "x"',
            None,
        ),
    ],
)
def test_what_the_server_refuses_is_told_with_its_place(explained, text, error, message, hint):
    with pytest.raises(error) as raised:
        explained(text)
    assert message in raised.value.message
    assert hint is None or hint in raised.value.hint


def test_a_role_without_rights_is_told_what_it_lacks(explained, database, role):
    reader = role()
    request = Request(source=Source("SELECT * FROM orders", "query"))
    with pytest.raises(PermissionDenied, match="orders") as raised:
        explain(Dsn(reader.dsn(database), "test"), request)
    assert "GRANT SELECT" in raised.value.hint


def test_a_table_that_is_locked_is_not_waited_for(explained, database):
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout) as raised:
            explained("SELECT * FROM orders")
    assert raised.value.retryable


def test_a_query_that_somebody_cancels_is_told_apart_from_a_timeout(database, orders):
    def cancel():
        for _ in range(400):
            threading.Event().wait(0.05)
            done = orders.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state = 'active' AND query LIKE 'EXPLAIN%ANALYZE%pg_sleep%'"
            ).fetchall()
            if done:
                return

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(QueryFailed, match="cancelled on the server"):
        explain(Dsn(database, "test"), Request(source=Source("SELECT pg_sleep(20)", "query")))
    thread.join()


def test_a_query_that_pg_stat_statements_has_seen_is_found_by_its_id(explained, orders):
    orders.execute("CREATE EXTENSION pg_stat_statements")
    orders.execute("SELECT count(*) FROM orders WHERE status = 'new' AND total > 7")
    queryid = orders.execute(
        "SELECT queryid FROM pg_stat_statements WHERE query LIKE 'SELECT count(*) FROM orders WHERE status%'"
        " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchone()[0]
    result = explained(queryid=queryid)
    assert result.query == "SELECT count(*) FROM orders WHERE status = $1 AND total > $2"
    assert (result.statistics.calls, result.statistics.rows) == (1, 1)
    assert [each.name for each in result.scenarios] == ["common", "typical", "rare"]
    with pytest.raises(UsageError, match="no such query"):
        explained(queryid=1)


def test_without_pg_stat_statements_a_queryid_says_what_is_missing(explained):
    with pytest.raises(ConfigError, match="pg_stat_statements is not installed"):
        explained(queryid=1)


def test_nothing_is_left_on_the_server(explained, orders):
    def state():
        return orders.execute(
            "SELECT count(*), max(oid::text), (SELECT sum(total) FROM orders) FROM pg_class"
        ).fetchone()

    before = state()
    explained("SELECT * FROM orders WHERE status = $1")
    explained("UPDATE orders SET total = 1 WHERE id = 1", allow_writes=True)
    assert state() == before


def test_the_document_can_be_read_again(database, orders):
    from dbops.explain.captured import explain_plan, read_document, saved, with_comparison

    made = explain(Dsn(database, "test"), Request(source=Source("SELECT * FROM orders WHERE total = 5", "query")))
    document = read_document(saved(made.document), "saved.json")
    again = explain_plan(document, "saved.json", limits=Limits())
    assert again.result.plan.root.label == made.result.plan.root.label
    assert again.result.query == made.result.query
    compared = with_comparison(again, document, "saved.json").result.comparison
    assert compared.same_shape
    assert replace(compared, nodes=()).factor == 1.0
