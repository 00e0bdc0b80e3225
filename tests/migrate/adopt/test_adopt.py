"""``adopt`` on databases with the tables of other tools, made by the statements that the tools themselves use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.command import Ran
from dbops.migrate.adopt.origins import origins
from migrate.adopt.scene import BUILT, FLYWAY, TOOLS, scene
from migrate.scene import Folder, query

Migrate = Callable[..., Ran]


def _adopted(ran: Ran) -> list[str]:
    return [each["version"] for each in ran.data["adopted"]]


def _states(migrate: Migrate) -> list[str]:
    return [each["state"] for each in migrate("status").data["migrations"]]


def _rows(dsn: str, table: str) -> list[tuple[object, ...]]:
    return sorted(query(dsn, f"SELECT row(t.*)::text, xmin::text FROM {table} AS t"))


def _made(dsn: str) -> list[str]:
    return [name for (name,) in query(dsn, "SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY 1")]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_the_tool_applied_is_recorded_and_dbops_goes_on_from_there(
    tool: str, folder: Folder, migrate: Migrate, database: str
) -> None:
    there = scene(tool)
    there.write(folder.path)
    query(database, BUILT + there.sql)
    before = _rows(database, there.table)
    ran = migrate("adopt", "--reason", "we move")
    assert ran.status == 0, ran.everything
    assert ran.data["origin"] == {"tool": tool, "table": there.table}
    assert _adopted(ran) == list(there.versions[:2])
    assert (ran.data["already"], ran.data["pending"], ran.data["unknown"]) == ([], [there.versions[2]], [])
    assert _states(migrate) == ["applied", "applied", "pending"]
    told = query(database, "SELECT DISTINCT action, reason FROM dbops.migration_log")
    assert told == [("adopt", f"adopted from {tool}: {there.table}; we move")]
    assert migrate("up").data["applied"][0]["version"] == there.versions[2]
    assert [each["version"] for each in migrate("down", "--steps", 2).data["reverted"]] == [*there.versions[:0:-1]]
    assert _made(database) == ["a"]
    assert _rows(database, there.table) == before


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if scene(tool).has_times])
def test_the_tool_s_times_are_kept(tool: str, folder: Folder, migrate: Migrate, database: str) -> None:
    there = scene(tool)
    there.write(folder.path)
    query(database, there.sql)
    hours = ["2025-01-01T10:00:00", "2025-01-01T13:00:00" if tool == "goose" else "2025-01-01T11:00:00"]
    assert [each["applied_at"][:19] for each in migrate("adopt").data["adopted"]] == hours
    assert [each["applied_at"][:19] for each in migrate("status").data["migrations"][:2]] == hours


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if not scene(tool).has_times])
def test_a_tool_without_times_has_none_in_the_result(
    tool: str, folder: Folder, migrate: Migrate, database: str
) -> None:
    there = scene(tool)
    there.write(folder.path)
    query(database, there.sql)
    assert [each["applied_at"] for each in migrate("adopt").data["adopted"]] == [None, None]
    assert all(each["execution_ms"] is None for each in migrate("status").data["migrations"])


def test_every_origin_is_tried_here() -> None:
    assert set(TOOLS) | {"alembic"} == set(origins())


@pytest.fixture
def dbmate(folder: Folder, database: str) -> str:
    """A folder and a database of dbmate's; 0001 and 0002 of 0001 to 0003 are applied."""
    scene("dbmate").write(folder.path)
    query(database, BUILT + scene("dbmate").sql)
    return database


def test_adopting_twice_does_nothing(dbmate: str, migrate: Migrate) -> None:
    migrate("adopt")
    history = query(dbmate, "SELECT * FROM dbops.schema_migrations, dbops.migration_log ORDER BY 1")
    again = migrate("adopt")
    assert (again.status, again.data["adopted"], again.data["already"]) == (0, [], ["0001", "0002"])
    assert query(dbmate, "SELECT * FROM dbops.schema_migrations, dbops.migration_log ORDER BY 1") == history


def test_what_dbops_has_reverted_since_is_not_adopted_again(dbmate: str, migrate: Migrate) -> None:
    migrate("adopt")
    migrate("down")
    again = migrate("adopt")
    assert (again.data["adopted"], again.data["already"], again.data["pending"]) == ([], ["0001"], ["0002", "0003"])


def test_a_dry_run_tells_and_changes_nothing(dbmate: str, migrate: Migrate) -> None:
    ran = migrate("adopt", "--dry-run")
    assert (ran.data["dry_run"], _adopted(ran)) == (True, ["0001", "0002"])
    assert query(dbmate, "SELECT to_regnamespace('dbops')") == [(None,)]


def test_an_empty_table_leaves_all_pending(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, "TRUNCATE schema_migrations")
    ran = migrate("adopt")
    assert (ran.status, ran.data["adopted"], ran.data["pending"]) == (0, [], ["0001", "0002", "0003"])


def test_versions_without_a_file_are_refused_unless_left_out(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, "INSERT INTO schema_migrations VALUES ('0000'), ('0009')")
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (2, "MISSING_MIGRATION")
    assert [detail["version"] for detail in refused.error["details"]] == ["0000", "0009"]
    assert query(dbmate, "SELECT to_regnamespace('dbops')") == [(None,)]
    ran = migrate("adopt", "--allow-missing")
    assert (_adopted(ran), [each["version"] for each in ran.data["unknown"]]) == (["0001", "0002"], ["0000", "0009"])
    assert _states(migrate) == ["applied", "applied", "pending"]


def test_a_late_file_stays_pending_and_is_named(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, "DELETE FROM schema_migrations WHERE version = '0001'")
    ran = migrate("adopt")
    assert (_adopted(ran), ran.data["pending"], ran.data["out_of_order"]) == (["0002"], ["0001", "0003"], ["0001"])


def test_several_tools_are_refused_until_one_is_named(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, scene("goose").sql)
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (3, "ORIGIN_UNCLEAR")
    assert "public.goose_db_version (goose) and public.schema_migrations (dbmate)" in refused.error["message"]
    assert _adopted(migrate("adopt", "--origin", "dbmate")) == ["0001", "0002"]
    assert migrate("adopt", "--origin", "dbmat").status == 64


def test_a_table_elsewhere_or_of_another_name_is_found_when_named(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, "CREATE SCHEMA old; ALTER TABLE schema_migrations SET SCHEMA old")
    refused = migrate("adopt")
    assert refused.error["code"] == "ORIGIN_UNCLEAR"
    assert "--from-schema old" in refused.error["hint"]
    query(dbmate, "ALTER TABLE old.schema_migrations RENAME TO done")
    ran = migrate("adopt", "--from-schema", "old", "--from-table", "done")
    assert (ran.data["origin"]["table"], _adopted(ran)) == ("old.done", ["0001", "0002"])


def test_no_table_at_all_is_said(folder: Folder, migrate: Migrate) -> None:
    folder.tables([1])
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (3, "ORIGIN_UNCLEAR")
    assert "dbmate" in refused.error["hint"]


def test_a_history_with_other_versions_is_refused(dbmate: str, migrate: Migrate) -> None:
    migrate("mark", "applied", "0003")
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (2, "MIGRATION_FAILED")
    assert "0003" in refused.error["message"]
    assert _states(migrate)[2] == "applied"


def test_what_was_recorded_before_stays(dbmate: str, migrate: Migrate) -> None:
    migrate("mark", "applied", "0001")
    row = query(dbmate, "SELECT * FROM dbops.schema_migrations")
    ran = migrate("adopt")
    assert (_adopted(ran), ran.data["already"]) == (["0002"], ["0001"])
    assert query(dbmate, "SELECT * FROM dbops.schema_migrations WHERE version = '0001'") == row


def test_a_history_in_the_schema_of_a_table_of_the_same_name_is_refused(dbmate: str, migrate: Migrate) -> None:
    refused = migrate("adopt", "--schema", "public")
    assert (refused.status, refused.error["code"]) == (2, "MIGRATION_FAILED")
    assert "--schema" in refused.error["hint"]


def test_a_table_that_may_not_be_read_is_said(dbmate: str, folder: Folder, migrate: Migrate, role: Callable) -> None:
    refused = migrate("adopt", dsn=role().dsn(dbmate))
    assert (refused.status, refused.error["code"]) == (3, "PERMISSION_DENIED")
    assert "GRANT SELECT ON public.schema_migrations" in refused.error["hint"]


def test_alembic_s_own_table_stays_the_truth(dbmate: str, migrate: Migrate) -> None:
    query(
        dbmate,
        "DROP TABLE schema_migrations; CREATE TABLE alembic_version (version_num varchar(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)); INSERT INTO alembic_version VALUES ('3f2a')",
    )
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (3, "ORIGIN_UNCLEAR")
    assert "3f2a" in refused.error["message"]
    assert "alembic.ini" in refused.error["hint"]


def test_what_golang_migrate_left_dirty_is_refused(folder: Folder, migrate: Migrate, database: str) -> None:
    scene("golang-migrate").write(folder.path)
    query(database, f"{scene('golang-migrate').sql} UPDATE schema_migrations SET dirty = true")
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (2, "MIGRATION_FAILED")
    assert "migrate force" in refused.error["hint"]


def test_an_edited_file_is_refused_unless_accepted(folder: Folder, migrate: Migrate, database: str) -> None:
    scene("flyway").write(folder.path)
    query(database, BUILT + scene("flyway").sql)
    (folder.path / "V1_2__make_b.sql").write_text("CREATE TABLE b (y int);\n")
    refused = migrate("adopt")
    assert (refused.status, refused.error["code"]) == (2, "CHECKSUM_MISMATCH")
    assert "1.2 make_b" in refused.error["message"]
    ran = migrate("adopt", "--allow-modified")
    assert [each["edited"] for each in ran.data["adopted"]] == [False, True]
    assert _states(migrate) == ["applied", "applied", "pending"]


def test_a_baseline_of_flyway_s_stands_for_the_files_up_to_it(folder: Folder, migrate: Migrate, database: str) -> None:
    scene("flyway").write(folder.path)
    baseline = "'<< Flyway Baseline >>'"
    query(
        database,
        f"{FLYWAY} INSERT INTO flyway_schema_history VALUES"
        f" (1, '1.2.0', {baseline}, 'BASELINE', {baseline}, NULL, 'app', now(), 0, true)",
    )
    assert _adopted(migrate("adopt")) == ["1.1", "1.2"]


def test_people_are_told_what_was_adopted(dbmate: str, migrate: Migrate) -> None:
    query(dbmate, "DELETE FROM schema_migrations WHERE version = '0001'; INSERT INTO schema_migrations VALUES ('0009')")
    ran = migrate("adopt", "--allow-missing", output="table")
    said = ran.out
    assert ran.status == 0, ran.everything
    assert "0002 make_b" in said
    assert "left out, for they have no file: 0009" in said
    assert "older than what is applied: 0001" in said
    assert "Adopted 1 from dbmate (public.schema_migrations): 0 recorded before, 2 pending." in said
