"""Traces after real incidents, written when the judge was done, and judged once before anything was mended for them."""

from __future__ import annotations

from workload.nplusone.steps import BEGIN, COMMIT, Labelled, Step, each, in_transaction, literal, of, woven

_IRREGULAR = (0.061, 0.004, 0.183, 0.022, 0.297, 0.009, 0.114, 0.041, 0.238, 0.017)

POSITIVE: Labelled = {
    "a pipeline's page, with the users of its builds": lambda: [
        Step('SELECT "ci_builds".* FROM "ci_builds" WHERE "ci_builds"."status" = 0 AND "ci_builds"."commit_id" = 31'),
        *[step for user in (5, 9, 12, 30, 31, 44) for step in (
            Step(f'SELECT "users".* FROM "users" WHERE "users"."id" = {user} LIMIT 1'),
            Step('SELECT "features".* FROM "features" WHERE "features"."project_id" = 8 LIMIT 1'))],
    ],
    "a forum's list of topics": lambda: [
        Step('SELECT "topics".* FROM "topics" WHERE "topics"."visible" ORDER BY "topics"."bumped_at" DESC LIMIT 30'),
        *literal('SELECT 1 AS one FROM "topic_users" WHERE "topic_users"."topic_id" = $1 '
                 'AND "topic_users"."user_id" = 7 LIMIT 1', range(400, 430)),
    ],
    "a computed field of each partner": lambda: in_transaction(
        Step('SELECT "sale_order"."id", "sale_order"."partner_id" FROM "sale_order" '
             "WHERE \"sale_order\".\"state\" IN ('sale', 'done')"),
        Step('SAVEPOINT "a1"'),
        *literal('SELECT "res_partner"."id", "res_partner"."name" FROM "res_partner" WHERE "res_partner"."id" IN ($1)',
                 range(70, 90)),
        Step('RELEASE SAVEPOINT "a1"'),
    ),
    "a scheduler's tasks": lambda: in_transaction(
        Step("SELECT task_instance.task_id, task_instance.dag_id, task_instance.run_id \nFROM task_instance \n"
             "WHERE task_instance.state = 'queued'"),
        *[step for number in range(9) for step in (
            Step(f"SELECT dag_run.state AS dag_run_state \nFROM dag_run \nWHERE dag_run.dag_id = 'd{number % 3}' "
                 f"AND dag_run.run_id = 'r{number}'"),
            Step(f"UPDATE task_instance SET state='scheduled' WHERE task_instance.task_id = 't{number}'"))],
    ),
    "mail to each member": lambda: [
        Step("SELECT u.id, u.email FROM members m JOIN users u ON u.id = m.user_id WHERE m.team_id = 4"),
        *[Step("SELECT value FROM user_options WHERE user_id = $1 AND key = $2", (number, "mail"), pause)
          for number, pause in enumerate(_IRREGULAR)],
    ],
    "all at once through four connections": lambda: [
        Step("SELECT id, author_id FROM posts ORDER BY id DESC LIMIT 24", session="s0"),
        *[Step("SELECT name FROM authors WHERE id = $1", (number,), session=f"s{number % 4}") for number in range(24)],
    ],
    "lines of each order, read only": lambda: in_transaction(
        Step("SET TRANSACTION READ ONLY"),
        Step("select o1_0.id,o1_0.placed_at from orders o1_0 where o1_0.customer_id=$1", (3,)),
        *each("select l1_0.order_id,l1_0.id,l1_0.sku from order_line l1_0 where l1_0.order_id=$1", range(11)),
    ),
    "buyer and seller of each row": lambda: [
        Step('SELECT COUNT(*) AS "__count" FROM "shop_deal"'),
        Step('SELECT "shop_deal"."id", "shop_deal"."buyer_id", "shop_deal"."seller_id" FROM "shop_deal" LIMIT 25'),
        *literal('SELECT "shop_person"."id" FROM "shop_person" WHERE "shop_person"."id" = $1 LIMIT 21', range(50)),
    ],
    "a timeline": lambda: [
        Step('SELECT "statuses"."id", "statuses"."account_id" FROM "statuses" ORDER BY "statuses"."id" DESC LIMIT 20'),
        *[step for number in range(20) for step in (
            Step(f'SELECT "accounts".* FROM "accounts" WHERE "accounts"."id" = {number} LIMIT 1'),
            Step('SELECT "account_stats".* FROM "account_stats" '
                 f'WHERE "account_stats"."account_id" = {number} LIMIT 1'),
            Step('SELECT "custom_emojis".* FROM "custom_emojis" WHERE "custom_emojis"."shortcode" IN (\'a\', \'b\')'))],
    ],
    "the last three comments of each": lambda: [
        Step("SELECT * FROM posts WHERE published ORDER BY created_at DESC LIMIT 10"),
        *literal("SELECT c.body, u.name FROM comments c JOIN users u ON u.id = c.user_id WHERE c.post_id = $1 "
                 "ORDER BY c.created_at DESC LIMIT 3", range(10)),
    ],
}  # fmt: skip

NEGATIVE: Labelled = {
    "tokens, a transaction each": lambda: [
        Step("SELECT id, name FROM realms"),
        *[step for number in range(12) for step in in_transaction(
            Step("SELECT data FROM user_sessions WHERE session_id = $1", (f"s{number}",)))],
    ],
    "a worker with advisory locks": lambda: [
        Step("SELECT queue FROM que_lockers"),
        *[step for number in range(8) for step in (
            Step("SELECT pg_try_advisory_lock($1)", (number,)), Step(BEGIN),
            Step("SELECT * FROM que_jobs WHERE id = $1", (number,)),
            Step("DELETE FROM que_jobs WHERE id = $1", (number,)),
            Step(COMMIT), Step("SELECT pg_advisory_unlock($1)", (number,)))],
    ],
    "migrations": lambda: [
        Step('SELECT "version" FROM "flyway_schema_history"'),
        *[step for number in range(9) for step in in_transaction(
            Step(f"ALTER TABLE a ADD COLUMN c{number} int"),
            Step("INSERT INTO flyway_schema_history (version) VALUES ($1)", (number,)))],
    ],
    "names that are completed as somebody types": lambda: [
        Step("SELECT datname FROM pg_database"),
        *literal("SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c "
                 "WHERE c.relkind = '$1' AND pg_catalog.pg_table_is_visible(c.oid)", "rvmSfpi"),
    ],
    "a connector's heartbeat": lambda: [
        Step("SELECT slot_name FROM pg_replication_slots"),
        *[step for _ in range(12) for step in (
            Step("SELECT pg_current_wal_lsn()", (), 0.4), Step("UPDATE heartbeat SET at = now() WHERE id = 1"))],
    ],
    "keys of requests that come once": lambda: [
        Step("SELECT version FROM schema_info"),
        *[step for number, pause in enumerate(_IRREGULAR) for step in (
            Step("SELECT response FROM idempotency WHERE key = $1", (f"k{number}",), pause),
            Step("INSERT INTO idempotency (key) VALUES ($1)", (f"k{number}",), 0.003))],
    ],
    "a limiter of requests": lambda: [
        Step("SELECT name, value FROM settings"),
        *[Step("SELECT count FROM limits WHERE ip = $1", (f"10.0.0.{number}",), pause / 5)
          for number, pause in enumerate(_IRREGULAR)],
    ],
    "a test of load, request after request": lambda: [
        Step("SELECT id, author_id FROM posts ORDER BY id LIMIT 10"),
        *[step for number in range(12) for step in (
            Step("SELECT user_id FROM sessions WHERE key = $1", (f"k{number}",)),
            Step("SELECT * FROM users WHERE id = $1", (number,)),
            Step("SELECT body FROM pages WHERE id = $1", (number,)))],
    ],
    "many who miss one key": lambda: woven(*[
        of(f"s{number}", [Step("SELECT id FROM menus"), *each("SELECT * FROM pages WHERE slug = $1", ["home"] * 6)])
        for number in range(5)
    ]),
    "an import in portions, the last of one": lambda: [
        Step("SELECT count(*) FROM tags"),
        *[step for names in ["{a,b,c}", "{d,e,f}", "{g,h,i}", "{j,k,l}", "{m,n,o}", "{p}"] for step in (
            Step("SELECT id, name FROM tags WHERE name = ANY($1)", (names,)),
            Step("INSERT INTO tags (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", (names,)))],
    ],
}  # fmt: skip
