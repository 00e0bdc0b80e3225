"""The copy is right: every row of every type, the definitions that a query meets, and nothing that it doesn't."""

from __future__ import annotations

from dataclasses import replace

import pytest
from psycopg.conninfo import make_conninfo

from dbops.errors import NotProvable
from dbops.results.proof import Preparing
from explain.prove.scene import QUICK, Database, index

ROWS = "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t.ctid)) FROM ONLY {} AS t"


class Copy:
    """What is in the scratch database once all rows are there and the indexes are built."""

    def __init__(self, database: Database, **looks: str) -> None:
        self.database = database
        self.looks = looks
        self.seen: dict[str, object] = {}

    def __call__(self, event: object) -> None:
        if isinstance(event, Preparing) and event.what.startswith("building ") and "exist" not in event.what:
            (name,) = self.database.rows("SELECT datname FROM pg_database WHERE datname ~ '^dbops_s'", self._server)[0]
            there = make_conninfo(self._server, dbname=name)
            self.seen = {key: self.database.rows(look, there) for key, look in self.looks.items()}

    @property
    def _server(self) -> str:
        assert self.database.scratch is not None
        return self.database.scratch


def assert_same_rows(database, query, candidate, *tables):
    """Prove something, and compare the tables here and there."""
    looks = {table: ROWS.format(table) for table in tables}
    copy = Copy(database, **looks)
    database.prove(query, (candidate,), on_event=copy)
    assert copy.seen == {table: database.rows(look) for table, look in looks.items()}
    return copy


TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'so so', 'glücklich');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE point3 AS (x float8, y float8, m mood);
CREATE TYPE spans AS RANGE (subtype = float8);
CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
CREATE TABLE own (
    id int GENERATED ALWAYS AS IDENTITY, m mood, ms mood[], p positive, ps positive[], c point3, cs point3[], r spans,
    doubled int GENERATED ALWAYS AS (twice(p)) STORED, s serial, reg regclass, gone text
);
ALTER TABLE own DROP COLUMN gone;
INSERT INTO own (m, ms, p, ps, c, cs, r, reg) SELECT
    'glücklich', ARRAY['sad', NULL, 'so so']::mood[], n, ARRAY[n, 1], ROW(n, 0.1, 'sad')::point3,
    ARRAY[ROW(n, NULL, 'sad')::point3],
    spans(n, n + 0.3), 'pg_class' FROM generate_series(1, 500) AS n;
INSERT INTO own (p) VALUES (7);
CREATE UNLOGGED TABLE plain (
    id int PRIMARY KEY, b bool, f float8, n numeric, t text, v varchar(9), c char(4), y bytea, d date, ts timestamptz,
    i interval, u uuid, j json, jb jsonb, a int[], r int4range, tm time, mac macaddr, net inet, m money, bits varbit
);
INSERT INTO plain SELECT n, n % 2 = 0, n / 7.0, 'NaN', E'tab\\there\\nand \\\\ there', 'ü', 'ab',
    decode(md5(n::text), 'hex'), 'infinity', '2024-02-29 12:00+02', '-1 mon +2 days 03:04:05.678', md5(n::text)::uuid,
    '{"a" : 1,  "a":2}', '{"b": [1, null]}', '{{1,2},{3,NULL}}', '[1,5)', '23:59:59.999999', '08:00:2b:01:02:03',
    '2001:db8::1/64', '1234.56', B'101' FROM generate_series(1, 500) AS n;
INSERT INTO plain (id, f, ts) VALUES (0, '-Infinity', '-infinity');
ANALYZE;
"""


def test_values_of_every_kind_of_type_arrive_as_they_are(lent):
    lent.execute(TYPES)
    query = "SELECT * FROM own JOIN plain ON plain.id = own.p WHERE own.p = 77 AND own.m = 'glücklich'"
    assert_same_rows(lent, query, index("own", "p"), "own", "plain")


def test_they_arrive_whatever_the_session_writes_them_like(lent):
    lent.execute(TYPES)
    odd = "-c datestyle=sql,dmy -c intervalstyle=sql_standard -c extra_float_digits=0 -c bytea_output=escape"
    database = Database(lent.dsn, lent.scratch)
    looks = {table: ROWS.format(table) for table in ("own", "plain")}
    copy = Copy(database, **looks)
    database.prove(
        "SELECT * FROM own JOIN plain ON plain.id = own.p WHERE own.p = 77",
        (index("own", "p"),),
        dsn=make_conninfo(lent.dsn, options=odd),
        on_event=copy,
    )
    assert copy.seen == {table: lent.rows(look) for table, look in looks.items()}


def test_names_may_be_any(lent):
    lent.execute(
        'CREATE SCHEMA "Ünïts"',
        """CREATE TYPE "Ünïts"."sélect" AS ENUM ('it''s')""",
        'CREATE TABLE "Ünïts"."or""der" ("Größe" int, "user" "Ünïts"."sélect", "a.b" text DEFAULT $$x$$)',
        'INSERT INTO "Ünïts"."or""der" SELECT n, \'it\'\'s\' FROM generate_series(1, 3000) AS n',
        'CREATE TABLE "Ünïts"."*" (x int); CREATE TABLE "Ünïts"."orXder" (x int)',
    )
    candidate = index('or"der', "Größe", schema="Ünïts")
    assert_same_rows(lent, 'SELECT * FROM "Ünïts"."or""der" WHERE "Größe" = 7', candidate, '"Ünïts"."or""der"')


def test_only_what_the_query_reads_is_copied(orders):
    orders.execute("CREATE TABLE secret (x int)", "INSERT INTO secret VALUES (1)")
    copy = Copy(orders, tables="SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND oid >= 16384 ORDER BY 1")
    orders.prove("SELECT * FROM orders WHERE customer = 7", (index("orders", "customer"),), on_event=copy)
    assert copy.seen == {"tables": [("orders",)]}


PARTITIONED = """
CREATE TABLE events (id int, at date NOT NULL, kind text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (kind);
CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES IN ('a');
CREATE TABLE events_2b PARTITION OF events_2 DEFAULT;
CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
INSERT INTO events SELECT n, '2024-01-01'::date + n % 90, chr(97 + n % 3) FROM generate_series(1, 20000) AS n;
CREATE INDEX ON events (kind);
ANALYZE;
"""


def test_partitions_are_copied_under_their_parents(lent):
    lent.execute(PARTITIONED)
    query = "SELECT * FROM events WHERE id = 77"
    copy = assert_same_rows(lent, query, index("events", "id"), "events_1", "events_2a", "events_2b", "events_3")
    assert len(copy.seen) == 4


def test_partitions_that_the_query_does_not_read_are_not_copied_and_that_is_said(lent):
    lent.execute(PARTITIONED)
    query = "SELECT * FROM events WHERE id = 77 AND at < '2024-02-01'"
    proof = lent.prove(query, (index("events", "id"),), limits=replace(QUICK, seconds=0.5))
    assert [each.table for each in proof.copied] == ["public.events_1"]
    (proven,) = proof.indexes
    assert "size and build without the 2 partitions that the query does not read" in proven.basis_detail
    assert proven.writes.insert_after_us > 0


def test_inherited_tables_come_with_their_parents(lent):
    lent.execute(
        "CREATE TABLE parent (id int, name text)",
        "CREATE TABLE child (extra int) INHERITS (parent)",
        "INSERT INTO parent SELECT n, 'p' FROM generate_series(1, 2000) AS n",
        "INSERT INTO child SELECT n, 'c', n FROM generate_series(1, 2000) AS n",
    )
    assert_same_rows(lent, "SELECT * FROM parent WHERE id = 7", index("parent", "id"), "parent", "child")


def test_views_are_there_with_all_they_read(orders):
    orders.execute(
        "CREATE VIEW rich AS SELECT * FROM orders WHERE total > 100",
        "CREATE VIEW rich_customers AS SELECT c.name, r.* FROM rich AS r JOIN customers AS c ON c.id = r.customer",
    )
    query = "SELECT * FROM rich_customers WHERE customer = 7"
    assert_same_rows(orders, query, index("orders", "customer"), "orders", "customers")


def test_a_cte_with_the_name_of_a_table_is_no_table(orders):
    query = "WITH customers AS (SELECT * FROM orders) SELECT * FROM customers WHERE customer = 7"
    proof = orders.prove(query, (index("orders", "customer"),))
    assert [each.table for each in proof.copied] == ["public.orders"]


def test_a_materialized_view_is_copied_without_what_it_was_made_from(orders):
    orders.execute(
        "CREATE MATERIALIZED VIEW sums AS SELECT customer, sum(total) AS total, 'x'::text COLLATE \"C\" AS c"
        " FROM orders GROUP BY 1",
        "CREATE UNIQUE INDEX ON sums (customer)",
        "ANALYZE",
    )
    query = "SELECT * FROM sums WHERE total = 15000"
    copy = assert_same_rows(orders, query, index("sums", "total"), "sums")
    assert copy.seen["sums"][0][0] == 1_000


def test_functions_and_operators_of_the_query_are_there(orders):
    orders.execute(
        "CREATE SCHEMA lib",
        "CREATE FUNCTION lib.same(int, int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 = $2'",
        "CREATE OPERATOR lib.=== (FUNCTION = lib.same, LEFTARG = int, RIGHTARG = int)",
        "CREATE FUNCTION lib.seven() RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN 7; END'",
    )
    query = "SELECT * FROM orders WHERE customer OPERATOR(lib.===) lib.seven()"
    assert orders.prove(query, (index("orders", "customer"),)).indexes


def test_names_are_looked_for_where_the_session_looks(orders):
    orders.execute("CREATE SCHEMA shop", "ALTER TABLE orders SET SCHEMA shop")
    dsn = make_conninfo(orders.dsn, options="-c search_path=shop")
    assert orders.prove(
        "SELECT * FROM orders WHERE customer = 7", (index("orders", "customer", schema="shop"),), dsn=dsn
    ).indexes


def test_the_copy_has_what_the_planner_goes_by(orders):
    orders.execute(
        "CREATE STATISTICS pair (dependencies) ON customer, total FROM orders",
        "ALTER STATISTICS pair SET STATISTICS 300",
        "ALTER TABLE orders ALTER customer SET STATISTICS 500",
        "ALTER TABLE orders ALTER total SET (n_distinct = 77)",
        "CREATE INDEX upper_note ON orders (upper(note)) WHERE total > 5",
        "ALTER TABLE orders ADD CONSTRAINT unchecked CHECK (total > 0) NOT VALID",
        "ANALYZE",
    )
    copy = Copy(
        orders,
        statistics="SELECT stxname, stxkind::text, stxstattarget FROM pg_statistic_ext",
        target="SELECT attstattarget, attoptions FROM pg_attribute WHERE attrelid = 'orders'::regclass"
        " AND attnum IN (2, 3) ORDER BY attnum",
        indexes="SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        constraints="SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'orders'::regclass"
        " AND contype <> 'n' ORDER BY 1",
        analyzed="SELECT count(*) > 0 FROM pg_stats WHERE tablename IN ('orders', 'upper_note')",
        visible="SELECT relallvisible > relpages / 2 FROM pg_class WHERE relname = 'orders'",
    )
    query = "SELECT * FROM orders JOIN customers ON customers.id = customer WHERE total = 77"
    orders.prove(query, (index("orders", "total"),), on_event=copy)
    assert copy.seen == {
        "statistics": [("pair", "{f}", 300)],
        "target": [(500, None), (None if orders_on_18(copy) else -1, ["n_distinct=77"])],
        "indexes": orders.rows(copy.looks["indexes"]),
        "constraints": [("orders_customer_fkey", False), ("orders_pkey", True), ("unchecked", False)],
        "analyzed": [(True,)],
        "visible": [(True,)],
    }


def orders_on_18(copy):
    """Whether the copy's server says NULL for a statistics target that nobody set: since 17."""
    return copy.database.rows("SELECT current_setting('server_version_num')::int >= 170000", copy.database.scratch)[0][
        0
    ]


def test_triggers_and_policies_are_not_copied(orders):
    orders.execute(
        "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$boom$$; END'",
        "CREATE TRIGGER boom BEFORE INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION boom()",
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY nobody ON orders USING (false)",
    )
    (proven,) = orders.prove("SELECT * FROM orders WHERE customer = 7", (index("orders", "customer"),)).indexes
    assert proven.writes.insert_after_us is not None


def test_on_our_own_server_the_copied_functions_have_no_rights(database):
    """What they do there would be done on the machine of whoever proves."""
    target = Database(database, scratch=None)
    target.execute(
        "CREATE TABLE t (x int)",
        "INSERT INTO t SELECT generate_series(1, 1000)",
        "CREATE FUNCTION who() RETURNS bool STABLE LANGUAGE plpgsql AS"
        " 'BEGIN RETURN current_setting(''is_superuser''); END'",
    )
    with pytest.raises(NotProvable, match="division by zero"):
        target.prove("SELECT 1 / (CASE WHEN who() THEN 1 ELSE 0 END) FROM t WHERE x = 7", (index("t", "x"),))
