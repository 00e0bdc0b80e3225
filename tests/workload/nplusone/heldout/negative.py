"""Held-out traces that are right: nothing in them is a loop over rows that one query would have answered."""

from __future__ import annotations

from random import Random

from workload.nplusone.heldout.pace import after, paced, run, traced
from workload.nplusone.steps import Labelled, Step, Trace, each, in_transaction, literal


def requests(*each_one: Trace, typical: float, seed: int, spread: float = 1.0) -> Trace:
    """Return requests of one pooled connection: each a trace of its own pace, with pauses between as they come."""
    random = Random(seed)
    return [step for one in each_one for step in after(typical * random.lognormvariate(0.0, spread), one)]


def graphql_dataloader_in_chunks() -> Trace:
    issues = run("SELECT id, author_id FROM issues WHERE repository_id = $1 LIMIT 500", 7)
    load = "SELECT id, login FROM accounts WHERE id = ANY($1)"
    chunks = [run(load, "{" + ",".join(map(str, range(low, low + 50))) + "}") for low in range(1000, 1500, 50)]
    return traced(paced([issues, *chunks], 0.002), 0xA11)


def rails_find_in_batches_with_preload() -> Trace:
    orders = 'SELECT "orders".* FROM "orders" WHERE "orders"."id" > $1 ORDER BY "orders"."id" ASC LIMIT $2'
    first = run('SELECT "orders".* FROM "orders" ORDER BY "orders"."id" ASC LIMIT $1', 4)
    items = 'SELECT "items".* FROM "items" WHERE "items"."order_id" IN ($1, $2, $3, $4)'
    steps = [first, run(items, 1, 2, 3, 4)]
    for low in range(4, 60, 4):
        steps += [run(orders, low, 4), run(items, low + 1, low + 2, low + 3, low + 4)]
    return paced(steps, 0.004)


def hibernate_batch_fetch_of_composite_keys() -> Trace:
    parcels = run("select p1_0.id,p1_0.order_id,p1_0.line_no from parcel p1_0 where p1_0.depot_id=$1", 3)
    lines = (
        "select l1_0.line_no,l1_0.order_id,l1_0.sku from order_line l1_0 where (l1_0.line_no,l1_0.order_id) in "
        "(($1,$2),($3,$4),($5,$6),($7,$8))"
    )
    batches = [run(lines, 1, low, 2, low, 1, low + 1, 1, low + 2) for low in range(500, 521, 3)]
    return paced(in_transaction(parcels, *batches), 0.002)


def renewals_each_in_its_transaction() -> Trace:
    due = run("SELECT id FROM subscriptions WHERE renews_on = $1 ORDER BY id", "2024-05-02")
    steps = [due]
    for key in range(700, 715):
        steps += in_transaction(
            run("SELECT id, plan, customer_id FROM subscriptions WHERE id = $1", key),
            run("SELECT id, card FROM customers WHERE id = $1", key * 3 % 91),
            run("INSERT INTO charges (subscription_id, cents) VALUES ($1, $2)", key, 900),
            run("UPDATE subscriptions SET renews_on = $1 WHERE id = $2", "2024-06-02", key),
        )
    return paced(steps, 0.003)


def sidekiq_jobs_of_one_thread() -> Trace:
    def job(user: int) -> Trace:
        return paced(
            [
                run('SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', user, 1),
                run('SELECT "digests".* FROM "digests" WHERE "digests"."user_id" = $1 LIMIT $2', user, 1),
                *in_transaction(run('UPDATE "digests" SET "sent_at" = $1 WHERE "digests"."id" = $2', "now", user + 9)),
            ],
            0.002,
            seed=user,
        )

    return requests(*map(job, (4, 18, 7, 92, 33, 51, 8, 64, 12, 70)), typical=0.06, seed=2)


def django_requests_of_one_connection() -> Trace:
    session = (
        'SELECT "django_session"."session_key", "django_session"."session_data" FROM "django_session" WHERE '
        '"django_session"."session_key" = \'$1\' LIMIT 21'
    )
    user = 'SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = $1 LIMIT 21'
    pages = (
        'SELECT "blog_post"."id", "blog_post"."title" FROM "blog_post" ORDER BY "blog_post"."id" DESC LIMIT 20',
        'SELECT COUNT(*) AS "__count" FROM "shop_order"',
        'SELECT "shop_cart"."id", "shop_cart"."total" FROM "shop_cart" WHERE "shop_cart"."open"',
    )
    random = Random(6)
    visits = [
        paced([*literal(session, [f"k{who}"]), *literal(user, [who]), Step(random.choice(pages))], 0.003, seed=who)
        for who in (4, 9, 4, 17, 22, 9, 31, 4, 17, 40, 3, 22)
    ]
    return requests(*visits, typical=0.12, seed=7)


def load_test_of_a_product_page() -> Trace:
    def view(product: int) -> Trace:
        return paced(
            [
                run("SELECT id, name, price FROM products WHERE id = $1", product),
                run("SELECT rating, body FROM reviews WHERE product_id = $1 ORDER BY id DESC LIMIT 5", product),
                run("SELECT amount FROM stock WHERE product_id = $1", product),
            ],
            0.0007,
            seed=product,
            spread=0.2,
        )

    return requests(*map(view, range(50, 80)), typical=0.009, seed=3, spread=0.25)


def api_client_with_a_token() -> Trace:
    token = run("SELECT id, account_id, scopes FROM api_tokens WHERE digest = $1 AND revoked_at IS NULL", "9f2c")

    def call(item: int) -> Trace:
        return paced(
            [token, run("SELECT id, name, state FROM items WHERE account_id = $1 AND id = $2", 5, item)], 0.0012, item
        )

    listed = paced([token, run("SELECT id FROM items WHERE account_id = $1 ORDER BY id", 5)], 0.0012)
    return requests(listed, *map(call, range(300, 318)), typical=0.03, seed=9, spread=0.4)


def pages_by_keyset() -> Trace:
    first = Step("SELECT id, created_at, title FROM articles ORDER BY created_at DESC, id DESC LIMIT 50")
    more = (
        "SELECT id, created_at, title FROM articles WHERE (created_at, id) < ($1, $2) "
        "ORDER BY created_at DESC, id DESC LIMIT 50"
    )
    pages = [run(more, f"2024-04-{30 - number:02} 10:00:00", 9000 - number * 50) for number in range(14)]
    return paced([first, *pages], 0.02)


def pages_by_number_of_a_tenant() -> Trace:
    count = run("SELECT count(*) FROM invoices WHERE tenant_id = $1", 12)
    page = "SELECT id, number FROM invoices WHERE tenant_id = $1 ORDER BY id LIMIT $2 OFFSET $3"
    return paced([count, *(run(page, 12, 100, low) for low in range(0, 1200, 100))], 0.015)


def account_statement_exported_in_pages() -> Trace:
    account = run("SELECT id, iban FROM accounts WHERE id = $1", 77)
    page = "SELECT id, cents, booked_at FROM entries WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    return paced(in_transaction(account, *(run(page, 77, low, 100) for low in range(0, 1500, 100))), 0.002)


def retries_of_a_serializable_transfer() -> Trace:
    read = "SELECT id, balance FROM accounts WHERE id = $1"
    begin, rollback = Step("BEGIN ISOLATION LEVEL SERIALIZABLE"), Step("ROLLBACK")
    steps = [run("SELECT id, from_id, to_id, cents FROM transfers WHERE id = $1", 31)]
    for attempt in range(5):
        write = run("UPDATE accounts SET balance = balance - $1 WHERE id = $2", 500, 7)
        last = attempt == 4
        steps += [
            begin,
            run(read, 7),
            run(read, 9),
            write._replace(failed=not last),
            Step("COMMIT") if last else rollback,
        ]
    return paced(steps, 0.01)


def sqlalchemy_flush_of_an_order() -> Trace:
    order = "SELECT orders.id AS orders_id, orders.state AS orders_state FROM orders WHERE orders.id = $1::INTEGER"
    insert = "INSERT INTO order_lines (order_id, sku, amount) VALUES ($1, $2, $3) RETURNING order_lines.id"
    update = "UPDATE stock SET amount=$1::INTEGER WHERE stock.sku = $2::VARCHAR"
    lines = [run(insert, 8, f"S{number}", 2) for number in range(9)]
    return paced(in_transaction(run(order, 8), *lines, *(run(update, 4, f"S{number}") for number in range(9))), 0.0008)


def monitor_of_replicas() -> Trace:
    lag = "SELECT state, replay_lag FROM pg_stat_replication WHERE application_name = $1"
    slots = Step("SELECT slot_name, active, restart_lsn FROM pg_replication_slots")
    rounds = [[slots, *each(lag, ["berlin", "paris", "oslo", "rome", "wien", "graz"])] for _ in range(6)]
    return requests(*(paced(one, 0.001) for one in rounds), typical=10.0, seed=1, spread=0.01)


def schema_read_at_start() -> Trace:
    tables = run("SELECT table_name FROM information_schema.tables WHERE table_schema = $1", "public")
    columns = (
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = $1 "
        "AND table_name = $2 ORDER BY ordinal_position"
    )
    names = ("users", "posts", "tags", "comments", "likes", "photos", "events", "venues")
    return paced([tables, *(run(columns, "public", name) for name in names)], 0.002)


def rails_migrations() -> Trace:
    lock = Step("SELECT pg_try_advisory_lock(4919830412)")
    versions = Step(
        'SELECT "schema_migrations"."version" FROM "schema_migrations" ORDER BY "schema_migrations"."version" ASC'
    )
    steps = [lock, versions]
    for number in range(8):
        steps += in_transaction(
            Step(f'ALTER TABLE "users" ADD "field_{number}" character varying'),
            run(
                'INSERT INTO "schema_migrations" ("version") VALUES ($1) RETURNING "version"', f"2024050200{number:02}"
            ),
        )
    backfill = [
        run('UPDATE "users" SET "field_0" = $1 WHERE "users"."id" BETWEEN $2 AND $3', "x", low, low + 999)
        for low in range(1, 9000, 1000)
    ]
    return paced([*steps, *backfill, Step("SELECT pg_advisory_unlock(4919830412)")], 0.005)


def advisory_locks_in_order() -> Trace:
    accounts = run("SELECT id FROM accounts WHERE owner_id = $1 ORDER BY id", 4)
    locks = each("SELECT pg_advisory_xact_lock($1)", (3, 8, 21, 34, 55, 89, 144))
    moved = run("UPDATE accounts SET frozen = $1 WHERE owner_id = $2", "t", 4)
    return paced(in_transaction(accounts, *locks, moved), 0.001)


def hibernate_sequences_and_inserts() -> Trace:
    cart = run("select c1_0.id,c1_0.customer_id from cart c1_0 where c1_0.id=$1", 6)
    ids = [Step("select nextval('order_line_seq')") for _ in range(8)]
    inserts = [run("insert into order_line (order_id,sku,id) values ($1,$2,$3)", 6, f"S{n}", n) for n in range(8)]
    return paced(in_transaction(cart, *ids, *inserts), 0.001)


def report_by_a_cursor() -> Trace:
    declare = run("DECLARE report NO SCROLL CURSOR FOR SELECT id, total FROM orders WHERE placed >= $1", "2024-01-01")
    copied = "INSERT INTO report_rows (report_id, first_id, last_id) VALUES ($1, $2, $3)"
    steps = [declare]
    for part in range(12):
        steps += [Step("FETCH FORWARD 2000 FROM report"), run(copied, 5, part * 2000, part * 2000 + 1999)]
    return paced(in_transaction(*steps, Step("CLOSE report")), 0.01)


def plans_looked_at_by_hand() -> Trace:
    plain = "SELECT * FROM orders WHERE customer_id = $1 AND state = 'open'"
    explain = f"EXPLAIN (ANALYZE, BUFFERS) {plain}"
    steps = literal(explain, [1, 77, 4012, 9, 55000, 31, 8])
    looked = [Step("SELECT count(*) FROM orders"), *steps[:4], Step("ANALYZE orders"), *steps[4:]]
    return [step._replace(application="psql") for step in paced(looked, 14.0)]


def staged_by_copy() -> Trace:
    steps = []
    for part in range(7):
        steps += in_transaction(
            Step("CREATE TEMP TABLE incoming (LIKE products INCLUDING DEFAULTS) ON COMMIT DROP"),
            Step("COPY incoming (sku, name, price) FROM STDIN"),
            Step("INSERT INTO products SELECT * FROM incoming ON CONFLICT (sku) DO UPDATE SET price = excluded.price"),
            run("UPDATE imports SET parts_done = $1 WHERE id = $2", part + 1, 44),
        )
    return paced([run("SELECT id, path FROM imports WHERE id = $1", 44), *steps], 0.02)


def worker_that_is_notified() -> Trace:
    def event(order: int) -> Trace:
        return paced(
            [
                run("SELECT id, state, customer_id FROM orders WHERE id = $1", order),
                run("SELECT email FROM customers WHERE id = $1", order % 40),
            ],
            0.002,
            seed=order,
        )

    started = [Step("LISTEN order_paid"), run("SELECT id FROM orders WHERE state = $1 AND mailed_at IS NULL", "paid")]
    return requests(started, *map(event, range(910, 924)), typical=0.4, seed=13)


def cron_over_schemas_of_tenants() -> Trace:
    steps = [Step("SELECT schema_name FROM public.tenants WHERE active ORDER BY schema_name")]
    for tenant in range(1, 15):
        steps += in_transaction(
            Step(f"SET LOCAL search_path TO tenant_{tenant}, public"),
            run("SELECT count(*) FROM tickets WHERE state = $1 AND opened_at < now() - interval '7 days'", "open"),
            run("DELETE FROM drafts WHERE updated_at < now() - interval '90 days'"),
        )
    return paced(steps, 0.004)


def queue_by_skip_locked() -> Trace:
    take = (
        "UPDATE jobs SET state = 'running' WHERE id = (SELECT id FROM jobs WHERE queue = $1 AND state = 'ready' "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id, args"
    )
    steps = []
    for job in range(9):
        steps += [run(take, "mail"), run("SELECT address, locale FROM recipients WHERE id = $1", job * 13 + 5)]
        steps += [run("UPDATE jobs SET state = 'done' WHERE id = $1", job)]
    return paced(steps, 0.05, spread=0.9)


def requests_of_many_through_pgbouncer() -> Trace:
    random, steps = Random(14), []
    for request in range(1, 25):
        one = [
            run("SELECT id, name FROM members WHERE id = $1", random.randrange(400)),
            run("SELECT id, title FROM tasks WHERE member_id = $1 AND done = $2", request, "f"),
        ]
        steps += traced(one[: random.randrange(1, 3)], request)
    return paced(steps, 0.004)


def a_person_clicks_through_products() -> Trace:
    def page(product: int) -> Trace:
        return paced(
            [
                run('SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', 3, 1),
                run('SELECT "products".* FROM "products" WHERE "products"."id" = $1 LIMIT $2', product, 1),
                run('SELECT "offers".* FROM "offers" WHERE "offers"."product_id" = $1', product),
            ],
            0.004,
            seed=product,
        )

    return requests(*map(page, (4, 8, 15, 16, 23, 42, 108, 7)), typical=2.5, seed=15)


def dashboard_of_one_user() -> Trace:
    tables = ("orders", "invoices", "tickets", "messages", "reviews", "addresses", "cards", "wishes", "returns")
    asked = [run(f"SELECT count(*) FROM {table} WHERE user_id = $1", 42) for table in tables]
    return paced([run("SELECT id, name FROM users WHERE id = $1", 42), *asked], 0.002)


def traffic_of_a_session_store() -> Trace:
    def hit(sid: int) -> Trace:
        return paced(
            [
                run('SELECT sess FROM "session" WHERE sid = $1 AND expire >= to_timestamp($2)', f"s{sid}", 1714640000),
                run(
                    'UPDATE "session" SET expire = to_timestamp($1) WHERE sid = $2 RETURNING sid', 1714643600, f"s{sid}"
                ),
            ],
            0.003,
            seed=sid,
        )

    return requests(*map(hit, (5, 8, 5, 13, 21, 8, 34, 2, 5, 90, 21, 3, 44, 13)), typical=0.05, seed=16)


def pgbench_that_only_reads() -> Trace:
    random = Random(17)
    read = "SELECT abalance FROM pgbench_accounts WHERE aid = $1;"
    calls = literal(read, [random.randrange(1, 100_000) for _ in range(300)])
    return [step._replace(application="pgbench") for step in paced(calls, 0.0001)]


def etl_by_hours() -> Trace:
    source = run("SELECT id, last_hour FROM etl_sources WHERE name = $1", "shop")
    window = "SELECT id, payload FROM events WHERE source_id = $1 AND at >= $2 AND at < $3 ORDER BY at"
    steps = [source]
    for hour in range(20):
        steps += [run(window, 6, f"2024-05-02 {hour:02}:00", f"2024-05-02 {hour + 1:02}:00")]
        steps += [Step("COPY warehouse.events (id, payload) FROM STDIN")]
    return paced(steps, 0.05)


NEGATIVE: Labelled = {
    trace.__name__: trace
    for trace in (
        graphql_dataloader_in_chunks,
        rails_find_in_batches_with_preload,
        hibernate_batch_fetch_of_composite_keys,
        renewals_each_in_its_transaction,
        sidekiq_jobs_of_one_thread,
        django_requests_of_one_connection,
        load_test_of_a_product_page,
        api_client_with_a_token,
        pages_by_keyset,
        pages_by_number_of_a_tenant,
        account_statement_exported_in_pages,
        retries_of_a_serializable_transfer,
        sqlalchemy_flush_of_an_order,
        monitor_of_replicas,
        schema_read_at_start,
        rails_migrations,
        advisory_locks_in_order,
        hibernate_sequences_and_inserts,
        report_by_a_cursor,
        plans_looked_at_by_hand,
        staged_by_copy,
        worker_that_is_notified,
        cron_over_schemas_of_tenants,
        queue_by_skip_locked,
        requests_of_many_through_pgbouncer,
        a_person_clicks_through_products,
        dashboard_of_one_user,
        traffic_of_a_session_store,
        pgbench_that_only_reads,
        etl_by_hours,
    )
}
