"""The right server and enough rights, or nothing is touched: standbys, fenced servers, roles that may not."""

from __future__ import annotations

import itertools

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from faults.scene import Project

pytestmark = pytest.mark.fault

_numbers = itertools.count(1)


@pytest.fixture
def replicated(tmp_path, cluster):
    """A folder of migrations for a database of the cluster's primary."""
    name = f"replicated_{next(_numbers)}"
    with psycopg.connect(cluster.primary.dsn(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    project = Project(tmp_path / "migrations", cluster.primary.dsn(name))
    project.set_scene()
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    with psycopg.connect(cluster.primary.dsn()) as connection:
        lsn = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchone()[0]
    for standby in cluster.standbys:
        with psycopg.connect(standby.dsn(), autocommit=True) as connection:
            while not connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [lsn]).fetchone()[0]:
                pass
    yield project
    project.close()


def several(*dsns):
    """One DSN that names the hosts of all, in this order."""
    parts = [conninfo_to_dict(dsn) for dsn in dsns]
    hosts, ports = (",".join(str(part[key]) for part in parts) for key in ("host", "port"))
    return make_conninfo(dsns[0], host=hosts, port=ports)


def assert_untouched(project):
    assert project.ledger() == []
    assert project.column("SELECT nspname FROM pg_namespace WHERE nspname = 'dbops'") == []
    project.assert_quiet()


def on(server, project):
    return server.dsn(conninfo_to_dict(project.dsn)["dbname"])


@pytest.mark.parametrize("command", ["up", "down", "redo"])
def test_a_standby_is_refused(replicated, cluster, command):
    ran = replicated.run(command, dsn=on(cluster.standbys[0], replicated))
    assert (ran.status, ran.error["code"]) == (3, "NOT_PRIMARY"), ran.explain()
    assert "standby" in ran.error["message"]
    assert_untouched(replicated)


def test_status_works_on_a_standby(replicated, cluster):
    ran = replicated.run("status", dsn=on(cluster.standbys[0], replicated))
    assert ran.status == 1, ran.explain()
    assert ran.data["pending"] == 1
    assert ran.document["meta"]["target"]["in_recovery"] is True


def test_a_standby_is_compared_and_traced(replicated, cluster):
    standby = on(cluster.standbys[0], replicated)
    ran = replicated.run("drift", dsn=standby)
    assert ran.status == 1, ran.explain()
    assert ("public.ledger", "unexpected") in [(each["object"], each["change"]) for each in ran.data["differences"]]
    ran = replicated.run("plan", "--trace", dsn=standby)
    assert ran.status == 0, ran.explain()
    (statement,) = ran.data["migrations"][0]["statements"]
    assert [each["lock"] for each in statement["traced"]["locks"]] == ["ROW EXCLUSIVE"]


def test_of_several_hosts_the_one_that_takes_writes_is_migrated(replicated, cluster):
    servers = (cluster.standbys[0], cluster.standbys[1], cluster.primary)
    ran = replicated.up(dsn=several(*(on(server, replicated) for server in servers)))
    assert ran.document["meta"]["target"]["in_recovery"] is False
    assert replicated.ledger() == ["one"]
    replicated.assert_finished(["0001"])


def test_several_hosts_of_which_none_takes_writes_are_refused(replicated, cluster):
    ran = replicated.run("up", dsn=several(*(on(server, replicated) for server in cluster.standbys)), timeout=20)
    assert (ran.status, ran.error["code"]) == (3, "NOT_PRIMARY"), ran.explain()
    assert_untouched(replicated)


def test_a_primary_that_becomes_read_only_in_the_middle_says_so(project):
    project.write("0001", "SET LOCAL transaction_read_only = on; INSERT INTO ledger VALUES ('one');")
    ran = project.run("up")
    assert (ran.status, ran.error["code"], ran.error["retryable"]) == (3, "NOT_PRIMARY", True), ran.explain()
    project.assert_finished([])


def test_a_database_that_is_fenced_off_is_refused(project):
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    name = conninfo_to_dict(project.dsn)["dbname"]
    project.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    ran = project.run("up")
    assert (ran.status, ran.error["code"]) == (3, "NOT_PRIMARY"), ran.explain()
    assert "default_transaction_read_only" in ran.error["message"]
    assert_untouched(project)


def test_a_role_that_may_not_make_the_history_is_refused_and_told_what_it_needs(project, role):
    limited = role()
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    ran = project.run("up", dsn=limited.dsn(project.dsn))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED"), ran.explain()
    assert "CREATE SCHEMA" in ran.error["hint"]
    assert ran.error["pending"] == ["0001"]
    assert_untouched(project)


def test_a_role_that_may_not_write_the_history_is_refused_before_its_migration_runs(project, role):
    limited = role()
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.up()
    project.write("0002", "INSERT INTO ledger VALUES ('two');")
    project.execute(
        f"GRANT USAGE ON SCHEMA dbops TO {limited.name}; GRANT SELECT ON ALL TABLES IN SCHEMA dbops TO {limited.name};"
        f"GRANT INSERT ON ledger TO {limited.name}"
    )
    ran = project.run("up", dsn=limited.dsn(project.dsn))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED"), ran.explain()
    assert "permission denied" in ran.error["message"]
    assert "at COMMIT" not in ran.error["message"]
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])


def test_a_migration_beyond_the_roles_rights_fails_with_its_place_and_leaves_nothing(project, role):
    limited = role()
    project.execute(f"CREATE SCHEMA dbops AUTHORIZATION {limited.name}; GRANT INSERT ON ledger TO {limited.name}")
    project.write("0001", "INSERT INTO ledger VALUES ('one');\nDROP TABLE items;")
    ran = project.run("up", dsn=limited.dsn(project.dsn))
    assert (ran.status, ran.error["code"]) == (2, "MIGRATION_FAILED")
    detail = ran.error["details"][0]
    assert (detail["sqlstate"], detail["line"]) == ("42501", 3)
    assert project.ledger() == []
    assert project.states() == {}


def test_no_create_on_the_database_is_needed_when_the_schema_is_there(project, role):
    owner = role()
    project.execute(f"CREATE SCHEMA dbops AUTHORIZATION {owner.name}; GRANT INSERT ON ledger TO {owner.name}")
    project.write("0001", "INSERT INTO ledger VALUES ('one');")
    project.up(dsn=owner.dsn(project.dsn))
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])


def test_two_connections_are_enough(project, role):
    """A third, to see who is in the way, is opened when there may be one."""
    limited = role("CONNECTION LIMIT 2")
    project.execute(f"CREATE SCHEMA dbops AUTHORIZATION {limited.name}; GRANT INSERT ON ledger TO {limited.name}")
    project.write("0001", "INSERT INTO ledger SELECT 'one' FROM pg_sleep(1.5);")
    project.up(dsn=limited.dsn(project.dsn))
    assert project.ledger() == ["one"]
    project.assert_finished(["0001"])


def test_with_a_role_what_is_made_is_that_roles_and_the_login_only_a_member(project, role):
    owner, login = role(), role("NOINHERIT")
    project.execute(
        f"GRANT {owner.name} TO {login.name}; CREATE SCHEMA dbops AUTHORIZATION {owner.name};"
        f"CREATE SCHEMA app AUTHORIZATION {owner.name}; GRANT INSERT ON ledger TO {owner.name}"
    )
    project.write("0001", "CREATE TABLE app.made (id int);")
    project.write("0002", "RESET ROLE; SET ROLE NONE;\nCREATE TEMP TABLE t (id int);")
    project.write("0003", "CREATE INDEX CONCURRENTLY made_id ON app.made (id);\nCREATE TABLE app.more (id int);")
    project.up("--role", owner.name, dsn=login.dsn(project.dsn))
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('app', 'dbops')"
    assert project.column(owners) == [owner.name]
    assert project.column("SELECT DISTINCT applied_by FROM dbops.schema_migrations") == [login.name]
    project.assert_finished(["0001", "0002", "0003"])


def test_a_role_that_the_login_may_not_take_is_refused(project, role):
    owner, login = role(), role()
    project.write("0001", "SELECT 1;")
    ran = project.run("up", "--role", owner.name, dsn=login.dsn(project.dsn))
    assert (ran.status, ran.error["code"]) == (3, "PERMISSION_DENIED")
    assert f'GRANT "{owner.name}" TO "{login.name}"' in ran.error["hint"]
    assert_untouched(project)
