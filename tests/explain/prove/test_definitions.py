"""What is taken of pg_dump's text, and what is left out."""

from __future__ import annotations

import pytest

from dbops.explain.prove.definitions import definitions
from dbops.sql.nodes import Relation
from dbops.sql.split import SqlSyntaxError

HEAD = "\\restrict abc\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n"


def made(objects="", relations=""):
    return definitions(HEAD + objects, HEAD + relations)


def test_psqls_commands_and_settings_are_left_out():
    found = made()
    assert not (found.schemas or found.extensions or found.objects or found.relations or found.indexes)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h')",
        "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'secret')",
        "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()",
        "GRANT SELECT ON t TO r",
        "ALTER TABLE a.t OWNER TO r",
    ],
)
def test_what_leads_elsewhere_or_gives_rights_is_never_taken(statement):
    found = made(objects=f"{statement};", relations=f"{statement};")
    assert not (found.objects or found.relations or found.indexes or found.foreign_keys)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t BEFORE INSERT ON a.t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE POLICY p ON a.t",
        "ALTER TABLE a.t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE a.t CLUSTER ON i",
        "ALTER TABLE ONLY a.t REPLICA IDENTITY FULL",
        "CREATE RULE r AS ON INSERT TO a.t DO ALSO NOTIFY x",
        "CREATE MATERIALIZED VIEW a.m AS SELECT 1 WITH NO DATA",
    ],
)
def test_of_a_table_only_what_a_query_meets_is_taken(statement):
    found = made(relations=f"{statement};")
    assert not (found.relations or found.indexes or found.foreign_keys)


def test_objects_are_sorted_by_when_they_are_made():
    found = made(
        objects="CREATE SCHEMA a; CREATE EXTENSION IF NOT EXISTS x WITH SCHEMA a; CREATE TYPE a.e AS ENUM ('1');"
        "CREATE FUNCTION a.f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    )
    assert found.schemas == ("CREATE SCHEMA a",)
    assert [(each.name, each.text) for each in found.extensions] == [
        ("x", "CREATE EXTENSION IF NOT EXISTS x WITH SCHEMA a")
    ]
    assert [each.text.split("(")[0] for each in found.objects] == ["CREATE TYPE a.e AS ENUM ", "CREATE FUNCTION a.f"]


def test_tables_come_before_the_rows_and_indexes_after():
    found = made(
        relations="CREATE TABLE a.t (x int); CREATE VIEW a.v AS SELECT 1; CREATE SEQUENCE a.s;"
        "ALTER TABLE ONLY a.p ATTACH PARTITION a.t FOR VALUES IN (1);"
        "ALTER TABLE ONLY a.t ALTER COLUMN x SET DEFAULT 1;"
        "ALTER TABLE ONLY a.t ADD CONSTRAINT k PRIMARY KEY (x); CREATE INDEX i ON a.t (x);"
        "ALTER INDEX a.pi ATTACH PARTITION a.i;"
    )
    assert [each.what for each in found.relations] == [
        "table a.t", "view a.v", "sequence a.s", "a part of a.p", "a part of a.t",
    ]  # fmt: skip
    assert [each.what for each in found.indexes] == ["a part of a.t", "index i of a.t", "a part of a.pi"]


@pytest.mark.parametrize("end", ["", " NOT VALID"])
def test_foreign_keys_are_not_checked(end):
    statement = f"ALTER TABLE ONLY a.t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b.u(y){end};"
    (key,) = made(relations=statement).foreign_keys
    assert (key.name, key.table, key.referenced) == ("f", Relation("a", "t"), Relation("b", "u"))
    assert key.text.endswith("REFERENCES b.u(y) NOT VALID")


def test_a_table_keeps_its_access_method():
    found = made(
        relations="SET default_table_access_method = heap; CREATE TABLE a.t ();"
        "SET default_table_access_method = columnar; CREATE TABLE a.u ();"
    )
    plain, other = (each.text for each in found.relations)
    assert plain == "CREATE TABLE a.t ()"
    assert other.startswith("SET default_table_access_method = columnar; CREATE TABLE a.u ()")


def test_text_that_is_no_sql_is_refused():
    with pytest.raises(SqlSyntaxError):
        made(objects="CREATE SOMETHING NEW;")
