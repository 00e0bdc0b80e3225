"""Held-out traces with a loop."""

from __future__ import annotations

from itertools import cycle
from random import Random

from workload.nplusone.heldout.pace import after, commented, paced, run, traced
from workload.nplusone.steps import Labelled, Step, Trace, each, in_transaction, literal, of

DJANGO_SESSION = (
    'SELECT "django_session"."session_key", "django_session"."session_data", "django_session"."expire_date" '
    'FROM "django_session" WHERE ("django_session"."expire_date" > \'2024-05-02T10:00:00+00:00\'::timestamptz '
    'AND "django_session"."session_key" = \'9x2k7v\') LIMIT 21'
)
DJANGO_USER = 'SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = $1 LIMIT 21'
LOGIN = [Step(DJANGO_SESSION), *literal(DJANGO_USER, [4])]
DJANGO_POSTS = (
    'SELECT "blog_post"."id", "blog_post"."title", "blog_post"."author_id" FROM "blog_post" '
    'WHERE "blog_post"."published" ORDER BY "blog_post"."created" DESC LIMIT 20'
)


def django_template_prints_each_author() -> Trace:
    return paced([*LOGIN, Step(DJANGO_POSTS), *literal(DJANGO_USER, [7, 7, 9, 4, 12, 7, 31, 9, 9, 15, 4])], 0.006)


def django_admin_column_counts() -> Trace:
    orders = (
        'SELECT "shop_order"."id", "shop_order"."number", "shop_order"."placed" FROM "shop_order" '
        'ORDER BY "shop_order"."id" DESC LIMIT 100'
    )
    count = 'SELECT COUNT(*) AS "__count" FROM "shop_order"'
    items = 'SELECT COUNT(*) AS "__count" FROM "shop_orderitem" WHERE "shop_orderitem"."order_id" = $1'
    return paced([*LOGIN, Step(count), Step(count), Step(orders), *literal(items, range(900, 840, -1))], 0.003)


def drf_nested_serializers_in_atomic_requests() -> Trace:
    orders = (
        'SELECT "o"."id", "o"."total" FROM "shop_order" "o" WHERE "o"."customer_id" = 88 ORDER BY "o"."id" LIMIT 50'
    )
    items = 'SELECT "shop_item"."id", "shop_item"."product_id" FROM "shop_item" WHERE "shop_item"."order_id" = $1'
    product = (
        'SELECT "shop_product"."id", "shop_product"."name" FROM "shop_product" WHERE "shop_product"."id" = $1 LIMIT 21'
    )
    random, steps = Random(3), [Step(orders)]
    for order in range(500, 507):
        steps += literal(items, [order])
        steps += literal(product, [random.randrange(1, 300) for _ in range(random.randrange(1, 4))])
    return paced(in_transaction(*LOGIN, *steps), 0.004)


def django_guardian_checks_each_document() -> Trace:
    documents = (
        'SELECT "docs_document"."id", "docs_document"."title" FROM "docs_document" '
        'WHERE "docs_document"."folder_id" = 6'
    )
    may = (
        'SELECT 1 AS "a" FROM "docs_documentuserpermission" INNER JOIN "auth_permission" ON '
        '("docs_documentuserpermission"."permission_id" = "auth_permission"."id") WHERE '
        '("auth_permission"."codename" = \'view_document\' AND "docs_documentuserpermission"."user_id" = 4 '
        'AND "docs_documentuserpermission"."content_object_id" = $1) LIMIT 1'
    )
    return paced([*LOGIN, Step(documents), *literal(may, range(210, 232))], 0.002)


def django_feed_of_generic_relations() -> Trace:
    feed = (
        'SELECT "feed_action"."id", "feed_action"."target_ct_id", "feed_action"."target_id" FROM "feed_action" '
        'WHERE "feed_action"."actor_id" IN (4, 9, 17, 22) ORDER BY "feed_action"."id" DESC LIMIT 30'
    )
    target = 'SELECT "{0}"."id", "{0}"."title" FROM "{0}" WHERE "{0}"."id" = $1 LIMIT 21'
    kinds = [target.format(table) for table in ("blog_post", "photos_photo", "events_event")]
    random = Random(5)
    return paced(
        [
            *LOGIN,
            Step(feed),
            *(step for _ in range(27) for step in literal(random.choice(kinds), [random.randrange(999)])),
        ],
        0.005,
    )


def rails_view_loads_comments() -> Trace:
    user = run('SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', 3, 1)
    posts = run('SELECT "posts".* FROM "posts" WHERE "posts"."blog_id" = $1 ORDER BY "posts"."id" DESC LIMIT $2', 8, 12)
    comments = each('SELECT "comments".* FROM "comments" WHERE "comments"."post_id" = $1', range(301, 313))
    return commented(
        paced([user, posts, *comments], 0.007, spread=0.9), "application:Blog,controller:posts,action:index"
    )


def rails_active_storage_pictures() -> Trace:
    products = run('SELECT "products".* FROM "products" WHERE "products"."shop_id" = $1 LIMIT $2', 2, 16)
    attachment = (
        'SELECT "active_storage_attachments".* FROM "active_storage_attachments" WHERE '
        '"active_storage_attachments"."record_id" = $1 AND "active_storage_attachments"."record_type" = $2 AND '
        '"active_storage_attachments"."name" = $3 LIMIT $4'
    )
    blob = 'SELECT "active_storage_blobs".* FROM "active_storage_blobs" WHERE "active_storage_blobs"."id" = $1 LIMIT $2'
    loop = [
        step
        for product in range(40, 56)
        for step in (run(attachment, product, "Product", "image", 1), run(blob, product * 3 + 1, 1))
    ]
    return paced([products, *loop], 0.004)


def rails_fragment_cache_answers_half() -> Trace:
    posts = run('SELECT "posts".* FROM "posts" ORDER BY "posts"."updated_at" DESC LIMIT $1', 40)
    author = 'SELECT "people".* FROM "people" WHERE "people"."id" = $1 LIMIT $2'
    random = Random(8)
    loop = [run(author, key, 1)._replace(pause=random.choice([0.002, 0.004, 0.003, 0.011, 0.019])) for key in range(11)]
    return [posts, *loop]


def rails_follow_buttons() -> Trace:
    me = run('SELECT "users".* FROM "users" WHERE "users"."id" = $1 LIMIT $2', 77, 1)
    people = run('SELECT "users".* FROM "users" WHERE (name ILIKE $1) ORDER BY "users"."name" LIMIT $2', "%an%", 25)
    follows = (
        'SELECT 1 AS one FROM "follows" WHERE "follows"."follower_id" = $1 AND "follows"."followed_id" = $2 LIMIT $3'
    )
    return paced([me, people, *(run(follows, 77, other, 1) for other in range(130, 155))], 0.003)


def hibernate_composite_keys() -> Trace:
    shipment = run("select s1_0.id,s1_0.carrier from shipment s1_0 where s1_0.id=$1", 5)
    rows = run("select p1_0.id,p1_0.order_id,p1_0.line_no from parcel p1_0 where p1_0.shipment_id=$1", 5)
    line = "select l1_0.line_no,l1_0.order_id,l1_0.sku from order_line l1_0 where l1_0.line_no=$1 and l1_0.order_id=$2"
    keys = [(1, 70), (2, 70), (3, 70), (1, 71), (1, 72), (2, 72), (1, 73)]
    return paced(in_transaction(shipment, rows, *(run(line, *key) for key in keys)), 0.0015)


def hibernate_eager_many_to_one_of_a_query() -> Trace:
    invoices = run("select i1_0.id,i1_0.customer_id,i1_0.total from invoice i1_0 where i1_0.due<$1", "2024-05-01")
    customer = (
        "select c1_0.id,c1_0.name,r1_0.id,r1_0.name from customer c1_0 left join region r1_0 on r1_0.id=c1_0.region_id "
        "where c1_0.id=$1"
    )
    return in_transaction(*paced([invoices, *each(customer, [31, 5, 8, 77, 12, 40, 41, 2])], 0.0008))


def prisma_find_unique_in_a_map() -> Trace:
    posts = run(
        'SELECT "public"."Post"."id", "public"."Post"."authorId" FROM "public"."Post" WHERE '
        '"public"."Post"."published" = $1 ORDER BY "public"."Post"."id" DESC LIMIT $2 OFFSET $3',
        *("t", 15, 0),
    )
    author = (
        'SELECT "public"."User"."id", "public"."User"."name" FROM "public"."User" WHERE ("public"."User"."id" = $1 '
        "AND 1=1) LIMIT $2 OFFSET $3"
    )
    return paced([posts, *(run(author, key, 1, 0) for key in (9, 14, 2, 9, 33, 7, 6, 14, 21, 50, 3))], 0.003)


def typeorm_lazy_relations() -> Trace:
    users = (
        'SELECT "User"."id" AS "User_id", "User"."email" AS "User_email" FROM "user" "User" '
        'WHERE ("User"."active" = $1)'
    )
    photos = (
        'SELECT "photos"."id" AS "photos_id", "photos"."url" AS "photos_url" FROM "photo" "photos" WHERE '
        '"photos"."userId" IN ($1)'
    )
    return paced([run(users, "t"), *each(photos, range(60, 74))], 0.002)


def ecto_get_in_enum_map() -> Trace:
    orders = run('SELECT o0."id", o0."user_id", o0."state" FROM "orders" AS o0 WHERE (o0."state" = $1)', "paid")
    user = 'SELECT u0."id", u0."email", u0."name" FROM "users" AS u0 WHERE (u0."id" = $1)'
    return paced([orders, *each(user, [5, 18, 22, 9, 4, 31, 12, 8, 77])], 0.0006)


def laravel_export_in_chunks() -> Trace:
    chunk = 'select * from "orders" where "exported" = $1 order by "id" asc limit 8 offset {}'
    customer = 'select * from "customers" where "customers"."id" = $1 limit 1'
    return paced(
        [
            step
            for page in range(4)
            for step in (run(chunk.format(page * 8), "f"), *each(customer, range(page * 10, page * 10 + 8)))
        ],
        0.003,
    )


def laravel_counts_of_each_day() -> Trace:
    user = run('select * from "users" where "id" = $1 limit 1', 1)
    shop = run('select * from "shops" where "shops"."owner_id" = $1 and "shops"."owner_id" is not null', 1)
    day = 'select count(*) as aggregate from "orders" where "shop_id" = $1 and "created_at"::date = $2'
    return paced([user, shop, *(run(day, 6, f"2024-04-{number:02}") for number in range(1, 31))], 0.004)


def gorm_first_of_each() -> Trace:
    users = run('SELECT * FROM "users" WHERE plan = $1 AND "users"."deleted_at" IS NULL', "team")
    address = (
        'SELECT * FROM "addresses" WHERE user_id = $1 AND "addresses"."deleted_at" IS NULL '
        'ORDER BY "addresses"."id" LIMIT $2'
    )
    return paced([users, *(run(address, key, 1) for key in range(81, 95))], 0.0004)


def jooq_latest_reading_of_each_sensor() -> Trace:
    sensors = run('select "s"."id", "s"."unit" from "plant"."sensor" as "s" where "s"."line_id" = $1', 3)
    latest = (
        'select "r"."taken_at", "r"."value" from "plant"."reading" as "r" where "r"."sensor_id" = $1 '
        'order by "r"."taken_at" desc fetch next $2 rows only'
    )
    return paced([sensors, *(run(latest, key, 1) for key in range(400, 436))], 0.001)


def category_tree_depth_first() -> Trace:
    root = "SELECT id, name FROM categories WHERE parent_id IS NULL ORDER BY position"
    children = "SELECT id, name FROM categories WHERE parent_id = $1 ORDER BY position"
    return paced([Step(root), *literal(children, [1, 11, 12, 121, 122, 13, 2, 21, 22, 221, 3])], 0.002)


def ancestors_of_a_product() -> Trace:
    product = run("SELECT id, title, category_id FROM products WHERE slug = $1", "oak-table")
    parent = "SELECT id, parent_id, name FROM categories WHERE id = $1"
    return paced([product, *each(parent, [871, 420, 96, 31, 8, 1])], 0.002)


def import_looks_up_each_line() -> Trace:
    begun = run("SELECT id, delimiter, warehouse_id FROM import_profiles WHERE name = $1", "stock")
    random = Random(21)
    lines = [
        step
        for _ in range(30)
        for step in (
            run("SELECT id FROM products WHERE sku = $1", f"A-{random.randrange(9999)}"),
            run("INSERT INTO stock_moves (product_id, amount) VALUES ($1, $2)", random.randrange(999), 3),
        )
    ]
    return paced(in_transaction(begun, *lines), 0.001)


def django_invitations_by_address() -> Trace:
    team = literal(
        'SELECT "teams_team"."id", "teams_team"."name" FROM "teams_team" WHERE "teams_team"."id" = $1 LIMIT 21', [5]
    )
    known = (
        'SELECT "auth_user"."id", "auth_user"."email" FROM "auth_user" WHERE '
        'UPPER("auth_user"."email"::text) = UPPER(\'$1\') LIMIT 21'
    )
    names = ("ada", "bob", "cleo", "dan", "eve", "finn", "gus", "hal")
    return paced(in_transaction(*LOGIN, *team, *literal(known, [f"{name}@example.org" for name in names])), 0.003)


def graphql_resolvers_over_a_pool() -> Trace:
    repositories = [run("SELECT id, owner_id, name FROM repositories WHERE topic = $1 LIMIT 20", "postgres")]
    owner = each("SELECT id, login FROM accounts WHERE id = $1", range(60, 80))
    connections = cycle(["c1", "c2", "c3", "c4"])
    steps = [step for call in owner for step in of(next(connections), [call])]
    return traced(paced([*of("c1", repositories), *steps], 0.001), 0xBEEF)


def pgbouncer_with_others_between() -> Trace:
    tasks = run("SELECT id, assignee_id FROM tasks WHERE project_id = $1 AND done = $2", 17, "f")
    assignee = each("SELECT id, name, avatar FROM members WHERE id = $1", [4, 8, 15, 16, 23, 42, 5, 9, 12])
    others = [
        run("UPDATE sessions SET seen_at = now() WHERE id = $1", "u71"),
        run("SELECT count(*) FROM notifications WHERE member_id = $1 AND read_at IS NULL", 90),
        run("INSERT INTO page_views (path) VALUES ($1)", "/pricing"),
    ]
    random, steps = Random(4), [tasks]
    for call in assignee:
        steps += [call, *([random.choice(others)] if random.random() < 0.35 else [])]
    return paced(steps, 0.002)


def sqlalchemy_lazy_collection() -> Trace:
    users = "SELECT users.id AS users_id, users.name AS users_name FROM users WHERE users.org_id = $1::INTEGER"
    addresses = (
        "SELECT addresses.id AS addresses_id, addresses.email AS addresses_email, addresses.user_id AS "
        "addresses_user_id FROM addresses WHERE $1::INTEGER = addresses.user_id"
    )
    return paced(in_transaction(run(users, 3), *each(addresses, range(5, 24))), 0.0012)


def sqlalchemy_get_of_uuids_with_savepoints() -> Trace:
    events = run("SELECT events.id, events.venue_id FROM events WHERE events.starts_at > $1::TIMESTAMP", "2024-05-01")
    venue = "SELECT venues.id AS venues_id, venues.city AS venues_city FROM venues WHERE venues.id = $1::UUID"
    steps = [events]
    for number in range(9):
        steps += [
            Step(f"SAVEPOINT sa_savepoint_{number + 1}"),
            run(venue, f"6f1c2d3e-0000-4000-8000-{number * 7919:012x}"),
            Step(f"RELEASE SAVEPOINT sa_savepoint_{number + 1}"),
        ]
    return paced(in_transaction(*steps), 0.002)


def nightly_invoices_in_one_transaction() -> Trace:
    due = run("SELECT id, customer_id, plan FROM subscriptions WHERE renews_on = $1", "2024-05-02")
    usage = "SELECT coalesce(sum(units), 0) FROM usage WHERE subscription_id = $1 AND day >= $2 AND day < $3"
    invoice = "INSERT INTO invoices (subscription_id, units) VALUES ($1, $2) RETURNING id"
    line = "INSERT INTO invoice_lines (invoice_id, text, cents) VALUES ($1, $2, $3)"
    steps = [due]
    for key in range(700, 712):
        steps += [run(usage, key, "2024-04-02", "2024-05-02"), run(invoice, key, 9), run(line, key - 600, "usage", 900)]
    return paced(in_transaction(*steps), 0.003)


def settings_asked_one_by_one() -> Trace:
    user = run("SELECT id, org_id FROM users WHERE token = $1", "t0k")
    names = ("theme", "locale", "beta_search", "beta_editor", "max_rows", "dark_mode", "week_start", "export_pdf")
    return paced(
        [user, *(run("SELECT value FROM org_settings WHERE org_id = $1 AND name = $2", 4, name) for name in names)],
        0.002,
    )


def ef_core_navigation_by_tenant() -> Trace:
    contracts = run('SELECT c."Id", c."VendorId", c."EndsOn" FROM "Contracts" AS c WHERE c."TenantId" = $1', 12)
    vendor = 'SELECT v."Id", v."Name", v."TenantId" FROM "Vendors" AS v WHERE v."TenantId" = $1 AND v."Id" = $2 LIMIT 1'
    log = 'INSERT INTO "AccessLog" ("TenantId", "Entity", "EntityId") VALUES ($1, $2, $3) RETURNING "Id"'
    steps = [contracts]
    for number, key in enumerate((8, 3, 19, 27, 4, 31, 6, 40, 2, 11)):
        steps += [run(vendor, 12, key), *([run(log, 12, "Vendor", key)] if number % 3 else [])]
    return paced(steps, 0.002)


def sequelize_promise_all() -> Trace:
    teams = [Step('SELECT "id", "name", "leadId" FROM "Teams" AS "Team" WHERE "Team"."seasonId" = 9;')]
    lead = literal('SELECT "id", "name" FROM "Players" AS "Player" WHERE "Player"."id" = $1;', range(200, 240))
    random = Random(11)
    calls = [step for call in lead for step in of(random.choice(["p1", "p2", "p3", "p4"]), [call])]
    return [*of("p1", teams), *after(0.004, paced(calls, 0.0006))]


POSITIVE: Labelled = {
    trace.__name__: trace
    for trace in (
        django_template_prints_each_author,
        django_admin_column_counts,
        drf_nested_serializers_in_atomic_requests,
        django_guardian_checks_each_document,
        django_feed_of_generic_relations,
        rails_view_loads_comments,
        rails_active_storage_pictures,
        rails_fragment_cache_answers_half,
        rails_follow_buttons,
        hibernate_composite_keys,
        hibernate_eager_many_to_one_of_a_query,
        prisma_find_unique_in_a_map,
        typeorm_lazy_relations,
        ecto_get_in_enum_map,
        laravel_export_in_chunks,
        laravel_counts_of_each_day,
        gorm_first_of_each,
        jooq_latest_reading_of_each_sensor,
        category_tree_depth_first,
        ancestors_of_a_product,
        import_looks_up_each_line,
        django_invitations_by_address,
        graphql_resolvers_over_a_pool,
        pgbouncer_with_others_between,
        sqlalchemy_lazy_collection,
        sqlalchemy_get_of_uuids_with_savepoints,
        nightly_invoices_in_one_transaction,
        settings_asked_one_by_one,
        ef_core_navigation_by_tenant,
        sequelize_promise_all,
    )
}
