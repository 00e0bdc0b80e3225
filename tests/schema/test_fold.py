"""How single statements change a schema. The forms themselves are in test_fold_on_server, against a real catalog."""

from __future__ import annotations

import pytest

from dbops.schema.fold import fold
from dbops.schema.model import EMPTY, Check, ForeignKey, Schema, Table
from dbops.schema.settings import next_session
from dbops.sql.nodes import Relation
from dbops.sql.split import split
from schema.scene import folded, table

ORDERS = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, note text CHECK (note <> ''));"
    "CREATE INDEX by_customer ON orders (customer_id);"
)


def keys(sql: str) -> list[list[str]]:
    return sorted(sorted(key) for key in table(sql).keys)


def test_a_primary_key_names_one_row() -> None:
    assert keys("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))") == [["a", "b"]]
    assert keys("CREATE TABLE t (a int); ALTER TABLE t ADD PRIMARY KEY (a)") == [["a"]]


def test_a_partial_or_expression_unique_index_is_no_key() -> None:
    assert keys("CREATE TABLE t (a int); CREATE UNIQUE INDEX ON t (a) WHERE a > 0") == []
    assert keys("CREATE TABLE t (a text); CREATE UNIQUE INDEX ON t (lower(a))") == []
    assert keys("CREATE TABLE t (a text); CREATE UNIQUE INDEX ON t (a)") == [["a"]]


def test_included_columns_are_not_part_of_a_key() -> None:
    assert keys("CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX ON t (a) INCLUDE (b)") == [["a"]]


def test_an_index_on_only_a_partitioned_table_is_not_valid() -> None:
    made = "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE p PARTITION OF t DEFAULT;"
    assert keys(made + "CREATE UNIQUE INDEX i ON ONLY t (a)") == []
    assert keys(made + "CREATE UNIQUE INDEX i ON t (a)") == [["a"]]


def test_expressions_are_told_as_sql() -> None:
    known = table(
        "CREATE TABLE t (a int DEFAULT 1 + 2, b text DEFAULT 'it''s', c timestamptz DEFAULT now(), d bool DEFAULT true,"
        "CHECK (a > 0 AND b <> ''), CONSTRAINT n CHECK (b IS NOT NULL), CONSTRAINT o CHECK (b IS NULL));"
        "CREATE INDEX ON t (lower(b), (a + 1)) WHERE d"
    )
    assert [column.default for column in known.columns] == ["1 + 2", "'it''s'", "now()", "true"]
    assert [(check.expression, check.not_null) for check in known.checks] == [
        ("a > 0 AND b <> ''", None),
        ("b IS NOT NULL", "b"),
        ("b IS NULL", None),
    ]
    assert known.indexes[0].expressions == ("lower(b)", "a + 1")
    assert known.indexes[0].predicate == "d"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT * FROM orders",
        "INSERT INTO orders VALUES (1)",
        "ALTER TABLE unknown ADD COLUMN a int",
        "ALTER TABLE unknown RENAME TO known",
        "ALTER TABLE orders ADD COLUMN IF NOT EXISTS id bigint",
        "ALTER TABLE orders ALTER id SET NOT NULL",
        "ALTER TABLE orders ALTER customer_id TYPE bigint",
        "ALTER TABLE orders ALTER nothing SET DEFAULT 1",
        "ALTER TABLE orders DROP COLUMN IF EXISTS nothing",
        "ALTER TABLE orders DROP CONSTRAINT IF EXISTS nothing",
        "ALTER TABLE orders SET (fillfactor = 50)",
        "ALTER TABLE orders ADD CONSTRAINT x PRIMARY KEY USING INDEX nothing",
        "ALTER TABLE orders ATTACH PARTITION unknown DEFAULT",
        "ALTER TABLE orders ATTACH PARTITION orders DEFAULT",
        "ALTER TABLE orders NO INHERIT unknown",
        "ALTER INDEX nothing RENAME TO something",
        "ALTER SEQUENCE s RENAME TO q",
        "CREATE TABLE IF NOT EXISTS orders (x int)",
        "CREATE INDEX IF NOT EXISTS by_customer ON orders (note)",
        "CREATE INDEX ON unknown (a)",
        "CREATE EXTENSION pgcrypto",
        "DROP TABLE IF EXISTS unknown",
        "DROP INDEX IF EXISTS nothing",
        "DROP SCHEMA public",
        "DROP TYPE nothing",
        "DO 'BEGIN END'",
        "SET search_path = public",
        "SET lock_timeout = 5",
        "DISCARD TEMP",
        "COMMENT ON TABLE orders IS 'x'",
    ],
)
def test_what_changes_nothing_returns_the_same_schema(sql: str) -> None:
    before = folded(ORDERS)
    (statement,) = split(sql)
    assert fold(before, statement.node) is before


def test_a_statement_too_deep_to_be_read_changes_nothing() -> None:
    assert fold(EMPTY, None) is EMPTY


def test_fold_leaves_the_schema_it_is_given_as_it_was() -> None:
    before = folded(ORDERS)
    copy = dict(before.tables)
    after = folded("ALTER TABLE orders ADD x int; DROP INDEX by_customer; CREATE TABLE t (a int)", before)
    assert before.tables == copy
    assert before.owner(Relation(None, "by_customer")) is not None
    assert after.owner(Relation(None, "by_customer")) is None


def test_sizes_survive_an_alteration() -> None:
    known = Schema({Relation("public", "t"): Table(Relation("public", "t"), rows=5.0, bytes=8192)})
    after = folded("ALTER TABLE t ADD a int; ALTER TABLE t RENAME TO u", known).tables[Relation("public", "u")]
    assert (after.rows, after.bytes) == (5.0, 8192)


def test_a_temporary_table_hides_a_permanent_one_until_the_session_ends() -> None:
    schema = folded("CREATE TABLE t (a int); CREATE TEMP TABLE t (b int); SET search_path = s")
    temporary = schema.table(Relation(None, "t"))
    assert temporary is not None
    assert temporary.column("b")
    after = next_session(schema).table(Relation(None, "t"))
    assert after is not None
    assert after.column("a")


def test_a_search_path_of_nothing_finds_only_qualified_names() -> None:
    schema = folded("CREATE TABLE t (a int); SELECT pg_catalog.set_config('search_path', '', false)")
    assert schema.search_path == ()
    assert schema.table(Relation("public", "t")) is not None


def test_the_users_own_schema_is_left_out_of_the_search_path() -> None:
    assert folded("SET search_path = \"$user\", 'App', public").search_path == ("App", "public")
    assert folded("SELECT set_config('search_path', '\"$user\", \"App\", PUBLIC', true)").search_path == (
        "App",
        "public",
    )


def test_a_table_known_in_part_says_so() -> None:
    assert not table("CREATE TABLE t () INHERITS (unknown)").complete
    assert not table("CREATE TABLE t (LIKE unknown)").complete
    assert not table("CREATE TABLE t OF unknown").complete
    assert not table("CREATE TABLE t AS SELECT a + 1 AS b FROM unknown").complete
    assert table("CREATE TABLE t AS SELECT 1::bigint AS b").complete


def test_drop_column_takes_along_what_reads_it_and_nothing_else() -> None:
    known = table(
        "CREATE TABLE t (a int, b int, ab int, CHECK (a > 0), CHECK (ab > 0), CHECK (length('a') > 0));"
        "CREATE INDEX i ON t (b) WHERE a > 0; CREATE INDEX j ON t (ab) WHERE ab > 0; ALTER TABLE t DROP a"
    )
    assert [index.name for index in known.indexes] == ["j"]
    assert [check.name for check in known.checks] == ["t_ab_check", "t_check"]


def test_renaming_a_column_renames_it_in_expressions_but_not_in_texts() -> None:
    known = table("""CREATE TABLE t (a text, CHECK (a <> 'a' AND "a" <> '')); ALTER TABLE t RENAME a TO "B" """)
    assert known.checks == (Check("t_a_check", """"B" <> 'a' AND "B" <> ''"""),)


def test_a_foreign_key_names_the_columns_it_references_where_they_are_known() -> None:
    schema = folded(
        "CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES o, b int REFERENCES unknown)"
    )
    known = schema.tables[Relation("public", "t")]
    assert known.foreign_keys == (
        ForeignKey("t_a_fkey", ("a",), Relation("public", "o"), ("id",)),
        ForeignKey("t_b_fkey", ("b",), Relation("public", "unknown")),
    )


def test_not_valid_does_not_say_that_a_column_has_no_nulls() -> None:
    sql = "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID;"
    (column,) = table(sql).columns
    assert column.nullable
    assert table(sql).checks == (Check("n", "NOT NULL a", validated=False, not_null="a"),)
    (column,) = table(sql + "ALTER TABLE t VALIDATE CONSTRAINT n").columns
    assert column.nullable is False
    assert table(sql + "ALTER TABLE t VALIDATE CONSTRAINT n").checks == ()


def test_an_index_is_found_although_a_constraint_elsewhere_has_its_name() -> None:
    made = "CREATE TABLE a (x int CONSTRAINT i CHECK (x > 0)); CREATE TABLE b (x int); CREATE INDEX i ON b (x);"
    for sql in (made, made + "DROP TABLE a", made + "ALTER TABLE b ADD CONSTRAINT i CHECK (x > 0)"):
        owner = folded(sql).owner(Relation(None, "i"))
        assert owner is not None
        assert owner.name.name == "b"


def test_a_schema_built_from_tables_knows_the_owners_of_indexes_too() -> None:
    schema = folded(ORDERS)
    again = Schema(schema.tables)
    owner = again.owner(Relation("public", "by_customer"))
    assert owner is schema.tables[Relation("public", "orders")]
    assert folded("ALTER INDEX by_customer RENAME TO x", again).owner(Relation(None, "x")) is not None


def test_a_table_made_anew_over_a_known_one_gets_its_names() -> None:
    known = table("CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE)")
    assert [index.name for index in known.indexes] == ["t_pkey", "t_b_key"]


def test_a_schema_keeps_its_names_in_another_process() -> None:
    import os
    import pickle
    import subprocess
    import sys

    schema = folded("CREATE TABLE t (id bigint PRIMARY KEY, a int); CREATE INDEX i ON t (a)")
    look = (
        "import pickle, sys; from dbops.sql.nodes import Relation;"
        "schema = pickle.load(sys.stdin.buffer); print(schema.owner(Relation(None, 'i')).name)"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", look], input=pickle.dumps(schema), capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stdout.decode().strip() == "public.t"
