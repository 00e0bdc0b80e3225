"""Who reads what they wrote a moment ago, and who doesn't: sessions as logs show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.results.workload import Freshness, Identity
from dbops.sql.fingerprint import fingerprint
from dbops.sql.nodes import Relation
from dbops.sql.purpose import purpose
from dbops.workload.freshness import history
from dbops.workload.freshness.facts import Facts
from dbops.workload.freshness.history import History
from dbops.workload.logs.executions import Execution
from dbops.workload.routing import Behind

CART = "SELECT * FROM cart WHERE id = 1"
SHOP = "SELECT * FROM shop WHERE id = 1"
WRITE = "UPDATE cart SET n = n + 1 WHERE id = 1"
LAG = 1.0


def execution(at: float | None, sql: str, session: str = "s1", **how: Any) -> Execution:
    """An execution that ends at a time and took a millisecond; the times of tests have fractions."""
    at = None if at is None else at + 0.25
    found = Execution(at, 1.0, session, None, "app", "db", "web", sql, None, failed=False)
    return found._replace(**how)


def seen(
    executions: Iterable[Execution],
    *,
    sql: str = CART,
    identity: Identity = Identity.SESSION,
    lag: float | None = LAG,
    behind: Behind | None = None,
    below: Mapping[str, frozenset[str]] | None = None,
) -> Freshness:
    """Return what is told of one statement."""
    name = fingerprint(sql) or ""
    facts = Facts(behind or Behind(), below or {})
    taken = History(facts, {name}, identity, lag)
    for each in executions:
        taken.add(each)
    taken.end()
    return taken.tallies[name].freshness(lag)


def parts(found: Freshness) -> tuple[float, float | None, float]:
    """Return which parts are within transactions that write, follow a young write, and follow none."""
    return found.within_writing, found.after_write, found.after_no_write


def test_what_is_read_within_the_lag_after_ones_own_write_must_be_fresh() -> None:
    found = seen([execution(1, WRITE), execution(1.5, CART), execution(9, CART), execution(9.5, CART)])
    assert parts(found) == (0, pytest.approx(1 / 3, abs=0.001), 0)
    assert (found.calls, found.total_ms, found.written) == (3, 3.0, "cart")
    assert found.age_s_median == pytest.approx(8, rel=0.06)


def test_what_another_client_wrote_need_not_be_seen() -> None:
    assert parts(seen([execution(1, WRITE, "other"), execution(1.1, CART)])) == (0, 0, 1)


def test_what_another_table_holds_need_not_be_seen() -> None:
    assert parts(seen([execution(1, WRITE), execution(1.1, SHOP)], sql=SHOP)) == (0, 0, 1)


@pytest.mark.parametrize("order", [(WRITE, CART), (CART, WRITE)], ids=["before", "after"])
def test_a_transaction_that_writes_is_not_split(order: tuple[str, str]) -> None:
    first, second = order
    steps = ["BEGIN", first, second, "COMMIT"]
    assert parts(seen([execution(1 + n / 10, sql) for n, sql in enumerate(steps)])) == (1, 0, 0)


@pytest.mark.parametrize("order", [(WRITE, CART), (CART, WRITE)], ids=["before", "after"])
def test_a_transaction_is_known_by_its_number_where_its_begin_is_not_logged(order: tuple[str, str]) -> None:
    steps = [execution(1 + n / 10, sql, transaction="3/17") for n, sql in enumerate(order)]
    assert parts(seen(steps)) == (1, 0, 0)


def test_another_number_is_another_transaction() -> None:
    steps = [execution(1, CART, transaction="3/17"), execution(1.1, WRITE, transaction="3/18")]
    assert parts(seen(steps)) == (0, 0, 1)


@pytest.mark.parametrize("numbers", [("3/17", "3/18"), (None, None)], ids=["numbers", "none"])
def test_a_transaction_whose_end_is_not_logged_ends_where_another_begins(numbers: tuple[str | None, ...]) -> None:
    first, second = numbers
    steps = [
        execution(1, "BEGIN", transaction=first),
        execution(1.1, WRITE, transaction=first),
        execution(9, "BEGIN", transaction=second),
        execution(9.1, CART, transaction=second),
        execution(9.2, "COMMIT"),
    ]
    assert parts(seen(steps)) == (0, 0, 0)


def test_a_begin_within_a_transaction_is_no_other_one() -> None:
    steps = [execution(1 + n / 10, sql, transaction="3/17") for n, sql in enumerate(["BEGIN", WRITE, "BEGIN", CART])]
    assert parts(seen(steps)) == (1, 0, 0)


def test_what_is_read_in_a_transaction_that_no_standby_takes_stays() -> None:
    steps = [execution(1, "BEGIN ISOLATION LEVEL SERIALIZABLE"), execution(1.1, CART), execution(1.2, "COMMIT")]
    assert parts(seen(steps)) == (1, 0, 0)
    later = [execution(2, "BEGIN"), execution(2.1, "SET TRANSACTION READ WRITE"), execution(2.2, CART)]
    assert parts(seen(later)) == (1, 0, 0)
    assert parts(seen([execution(3, "BEGIN READ ONLY"), execution(3.1, CART), execution(3.2, "COMMIT")])) == (0, 0, 1)


def test_no_number_is_no_transaction() -> None:
    steps = [execution(1, CART, transaction="3/0"), execution(1.1, WRITE, transaction="3/0")]
    assert parts(seen(steps)) == (0, 0, 1)


def test_a_write_counts_from_its_commit_on() -> None:
    steps = [execution(1, "BEGIN"), execution(1.1, WRITE), execution(5, "COMMIT"), execution(5.5, CART)]
    assert parts(seen(steps)) == (0, 1, 0)


def test_what_is_rolled_back_was_not_written() -> None:
    steps = [execution(1, "BEGIN"), execution(1.1, WRITE), execution(1.2, "ROLLBACK"), execution(1.3, CART)]
    assert parts(seen(steps)) == (0, 0, 1)


def test_what_is_rolled_back_to_a_savepoint_leaves_the_transaction_open() -> None:
    steps = ["BEGIN", "SAVEPOINT a", WRITE, "ROLLBACK TO SAVEPOINT a", CART, "COMMIT"]
    assert parts(seen([execution(1 + n / 10, sql) for n, sql in enumerate(steps)])) == (1, 0, 0)


def test_a_chained_transaction_is_another_one() -> None:
    steps = ["BEGIN", CART, "COMMIT AND CHAIN", WRITE, "COMMIT"]
    assert parts(seen([execution(1 + n / 10, sql) for n, sql in enumerate(steps)])) == (0, 0, 1)


def test_a_failed_write_was_not_written() -> None:
    assert parts(seen([execution(1, WRITE, failed=True), execution(1.1, CART)])) == (0, 0, 1)


def test_reading_in_a_transaction_that_only_reads_can_go() -> None:
    steps = ["BEGIN READ ONLY", "SET LOCAL work_mem = '1MB'", CART, "SELECT 1", "FETCH 5 FROM c", "COMMIT"]
    assert parts(seen([execution(1 + n / 10, sql) for n, sql in enumerate(steps)])) == (0, 0, 1)


def test_locking_rows_keeps_the_transaction_on_the_primary_and_writes_nothing() -> None:
    steps = ["BEGIN", CART + " FOR UPDATE", CART, "COMMIT", CART]
    assert parts(seen([execution(1 + n / 10, sql) for n, sql in enumerate(steps)])) == (0.5, 0, 0.5)


def test_several_statements_in_one_message_are_one_after_the_other() -> None:
    found = seen([execution(1, f"BEGIN; {WRITE}; COMMIT"), execution(1.1, f"SELECT 1; {CART}")])
    assert (parts(found), found.total_ms) == ((0, 1, 0), 0.5)


@pytest.mark.parametrize("statement", ["COPY cart FROM STDIN", "TRUNCATE cart", "MERGE INTO cart USING s ON true "
                                       "WHEN MATCHED THEN DELETE", "WITH d AS (DELETE FROM cart) SELECT 1",
                                       "INSERT INTO public.cart VALUES (1)", "SELECT fill()", "CALL fill()",
                                       "DO $$ BEGIN END $$"])  # fmt: skip
def test_whatever_writes_is_a_write(statement: str) -> None:
    behind = Behind(volatile=frozenset({Relation(None, "fill")}))
    assert parts(seen([execution(1, statement), execution(1.1, CART)], behind=behind)) == (0, 1, 0)


@pytest.mark.parametrize("statement", ["SELECT random()", "SELECT sum(n) FROM cart", "LISTEN x", "EXPLAIN " + WRITE])
def test_what_does_not_write_is_no_write(statement: str) -> None:
    behind = Behind(volatile=frozenset({Relation(None, "random")}), builtin=frozenset({Relation(None, "random")}))
    assert parts(seen([execution(1, statement), execution(1.1, CART)], behind=behind)) == (0, 0, 1)


def test_a_stable_function_of_ones_own_may_read_whatever_was_written() -> None:
    total = "SELECT cart_total(1)"
    behind = Behind(opaque=frozenset({Relation(None, "cart_total")}))
    found = seen([execution(1, WRITE), execution(1.5, total)], sql=total, behind=behind)
    assert parts(found) == (0, 1, 0)
    assert found.written == "cart"


def test_what_is_too_deep_to_be_read_may_have_written_anything() -> None:
    deep = "UPDATE cart SET n = " + " + ".join(["1"] * 2_000)
    found = seen([execution(1, deep), execution(1.5, CART)])
    assert parts(found) == (0, 1, 0)


def test_a_view_that_calls_one_may_too() -> None:
    totals = "SELECT total FROM totals"
    view = purpose("SELECT cart_total(id) AS total FROM shop")
    behind = Behind(opaque=frozenset({Relation(None, "cart_total")}), views={"totals": view})
    found = seen([execution(1, WRITE), execution(1.5, totals)], sql=totals, behind=behind)
    assert parts(found) == (0, 1, 0)


def test_what_a_view_or_a_parent_table_shows_is_what_is_below_it() -> None:
    below = {"carts": frozenset({"carts", "cart", "cart_2026"}), "cart": frozenset({"cart"})}
    view = "SELECT * FROM carts"
    assert parts(seen([execution(1, WRITE), execution(1.1, view)], sql=view, below=below)) == (0, 1, 0)


def test_who_writes_all_the_time_is_told_by_the_last_write() -> None:
    steps = [execution(n / 10, WRITE) for n in range(100)]
    assert parts(seen([*steps, execution(10.5, CART)])) == (0, 1, 0)


def test_without_a_lag_it_is_not_told_what_is_too_young() -> None:
    found = seen([execution(1, WRITE), execution(1.5, CART)], lag=None)
    assert (found.after_write, found.after_write_time) == (None, None)
    assert found.age_s_5_percent == pytest.approx(0.5, rel=0.06)


def test_without_durations_no_time_is_told() -> None:
    found = seen([execution(1, CART, ms=None)])
    assert (found.calls, found.total_ms, found.after_no_write_time) == (1, None, None)


def test_times_in_whole_seconds_may_be_off_by_one() -> None:
    steps = [execution(0.75, WRITE), execution(2.75, CART)]
    assert all(each.at and each.at.is_integer() for each in steps)
    assert parts(seen(steps, lag=1.5)) == (0, 1, 0)


def test_an_execution_without_a_time_tells_nothing() -> None:
    taken = History(Facts(Behind(), {}), {fingerprint(CART) or ""}, Identity.SESSION, LAG)
    taken.add(execution(None, CART))
    assert (taken.undated, taken.tallies) == (1, {})


@pytest.mark.parametrize(
    ("identity", "same"),
    [(Identity.SESSION, False), (Identity.APPLICATION, True), (Identity.USER, True)],
)
def test_clients_are_told_apart_as_is_said(identity: Identity, same: bool) -> None:
    steps = [execution(1, WRITE, "one"), execution(1.1, CART, "other")]
    assert parts(seen(steps, identity=identity)) == ((0, 1, 0) if same else (0, 0, 1))


def test_a_trace_is_one_client_through_several_sessions() -> None:
    comment = " /*traceparent='00-{}-00f067aa0ba902b7-01'*/"
    one, other = comment.format("1" * 32), comment.format("2" * 32)
    steps = [execution(1, WRITE + one, "a"), execution(1.1, CART + one, "b"), execution(1.1, CART + other, "a")]
    assert parts(seen(steps, identity=Identity.TRACE)) == (0, 0.5, 0.5)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_SESSIONS", "_CLIENTS", "_TABLES", "_KINDS"):
        monkeypatch.setattr(history, name, 20)
    taken = History(Facts(Behind(), {}), {fingerprint(CART) or ""}, Identity.SESSION, LAG)
    for number in range(200):
        taken.add(execution(number, "BEGIN", f"s{number}"))
        taken.add(execution(number, f"INSERT INTO t{number} VALUES (1)", f"s{number}"))
        taken.add(execution(number, f"INSERT INTO t{number} VALUES (1)", "one"))
        taken.add(execution(number, CART, "one"))
    assert len(taken._open) <= 20
    assert len(taken._written) <= 20
    assert all(len(tables) <= 20 for tables in taken._written.values())


STATEMENTS = st.sampled_from(["BEGIN", "COMMIT", "ROLLBACK", WRITE, CART, SHOP, "SELECT f()", f"{CART} FOR UPDATE"])
STEPS = st.lists(st.tuples(STATEMENTS, st.floats(0, 3), st.sampled_from(["a", "b"])), max_size=40)


@given(STEPS, st.floats(0, 5))
def test_whatever_happens_the_parts_are_parts_and_more_lag_never_lets_more_go(steps, more: float) -> None:
    at, executed = 0.0, []
    for sql, pause, session in steps:
        at += pause
        executed.append(execution(at, sql, session))
    if not any(each.sql == CART for each in executed):
        return
    near, far = seen(executed, lag=LAG), seen(executed, lag=LAG + more)
    assert near.calls == sum(each.sql == CART for each in executed)
    assert 0 <= near.within_writing + (near.after_write or 0) + near.after_no_write <= 1.001
    assert (near.after_write or 0) <= (far.after_write or 0)
    assert (near.within_writing, near.after_no_write) == (far.within_writing, far.after_no_write)
