"""The tests' own servers: each fault that other tests rely on does on this lane what its name says."""

from __future__ import annotations

import threading

import psycopg
import pytest


def scalar(dsn, query):
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        return connection.execute(query).fetchone()[0]


def run(dsn, statement):
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement)


def test_a_database_is_empty_and_utf8(database):
    assert scalar(database, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert scalar(database, "SHOW server_encoding") == "UTF8"


def test_databases_are_not_shared_between_tests(database, server):
    other = server.dsn("postgres")
    assert scalar(database, "SELECT current_database()") != scalar(other, "SELECT current_database()")


def test_the_servers_settings_are_the_same_on_every_lane(private_server):
    assert scalar(private_server.dsn(), "SHOW wal_level") == "logical"
    assert scalar(private_server.dsn(), "SHOW shared_preload_libraries") == "pg_stat_statements"
    assert scalar(private_server.dsn(), "SHOW server_encoding") == "UTF8"


def test_a_role_logs_in_with_its_password_only(database, role):
    made = role("CONNECTION LIMIT 2")
    assert scalar(made.dsn(database), "SELECT current_user") == made.name
    wrong = type(made)(made.name, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong.dsn(database), connect_timeout=10)


def test_a_role_with_privileges_in_the_database_is_dropped_after_it(database, role):
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE held (id int)")
        connection.execute(f"ALTER TABLE held OWNER TO {role().name}")


def test_both_standbys_stream_under_their_names(cluster):
    with psycopg.connect(cluster.primary.dsn()) as connection:
        rows = connection.execute(
            "SELECT application_name, state, slot_name FROM pg_stat_replication JOIN pg_replication_slots"
            " ON active_pid = pid ORDER BY 1"
        ).fetchall()
    assert rows == [("standby1", "streaming", "standby1"), ("standby2", "streaming", "standby2")]


def test_a_standby_replays_what_the_primary_writes(cluster):
    run(cluster.primary.dsn(), "CREATE TABLE written AS SELECT 42 AS answer")
    lsn = scalar(cluster.primary.dsn(), "SELECT pg_current_wal_flush_lsn()::text")
    for standby in cluster.standbys:
        assert scalar(standby.dsn(), "SELECT pg_is_in_recovery()") is True
        while not scalar(standby.dsn(), f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'"):
            pass
        assert scalar(standby.dsn(), "SELECT answer FROM written") == 42


def test_a_promoted_standby_takes_writes_and_the_crashed_primary_comes_back(private_cluster):
    primary, (first, _) = private_cluster.primary, private_cluster.standbys
    primary.kill()
    first.promote()
    run(first.dsn(), "CREATE TABLE promoted (id int)")
    primary.start()
    assert scalar(primary.dsn(), "SELECT pg_is_in_recovery()") is False


def test_restart_keeps_the_address_and_the_data(private_server):
    run(private_server.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
    before = scalar(private_server.dsn(), "SELECT pg_postmaster_start_time()")
    private_server.restart()
    assert scalar(private_server.dsn(), "SELECT n FROM kept") == 7
    assert scalar(private_server.dsn(), "SELECT pg_postmaster_start_time()") > before


def test_kill_cuts_the_connection_and_committed_data_survives(private_server):
    with psycopg.connect(private_server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE survives AS SELECT 1 AS n")
        private_server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(private_server.dsn(), connect_timeout=2)
    private_server.start()
    assert scalar(private_server.dsn(), "SELECT n FROM survives") == 1


def test_pause_makes_a_query_hang_and_resume_frees_it(private_server):
    answers = []
    with psycopg.connect(private_server.dsn(), autocommit=True) as connection:
        connection.execute("SELECT 1")
        private_server.pause()
        asking = threading.Thread(target=lambda: answers.append(connection.execute("SELECT 1").fetchone()))
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
        assert answers == []
        private_server.resume()
        asking.join(30)
        assert answers == [(1,)]


def test_a_paused_server_can_be_closed(private_server):
    private_server.pause()
