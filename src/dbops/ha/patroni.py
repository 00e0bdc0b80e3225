"""Patroni's REST API, asked within a bound: ``GET /cluster``, ``/config``, and every member's own ``/patroni``.

Patroni answers ``/patroni`` from memory, and ``/cluster`` from the DCS (etcd or its like): where that hangs, the first
still says when the DCS was last seen.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from dbops.errors import ConfigError
from dbops.ha.bounded_http import Answer, GetFailed, Place, get
from dbops.ha.patroni_read import Status, is_status, members_of, with_cluster, with_config, with_seed, with_status
from dbops.ha.snapshot import Failure, Patroni, PatroniMember
from dbops.results.ha import FailureKind

MOST_MEMBERS = 64
"""Members that are asked themselves; each takes a thread."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_STRANGER = Failure(FailureKind.OTHER, "what answers there is not Patroni's REST API")
_ENDPOINTS = ("/patroni", "/cluster", "/config")
_HOW = "write it like http://10.0.0.1:8008 or https://db1.example:8008, the address of any member's REST API"


@dataclass(frozen=True, slots=True)
class Api:
    """Where a REST API is; ``authorization`` is the header that its URL's login makes, None without one."""

    place: Place
    folder: str = ""
    authorization: str | None = None

    @property
    def url(self) -> str:
        """The URL, without a login."""
        host = f"[{self.place.host}]" if ":" in self.place.host else self.place.host
        return f"http{'s' if self.place.tls else ''}://{host}:{self.place.port}{self.folder}"


def ask(url: str, timeout: float) -> Patroni:
    """Return what Patroni says of its cluster, within ``timeout`` seconds in all.

    Raises ConfigError for a URL that can't be used; whatever the network and the server do is part of the result.
    """
    api = read_url(url)
    deadline = time.monotonic() + timeout
    cluster, config, own = (_start(api, f"/{what}", deadline) for what in ("cluster", "config", "patroni"))
    patroni = _with_members(Patroni(api.url), _answer(cluster, deadline, timeout), deadline, timeout)
    said = _answer(config, deadline, timeout)
    if not isinstance(said, Failure):
        patroni = with_config(patroni, said.said)
    status = _status(own, deadline, timeout)
    if not isinstance(status, Failure):
        return with_seed(patroni, status)
    return patroni if patroni.members_failure is None else Patroni(api.url, failure=patroni.members_failure)


def read_url(url: str) -> Api:
    """Return where the REST API is, from a URL as a person writes it; one that ends in /patroni is taken too.

    Raises ConfigError when it can't be used. Nothing of it is repeated in the error: it may hold a password.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("the URL of Patroni's REST API can't be read", hint=_HOW) from None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise ConfigError("the URL of Patroni's REST API must begin with http:// or https://, and a host", hint=_HOW)
    if port == 0 or not text.isascii() or not text.isprintable() or " " in text or parts.query or parts.fragment:
        raise ConfigError("the URL of Patroni's REST API has something in it that no such URL has", hint=_HOW)
    place = Place(host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "https")
    return Api(place, _folder(parts.path), _authorization(parts.username, parts.password))


def members_to_ask(patroni: Patroni) -> tuple[tuple[str, int, str], ...]:
    """Return the host, port and name of each member whose PostgreSQL can be asked."""
    return tuple(
        (member.host, member.port, member.name)
        for member in patroni.members
        if member.host is not None and member.port is not None
    )


def _with_members(patroni: Patroni, said: Status | Failure, deadline: float, timeout: float) -> Patroni:
    if isinstance(said, Failure):
        return replace(patroni, members_failure=said)
    members = members_of(said.said)
    if members is None:
        return replace(patroni, members_failure=_STRANGER)
    return with_cluster(replace(patroni, members=_asked(members, deadline, timeout)), said.said)


def _asked(members: Iterable[PatroniMember], deadline: float, timeout: float) -> tuple[PatroniMember, ...]:
    """Return the members with what each one's own API says, or why it says nothing."""
    asking = [(member, _ask_member(member, number, deadline)) for number, member in enumerate(members)]
    found = []
    for member, future in asking:
        said = future if isinstance(future, Failure) else _status(future, deadline, timeout)
        found.append(replace(member, failure=said) if isinstance(said, Failure) else with_status(member, said))
    return tuple(found)


def _ask_member(member: PatroniMember, number: int, deadline: float) -> Future[Answer] | Failure:
    if number >= MOST_MEMBERS:
        return Failure(FailureKind.UNSEEN, f"only the first {MOST_MEMBERS} members are asked")
    try:
        return _start(read_url(member.api_url or ""), "/patroni", deadline)
    except ConfigError:
        return Failure(FailureKind.UNSEEN, "where its REST API is, is unknown")


def _start(api: Api, path: str, deadline: float) -> Future[Answer]:
    """Ask in a thread of its own: a name's lookup can't be bounded, so such a thread is left behind."""
    headers = {"Authorization": api.authorization} if api.authorization is not None else {}
    future: Future[Answer] = Future()
    ask_it = _into(future, lambda: get(api.place, api.folder + path, deadline=deadline, headers=headers))
    threading.Thread(target=ask_it, name=f"ha patroni {path}", daemon=True).start()
    return future


def _into(future: Future[Answer], call: Callable[[], Answer]) -> Callable[[], None]:
    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:  # raised again where the result is taken
            future.set_exception(error)

    return run


def _status(future: Future[Answer], deadline: float, timeout: float) -> Status | Failure:
    """Return a member's own answer, or why there is none."""
    status = _answer(future, deadline, timeout)
    return status if isinstance(status, Failure) or is_status(status.said) else _STRANGER


def _answer(future: Future[Answer], deadline: float, timeout: float) -> Status | Failure:
    """Return the answer's JSON, or why there is none."""
    try:
        answer = future.result(timeout=max(0.0, deadline - time.monotonic()))
        return Status(json.loads(answer.body), answer.clock)
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, f"no answer within {timeout:g} s")
    except GetFailed as error:
        timed_out = error.kind is FailureKind.TIMEOUT
        return Failure(error.kind, f"no answer within {timeout:g} s" if timed_out else str(error))
    except (ValueError, RecursionError):
        return Failure(FailureKind.OTHER, "its answer is not JSON")


def _folder(path: str) -> str:
    """Return the path in front of the endpoints, which a proxy may have put there."""
    path = path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    return path.rstrip("/")


def _authorization(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    login = f"{unquote(user)}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(login.encode()).decode()
