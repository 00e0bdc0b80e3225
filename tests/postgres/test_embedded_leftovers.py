"""What killed programs leave of servers of our own: found, cleaned, and nothing of others' touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbops.errors import ConnectionFailed
from dbops.postgres import embedded
from dbops.postgres.embedded import EmbeddedServer, open_named, process
from dbops.postgres.embedded.named import state_root
from postgres.programs import TEMPORARY, USER, program, query, said, sleeper


def kinds():
    """What was left in the folder of named servers; elsewhere other tests may be leaving things right now."""
    return [leftover.kind for leftover in embedded.leftovers() if state_root() in leftover.path.parents]


@pytest.mark.fault
class TestLeftovers:
    def test_a_killed_users_server_is_found_and_stopped_and_keeps_its_data(self, state):
        with program(USER, "shop") as user:
            said(user)
            assert kinds() == []
            user.kill()
            user.wait(30)
        found = [leftover for leftover in embedded.leftovers() if leftover.kind == "server"]
        assert [leftover.path for leftover in found] == [state / "shop"]
        assert found[0].pid == process.running(state / "shop" / "data").pid
        embedded.clean(found[0])
        assert not process.is_alive(found[0].pid)
        assert kinds() == []
        with open_named("shop") as named:
            assert query(named.dsn, "SELECT 1") == 1

    def test_a_killed_users_server_is_reused(self, state):
        with program(USER, "shop") as user:
            said(user)
            user.kill()
            user.wait(30)
        pid = process.running(state / "shop" / "data").pid
        with open_named("shop") as named:
            assert process.running(named.server.data).pid == pid
            assert kinds() == []
        assert not named.server.is_running()

    def test_one_that_is_used_again_is_not_cleaned(self, state):
        with program(USER, "shop") as user:
            said(user)
            user.kill()
            user.wait(30)
        [found] = [leftover for leftover in embedded.leftovers() if leftover.kind == "server"]
        with open_named("shop") as named:
            with pytest.raises(ConnectionFailed, match="in use"):
                embedded.clean(found)
            assert query(named.dsn, "SELECT 1") == 1

    def test_a_killed_initdb_is_found_cleaned_and_never_taken_for_a_server(self, state):
        with program(USER, "shop") as user:
            assert process.wait_until(lambda: any(state.glob("shop/data.part-*/base")), timeout=30)
            user.kill()
            user.wait(30)
        assert kinds() == ["half-made"]
        assert EmbeddedServer.existing(state / "shop") is None
        [found] = [leftover for leftover in embedded.leftovers() if leftover.kind == "half-made"]
        working = process.workers(found.path)
        embedded.clean(found)
        assert not found.path.exists()
        assert process.wait_until(lambda: not any(process.is_alive(pid) for pid in working), timeout=30)
        assert kinds() == []
        with open_named("shop") as named:
            assert query(named.dsn, "SELECT 1") == 1

    def test_a_killed_removal_is_found_and_finished(self, state):
        (state / ".removed-shop-x" / "shop").mkdir(parents=True)
        assert kinds() == ["removed"]
        for leftover in embedded.leftovers():
            if leftover.kind == "removed":
                embedded.clean(leftover)
        assert kinds() == []

    def test_a_killed_programs_temporary_server_is_found_and_removed(self):
        with program(TEMPORARY) as user:
            folder = said(user)
            pid = process.running(EmbeddedServer.existing(Path(folder) / "primary").data).pid
            user.kill()
            user.wait(30)
        [found] = [leftover for leftover in embedded.leftovers() if str(leftover.path) == folder]
        embedded.clean(found)
        assert not process.is_alive(pid)
        assert not found.path.exists()
        embedded.clean(found)

    def test_a_process_that_took_over_the_pid_is_left_alone_and_the_server_starts(self, state):
        with open_named("shop") as named:
            server = named.server
        # Of the server's own user: PostgreSQL itself knows that a process of another one is not its own.
        with sleeper(**server.account.spawn_options()) as stranger:
            (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n0\n5432\n\n\n\nready\n")
            server.stop()
            server.kill()
            assert stranger.poll() is None
            assert kinds() == []
            with open_named("shop") as named:
                assert query(named.dsn, "SELECT 1") == 1
            assert stranger.poll() is None

    def test_somebody_who_looks_at_the_data_folder_is_left_alone(self, state):
        with open_named("shop") as named:
            there = named.server.account.spawn_options() | {"cwd": named.server.data}
            with sleeper(**there) as stranger:
                named.server.kill()
                named.server.start()
                named.close()
                embedded.remove("shop")
                assert stranger.poll() is None
