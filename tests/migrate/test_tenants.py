"""One command over many tenants: what is run where, in what order, and what stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.command import Ran
from migrate.scene import Folder, query

Migrate = Callable[..., Ran]


@pytest.fixture
def tenants(database: str) -> list[str]:
    """Schemas, in order."""
    names = ["tenant_a", "tenant_b", "tenant_c", "tenant_d"]
    for name in ["other", *names]:
        query(database, f"CREATE SCHEMA {name}")
    return names


def _states(ran: Ran) -> dict[str, str]:
    return {tenant["name"]: tenant["state"] for tenant in ran.data["tenants"]}


def _schemas(dsn: str, table: str) -> set[str]:
    return {schema for (schema,) in query(dsn, f"SELECT schemaname FROM pg_tables WHERE tablename = '{table}'")}


def test_each_schema_gets_the_tables_and_a_history_of_its_own(
    folder: Folder, migrate: Migrate, database: str, tenants: list[str]
) -> None:
    folder.tables([1, 2])
    ran = migrate("up", "--schemas", "tenant_*")
    assert ran.status == 0
    assert _states(ran) == dict.fromkeys(tenants, "done")
    assert ran.meta["total"] == 4
    assert ran.data["kind"] == "schema"
    first = ran.data["tenants"][0]["result"]
    assert [migration["version"] for migration in first["applied"]] == ["0001", "0002"]
    assert _schemas(database, "t1") == _schemas(database, "schema_migrations") == set(tenants)


def test_a_tenant_can_be_behind_the_others(folder: Folder, migrate: Migrate, database: str, tenants: list[str]) -> None:
    folder.tables([1, 2])
    migrate("up", "--schemas", "tenant_*")
    migrate("down", "--schemas", "tenant_b")
    ran = migrate("status", "--schemas", "tenant_*")
    assert ran.status == 1
    assert {tenant["name"]: tenant["result"]["pending"] for tenant in ran.data["tenants"]} == {
        name: int(name == "tenant_b") for name in tenants
    }
    assert migrate("status", "--schemas", "tenant_[acd]").status == 0


def test_what_runs_outside_a_transaction_is_made_in_the_tenants_schema_too(
    folder: Folder, migrate: Migrate, database: str, tenants: list[str]
) -> None:
    folder.tables([1])
    folder.write("0002_index", "CREATE INDEX CONCURRENTLY t1_a ON t1 (a);", "DROP INDEX CONCURRENTLY t1_a;")
    assert migrate("up", "--schemas", "tenant_*").status == 0
    found = query(database, "SELECT schemaname FROM pg_indexes WHERE indexname = 't1_a' ORDER BY 1")
    assert [schema for (schema,) in found] == tenants


def test_a_canary_that_fails_is_the_only_one_that_was_touched(
    folder: Folder, migrate: Migrate, database: str, tenants: list[str]
) -> None:
    folder.tables([1])
    query(database, "CREATE TABLE tenant_a.t1 ()")
    ran = migrate("up", "--schemas", "tenant_*")
    assert ran.status == 2
    assert _states(ran) == {"tenant_a": "failed"} | dict.fromkeys(tenants[1:], "not_started")
    assert "canary" in ran.data["stopped"]
    failed = ran.data["tenants"][0]
    assert failed["error"]["code"] == "MIGRATION_FAILED"
    assert failed["result"] is None
    assert _schemas(database, "schema_migrations") == {"tenant_a"}


def test_failures_up_to_the_bound_stop_nobody(
    folder: Folder, migrate: Migrate, database: str, tenants: list[str]
) -> None:
    folder.tables([1])
    query(database, "CREATE TABLE tenant_b.t1 (); CREATE TABLE tenant_c.t1 ()")
    ran = migrate("up", "--schemas", "tenant_*", "--jobs", 1, "--max-failures", 3)
    assert ran.status == 2
    assert _states(ran) == {"tenant_a": "done", "tenant_b": "failed", "tenant_c": "failed", "tenant_d": "done"}
    assert ran.data["stopped"] is None


def test_one_failure_is_the_bound_when_nothing_is_said(
    folder: Folder, migrate: Migrate, database: str, tenants: list[str]
) -> None:
    folder.tables([1])
    query(database, "CREATE TABLE tenant_b.t1 ()")
    ran = migrate("up", "--schemas", "tenant_*", "--jobs", 1)
    assert _states(ran) == {
        "tenant_a": "done", "tenant_b": "failed", "tenant_c": "not_started", "tenant_d": "not_started"
    }  # fmt: skip


def test_several_patterns_may_be_given_and_no_schema_is_gone_to_twice(
    folder: Folder, migrate: Migrate, tenants: list[str]
) -> None:
    folder.tables([1])
    ran = migrate("up", "--schemas", "tenant_a", "--schemas", "tenant_[ab]")
    assert _states(ran) == {"tenant_a": "done", "tenant_b": "done"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--schemas", "nobody_*"], "fits nobody_"),
        (["--schemas", "tenant_*", "--databases", "x"], "exclude each other"),
        (["--schemas", "tenant_*", "--schema", "x"], "each has its history in itself"),
    ],
)
def test_what_can_not_be_meant_is_refused(migrate: Migrate, tenants: list[str], words: list[str], said: str) -> None:
    ran = migrate("up", *words)
    assert ran.status == 64
    assert said in ran.error["message"]


@pytest.fixture
def two_databases(database: str) -> Iterator[list[str]]:
    """Databases beside the test's, named after it."""
    name = conninfo_to_dict(database)["dbname"]
    made = [f"{name}_one", f"{name}_two"]
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        for each in made:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(each)))
        yield made
        for each in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(each)))


def test_each_database_that_fits_is_migrated_and_no_other(
    folder: Folder, migrate: Migrate, database: str, two_databases: list[str]
) -> None:
    folder.tables([1])
    ran = migrate("up", "--databases", f"{conninfo_to_dict(database)['dbname']}_*")
    assert ran.status == 0
    assert _states(ran) == dict.fromkeys(two_databases, "done")
    for name in two_databases:
        assert _schemas(make_conninfo(database, dbname=name), "t1") == {"public"}
    assert _schemas(database, "t1") == set()


def test_people_get_a_line_a_tenant_and_one_that_counts(folder: Folder, migrate: Migrate, tenants: list[str]) -> None:
    folder.tables([1])
    ran = migrate("up", "--schemas", "tenant_*", "--jobs", 1, output="table")
    lines = ran.out.splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == tenants
    assert all(line.endswith("1 applied") for line in lines[1:-1])
    assert lines[-1] == "4 schemas: 4 done"
