"""Indexes proven on a real copy: those that help, those that don't, and what the figures are called."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.results.explain import Basis
from dbops.results.proof import CopyAhead, Timing
from dbops.sql.nodes import Relation
from explain.prove.scene import ORDERS, QUICK, Database, index

QUERY = "SELECT sum(total) FROM orders WHERE customer = 77"
CUSTOMER = index("orders", "customer")


def major(database):
    return database.rows("SELECT current_setting('server_version_num')::int / 10000")[0][0]


def called(database, proof):
    """What the figures of a whole copy may be called: proven on the target's own major version and order of text."""
    (proven,) = proof.indexes
    same = proof.scratch.startswith(f"PostgreSQL {major(database)}.") and "sorted by" not in proven.basis_detail
    return Basis.PROVEN if same else Basis.MEASURED


def test_an_index_that_helps_is_proven_on_a_server_of_our_own(database):
    target = Database(database, scratch=None)
    target.execute(ORDERS)
    proof = target.prove(QUERY, (CUSTOMER,), limits=replace(QUICK, seconds=1.0))
    (proven,) = proof.indexes
    assert proven.candidate == CUSTOMER
    assert proven.basis is called(target, proof)
    if proven.basis is Basis.PROVEN:
        assert proven.basis_detail.startswith("on all rows of public.orders, on PostgreSQL ")
    else:
        assert f" for a {major(target)}." in proven.basis_detail or "sorted by" in proven.basis_detail
    low, high = proven.interval
    assert 5 < low <= high
    assert proven.speedup == pytest.approx(proven.ms_before / proven.ms_after)
    assert proven.pairs >= 6
    assert proven.size_bytes > 100_000
    assert proven.build_ms > 0
    assert proven.writes.rows == 200
    assert None not in (proven.writes.insert_before_us, proven.writes.update_after_us)
    assert [(each.table, each.percent, each.rows) for each in proof.copied] == [("public.orders", 100.0, 30_000)]
    assert not proof.rejected


def test_that_rows_are_copied_is_said_before_it_happens(orders):
    orders.prove(QUERY, (CUSTOMER,))
    ahead = [place for place, event in enumerate(orders.events) if isinstance(event, CopyAhead)]
    assert len(ahead) == 1
    event = orders.events[ahead[0]]
    assert event.tables == (("public.orders", 100.0),)
    assert event.bytes > 1_000_000
    assert event.to.startswith("PostgreSQL ")
    assert event.to.endswith(f"({orders.scratch})")
    timings = [event for event in orders.events if isinstance(event, Timing)]
    assert (timings[-1].pairs, timings[-1].what) == (timings[-1].of_pairs, CUSTOMER.name)


def test_an_index_that_the_planner_does_not_use_is_rejected(orders):
    note = index("orders", "note")
    proof = orders.prove(QUERY, (CUSTOMER, note))
    assert [each.candidate for each in proof.indexes] == [CUSTOMER]
    (rejected,) = proof.rejected
    assert rejected.candidate == note
    assert rejected.reason == "the planner makes the same plan with it as without it, beside orders_customer_idx"
    assert rejected.basis is Basis.PLANNED


def test_an_index_that_is_used_and_does_not_help_is_rejected_with_its_times(orders):
    """The planner is made to take it, in the order of nothing, for all rows of the table."""
    spread = index("orders", "total")
    orders.execute("UPDATE orders SET total = hashint4(total::int)", "VACUUM FULL ANALYZE orders")
    settings = {"enable_seqscan": "off", "enable_bitmapscan": "off", "max_parallel_workers_per_gather": "0"}
    proof = orders.prove("SELECT count(note) FROM orders WHERE total < 1e12", (spread,), settings=settings)
    assert not proof.indexes
    (rejected,) = proof.rejected
    assert rejected.reason.startswith("not faster: ")
    assert rejected.ms_after > rejected.ms_before > 0
    assert proof.baseline_ms == rejected.ms_before


def test_the_better_of_two_choices_is_taken_whichever_was_named_first(orders):
    covering = index("orders", "customer", include=("total",))
    useless = index("orders", "total", "note")
    proof = orders.prove(QUERY, (useless,), (covering,))
    assert [each.candidate for each in proof.indexes] == [covering]
    assert [each.candidate for each in proof.rejected] == [useless]


def test_each_of_two_indexes_is_timed_beside_the_first(orders):
    orders.execute("CREATE TABLE lines (orders bigint, amount int)")
    orders.execute("INSERT INTO lines SELECT 1 + n % 30000, n FROM generate_series(1, 30000) AS n", "ANALYZE")
    query = "SELECT sum(amount) FROM orders JOIN lines ON lines.orders = orders.id WHERE customer = 77"
    lines = index("lines", "orders")
    proof = orders.prove(query, (lines, CUSTOMER))
    assert [each.candidate for each in proof.indexes] == [lines, CUSTOMER]
    first, second = proof.indexes
    assert second.ms_before < first.ms_before
    assert second.ms_after < second.ms_before


def test_a_query_that_groups_by_a_primary_key_is_proven(orders):
    orders.execute("CREATE TABLE buyers (id int PRIMARY KEY, name text)")
    orders.execute("INSERT INTO buyers SELECT i FROM generate_series(1, 99) AS i")
    query = "SELECT b.name, sum(o.total) FROM buyers b JOIN orders o ON o.customer = b.id WHERE b.id = 77 GROUP BY b.id"
    assert [each.candidate for each in orders.prove(query, (CUSTOMER,)).indexes] == [CUSTOMER]


def test_a_large_table_is_sampled_and_a_small_one_is_not(orders):
    bound = orders.rows("SELECT pg_table_size('orders') / 4 + pg_table_size('customers')")[0][0]
    query = "SELECT count(*) FROM orders JOIN customers ON customers.id = customer WHERE customer = 77"
    proof = orders.prove(query, (CUSTOMER,), limits=replace(QUICK, copy_bytes=bound))
    (proven,) = proof.indexes
    assert proven.basis is Basis.MEASURED
    shares = {each.table: each.percent for each in proof.copied}
    assert shares["public.customers"] == 100.0
    assert shares["public.orders"] == pytest.approx(25, abs=1)
    assert proven.basis_detail.startswith(f"on a sample of {shares['public.orders']:.0f} % of public.orders")
    rows = {each.table: each.rows for each in proof.copied}
    assert rows["public.customers"] == 1_000
    assert 2_000 < rows["public.orders"] < 15_000


def test_rows_that_row_level_security_hides_are_missed(orders, role):
    clerk = role()
    orders.execute(
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY small ON orders USING (total < 20000)",
        f"GRANT SELECT ON orders TO {clerk.name}",
    )
    proof = orders.prove(QUERY, (CUSTOMER,), dsn=clerk.dsn(orders.dsn))
    (copied,) = proof.copied
    assert (copied.rows, copied.hidden) == (19_999, True)
    (proven,) = proof.indexes
    assert proven.basis is Basis.MEASURED
    assert proven.basis_detail.startswith("without the rows of public.orders that row level security hides")


def test_a_reader_can_prove(orders, role):
    reader = role()
    orders.execute("CREATE TABLE secret (x int)", f"GRANT SELECT ON orders, customers TO {reader.name}")
    assert orders.prove(QUERY, (CUSTOMER,), dsn=reader.dsn(orders.dsn)).indexes


def test_a_login_with_a_password_that_needs_quoting_reaches_pg_dump(orders, role, admin):
    reader = role()
    password = 'it\'s a \\ "pass" word '
    admin.execute(psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(psycopg.sql.Identifier(reader.name), password))
    orders.execute(f"GRANT SELECT ON orders TO {reader.name}")
    dsn = psycopg.conninfo.make_conninfo(orders.dsn, user=reader.name, password=password)
    assert orders.prove(QUERY, (CUSTOMER,), dsn=dsn).indexes


def test_nothing_of_the_target_is_changed_and_no_lock_is_held(orders):
    look = (
        "SELECT (SELECT json_agg((c.oid, relname, relfilenode, relkind) ORDER BY c.oid) FROM pg_class AS c"
        " WHERE c.oid >= 16384)::text, (SELECT json_agg((s.relname, n_tup_ins, n_tup_upd, n_tup_del) ORDER BY relid)"
        " FROM pg_stat_user_tables AS s)::text, (SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders AS o)"
    )
    before = orders.rows(look)
    orders.prove(QUERY, (CUSTOMER,))
    assert orders.rows(look) == before
    database = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    held = f"SELECT * FROM pg_locks WHERE database = {database} AND pid <> pg_backend_pid() AND relation >= 16384"
    assert orders.rows(held) == []


def test_the_scratch_database_is_dropped(orders, scratch_server):
    orders.prove(QUERY, (CUSTOMER,))
    assert orders.rows("SELECT datname FROM pg_database WHERE datname LIKE 'dbops%'", scratch_server) == []


def test_a_run_that_takes_too_long_is_stopped_and_told_as_more_than_that(orders):
    """A function that sleeps is called for every row, and with the index for those of one customer."""
    orders.execute(
        "CREATE FUNCTION slow(int) RETURNS bool VOLATILE COST 0.0001 LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(0.001); RETURN true; END'"
    )
    query = "SELECT sum(total) FROM orders WHERE slow(customer) AND customer = 77"
    proof = orders.prove(query, (CUSTOMER,), limits=replace(QUICK, statement_seconds=1.0))
    (proven,) = proof.indexes
    assert proven.stopped
    assert proven.ms_before == 1_000.0
    assert proven.ms_after < 500
    assert proven.interval is None
    assert proven.basis is Basis.MEASURED
    assert "without the index stopped after 1 s" in proven.basis_detail


def test_settings_are_the_targets(orders):
    dsn = psycopg.conninfo.make_conninfo(orders.dsn, options="-c enable_indexscan=off -c enable_bitmapscan=off")
    settings = {"enable_indexonlyscan": "off"}
    proof = orders.prove(QUERY, (CUSTOMER,), dsn=dsn, settings=settings)
    assert [each.reason for each in proof.rejected] == ["the planner makes the same plan with it as without it"]


def test_an_index_that_cant_be_built_is_rejected_before_a_row_is_copied(orders):
    impossible = index("orders", "nothing")
    proof = orders.prove(QUERY, (impossible,))
    (rejected,) = proof.rejected
    assert rejected.reason == """can't be built: column "nothing" does not exist"""
    assert not proof.copied
    assert not any(isinstance(event, CopyAhead) for event in orders.events)


def test_one_that_only_the_rows_forbid_is_rejected_and_the_others_are_proven(orders):
    """A row of random text is too long for a B-tree; on an empty table nobody knows."""
    orders.execute("UPDATE orders SET note = (SELECT string_agg(md5(n::text || id), '') FROM generate_series(1, 300) n)"
                   " WHERE id = 1")  # fmt: skip
    long = index("orders", "note")
    proof = orders.prove(QUERY, (CUSTOMER,), (long,))
    assert [each.candidate for each in proof.indexes] == [CUSTOMER]
    (rejected,) = proof.rejected
    assert rejected.reason.startswith("can't be built: index row")


def test_what_an_index_requires_is_created(orders):
    needs = replace(CUSTOMER, requires=("CREATE EXTENSION IF NOT EXISTS hstore",))
    assert orders.prove(QUERY, (needs,)).indexes


def test_what_an_index_requires_and_cant_be_had_rejects_it(orders):
    needs = replace(CUSTOMER, requires=("CREATE EXTENSION no_such_extension",))
    (rejected,) = orders.prove(QUERY, (needs,)).rejected
    assert rejected.reason.startswith("can't be built there: ")
    assert "no_such_extension" in rejected.reason


def test_an_index_on_an_expression_has_statistics(orders):
    """Without ANALYZE after its build, the planner would guess half of a per cent, and not take it for so many rows."""
    lower = Candidate(Relation("public", "customers"), (Key("lower(name)", None),))
    proof = orders.prove("SELECT id FROM customers WHERE lower(name) = 'customer 77'", (lower,))
    (proven,) = proof.indexes
    assert proven.writes.update_before_us is None  # no column to update is known
    assert proven.writes.insert_after_us is not None


def test_what_writes_cost_is_unknown_where_a_constraint_forbids_to_try(lent):
    """Each code belongs to its row, so that no two can change places."""
    lent.execute(
        "CREATE TABLE codes (id int, code int CHECK (code = id * 7 % 30011))",
        "INSERT INTO codes SELECT n, n * 7 % 30011 FROM generate_series(1, 30000) AS n",
        "ANALYZE codes",
    )
    (proven,) = lent.prove("SELECT id FROM codes WHERE code = 77", (index("codes", "code"),)).indexes
    assert proven.writes.insert_before_us > 0
    assert proven.writes.update_before_us is None
    assert proven.writes.update_after_us is None


def test_an_index_on_an_empty_table_has_no_cost_of_writes(lent):
    lent.execute("CREATE TABLE nothing (x int)")
    proof = lent.prove(
        "SELECT x FROM nothing WHERE x = 1", (index("nothing", "x"),), settings={"enable_seqscan": "off"}
    )
    assert all(each.writes is None for each in proof.indexes)
    assert {each.candidate for each in (*proof.indexes, *proof.rejected)} == {index("nothing", "x")}


def test_what_a_lent_server_has_less_of_is_said(orders, scratch_server):
    """Its shared_buffers are as they are; work_mem is the target's, which every session can have."""
    with closing(psycopg.connect(scratch_server, autocommit=True)) as connection:
        (theirs,) = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers')) >> 20").fetchone()
    ours = orders.rows("SELECT pg_size_bytes(current_setting('shared_buffers')) >> 20")[0][0]
    dsn = psycopg.conninfo.make_conninfo(orders.dsn, options="-c work_mem=77MB")
    (proven,) = orders.prove(QUERY, (CUSTOMER,), dsn=dsn).indexes
    assert "work_mem" not in proven.basis_detail
    said = f"shared_buffers {theirs} MB (target: {ours} MB)"
    assert (said in proven.basis_detail) == (theirs != ours)
