"""A schema with something of every kind, and edits of it. ``{role}`` and ``{other}`` are names of roles."""

from __future__ import annotations

from typing import NamedTuple

RICH = r"""
CREATE SCHEMA shop;
CREATE SCHEMA "Odd ""Schema"".x" AUTHORIZATION {role};
CREATE EXTENSION hstore SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE TYPE shop.address AS (street text, zip varchar(10), "The Town" text COLLATE "C");
CREATE DOMAIN shop.positive AS numeric(10, 2) DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE DOMAIN shop.word AS text COLLATE "C" NOT NULL;
CREATE TYPE shop.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE shop.shell;
CREATE TYPE shop.tiny;
CREATE FUNCTION shop.tiny_in(cstring) RETURNS shop.tiny LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION shop.tiny_out(shop.tiny) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE shop.tiny (INPUT = shop.tiny_in, OUTPUT = shop.tiny_out, LIKE = int4);
CREATE TABLE shop.customer (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY,
    email text NOT NULL UNIQUE, mood shop.mood DEFAULT 'happy', home shop.address, born date DEFAULT '2000-01-02',
    seen timestamptz DEFAULT '2020-05-05 12:00+02', wait interval DEFAULT '1 day 02:00', note text,
    shout text GENERATED ALWAYS AS (upper(note)) STORED
);
CREATE TABLE shop.orders (
    id serial PRIMARY KEY, customer bigint NOT NULL REFERENCES shop.customer ON DELETE CASCADE,
    total shop.positive, paid boolean DEFAULT false, tags text[], dropped int, during tsrange,
    CONSTRAINT total_small CHECK (total < 1000), EXCLUDE USING gist (during WITH &&)
) WITH (fillfactor = 80);
ALTER TABLE shop.orders DROP COLUMN dropped;
CREATE INDEX orders_customer ON shop.orders (customer) WHERE NOT paid;
CREATE INDEX orders_lower ON shop.orders (lower(total::text), id);
CREATE TABLE "Odd ""Schema"".x"."a.b ""c"" é" ("select" int PRIMARY KEY, "x.y" text, "%s {{}} \1" int);
CREATE INDEX "i.j" ON "Odd ""Schema"".x"."a.b ""c"" é" ("x.y");
CREATE UNLOGGED TABLE shop.fast (a int, b int, c int, d text) WITH (toast.autovacuum_enabled = false);
CREATE TABLE shop.base (a int NOT NULL, b text, CHECK (a > 0));
CREATE TABLE shop.child (c int) INHERITS (shop.base);
CREATE TABLE shop.typed OF shop.address (street NOT NULL);
CREATE TABLE shop.parts (a int NOT NULL, b int, at date NOT NULL, PRIMARY KEY (a, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.parts_1 PARTITION OF shop.parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE shop.parts_2 PARTITION OF shop.parts FOR VALUES FROM ('2021-01-01') TO (MAXVALUE) PARTITION BY LIST (a);
CREATE TABLE shop.parts_21 PARTITION OF shop.parts_2 DEFAULT;
CREATE TABLE shop.loose (a int NOT NULL, b int, at date NOT NULL);
CREATE INDEX parts_b ON shop.parts (b);
CREATE TABLE shop.refers (a int, at date, FOREIGN KEY (a, at) REFERENCES shop.parts);
CREATE SEQUENCE shop.numbers AS int MINVALUE 5 MAXVALUE 500 CACHE 3;
CREATE VIEW shop.unpaid WITH (security_barrier) AS
    SELECT o.id, c.email FROM shop.orders AS o JOIN shop.customer AS c ON c.id = o.customer WHERE NOT paid;
CREATE MATERIALIZED VIEW shop.totals AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY customer;
CREATE UNIQUE INDEX ON shop.totals (customer);
CREATE FUNCTION shop.total(a int) RETURNS int LANGUAGE sql IMMUTABLE COST 5 AS 'SELECT a';
CREATE FUNCTION shop.total(a text, OUT b text, VARIADIC c int[] DEFAULT '{{}}') RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = shop, pg_temp AS $$ BEGIN b := a; END $$;
CREATE PROCEDURE shop.work(n int) LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION shop.noted() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE AGGREGATE shop.product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = 1);
CREATE FUNCTION shop.same(shop.mood, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
CREATE OPERATOR shop.=== (LEFTARG = shop.mood, RIGHTARG = text, FUNCTION = shop.same);
CREATE OPERATOR FAMILY shop.odd_ops USING btree;
CREATE OPERATOR CLASS shop.int_ops FOR TYPE int4 USING btree FAMILY shop.odd_ops AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int4, int4);
CREATE CAST (shop.tiny AS int4) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE COLLATION shop.plain (locale = 'C');
CREATE CONVERSION shop.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY shop.words (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION shop.search (COPY = simple);
CREATE TEXT SEARCH TEMPLATE shop.lexer (LEXIZE = dsimple_lexize, INIT = dsimple_init);
CREATE TEXT SEARCH PARSER shop.cutter
    (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE FUNCTION shop.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE plother HANDLER shop.handler;
CREATE FUNCTION shop.from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'int4in';
CREATE TRANSFORM FOR shop.mood LANGUAGE plpgsql (FROM SQL WITH FUNCTION shop.from_sql(internal));
CREATE ACCESS METHOD btree_too TYPE INDEX HANDLER bthandler;
CREATE TRIGGER touched BEFORE UPDATE OF paid ON shop.orders FOR EACH ROW WHEN (OLD.paid) EXECUTE FUNCTION shop.touch();
CREATE TRIGGER "for all" AFTER INSERT ON shop.parts FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON shop.base DEFERRABLE FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE RULE nothing AS ON DELETE TO shop.fast DO INSTEAD NOTHING;
CREATE EVENT TRIGGER notes ON ddl_command_end WHEN TAG IN ('CREATE AGGREGATE') EXECUTE FUNCTION shop.noted();
CREATE POLICY own ON shop.orders FOR SELECT TO {role} USING (customer > 5);
CREATE STATISTICS shop.related (dependencies) ON a, b FROM shop.fast;
CREATE FOREIGN DATA WRAPPER far OPTIONS (debug 'true');
CREATE SERVER elsewhere FOREIGN DATA WRAPPER far OPTIONS (host 'there');
CREATE USER MAPPING FOR {role} SERVER elsewhere OPTIONS ("user" 'me', password 'hush');
CREATE FOREIGN TABLE shop.remote (a int OPTIONS (column_name 'b'), t text) SERVER elsewhere OPTIONS (table_name 'x');
CREATE PUBLICATION news FOR TABLE shop.orders, shop.customer WITH (publish = 'insert, delete');
CREATE SUBSCRIPTION hears_{role} CONNECTION 'host=nowhere password=hush' PUBLICATION news WITH (connect = false);
GRANT SELECT, INSERT ON shop.orders TO {role} WITH GRANT OPTION;
GRANT UPDATE (note, email) ON shop.customer TO {role};
REVOKE ALL ON FUNCTION shop.total(int) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
COMMENT ON TABLE shop.orders IS 'what is ordered';
COMMENT ON COLUMN shop.orders.paid IS 'when it''s done';
"""


class Edit(NamedTuple):
    """A statement or some; ``since`` is the major version that knows them."""

    sql: str
    since: int = 13


CHANGES = [
    # Tables
    Edit("CREATE TABLE shop.made (a int, b text)"),
    Edit("ALTER TABLE shop.made RENAME TO renamed"),
    Edit("ALTER TABLE shop.renamed SET SCHEMA public"),
    Edit("DROP TABLE public.renamed"),
    Edit("ALTER TABLE shop.fast SET LOGGED"),
    Edit("ALTER TABLE shop.orders SET (fillfactor = 70)"),
    Edit("ALTER TABLE shop.orders RESET (fillfactor)"),
    Edit("ALTER TABLE shop.fast SET (toast.autovacuum_enabled = true)"),
    Edit("ALTER TABLE shop.fast REPLICA IDENTITY FULL"),
    Edit("ALTER TABLE shop.customer REPLICA IDENTITY NOTHING"),
    Edit("ALTER TABLE shop.orders REPLICA IDENTITY USING INDEX orders_pkey"),
    Edit("ALTER TABLE shop.orders CLUSTER ON orders_pkey"),
    Edit("ALTER TABLE shop.orders SET WITHOUT CLUSTER"),
    Edit("ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY"),
    Edit("ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY"),
    Edit("ALTER TABLE shop.fast OWNER TO {role}"),
    Edit("ALTER TABLE shop.typed NOT OF"),
    Edit("ALTER TABLE shop.child NO INHERIT shop.base"),
    Edit("ALTER TABLE shop.child INHERIT shop.base"),
    Edit("ALTER TABLE shop.parts ATTACH PARTITION shop.loose FOR VALUES FROM ('2010-01-01') TO ('2011-01-01')"),
    Edit("ALTER TABLE shop.parts DETACH PARTITION shop.loose"),
    Edit("ALTER TABLE shop.parts DETACH PARTITION shop.parts_1"),
    Edit("CREATE TABLE shop.hashed (a int) PARTITION BY HASH (a, (a + 1))"),
    Edit("CREATE TABLE shop.hashed_0 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)"),
    # Columns
    Edit("ALTER TABLE shop.fast ADD COLUMN e int DEFAULT 5 NOT NULL"),
    Edit("ALTER TABLE shop.fast RENAME COLUMN e TO f"),
    Edit("ALTER TABLE shop.fast DROP COLUMN f"),
    Edit("ALTER TABLE shop.fast ALTER a TYPE bigint"),
    Edit("ALTER TABLE shop.fast ALTER d TYPE text COLLATE \"C\""),
    Edit("ALTER TABLE shop.fast ALTER a SET NOT NULL"),
    Edit("ALTER TABLE shop.fast ALTER a DROP NOT NULL"),
    Edit("ALTER TABLE shop.fast ALTER a SET DEFAULT 7"),
    Edit("ALTER TABLE shop.fast ALTER a DROP DEFAULT"),
    Edit("ALTER TABLE shop.fast ALTER d SET STORAGE EXTERNAL"),
    Edit("ALTER TABLE shop.fast ALTER d SET COMPRESSION pglz", 14),
    Edit("ALTER TABLE shop.fast ALTER b SET STATISTICS 500"),
    Edit("ALTER TABLE shop.fast ALTER b SET (n_distinct = 5)"),
    Edit("ALTER TABLE shop.fast ALTER c SET NOT NULL, ALTER c ADD GENERATED BY DEFAULT AS IDENTITY"),
    Edit("ALTER TABLE shop.fast ALTER c SET GENERATED ALWAYS"),
    Edit("ALTER TABLE shop.fast ALTER c SET INCREMENT 9"),
    Edit("ALTER TABLE shop.fast ALTER c DROP IDENTITY"),
    Edit("ALTER TABLE shop.customer ALTER shout DROP EXPRESSION"),
    Edit("ALTER TABLE shop.customer ADD twice text GENERATED ALWAYS AS (note || note) STORED"),
    Edit("ALTER TABLE shop.customer ADD thrice text GENERATED ALWAYS AS (note || note || note) VIRTUAL", 18),
    Edit("ALTER TABLE \"Odd \"\"Schema\"\".x\".\"a.b \"\"c\"\" é\" DROP COLUMN \"x.y\""),
    # Constraints and indexes
    Edit("ALTER TABLE shop.fast ADD CONSTRAINT few CHECK (b < 10) NOT VALID"),
    Edit("ALTER TABLE shop.fast VALIDATE CONSTRAINT few"),
    Edit("ALTER TABLE shop.fast RENAME CONSTRAINT few TO fewer"),
    Edit("ALTER TABLE shop.fast DROP CONSTRAINT fewer"),
    Edit("ALTER TABLE shop.base ADD CONSTRAINT only_here CHECK (a < 100) NO INHERIT"),
    Edit("ALTER TABLE shop.orders ALTER CONSTRAINT orders_customer_fkey DEFERRABLE INITIALLY DEFERRED"),
    Edit("ALTER TABLE shop.orders ALTER CONSTRAINT orders_customer_fkey NOT ENFORCED", 18),
    Edit("ALTER TABLE shop.orders DROP CONSTRAINT orders_during_excl"),
    Edit("ALTER TABLE shop.fast ADD CONSTRAINT named NOT NULL b", 18),
    Edit("ALTER TABLE shop.fast ADD CONSTRAINT unsure NOT NULL a NOT VALID", 18),
    Edit("CREATE INDEX orders_paid ON shop.orders USING hash (paid)"),
    Edit("ALTER INDEX shop.orders_paid RENAME TO orders_is_paid"),
    Edit("ALTER INDEX shop.orders_is_paid SET (fillfactor = 50)"),
    Edit("ALTER INDEX shop.orders_lower ALTER COLUMN 1 SET STATISTICS 300"),
    Edit("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.orders_customer'::regclass"),
    Edit("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'shop.orders_customer'::regclass"),
    Edit("DROP INDEX shop.orders_customer"),
    Edit("CREATE UNIQUE INDEX one_null ON shop.fast (b) NULLS NOT DISTINCT", 15),
    Edit("CREATE INDEX covers ON shop.fast (a DESC NULLS LAST, b) INCLUDE (c)"),
    Edit("ALTER TABLE shop.parts_21 ADD CONSTRAINT parts_21_positive CHECK (a > 0)"),
    # Sequences
    Edit("ALTER SEQUENCE shop.numbers INCREMENT 7 CYCLE"),
    Edit("ALTER SEQUENCE shop.numbers AS bigint"),
    Edit("ALTER SEQUENCE shop.numbers OWNED BY shop.base.a"),
    Edit("ALTER SEQUENCE shop.numbers OWNED BY NONE"),
    Edit("ALTER SEQUENCE shop.orders_id_seq CACHE 20"),
    Edit("ALTER SEQUENCE shop.numbers SET UNLOGGED", 15),
    # Views
    Edit("CREATE OR REPLACE VIEW shop.unpaid WITH (security_barrier) AS SELECT o.id, c.email FROM shop.orders AS o "
         "JOIN shop.customer AS c ON c.id = o.customer"),
    Edit("ALTER VIEW shop.unpaid RESET (security_barrier)"),
    Edit("ALTER VIEW shop.unpaid ALTER id SET DEFAULT 3"),
    Edit("ALTER VIEW shop.unpaid RENAME email TO mail"),
    Edit("ALTER MATERIALIZED VIEW shop.totals SET (fillfactor = 50)"),
    Edit("CREATE RECURSIVE VIEW shop.counted (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 9"),
    # Functions
    Edit("CREATE OR REPLACE FUNCTION shop.total(a int) RETURNS int LANGUAGE sql IMMUTABLE COST 5 AS 'SELECT a + 1'"),
    Edit("ALTER FUNCTION shop.total(int) STABLE"),
    Edit("ALTER FUNCTION shop.total(int) STRICT"),
    Edit("ALTER FUNCTION shop.total(int) PARALLEL SAFE"),
    Edit("ALTER FUNCTION shop.total(int) COST 50"),
    Edit("ALTER FUNCTION shop.total(int) LEAKPROOF"),
    Edit("ALTER FUNCTION shop.total(int) SECURITY DEFINER"),
    Edit("ALTER FUNCTION shop.total(int) SET work_mem = '5MB'"),
    Edit("ALTER FUNCTION shop.total(int) OWNER TO {role}"),
    Edit("ALTER FUNCTION shop.total(text, int[]) SECURITY INVOKER"),
    Edit("CREATE FUNCTION shop.rows(n int) RETURNS TABLE (a int, b text) ROWS 5 LANGUAGE sql AS 'SELECT 1, $$x$$'"),
    Edit("CREATE FUNCTION shop.atom() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(b) FROM shop.fast; END", 14),
    Edit("CREATE OR REPLACE PROCEDURE shop.work(n int) LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$"),
    Edit("DROP PROCEDURE shop.work"),
    Edit("CREATE FUNCTION shop.numbered() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number'"),
    Edit("CREATE OR REPLACE AGGREGATE shop.product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = 2)"),
    Edit("DROP AGGREGATE shop.product(float8)"),
    # Triggers, rules, policies
    Edit("ALTER TABLE shop.orders DISABLE TRIGGER touched"),
    Edit("ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER touched"),
    Edit("ALTER TRIGGER touched ON shop.orders RENAME TO touches"),
    Edit("ALTER TABLE shop.parts_21 DISABLE TRIGGER \"for all\""),
    Edit("DROP TRIGGER touches ON shop.orders"),
    Edit("CREATE TRIGGER seen AFTER INSERT ON shop.orders REFERENCING NEW TABLE AS new FOR EACH STATEMENT "
         "EXECUTE FUNCTION shop.touch('a', 'b')"),
    Edit("ALTER TABLE shop.fast DISABLE RULE nothing"),
    Edit("CREATE OR REPLACE RULE nothing AS ON DELETE TO shop.fast WHERE OLD.a > 5 DO INSTEAD NOTHING"),
    Edit("DROP RULE nothing ON shop.fast"),
    Edit("ALTER EVENT TRIGGER notes DISABLE"),
    Edit("DROP EVENT TRIGGER notes"),
    Edit("ALTER POLICY own ON shop.orders USING (customer > 6)"),
    Edit("ALTER POLICY own ON shop.orders TO PUBLIC"),
    Edit("CREATE POLICY strict ON shop.orders AS RESTRICTIVE FOR INSERT WITH CHECK (paid)"),
    Edit("DROP POLICY own ON shop.orders"),
    Edit("CREATE TABLE shop.cut (a int REFERENCES shop.orders) PARTITION BY LIST (a);"
         "CREATE TABLE shop.cut_1 PARTITION OF shop.cut DEFAULT"),
    Edit("ALTER TABLE shop.cut_1 DISABLE TRIGGER ALL", 15),
    # Types
    Edit("ALTER TYPE shop.mood ADD VALUE 'so so' BEFORE 'happy'"),
    Edit("ALTER TYPE shop.mood RENAME VALUE 'sad' TO 'gloomy'"),
    Edit("ALTER TYPE shop.address ADD ATTRIBUTE country text"),
    Edit("ALTER TYPE shop.address RENAME ATTRIBUTE zip TO code"),
    Edit("ALTER DOMAIN shop.positive SET DEFAULT 2"),
    Edit("ALTER DOMAIN shop.positive SET NOT NULL"),
    Edit("ALTER DOMAIN shop.positive DROP CONSTRAINT above_zero"),
    Edit("ALTER DOMAIN shop.positive ADD CONSTRAINT big CHECK (VALUE > 5) NOT VALID"),
    Edit("ALTER DOMAIN shop.positive VALIDATE CONSTRAINT big"),
    Edit("ALTER DOMAIN shop.word DROP NOT NULL"),
    Edit("CREATE TYPE shop.times AS RANGE (subtype = time)"),
    Edit("CREATE TYPE shop.texts AS RANGE (subtype = text, collation = \"C\")"),
    Edit("DROP TYPE shop.shell"),
    Edit("ALTER TYPE shop.span OWNER TO {role}"),
    # The rest of what can be made
    Edit("ALTER OPERATOR shop.=== (shop.mood, text) SET (RESTRICT = eqsel)"),
    Edit("DROP OPERATOR shop.=== (shop.mood, text)"),
    Edit("ALTER OPERATOR FAMILY shop.odd_ops USING btree ADD OPERATOR 1 < (int4, int8), "
         "FUNCTION 1 (int4, int8) btint48cmp(int4, int8)"),
    Edit("DROP OPERATOR CLASS shop.int_ops USING btree"),
    Edit("DROP CAST (shop.tiny AS int4)"),
    Edit("CREATE CAST (shop.tiny AS int4) WITHOUT FUNCTION"),
    Edit("DROP COLLATION shop.plain"),
    Edit("CREATE COLLATION shop.german (lc_collate = 'C', lc_ctype = 'POSIX')"),
    Edit("DROP CONVERSION shop.latin"),
    Edit("ALTER TEXT SEARCH DICTIONARY shop.words (STOPWORDS = danish)"),
    Edit("ALTER TEXT SEARCH CONFIGURATION shop.search ALTER MAPPING FOR word WITH shop.words, simple"),
    Edit("ALTER TEXT SEARCH CONFIGURATION shop.search DROP MAPPING FOR word"),
    Edit("DROP TEXT SEARCH TEMPLATE shop.lexer"),
    Edit("DROP TEXT SEARCH PARSER shop.cutter"),
    Edit("DROP LANGUAGE plother"),
    Edit("DROP TRANSFORM FOR shop.mood LANGUAGE plpgsql"),
    Edit("DROP ACCESS METHOD btree_too"),
    Edit("ALTER STATISTICS shop.related SET STATISTICS 200"),
    Edit("CREATE STATISTICS shop.more (mcv) ON (a + b), c FROM shop.fast", 14),
    Edit("DROP STATISTICS shop.related"),
    Edit("CREATE EXTENSION pg_trgm"),
    Edit("ALTER EXTENSION pg_trgm SET SCHEMA shop"),
    Edit("ALTER FUNCTION shop.total(int) DEPENDS ON EXTENSION pg_trgm"),
    Edit("ALTER INDEX shop.orders_lower DEPENDS ON EXTENSION pg_trgm"),
    Edit("DROP EXTENSION hstore"),
    Edit("ALTER FOREIGN DATA WRAPPER far OPTIONS (SET debug 'false')"),
    Edit("ALTER SERVER elsewhere OPTIONS (ADD port '5')"),
    Edit("ALTER SERVER elsewhere VERSION '2'"),
    Edit("ALTER USER MAPPING FOR {role} SERVER elsewhere OPTIONS (SET password 'changed')"),
    Edit("CREATE USER MAPPING FOR PUBLIC SERVER elsewhere"),
    Edit("ALTER FOREIGN TABLE shop.remote OPTIONS (SET table_name 'y')"),
    Edit("ALTER FOREIGN TABLE shop.remote ALTER a OPTIONS (SET column_name 'c')"),
    Edit("DROP FOREIGN TABLE shop.remote"),
    Edit("ALTER PUBLICATION news DROP TABLE shop.customer"),
    Edit("ALTER PUBLICATION news SET TABLE shop.orders (id, paid) WHERE (id > 5)", 15),
    Edit("ALTER PUBLICATION news SET (publish = 'update')"),
    Edit("ALTER PUBLICATION news SET (publish_via_partition_root = true)"),
    Edit("CREATE PUBLICATION here FOR TABLES IN SCHEMA shop", 15),
    Edit("CREATE PUBLICATION generated FOR ALL TABLES WITH (publish_generated_columns = stored)", 18),
    Edit("ALTER SUBSCRIPTION hears_{role} SET (synchronous_commit = 'on')", 14),
    Edit("ALTER SUBSCRIPTION hears_{role} SET (slot_name = NONE)"),
    Edit("DROP SUBSCRIPTION hears_{role}"),
    # Owners, grants, comments
    Edit("ALTER SCHEMA shop OWNER TO {role}"),
    Edit("GRANT USAGE ON SCHEMA shop TO {other}"),
    Edit("GRANT USAGE ON SCHEMA public TO {other}"),
    Edit("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
    Edit("GRANT DELETE ON shop.orders TO {other}"),
    Edit("GRANT DELETE ON shop.orders TO {other} WITH GRANT OPTION"),
    Edit("REVOKE INSERT ON shop.orders FROM {role}"),
    Edit("REVOKE TRUNCATE ON shop.customer FROM CURRENT_USER"),
    Edit("GRANT SELECT (total) ON shop.orders TO {other}"),
    Edit("GRANT USAGE ON SEQUENCE shop.numbers TO {other}"),
    Edit("GRANT EXECUTE ON FUNCTION shop.total(int) TO {other}"),
    Edit("REVOKE USAGE ON TYPE shop.mood FROM PUBLIC"),
    Edit("GRANT USAGE ON FOREIGN SERVER elsewhere TO {other}"),
    Edit("GRANT USAGE ON FOREIGN DATA WRAPPER far TO {other}"),
    Edit("SET ROLE {role}; GRANT SELECT ON shop.orders TO {other}; RESET ROLE"),
    Edit("GRANT EXECUTE ON FUNCTION pg_stat_reset() TO {other}"),
    Edit("REVOKE EXECUTE ON FUNCTION now() FROM PUBLIC"),
    Edit("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"),
    Edit("GRANT SELECT (rolname) ON pg_authid TO {other}"),
    Edit("GRANT EXECUTE ON FUNCTION shop.similarity(text, text) TO {other}"),
    Edit("ALTER DEFAULT PRIVILEGES IN SCHEMA shop REVOKE SELECT ON TABLES FROM {role}"),
    Edit("ALTER DEFAULT PRIVILEGES FOR ROLE {role} GRANT USAGE ON TYPES TO {other}"),
    Edit("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC"),
    Edit("COMMENT ON TABLE shop.orders IS NULL"),
    Edit("COMMENT ON SCHEMA public IS 'ours'"),
    Edit("COMMENT ON COLUMN shop.customer.note IS 'n'"),
    Edit("COMMENT ON COLUMN shop.address.street IS 's'"),
    Edit("COMMENT ON INDEX shop.orders_lower IS 'i'"),
    Edit("COMMENT ON CONSTRAINT total_small ON shop.orders IS 'c'"),
    Edit("COMMENT ON FUNCTION shop.total(int) IS 'f'"),
    Edit("COMMENT ON TYPE shop.mood IS 't'"),
    Edit("COMMENT ON TRIGGER seen ON shop.orders IS 'g'"),
    Edit("COMMENT ON POLICY strict ON shop.orders IS 'p'"),
    Edit("COMMENT ON VIEW shop.unpaid IS 'v'"),
    Edit("COMMENT ON DOMAIN shop.word IS 'd'"),
    Edit("COMMENT ON EXTENSION pg_trgm IS 'e'"),
    Edit("COMMENT ON PUBLICATION news IS 'p'"),
    Edit("COMMENT ON SERVER elsewhere IS 's'"),
    Edit("DROP SCHEMA \"Odd \"\"Schema\"\".x\" CASCADE"),
]  # fmt: skip

QUIET = [
    Edit("SELECT nextval('shop.numbers'), setval('shop.orders_id_seq', 500)"),
    Edit("INSERT INTO shop.base VALUES (1, 'x')"),
    Edit("ANALYZE"),
    Edit("CREATE TEMPORARY TABLE passing (a int PRIMARY KEY); CREATE TEMPORARY SEQUENCE passing_by"),
    Edit("ALTER TABLE shop.fast ADD COLUMN z int; ALTER TABLE shop.fast DROP COLUMN z"),
    Edit("GRANT SELECT ON shop.fast TO {role}; REVOKE SELECT ON shop.fast FROM {role}"),
    Edit("GRANT ALL ON shop.base TO CURRENT_USER"),
    Edit("CREATE OR REPLACE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"),
    Edit("COMMENT ON FUNCTION now() IS 'not ours'"),
    Edit("ALTER TABLE shop.base ALTER b SET STORAGE EXTENDED"),
    Edit("VACUUM FULL shop.base"),
    Edit("REINDEX TABLE shop.orders"),
]

UNSEEN_BY_DUMP = [
    Edit("REFRESH MATERIALIZED VIEW shop.totals WITH NO DATA"),
    Edit("ALTER TABLE shop.refers DISABLE TRIGGER ALL"),
]
