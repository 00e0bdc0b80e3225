"""The poolers that tests meet: PgBouncer, and the one in Python that stands in for it, keep the same promises."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import psycopg
import pytest
from psycopg.pq import PGconn, Ping, TransactionStatus

from servers import pooler
from servers.pooler import Pooler

PID = "SELECT pg_backend_pid()"


@pytest.fixture(params=pooler.possible())
def make(request, server):
    """Make a pooler of the kind that is tried: ``make(pool_size=1)``."""
    made = []

    def start(**options):
        made.append(pooler.KINDS[request.param](server, **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def name(database):
    """The name of the test's own database."""
    return psycopg.conninfo.conninfo_to_dict(database)["dbname"]


def scalar(connection, query, parameters=None):
    return connection.execute(query, parameters).fetchone()[0]


def wait_for(connection, query):
    deadline = time.monotonic() + 30
    while not scalar(connection, query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)


def test_in_transaction_mode_two_clients_have_one_backend(make, name):
    dsn = make(pool_size=1).dsn(name)
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        first = scalar(one, PID)
        one.commit()
        second = scalar(other, PID)
        assert first == second


def test_in_session_mode_each_client_has_its_own(make, name):
    dsn = make(pool_size=2, pool_mode="session").dsn(name)
    with psycopg.connect(dsn, autocommit=True) as one, psycopg.connect(dsn, autocommit=True) as other:
        assert scalar(one, PID) != scalar(other, PID)


def test_the_fixture_reaches_the_tests_database(pgbouncer, name):
    with psycopg.connect(pgbouncer.dsn(name)) as connection:
        assert scalar(connection, "SELECT current_database()") == name


def test_a_client_is_told_a_pid_that_is_not_the_backends(make, name):
    with psycopg.connect(make().dsn(name)) as connection:
        assert scalar(connection, PID) != connection.info.backend_pid


def test_startup_options_are_refused(make, name):
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter: options"):
        psycopg.connect(make().dsn(name), options="-c work_mem=1MB")


def test_a_database_that_does_not_exist_is_named(make):
    with pytest.raises(psycopg.OperationalError, match='database "nowhere" does not exist'):
        psycopg.connect(make().dsn("nowhere"))


def test_the_application_name_follows_the_client_and_other_settings_stay_with_the_backend(make, name):
    dsn = make(pool_size=1).dsn(name)
    one = psycopg.connect(dsn, autocommit=True, application_name="it's one")
    other = psycopg.connect(dsn, autocommit=True, application_name="other", client_encoding="LATIN1")
    with one, other:
        one.execute("SET work_mem = '77MB'")
        one.execute("SET TimeZone = 'Asia/Tokyo'")
        assert scalar(other, "SHOW work_mem") == "77MB"
        for setting, values in {
            "application_name": ("it's one", "other"),
            "client_encoding": ("UTF8", "LATIN1"),
            "TimeZone": ("Asia/Tokyo", other.info.parameter_status("TimeZone")),
        }.items():
            assert (scalar(one, f"SHOW {setting}"), scalar(other, f"SHOW {setting}")) == values


def test_a_prepared_statement_stays_with_the_backend(make, name):
    dsn = make().dsn(name)
    with psycopg.connect(dsn, autocommit=True) as one, psycopg.connect(dsn) as other:
        one.prepare_threshold = 0
        assert scalar(one, "SELECT %s::int", [1]) == 1
        other.execute("SELECT 1")  # takes the backend that was used last
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            one.execute("SELECT %s::int", [1])


def test_a_copy_that_fails_leaves_the_connection_usable(make, name):
    with psycopg.connect(make().dsn(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE copied (n int)")
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            copy.write("1\n2\n")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            copy_rows_until_refused(connection)
        assert scalar(connection, "SELECT sum(n) FROM copied") == 3
        connection.pgconn.exec_(b"COPY copied FROM STDIN")
        connection.pgconn.put_copy_data(b"x\n")
        connection.pgconn.put_copy_end()
        assert b"invalid input syntax" in connection.pgconn.get_result().error_message
        assert connection.pgconn.get_result() is None
        with connection.cursor().copy("COPY copied TO STDOUT") as copy:
            assert list(copy.rows()) == [("1",), ("2",)]
        assert connection.info.transaction_status == TransactionStatus.IDLE


def copy_rows_until_refused(connection):
    with connection.cursor().copy("COPY copied FROM STDIN") as copy:
        copy.write("x\n")
        for _ in range(100):
            copy.write("1\n" * 1000)


def test_a_pipeline_and_large_messages_pass_both_ways(make, name):
    with psycopg.connect(make(pool_size=1).dsn(name), autocommit=True) as connection:
        with connection.pipeline() as pipeline:
            cursors = [connection.execute("SELECT repeat(%s, 1000)", ("x" * 1000,)) for _ in range(50)]
            pipeline.sync()
            cursors.append(connection.execute("SELECT 1"))
            assert [len(str(cursor.fetchone()[0])) for cursor in cursors] == [1_000_000] * 50 + [1]
        assert scalar(connection, "SELECT length(%s)", ["y" * 20_000_000]) == 20_000_000


def test_cancel_ends_the_clients_query_and_nobody_elses(make, name):
    dsn = make().dsn(name)
    with psycopg.connect(dsn) as sleeper, psycopg.connect(dsn, autocommit=True) as bystander:
        bystander.cancel_safe(timeout=10)  # it has no server connection now
        failures = []

        def sleep():
            try:
                sleeper.execute("SELECT pg_sleep(60)")
            except psycopg.Error as error:
                failures.append(type(error))

        asleep = threading.Thread(target=sleep)
        asleep.start()
        mine = "datname = current_database() AND query = 'SELECT pg_sleep(60)'"  # others run this test beside us
        wait_for(bystander, f"SELECT count(*) = 1 FROM pg_stat_activity WHERE {mine}")
        bystander.cancel_safe(timeout=10)
        asleep.join(0.2)
        assert asleep.is_alive()
        sleeper.cancel_safe(timeout=10)
        asleep.join(30)
        assert failures == [psycopg.errors.QueryCanceled]


def test_a_client_that_leaves_inside_a_transaction_frees_its_lock_and_its_place(make, name, database):
    dsn = make(pool_size=1).dsn(name)
    leaving = psycopg.connect(dsn)
    pid = scalar(leaving, PID)
    leaving.execute("SELECT pg_advisory_lock(1)")
    with psycopg.connect(database, autocommit=True) as direct:
        assert scalar(direct, "SELECT pg_try_advisory_lock(1)") is False
        leaving.close()
        wait_for(direct, "SELECT pg_try_advisory_lock(1)")
    with psycopg.connect(dsn) as next_one:
        assert scalar(next_one, PID) != pid


def test_a_client_hears_that_its_backend_has_ended_and_the_next_one_gets_another(make, name, database):
    dsn = make(pool_size=1).dsn(name)
    with psycopg.connect(database, autocommit=True) as direct, psycopg.connect(dsn) as losing:
        direct.execute("SELECT pg_terminate_backend(%s, 10000)", [scalar(losing, PID)])
        with pytest.raises(psycopg.OperationalError):
            losing.execute("SELECT 1")
        assert losing.broken
        with psycopg.connect(dsn, autocommit=True) as other:
            idle = scalar(other, PID)
            direct.execute("SELECT pg_terminate_backend(%s, 10000)", [idle])
            psycopg.connect(dsn).close()  # by now the pooler has heard of it
            assert scalar(other, PID) != idle


def test_it_can_be_closed_under_its_clients(make, name):
    made = make(pool_size=1)
    with closing(psycopg.connect(made.dsn(name))) as busy, closing(psycopg.connect(made.dsn(name))) as waiting:
        busy.execute("SELECT 1")
        waiting.pgconn.send_query(b"SELECT 1")
        made.close()
        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")


def test_it_answers_a_ping_that_holds_pythons_lock(make, name):
    assert PGconn.ping(f"{make().dsn(name)} connect_timeout=5".encode()) == Ping.OK


def test_a_client_that_waits_too_long_for_a_server_connection_is_sent_away(server, name):
    with Pooler(server, pool_size=1, query_wait_timeout=0.5) as made, psycopg.connect(made.dsn(name)) as holder:
        holder.execute("SELECT 1")
        with psycopg.connect(made.dsn(name)) as waiting:
            with pytest.raises(psycopg.errors.ProtocolViolation, match="query_wait_timeout"):
                waiting.execute("SELECT 1")
            assert waiting.broken
        holder.commit()
        with psycopg.connect(made.dsn(name)) as third:
            third.execute("SELECT 1")
