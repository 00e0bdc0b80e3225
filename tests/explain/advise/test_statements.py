"""The statements that make a candidate, and the migration of them."""

from __future__ import annotations

import pytest

from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.advise.migration import migration
from dbops.explain.advise.statements import Namer, statements
from dbops.files.formats import own
from dbops.files.migration import SourceFile
from dbops.results.explain import Basis, IndexAdvice
from dbops.schema.model import Schema
from dbops.sql.nodes import Relation
from dbops.sql.split import split
from explain.advise.scenes import EVENTS, ORDERS, SCHEMA
from schema.scene import folded


def index(table: Relation, *columns: str, **rest: object) -> Candidate:
    return Candidate(table, tuple(Key(column, column) for column in columns), **rest)  # type: ignore[arg-type]


def made(candidate: Candidate, schema: Schema = SCHEMA) -> tuple[str, ...]:
    return statements(candidate, schema, Namer(schema)).create


def test_a_table_gets_its_index_concurrently() -> None:
    found = statements(index(ORDERS, "customer_id"), SCHEMA, Namer(SCHEMA))
    assert found.create == ("CREATE INDEX CONCURRENTLY orders_customer_id_idx ON public.orders (customer_id)",)
    assert found.drop == ("DROP INDEX CONCURRENTLY public.orders_customer_id_idx",)


def test_a_partitioned_table_gets_one_for_each_partition_and_they_are_attached() -> None:
    schema = folded(
        "CREATE TABLE p (at date, k int) PARTITION BY RANGE (at);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (k);"
        "CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (1);"
    )
    assert made(index(Relation("public", "p"), "k"), schema) == (
        "CREATE INDEX p_k_idx ON ONLY public.p (k)",
        "CREATE INDEX CONCURRENTLY p1_k_idx ON public.p1 (k)",
        "ALTER INDEX public.p_k_idx ATTACH PARTITION public.p1_k_idx",
        "CREATE INDEX p2_k_idx ON ONLY public.p2 (k)",
        "CREATE INDEX CONCURRENTLY p2a_k_idx ON public.p2a (k)",
        "ALTER INDEX public.p2_k_idx ATTACH PARTITION public.p2a_k_idx",
        "ALTER INDEX public.p_k_idx ATTACH PARTITION public.p2_k_idx",
    )


def test_the_index_of_a_partitioned_table_is_dropped_with_those_of_its_partitions() -> None:
    assert statements(index(EVENTS, "kind"), SCHEMA, Namer(SCHEMA)).drop == ("DROP INDEX public.events_kind_idx",)


def test_a_name_that_is_taken_gets_a_number() -> None:
    schema = folded("CREATE TABLE t (a int); CREATE INDEX t_a_idx ON t (a DESC); CREATE TABLE t_a_idx_2 ();")
    namer = Namer(schema)
    names = [namer.name(index(Relation("public", "t"), "a")) for _ in range(2)]
    assert names == ["t_a_idx_3", "t_a_idx_4"]


def test_names_fit_and_tell_indexes_apart() -> None:
    plain = index(ORDERS, "customer_id")
    partial = index(ORDERS, "customer_id", predicate="paid")
    long = index(Relation("public", "t" * 40), "c" * 40)
    umlauts = index(Relation("public", "ä" * 31), "ö" * 31, predicate="x")
    names = [each.name for each in (plain, partial, long, umlauts)]
    assert names[0] == "orders_customer_id_idx"
    assert len(set(names)) == 4
    assert all(len(name.encode()) <= 63 for name in names)


def test_names_of_tables_and_columns_are_quoted_where_they_must_be() -> None:
    odd = Candidate(
        Relation("my schema", "order"), (Key('"group"', "group"), Key("lower(x)", None)), include=("user", "Name")
    )
    assert odd.definition == '"my schema"."order" ("group", (lower(x))) INCLUDE ("user", "Name")'
    for statement in (*made(odd), odd.drop()):
        assert len(split(statement)) == 1


def test_directions_and_nulls_are_said_where_they_are_not_the_default() -> None:
    spelled = [
        Key("a", "a").sql,
        Key("a", "a", descending=True).sql,
        Key("a", "a", descending=True, nulls_first=True).sql,
        Key("a", "a", descending=True, nulls_first=False).sql,
        Key("a", "a", nulls_first=True).sql,
        Key("a", "a", opclass="x", descending=True).sql,
    ]
    assert spelled == ["a", "a DESC", "a DESC", "a DESC NULLS LAST", "a NULLS FIRST", "a x DESC"]


def advice(name: str, *, requires: tuple[str, ...] = (), reason: str = "it helps") -> IndexAdvice:
    return IndexAdvice(
        create=f"CREATE INDEX CONCURRENTLY {name} ON t (a)",
        drop=f"DROP INDEX CONCURRENTLY {name}",
        name=name,
        table="public.t",
        basis=Basis.PLANNED,
        basis_detail="",
        reason=reason,
        requires=requires,
    )


def test_a_migration_makes_the_indexes_in_order_and_drops_them_in_the_other() -> None:
    required = ("CREATE EXTENSION IF NOT EXISTS pg_trgm",)
    text = migration([advice("one", requires=required), advice("two", requires=required)])
    assert text == (
        "-- one: it helps (planned)\n"
        "-- two: it helps (planned)\n"
        "-- Outside a transaction, because it is CONCURRENTLY: journalled, and resumed if it fails.\n"
        "\n"
        "-- migrate:up\n"
        "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n"
        "CREATE INDEX CONCURRENTLY one ON t (a);\n"
        "CREATE INDEX CONCURRENTLY two ON t (a);\n"
        "\n"
        "-- migrate:down\n"
        "DROP INDEX CONCURRENTLY two;\n"
        "DROP INDEX CONCURRENTLY one;\n"
    )
    file = SourceFile("0001_x.sql", "0001_x.sql", text.encode())
    (read,) = own.parse([file])
    assert len(split(read.up.sql)) == 3
    assert read.down is not None


def test_a_reason_of_several_lines_stays_a_comment() -> None:
    text = migration([advice("one", reason="a\nDROP TABLE t;\r\n-- migrate:down")])
    assert text.startswith("-- one: a DROP TABLE t; -- migrate:down (planned)\n")


def test_there_is_no_migration_of_nothing() -> None:
    with pytest.raises(ValueError, match="no index"):
        migration([])
