"""Asking Patroni's REST API: within the bound whatever answers, without secrets in what is said, nothing followed."""

from __future__ import annotations

import copy
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from dbops.errors import ConfigError
from dbops.ha.patroni import MOST_MEMBERS, ask, members_to_ask, read_url
from dbops.ha.snapshot import Patroni
from dbops.results.ha import FailureKind
from ha.fake_api import (
    CERTIFICATE,
    Behaviour,
    FakeApi,
    answering,
    dripping,
    frozen,
    patroni_api,
    pouring,
    sending,
)
from ha.patronis import CLUSTER, CONFIG, member, own
from servers.ports import free_port

BOUND = 0.5
PATIENCE = 30.0
HEAD = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"


def within(patience: float, url: str, bound: float = BOUND) -> Patroni:
    """Ask, and fail where that does not end by itself."""
    answers: list[Patroni] = []
    asking = threading.Thread(target=lambda: answers.append(ask(url, bound)), daemon=True)
    asking.start()
    asking.join(patience)
    assert answers, f"no end after {patience} s of a bound of {bound} s"
    return answers[0]


def left_over() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ha patroni")]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    deadline = time.monotonic() + PATIENCE
    while left_over():
        assert time.monotonic() < deadline, left_over()
        time.sleep(0.01)


def cluster_at(*urls: str) -> dict[str, Any]:
    said = copy.deepcopy(CLUSTER)
    for each, url in zip(said["members"], urls, strict=True):
        each["api_url"] = f"{url}/patroni"
    return said


def test_the_whole_cluster_is_asked() -> None:
    with FakeApi({}) as n1, FakeApi({}) as n2, FakeApi({}) as n3:
        for api, name in ((n1, "n1"), (n2, "n2"), (n3, "n3")):
            api.behaviours |= patroni_api(cluster_at(n1.url, n2.url, n3.url), CONFIG, own(name))
        said = within(PATIENCE, n2.url, 10)
        assert said.failure is None
        assert [(each.name, each.failure, each.dcs_age_s) for each in said.members] == [
            ("n1", None, 1.0),
            ("n2", None, 1.0),
            ("n3", None, 1.0),
        ]
        assert said.config == CONFIG
        assert members_to_ask(said) == (("n1", 5432, "n1"), ("n2", 5432, "n2"), ("n3", 5432, "n3"))
        assert {request.split()[1] for request in n3.asked} == {"/patroni"}


BAD: dict[str, tuple[Behaviour, FailureKind]] = {
    "frozen": (frozen, FailureKind.TIMEOUT),
    "drips its headers": (dripping("HTTP/1.0 200 OK\r\nX: "), FailureKind.TIMEOUT),
    "drips its body": (dripping(HEAD), FailureKind.TIMEOUT),
    "drips lines of headers": (dripping("HTTP/1.0 100 Continue\r\n\r\n", "HTTP/1.0 100 Continue\r\n\r\n"),
                               FailureKind.TIMEOUT),
    "pours an endless body": (pouring(HEAD), FailureKind.OTHER),
    "pours an endless header": (pouring("HTTP/1.0 200 OK\r\nX: "), FailureKind.OTHER),
    "redirects to itself": (answering(302, {}, headers=("Location: /cluster",)), FailureKind.OTHER),
    "refuses": (answering(401, {}), FailureKind.LOGIN),
    "fails": (answering(503, {}), FailureKind.OTHER),
    "isn't HTTP": (sending("E no such thing\n"), FailureKind.OTHER),
    "says nothing": (sending(""), FailureKind.LOST),
    "isn't JSON": (answering(200, "<html>"), FailureKind.OTHER),
    "nests without end": (answering(200, "[" * 100_000), FailureKind.OTHER),
    "is another program": (answering(200, {"health": "true"}), FailureKind.OTHER),
}  # fmt: skip


@pytest.mark.parametrize("how", BAD)
def test_an_api_that_behaves_badly_is_a_failure_within_the_bound(how: str) -> None:
    behaviour, kind = BAD[how]
    with FakeApi(dict.fromkeys(("/cluster", "/config", "/patroni"), behaviour)) as api:
        said = within(PATIENCE, api.url)
    assert said.failure is not None
    assert said.failure.kind is kind
    assert said.members == ()
    assert (said.paused, said.config) == (None, None)


@pytest.mark.parametrize("how", BAD)
def test_a_member_that_behaves_badly_costs_its_own_answer_alone(how: str) -> None:
    behaviour, _ = BAD[how]
    with FakeApi({}) as n1, FakeApi({"/patroni": behaviour}) as n2:
        n1.behaviours |= patroni_api(cluster_at(n1.url, n2.url, n1.url), CONFIG, own("n1"))
        said = within(PATIENCE, n1.url)
    assert said.failure is None
    assert (member(said, "n1").failure, member(said, "n1").in_recovery) == (None, False)
    assert member(said, "n2").in_recovery is None
    assert member(said, "n2").failure is not None


@pytest.mark.parametrize("how", BAD)
def test_where_the_members_can_not_be_had_the_one_that_was_asked_still_speaks(how: str) -> None:
    behaviour, kind = BAD[how]
    with FakeApi({"/cluster": behaviour, "/config": behaviour, "/patroni": answering(200, own("n2"))}) as api:
        said = within(PATIENCE, api.url)
    assert said.failure is None
    assert said.members_failure is not None
    assert said.members_failure.kind is kind
    assert [(each.name, each.dcs_age_s) for each in said.members] == [("n2", 1.0)]


def test_nobody_listens() -> None:
    said = ask(f"http://127.0.0.1:{free_port()}", BOUND)
    assert said.failure is not None
    assert (said.failure.kind, said.failure.message) == (FailureKind.REFUSED, "connection refused")


def test_a_server_that_takes_no_connections_is_a_timeout() -> None:
    with closing(socket.create_server(("127.0.0.1", free_port()), backlog=0)) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        said = within(PATIENCE, f"http://127.0.0.1:{listener.getsockname()[1]}")
        for each in waiting:
            each.close()
    assert said.failure is not None
    assert said.failure.kind is FailureKind.TIMEOUT


def test_a_name_that_does_not_resolve() -> None:
    said = within(PATIENCE, "http://nowhere.invalid:8008", 20)
    assert said.failure is not None
    assert said.failure.kind is FailureKind.NAME


def test_tls_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeApi(patroni_api({"members": []}, CONFIG, own("n1")), tls=True) as api:
        untrusted = within(PATIENCE, api.url, 10)
        assert untrusted.failure is not None
        assert untrusted.failure.kind is FailureKind.TLS
        assert api.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert within(PATIENCE, api.url, 10).failure is None


def test_a_server_without_tls_is_told() -> None:
    with FakeApi(patroni_api(CLUSTER, CONFIG, own("n1"))) as api:
        said = within(PATIENCE, api.url.replace("http://", "https://"))
    assert said.failure is not None
    assert said.failure.kind in {FailureKind.TLS, FailureKind.TIMEOUT}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeApi({}) as proxy, FakeApi(patroni_api({"members": []}, CONFIG, own("n1"))) as api:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert within(PATIENCE, api.url, 10).failure is None
        assert proxy.asked == []


def test_a_login_is_sent_to_the_api_that_was_named_and_never_shown() -> None:
    with FakeApi({}) as n1, FakeApi({"/patroni": answering(503, {})}) as n2:
        n1.behaviours |= patroni_api(cluster_at(n1.url, n2.url, n2.url), CONFIG, own("n1"))
        said = within(PATIENCE, n1.url.replace("//", "//admin:s%40cret@"), 10)
        with_login = [request for request in n1.asked if "Authorization: Basic YWRtaW46c0BjcmV0\r\n" in request]
        assert len(with_login) == 3  # the fourth is for n1 as a member
        assert n2.asked
        assert not any("Authorization" in request for request in n2.asked)
    assert said.url == n1.url
    assert "cret" not in repr(said)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "10.0.0.1:8008",
        "//10.0.0.1:8008",
        "postgresql://app:s3cret@10.0.0.1/app",
        "file:///etc/passwd",
        "http://",
        "http://app:s3cret@",
        "http://10.0.0.1:80o8",
        "http://10.0.0.1:0",
        "http://10.0.0.1:99999",
        "http://[::1:8008",
        "http://app:s3cret@10.0.0.1:8008/?x=1",
        "http://app:s3cret@10.0.0.1:8008/\r\nX: y",
        "http://10.0.0.1 :8008",
        "http://dätabase:8008",
    ],
)
def test_a_url_that_can_not_be_used_is_refused_with_what_to_write_instead(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(url, BOUND)
    assert "http://10.0.0.1:8008" in str(caught.value.hint)
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://10.0.0.1:8008", "http://10.0.0.1:8008"),
        (" http://db1:8008/ ", "http://db1:8008"),
        ("http://10.0.0.1:8008/patroni", "http://10.0.0.1:8008"),
        ("https://db1/ha/cluster", "https://db1:443/ha"),
        ("http://user:secret@db1", "http://db1:80"),
        ("http://[fd00::1]:8008", "http://[fd00::1]:8008"),
    ],
)
def test_a_url_is_read_as_people_write_it(written: str, meant: str) -> None:
    assert read_url(written).url == meant


def test_members_without_an_address_of_their_own_and_too_many_of_them_are_not_asked() -> None:
    with FakeApi({}) as api:
        many = [{"name": f"m{number}", "api_url": f"{api.url}/patroni"} for number in range(MOST_MEMBERS + 5)]
        many[0]["api_url"] = "file:///etc/passwd"
        api.behaviours |= patroni_api({"members": many}, CONFIG, own("m1"))
        said = within(PATIENCE, api.url, 10)
        assert len(api.asked) == 3 + MOST_MEMBERS - 1
    unseen = [each.name for each in said.members if each.failure and each.failure.kind is FailureKind.UNSEEN]
    assert unseen == ["m0", *(f"m{number}" for number in range(MOST_MEMBERS, MOST_MEMBERS + 5))]
