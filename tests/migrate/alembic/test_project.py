"""Real Alembic projects on a real server: listed, run, reverted, and Alembic itself agrees."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from cli.command import dbops, process
from migrate.alembic.scene import AlembicProject
from migrate.scene import query


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Undo what Alembic's own command (not dbops) does to the process's loggers."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def tables(dsn):
    return {name for (name,) in query(dsn, "SELECT relname FROM pg_class WHERE relname LIKE 't\\_%' AND relkind = 'r'")}


def states(migrate):
    return {each["version"]: each["state"] for each in migrate("status").data["migrations"]}


def branched(project):
    """a1 → b2 and c3 → d4 merges them; e5 stands alone and depends on b2; f6 is a second head after d4."""
    project.table("a1")
    project.table("b2", after="a1")
    project.table("c3", after="a1")
    project.revision("d4", after=("b2", "c3"))
    project.table("e5", depends="b2")
    project.table("f6", after="d4")


def test_branches_merges_dependencies_and_two_heads_go_up_and_down_and_alembic_agrees(project, migrate, database):
    branched(project)
    up = migrate("up")
    order = [each["version"] for each in up.data["applied"]]
    assert up.status == 0
    assert sorted(order) == ["a1", "b2", "c3", "d4", "e5", "f6"]
    assert order.index("b2") < order.index("e5")
    assert tables(database) == {"t_a1", "t_b2", "t_c3", "t_e5", "t_f6"}
    assert project.current(database) >= {"f6"}
    for left in range(len(order) - 1, -1, -1):
        assert migrate("down").data["reverted"][0]["version"] == order[left]
        applied = {version for version, state in states(migrate).items() if state == "applied"}
        assert applied == set(order[:left])
    assert tables(database) == set()
    assert project.current(database) == set()


def test_what_alembic_applied_is_known_and_dbops_goes_on(project, migrate, database):
    branched(project)
    project.upgrade(database, "c3")
    assert states(migrate) == {
        "a1": "applied", "c3": "applied", "b2": "pending", "d4": "pending", "e5": "pending", "f6": "pending",
    }  # fmt: skip
    assert migrate("status").data["migrations"][0]["applied_at"] is None
    assert migrate("up", "--steps", 1).data["applied"][0]["version"] in {"b2"}
    assert project.current(database) == {"b2", "c3"}


def test_dbops_records_runs_in_its_log_and_nothing_in_its_history(project, migrate, database):
    project.table("a1")
    migrate("up")
    migrate("down")
    migrate("up")
    rows = query(database, "SELECT action, outcome, version, execution_ms IS NULL FROM dbops.migration_log ORDER BY id")
    assert rows == [("up", "ok", "a1", False), ("down", "ok", "a1", False), ("up", "ok", "a1", False)]
    assert query(database, "SELECT count(*) FROM dbops.schema_migrations") == [(0,)]
    assert migrate("status").data["migrations"][0]["applied_at"] is not None


@pytest.mark.parametrize("where", ["root", "scripts"])
def test_a_project_is_found_by_its_folder_or_its_script_location(project, migrate, database, where):
    project.table("a1")
    assert migrate("up", directory=getattr(project, where)).status == 0
    assert tables(database) == {"t_a1"}
    assert migrate("status", directory=getattr(project, where)).status == 0


def test_a_project_of_pyproject_toml_is_found(nowhere, database):
    project = AlembicProject(nowhere / "toml", "pyproject")
    (project.root / "alembic.ini").unlink()
    project.table("a1")
    assert dbops("migrate", "up", "--dsn", database, "--dir", project.root, "-o", "json").status == 0
    assert tables(database) == {"t_a1"}


def test_a_script_location_without_a_configuration_is_enough(project, migrate, database):
    (project.root / "alembic.ini").unlink()
    project.env("config.config_ini_section, {}", 'config.config_ini_section, {"sqlalchemy.url": "postgresql://"}')
    project.table("a1")
    assert migrate("up", directory=project.scripts).status == 0


def test_an_engine_that_env_py_makes_itself_is_not_used(project, migrate, database):
    project.env("connectable = engine_from_config(", 'connectable = __import__("sqlalchemy").create_engine(WRONG) or (')
    project.env(
        "config = context.config", 'config = context.config\nWRONG = "postgresql+psycopg://nobody@127.0.0.1:1/x"'
    )
    project.env("(\n        config.get_section(config.config_ini_section, {}),", "(\n        1,")
    project.env('prefix="sqlalchemy.",', "")
    project.env("poolclass=pool.NullPool,", "")
    project.table("a1")
    assert migrate("up").status == 0
    assert tables(database) == {"t_a1"}


def test_the_version_table_that_env_py_names_is_the_truth(project, migrate, database):
    query(database, "CREATE SCHEMA meta")
    project.env(
        "target_metadata=target_metadata\n        )\n\n        with",
        "target_metadata=target_metadata, version_table='v', version_table_schema='meta'\n        )\n\n        with",
    )
    project.table("a1")
    assert migrate("up").status == 0
    assert query(database, "SELECT version_num FROM meta.v") == [("a1",)]
    assert states(migrate) == {"a1": "applied"}
    assert migrate("up").data["applied"] == []


def test_a_transaction_per_migration_is_respected(project, migrate, database):
    project.env(
        "target_metadata=target_metadata\n        )\n\n        with",
        "target_metadata=target_metadata, transaction_per_migration=True\n        )\n\n        with",
    )
    project.table("a1")
    project.table("b2", after="a1")
    assert [each["version"] for each in migrate("up").data["applied"]] == ["a1", "b2"]


def test_a_block_in_autocommit_runs_outside_the_transaction(project, migrate, database):
    project.table("a1")
    project.revision(
        "b2",
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("i", "t_a1", ["a"], postgresql_concurrently=True)',
        'op.drop_index("i")',
        after="a1",
    )
    planned = migrate("plan").data["migrations"]
    assert [(each["version"], each["transactional"], each["journalled"]) for each in planned] == [
        ("a1", True, False), ("b2", False, False),
    ]  # fmt: skip
    assert migrate("up").status == 0
    assert query(database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == [(True,)]


def test_the_limits_of_dbops_hold_in_a_revision_and_are_gone_after_it(project, migrate, database):
    project.revision("a1", "op.execute(\"CREATE TABLE t_a1 AS SELECT current_setting('lock_timeout') AS a\")")
    assert migrate("up", "--lock-timeout", "1234ms").status == 0
    assert query(database, "SELECT a FROM t_a1") == [("1234ms",)]


def test_a_revision_that_fails_is_rolled_back_and_told_with_its_line(project, migrate, database):
    project.table("a1")
    path = project.revision("b2", 'op.execute("CREATE TABLE t_b2 (a int)")\nop.execute("SELECT 1/0")', after="a1")
    ran = migrate("up")
    assert ran.status == 2
    assert ran.error["code"] == "MIGRATION_FAILED"
    assert ran.error["message"].startswith(f"{path}:10: ")
    assert ran.error["details"][0]["sqlstate"] == "22012"
    assert ran.error["left"] == "rolled back"
    assert [each["version"] for each in ran.error["applied"]] == ["a1"]
    assert ran.error["failed"]["version"] == "b2"
    assert tables(database) == {"t_a1"}
    assert project.current(database) == {"a1"}
    (logged,) = query(database, "SELECT error_code, sqlstate FROM dbops.migration_log WHERE outcome = 'failed'")
    assert logged == ("MIGRATION_FAILED", "22012")


def test_python_that_fails_is_told_with_its_line(project, migrate):
    path = project.revision("a1", 'op.get_bind().execute(sa.text("SELECT 1")).scalar()\n{}["gone"]')
    ran = migrate("up")
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED")
    assert ran.error["message"].startswith(f"{path}:10: KeyError")


def test_what_was_committed_before_a_failure_is_told(project, migrate):
    project.revision(
        "a1",
        'op.execute("CREATE TABLE t_a1 (a int)")\nwith op.get_context().autocommit_block():\n'
        '    op.execute("SELECT 1/0")',
    )
    ran = migrate("up")
    assert ran.status == 2
    assert "stays" in ran.error["left"]


def test_a_lock_that_is_held_is_waited_for_and_named(project, migrate, database):
    project.revision("a1", 'op.execute("ALTER TABLE held ADD b int")')
    query(database, "CREATE TABLE held (a int)")
    with closing(psycopg.connect(database, application_name="holder")) as holder:
        holder.execute("LOCK TABLE held")
        ran = migrate("up", "--lock-timeout", "200ms", "--retries", 0)
    assert (ran.status, ran.error["code"]) == (2, "LOCK_TIMEOUT")
    assert ran.error["retryable"]
    assert "holder" in ran.error["message"]


def test_of_two_runners_one_works_and_the_other_finds_nothing_to_do(project, migrate, database):
    for number in range(1, 6):
        project.table(f"r{number}", after=f"r{number - 1}" if number > 1 else None)
    found = []
    command = ("migrate", "up", "--dsn", database, "--dir", project.root, "-o", "json")
    runs = [threading.Thread(target=lambda: found.append(process(*command))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [ran.status for ran in found] == [0, 0]
    applied = [[each["version"] for each in ran.data["applied"]] for ran in found]
    assert sorted(map(len, applied)) == [0, 5]
    assert project.current(database) == {"r5"}


def test_a_head_without_a_file_stops_everything(project, migrate, database):
    path = project.table("a1")
    project.table("b2")
    migrate("up")
    path.unlink()
    ran = migrate("status")
    assert (ran.status, ran.error["code"]) == (2, "MISSING_MIGRATION")
    assert "a1" in ran.error["message"]


def test_an_env_py_that_never_commits_is_found_out(project, migrate, database):
    project.env(
        "            context.run_migrations()",
        "            context.run_migrations()\n            connection.rollback()",
    )
    project.table("a1")
    ran = migrate("up")
    assert ran.status == 2
    assert tables(database) == set()


@pytest.mark.parametrize("command", [("baseline", "a1"), ("mark", "applied", "a1"), ("repair",)])
def test_alembics_own_history_is_not_written_by_hand(project, migrate, command):
    project.table("a1")
    ran = migrate(*command)
    assert (ran.status, ran.error["code"]) == (64, "USAGE")
    assert "alembic stamp" in ran.error["hint"]


def test_verify_runs_revisions_in_scratch(project, migrate):
    project.table("a1")
    project.revision("b2", 'op.add_column("t_a1", sa.Column("b", sa.Text))', 'op.execute("SELECT 1")', after="a1")
    project.revision("c3", 'op.execute("CREATE TABLE t_c3 (a int)")', "raise NotImplementedError", after="b2")
    ran = dbops("migrate", "verify", "--dir", project.root, "-o", "json")
    assert {each["version"]: each["result"] for each in ran.data["migrations"]} == {
        "a1": "restored", "b2": "not_restored", "c3": "irreversible",
    }  # fmt: skip


def test_each_schema_of_many_has_a_version_table_of_its_own(project, migrate, database):
    query(database, "CREATE SCHEMA ten_one; CREATE SCHEMA ten_two")
    project.table("a1")
    project.table("b2", after="a1")
    assert migrate("up", "--schemas", "ten_*").status == 0
    for schema in ("ten_one", "ten_two"):
        assert query(database, f"SELECT version_num FROM {schema}.alembic_version") == [("b2",)]
    assert migrate("status", "--schemas", "ten_*").status == 0


def test_a_trace_passes_by_what_is_known_only_when_it_runs(project, migrate):
    project.table("a1")
    project.revision("b2", 'op.get_bind().execute(sa.text("SELECT 1"))', after="a1")
    ran = migrate("plan", "--trace")
    assert ran.status == 0
    traced = [[each["traced"] is not None for each in planned["statements"]] for planned in ran.data["migrations"]]
    assert traced == [[True], [False]]
