"""The queries whose plans make up the corpus: together they have every node and line that EXPLAIN knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = """
CREATE TABLE shops (id int PRIMARY KEY, city text NOT NULL, "Opened On" date);
INSERT INTO shops SELECT i, 'city ' || i % 7, date '2020-01-01' + i FROM generate_series(1, 200) AS i;
CREATE TABLE orders (id int PRIMARY KEY, shop_id int, state text, total numeric, note text);
INSERT INTO orders SELECT i, i % 200 + 1, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END, i % 97, 'note ' || i
    FROM generate_series(1, 6000) AS i;
CREATE INDEX orders_shop ON orders (shop_id);
CREATE INDEX orders_total ON orders (total);
CREATE INDEX orders_state ON orders (state);
CREATE TABLE "Odd ""Name"" here" (id int, "select" text, "User Id" int);
CREATE INDEX "an index" ON "Odd ""Name"" here" (id);
INSERT INTO "Odd ""Name"" here" SELECT i, 'a' || chr(10) || 'b', i FROM generate_series(1, 500) AS i;
CREATE TABLE years (y int, v int) PARTITION BY RANGE (y);
CREATE TABLE years_1 PARTITION OF years FOR VALUES FROM (0) TO (10);
CREATE TABLE years_2 PARTITION OF years FOR VALUES FROM (10) TO (20);
CREATE TABLE years_3 PARTITION OF years FOR VALUES FROM (20) TO (30);
INSERT INTO years SELECT i % 30, i FROM generate_series(1, 900) AS i;
CREATE INDEX years_y ON years (y);
CREATE INDEX years_v ON years (v);
CREATE TABLE unread (id int, v int);
INSERT INTO unread SELECT i, i FROM generate_series(1, 20000) AS i;
CREATE TABLE heaps WITH (fillfactor = 10) AS
    SELECT i, i % 10 AS k, i % 9 AS j, repeat('x', 1500) AS v FROM generate_series(1, 3000) AS i;
CREATE INDEX heaps_k ON heaps (k);
CREATE INDEX heaps_j ON heaps (j);
CREATE TABLE lines (order_id int REFERENCES orders, v text);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "before writing" BEFORE INSERT OR UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM pg_sleep(0.001); RETURN i; END';
CREATE TABLE captured (line text);
"""
# A transition table's scan is seen only by who explains inside the trigger.
TRANSITION = """
CREATE OR REPLACE FUNCTION capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    FOR said IN EXPLAIN ({options}) SELECT * FROM fresh WHERE id > 3 LOOP
        INSERT INTO captured VALUES (said);
    END LOOP;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER capturing AFTER INSERT ON unread REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION capture();
INSERT INTO unread VALUES (1, 1), (5, 5)
"""

PARALLEL = {
    "max_parallel_workers_per_gather": "2",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "0",
    "min_parallel_index_scan_size": "0",
}
ONLY_MERGES = {"enable_hashjoin": "off", "enable_nestloop": "off"}
ONLY_NESTED_LOOPS = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
ONLY_BITMAPS = {"enable_seqscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"}
WITH_IO_TIMES = {"track_io_timing": "on"}
LITTLE_MEMORY = {"work_mem": "64kB", "hash_mem_multiplier": "1"}


@dataclass(frozen=True)
class Case:
    """A query. ``settings`` are set for it, ``since`` is the first major version that has it, ``needs`` an extension.

    ``only`` names EXPLAIN's options for a case that is captured once, with these; others are captured planned and run.
    """

    name: str
    sql: str
    settings: Mapping[str, str] = field(default_factory=dict)
    since: int = 12
    needs: str = ""
    only: str = ""

    @property
    def writes(self) -> bool:
        """Whether running it leaves dead rows."""
        return any(word in self.sql for word in ("INSERT ", "UPDATE ", "DELETE ", "MERGE "))


SCANS = [
    Case("seq_scan", "SELECT id FROM orders WHERE state = 'open' AND note <> 'x''y'", WITH_IO_TIMES),
    Case(
        "disabled",
        "SELECT note FROM orders WHERE note = 'x'",
        {"enable_seqscan": "off", "search_path": 'public, "$user"'},
    ),
    Case(
        "literal_with_line_break", 'SELECT * FROM "Odd ""Name"" here" WHERE "select" = E\'a\\nb  (c\' AND "User Id" < 9'
    ),
    Case("odd_names", 'SELECT "User Id" FROM "Odd ""Name"" here" AS "An Alias" WHERE id < 5'),
    Case("index_scan_backward", "SELECT * FROM orders o ORDER BY id DESC LIMIT 3"),
    Case("index_only_scan", "SELECT shop_id FROM orders WHERE shop_id BETWEEN 3 AND 5", {"enable_bitmapscan": "off"}),
    Case("bitmap_or_and", "SELECT * FROM orders WHERE (shop_id = 3 OR total = 9) AND id < 3000", ONLY_BITMAPS),
    Case("bitmap_and", "SELECT i FROM heaps WHERE k = 3 AND j = 4"),
    Case("lossy_bitmap", "SELECT count(*) FROM heaps WHERE i % 3 = 1 AND k < 9", {**ONLY_BITMAPS, **LITTLE_MEMORY}),
    Case("tid_scan", "SELECT * FROM orders WHERE ctid = '(0,1)'"),
    Case("tid_range_scan", "SELECT * FROM orders WHERE ctid < '(2,1)'", since=14),
    Case("sample_scan", "SELECT * FROM orders TABLESAMPLE bernoulli (1) REPEATABLE (7)"),
    Case("values_scan", "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (a, b) WHERE a > 1"),
    Case("raw_values", "VALUES (1), (2)"),
    Case("function_scan", "SELECT * FROM generate_series(1, 10) AS g (i) WHERE i > 3"),
    Case("rows_from", "SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(1, 2)) AS r (a, b)"),
    Case("json_table", "SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a int PATH '$')) AS j", since=17),
    Case("subquery_scan", "SELECT * FROM (SELECT id, row_number() OVER () AS n FROM shops LIMIT 50) AS s WHERE n > 3"),
    Case("result", "SELECT 1 WHERE random() < 2 AND current_date > '2020-01-01'"),
    Case("never_true", "SELECT * FROM orders WHERE false"),
    Case("project_set", "SELECT generate_series(1, 3), id FROM shops"),
    Case("temporary_table", "SELECT * FROM passing WHERE i > 5"),
]
JOINS = [
    Case("hash_join", "SELECT o.id, s.city FROM orders o JOIN shops s ON s.id = o.shop_id WHERE o.total + s.id > 9"),
    Case("hash_left_join", "SELECT * FROM shops s LEFT JOIN orders o ON o.id = s.id AND o.total > 5"),
    Case("hash_full_join", "SELECT count(*) FROM shops s FULL JOIN orders o ON o.id = s.id"),
    Case("anti_join", "SELECT * FROM shops s WHERE NOT EXISTS (SELECT FROM orders o WHERE o.shop_id = s.id + 1)"),
    Case(
        "semi_join", "SELECT * FROM shops s WHERE EXISTS (SELECT FROM orders o WHERE o.shop_id = s.id AND total > 90)"
    ),
    Case("merge_join", "SELECT a.id FROM orders a JOIN shops b ON a.shop_id = b.id", ONLY_MERGES),
    Case(
        "nested_loop",
        "SELECT * FROM shops s JOIN orders o ON o.shop_id = s.id WHERE s.city = 'city 3'",
        ONLY_NESTED_LOOPS,
    ),
    Case(
        "materialize",
        "SELECT count(*) FROM shops a JOIN shops b ON a.id <> b.id AND a.city = b.city || 'x'",
        {**ONLY_NESTED_LOOPS, "enable_memoize": "off"},
    ),
    Case(
        "memoize",
        "SELECT count(*) FROM orders o JOIN shops s ON s.id = o.shop_id WHERE o.id < 900",
        ONLY_NESTED_LOOPS,
        since=14,
    ),
    Case(
        "memoize_lateral",
        "SELECT * FROM shops s, LATERAL (SELECT count(*) FROM orders o WHERE o.shop_id = s.id % 5) c WHERE s.id < 90",
        since=14,
    ),
    Case("hash_batches", "SELECT count(*) FROM unread a JOIN unread b USING (id)", LITTLE_MEMORY),
    Case(
        "never_executed",
        "SELECT * FROM shops s JOIN orders o ON o.shop_id = s.id WHERE s.city = 'none'",
        ONLY_NESTED_LOOPS,
    ),
]
SORTS = [
    Case("sort_on_disk", "SELECT * FROM unread ORDER BY v DESC, id + 1", {**LITTLE_MEMORY, **WITH_IO_TIMES}),
    Case("top_n", 'SELECT * FROM orders ORDER BY total DESC NULLS LAST, note COLLATE "C" LIMIT 5'),
    Case("incremental_sort", "SELECT * FROM orders ORDER BY shop_id, note LIMIT 200"),
    Case("incremental_sort_long", "SELECT * FROM orders ORDER BY state, note", {"enable_seqscan": "off"}),
    Case("hash_aggregate", "SELECT shop_id, sum(total) FROM orders GROUP BY shop_id HAVING sum(total) > 10"),
    Case(
        "hash_aggregate_on_disk", "SELECT id, count(*) FROM unread GROUP BY id", {**LITTLE_MEMORY, "enable_sort": "off"}
    ),
    Case("group_aggregate", "SELECT shop_id, count(*) FROM orders GROUP BY shop_id", {"enable_hashagg": "off"}),
    Case("group", "SELECT shop_id FROM orders GROUP BY shop_id", {"enable_hashagg": "off"}),
    Case("mixed_aggregate", "SELECT shop_id, state, count(*) FROM orders GROUP BY CUBE (shop_id, state)"),
    Case(
        "sorted_sets",
        "SELECT state, id % 3, count(*) FROM orders GROUP BY GROUPING SETS ((state), (id % 3), ())",
        {"enable_hashagg": "off"},
    ),
    Case("unique", "SELECT DISTINCT state, shop_id FROM orders ORDER BY 1, 2", {"enable_hashagg": "off"}),
    Case(
        "window",
        "SELECT * FROM (SELECT id, rank() OVER (PARTITION BY shop_id ORDER BY id) AS r, sum(total) OVER w "
        "FROM orders WINDOW w AS (ORDER BY total ROWS 3 PRECEDING)) AS s WHERE r <= 2",
    ),
    Case("setop", "SELECT id FROM shops EXCEPT ALL SELECT shop_id FROM orders"),
    Case("setop_sorted", "SELECT id, city FROM shops INTERSECT SELECT id, note FROM orders", {"enable_hashagg": "off"}),
    Case("append", "SELECT id FROM shops UNION ALL SELECT id FROM orders WHERE id < 9"),
    Case("lock_rows", "SELECT * FROM shops WHERE id < 5 FOR UPDATE"),
]
PARTITIONS = [
    Case("partitions", "SELECT * FROM years WHERE y < 15"),
    Case("merge_append", "SELECT * FROM years ORDER BY v LIMIT 30", {"enable_seqscan": "off", "enable_sort": "off"}),
    Case("subplans_removed", "EXECUTE pruned (12)", {"plan_cache_mode": "force_generic_plan"}),
    Case("runtime_pruning", "SELECT * FROM years WHERE y = (SELECT max(id) / 20 FROM shops)"),
    Case("partitionwise", "SELECT y, count(*) FROM years GROUP BY y", {"enable_partitionwise_aggregate": "on"}),
]
SUBQUERIES = [
    Case("init_plan", "SELECT * FROM orders WHERE total > (SELECT avg(total) FROM orders) AND id < 99"),
    Case("init_plan_in_output", "SELECT s.city, (SELECT max(v) FROM unread) FROM shops s ORDER BY 1 LIMIT 4"),
    Case("two_init_plans", "SELECT (SELECT max(v) FROM unread), (SELECT min(v) FROM unread WHERE v > 7) FROM shops"),
    Case("hashed_subplan", "SELECT count(*) FROM shops WHERE id NOT IN (SELECT shop_id FROM orders WHERE total > 3)"),
    Case("correlated_subplan", "SELECT city, (SELECT max(total) FROM orders o WHERE o.shop_id = s.id) FROM shops s"),
    Case("alternatives", "SELECT * FROM shops s WHERE id < 4 OR EXISTS (SELECT FROM orders o WHERE o.shop_id = s.id)"),
    Case(
        "row_subplan",
        "UPDATE shops s SET (city, \"Opened On\") = (SELECT note, date '2024-02-29' FROM orders o WHERE o.id = s.id)",
    ),
    Case(
        "cte",
        "WITH c AS MATERIALIZED (SELECT id, v FROM unread WHERE v % 3 = 0) "
        "SELECT count(*) FROM c a JOIN c b ON a.id = b.id WHERE a.v > 9",
    ),
    Case("cte_cut_short", "WITH c AS MATERIALIZED (SELECT * FROM unread) SELECT * FROM c LIMIT 3"),
    Case(
        "ctes_in_ctes",
        "WITH a AS MATERIALIZED (SELECT id FROM shops), b AS MATERIALIZED (SELECT * FROM a WHERE id > 3) "
        "SELECT * FROM a, b WHERE a.id = b.id AND a.id < (SELECT count(*) FROM b)",
    ),
    Case("recursive", "WITH RECURSIVE r (n) AS (SELECT 1 UNION SELECT n + 1 FROM r WHERE n < 20) SELECT * FROM r"),
    Case("slow_function", "SELECT slow(id) FROM shops WHERE id < 9 ORDER BY slow(id)"),
]
WRITES = [
    Case("insert", "INSERT INTO lines SELECT id, note FROM orders WHERE id < 20"),
    Case(
        "upsert",
        "INSERT INTO shops VALUES (5, 'x'), (999, 'y') ON CONFLICT (id) DO UPDATE SET city = excluded.city "
        "WHERE shops.city <> 'z' RETURNING id",
    ),
    Case("do_nothing", "INSERT INTO shops SELECT id, note FROM orders WHERE id < 300 ON CONFLICT DO NOTHING"),
    Case("update", "UPDATE shops SET city = 'x' WHERE id < 30"),
    Case("update_partitions", "UPDATE years SET v = v + 1 WHERE y < 15"),
    Case("delete", "DELETE FROM orders WHERE id IN (SELECT order_id FROM lines) OR id = 7"),
    Case("writing_cte", "WITH gone AS (DELETE FROM lines RETURNING *) SELECT count(*) FROM gone"),
    Case("unread_writing_cte", "WITH gone AS (DELETE FROM unread WHERE id % 2 = 0) SELECT count(*) FROM shops"),
    Case(
        "merge",
        "MERGE INTO shops s USING orders o ON s.id = o.id WHEN MATCHED AND o.id < 9 THEN UPDATE SET city = 'm' "
        "WHEN MATCHED AND o.id < 12 THEN DELETE WHEN NOT MATCHED AND o.id < 210 THEN INSERT VALUES (o.id, 'n')",
        since=15,
    ),
]
WORKERS = [
    Case("gather", "SELECT count(*) FROM orders a JOIN unread u ON u.id = a.id WHERE a.note LIKE '%7%'", PARALLEL),
    Case("gather_merge", "SELECT * FROM unread WHERE v % 5 = 0 ORDER BY v % 100, id LIMIT 50", PARALLEL),
    Case(
        "gather_without_leader",
        "SELECT count(*) FROM unread WHERE v % 3 = 1",
        {**PARALLEL, "parallel_leader_participation": "off"},
    ),
    Case(
        "gather_without_workers",
        "SELECT count(*) FROM unread WHERE v % 3 = 1",
        {**PARALLEL, "max_parallel_workers": "0"},
    ),
    Case(
        "gather_below_join",
        "SELECT count(*) FROM shops s JOIN (SELECT v % 50 AS k, count(*) FROM unread GROUP BY 1) u ON u.k = s.id",
        PARALLEL,
    ),
    Case("gather_with_init_plan", "SELECT count(*) FROM unread WHERE v > (SELECT avg(total) FROM orders)", PARALLEL),
    Case(
        "parallel_append",
        "SELECT count(*) FROM (SELECT id FROM unread UNION ALL SELECT id FROM orders UNION ALL "
        "SELECT id FROM shops) AS a",
        {**PARALLEL, "enable_parallel_append": "on"},
    ),
    Case(
        "parallel_index",
        "SELECT count(*) FROM orders WHERE shop_id < 150",
        {**PARALLEL, "enable_seqscan": "off", "enable_bitmapscan": "off"},
    ),
    Case(
        "parallel_bitmap",
        "SELECT count(*), sum(id) FROM orders WHERE shop_id < 150",
        {**PARALLEL, "enable_seqscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"},
    ),
    Case(
        "workers_sort",
        "SELECT count(*) FROM (SELECT DISTINCT ON (v % 7) id FROM unread ORDER BY v % 7, id) AS d",
        PARALLEL,
    ),
    Case(
        "compiled",
        "SELECT state, sum(total * 2) FROM orders GROUP BY state",
        {**PARALLEL, "jit": "on", "jit_above_cost": "0", "jit_inline_above_cost": "0", "jit_optimize_above_cost": "0"},
    ),
]
OPTIONS = [
    Case(
        "no_timing", "SELECT * FROM orders o JOIN shops s ON s.id = o.shop_id", only="ANALYZE, TIMING OFF, SUMMARY OFF"
    ),
    Case("no_costs", "SELECT * FROM orders o LEFT JOIN shops s ON s.id = o.shop_id ORDER BY s.id", only="COSTS OFF"),
    Case(
        "no_costs_run",
        "SELECT max(id) FROM shops s WHERE city LIKE '%3'",
        only="ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF",
    ),
    Case(
        "not_verbose",
        "SELECT o.id FROM orders o JOIN shops s ON s.id = o.shop_id WHERE s.city = 'city 1' AND "
        "total > (SELECT avg(total) FROM orders) ORDER BY note",
        only="ANALYZE",
    ),
    Case("not_verbose_workers", "SELECT * FROM unread ORDER BY v % 7", PARALLEL, only="ANALYZE"),
    Case("planning", "SELECT * FROM years", only="BUFFERS, SUMMARY", since=13),
    Case("memory", "SELECT * FROM years", only="MEMORY, SUMMARY, BUFFERS", since=17),
    Case("serialize", "SELECT * FROM orders", only="ANALYZE, SERIALIZE BINARY, MEMORY, BUFFERS", since=17),
    Case("generic", "SELECT * FROM orders WHERE id = $1", only="GENERIC_PLAN, VERBOSE", since=16),
    Case("query_id", "SELECT 1", {"compute_query_id": "on"}, only="VERBOSE", since=14),
    Case("transition_table", "", only="ANALYZE, VERBOSE", since=14),
    Case("file", "SELECT * FROM hosts", only="ANALYZE, VERBOSE", needs="file_fdw"),
    Case("foreign", "SELECT count(*) FROM far f JOIN shops s ON s.id = f.id WHERE s.city <> 'x'", needs="postgres_fdw"),
    Case("foreign_write", "UPDATE far SET city = 'y' WHERE id < 3", needs="postgres_fdw"),
    Case("async_foreign", "SELECT * FROM far UNION ALL SELECT * FROM far_too", needs="postgres_fdw", since=14),
]
CASES = [*SCANS, *JOINS, *SORTS, *PARTITIONS, *SUBQUERIES, *WRITES, *WORKERS, *OPTIONS]
