from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from dbops.errors import ConfigError
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.login import LoginFailed, Place, _failure, log_in, places
from dbops.results.ha import FailureKind
from servers.ports import free_port
from servers.server import SharedServer


@pytest.fixture
def interrupt() -> Iterator[Interrupt]:
    with Interrupt() as made:
        yield made


def place(dsn: str) -> Place:
    (found,) = places(Dsn(dsn, "a test"), "dbops test")
    return found


def failure(dsn: str, interrupt: Interrupt, *, bound: float = 5.0) -> LoginFailed:
    with pytest.raises(LoginFailed) as caught:
        log_in(place(dsn), interrupt, bound=bound)
    return caught.value


def test_a_server_is_logged_into(server: SharedServer, interrupt: Interrupt) -> None:
    with closing(log_in(place(server.dsn()), interrupt, bound=5.0)) as session:
        assert session.json("SELECT to_json(current_setting('application_name'))") == "dbops test"


def test_where_nothing_listens_the_login_is_refused(interrupt: Interrupt) -> None:
    assert failure(f"host=127.0.0.1 port={free_port()}", interrupt).why is FailureKind.REFUSED
    assert failure("host=/nowhere port=5432", interrupt).why is FailureKind.REFUSED


def test_a_server_that_says_nothing_costs_the_bound_and_no_more(interrupt: Interrupt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = failure(f"host=127.0.0.1 port={port} user=postgres", interrupt, bound=0.3)
    assert (error.why, str(error)) == (FailureKind.TIMEOUT, "no answer within 0.3 s")


def test_a_name_that_does_not_resolve_is_told_as_that(interrupt: Interrupt) -> None:
    error = failure("host=nowhere.invalid", interrupt)
    assert error.why is FailureKind.NAME
    assert "nowhere.invalid" in str(error)


def test_a_wrong_password_is_a_refused_login_and_is_not_shown(server: SharedServer, interrupt: Interrupt) -> None:
    error = failure(server.dsn(user="postgres", password="hunter2"), interrupt)
    assert error.why is FailureKind.LOGIN
    assert "hunter2" not in str(error)


def test_a_database_that_does_not_exist_is_a_refused_login(server: SharedServer, interrupt: Interrupt) -> None:
    assert failure(server.dsn("no_such_database"), interrupt).why is FailureKind.LOGIN


def test_a_server_without_tls_where_it_is_required_is_told_as_that(server: SharedServer, interrupt: Interrupt) -> None:
    assert failure(server.dsn() + " sslmode=require", interrupt).why is FailureKind.TLS


def test_the_second_address_is_tried_when_nothing_listens_at_the_first(
    server: SharedServer, interrupt: Interrupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(str(place(server.dsn()).port))

    def two(host: str, _port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(None, None, None, "", (address, port)) for address in ("127.0.0.9", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with closing(log_in(place(server.dsn() + " host=db.example"), interrupt, bound=5.0)) as session:
        assert session.json("SELECT to_json(1)") == 1


def test_a_name_of_which_one_address_hangs_is_not_refused_by_the_other(
    interrupt: Interrupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        def two(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
            return [(None, None, None, "", (address, port)) for address in ("127.0.0.1", "127.0.0.9")]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        assert failure(f"host=db.example port={port} user=postgres", interrupt, bound=0.4).why is FailureKind.TIMEOUT


def test_a_file_of_the_login_that_is_missing_is_not_taken_for_a_server_that_is() -> None:
    at = 'connection to server at "10.0.0.1", port 5432 failed: '
    missing = _failure(f'{at}could not open certificate file "/nowhere.crt": No such file or directory\n')
    assert (missing.why, str(missing)) == (
        FailureKind.TLS,
        'could not open certificate file "/nowhere.crt": No such file or directory',
    )
    assert _failure(f"{at}Connection refused\n\tIs the server running on that host?\n").why is FailureKind.REFUSED


def test_each_host_of_a_dsn_is_a_place_with_its_port() -> None:
    found = places(Dsn("host=a,b,c port=1,2,3 user=u target_session_attrs=read-write", "a test"), "t")
    assert [(each.host, each.port) for each in found] == [("a", 1), ("b", 2), ("c", 3)]
    assert all("target_session_attrs" not in each.parameters for each in found)


def test_one_port_is_that_of_all_hosts() -> None:
    found = places(Dsn("postgresql://u@a,b/d?port=6000", "a test"), "t")
    assert [(each.host, each.port) for each in found] == [("a", 6000), ("b", 6000)]


def test_hosts_of_the_environment_are_places_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "x,y")
    monkeypatch.setenv("PGPORT", "7000")
    assert [(each.host, each.port) for each in places(Dsn("user=u", "a test"), "t")] == [("x", 7000), ("y", 7000)]


def test_a_place_can_be_moved() -> None:
    moved = place("host=a hostaddr=10.0.0.1 port=1 user=u").at("b", 2)
    assert (moved.host, moved.port, "hostaddr" in moved.parameters) == ("b", 2, False)


def test_a_place_that_a_server_told_gets_no_password_in_clear_text() -> None:
    assert place("host=a user=u password=p").at("b", 2).parameters["require_auth"] == "!password"
    assert "require_auth" not in place("host=a user=u password=p").parameters


def test_what_is_no_dsn_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError) as caught:
        places(Dsn("host=a password='unclosed", "a test"), "t")
    assert "unclosed" not in caught.value.message
