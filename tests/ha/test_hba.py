"""Who may log in to replicate, by the rules of pg_hba.conf: by hand, against a simple model, and on a real server."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from dbops.ha import read
from dbops.ha.hba import Decision, Login, admission, decide
from dbops.ha.snapshot import HbaRule
from dbops.postgres.embedded import temporary
from dbops.postgres.query import source
from servers.ports import free_port

ANY = HbaRule(1, "host", ("replication",), ("all",), "all", None, "trust")
SIBLING = Login("rep", "10.0.0.3")


def rule(**changes: Any) -> HbaRule:
    return replace(ANY, **changes)


def network(text: str) -> dict[str, str]:
    known = ip_network(text)
    return {"address": str(known.network_address), "netmask": str(known.netmask)}


def admitted(*rules: HbaRule, login: Login = SIBLING, major: int = 18) -> bool | None:
    return decide(rules, login, major).admitted


class TestARule:
    def test_for_all_lets_in(self) -> None:
        assert admitted(ANY) is True

    def test_no_rule_lets_nobody_in(self) -> None:
        assert decide((), SIBLING, 18) == Decision(False, "no line is about it")

    def test_all_databases_are_not_replication(self) -> None:
        assert admitted(rule(databases=("all",))) is False

    def test_the_first_that_fits_decides(self) -> None:
        assert admitted(rule(method="reject"), ANY) is False
        assert admitted(ANY, rule(method="reject")) is True

    def test_is_named_with_its_file(self) -> None:
        reason = decide([rule(line=7, file="/etc/pg/standby_hba.conf", method="md5")], SIBLING, 18).reason
        assert reason == "line 7 of standby_hba.conf says md5"

    @pytest.mark.parametrize(
        ("address", "fits"),
        [
            (network("10.0.0.0/24"), True),
            (network("10.0.0.3/32"), True),
            (network("10.0.1.0/24"), False),
            (network("::/0"), False),
            ({"address": "10.0.9.3", "netmask": "255.255.0.255"}, True),
            ({"address": "samehost"}, None),
            ({"address": "samenet"}, None),
            ({"address": "n3.example.com"}, None),
            ({"address": ".example.com"}, None),
        ],
    )
    def test_is_about_addresses(self, address: dict[str, str], fits: bool | None) -> None:
        assert admitted(rule(**address)) is fits

    def test_of_ipv6_addresses(self) -> None:
        login = Login("rep", "2001:db8::3")
        assert admitted(rule(**network("2001:db8::/32")), login=login) is True
        assert admitted(rule(**network("0.0.0.0/0")), login=login) is False

    @pytest.mark.parametrize("address", ["samehost", "samenet"])
    def test_a_machine_is_its_own(self, address: str) -> None:
        assert admitted(rule(address=address), login=Login("rep", "127.0.0.1")) is True

    @pytest.mark.parametrize(
        ("users", "fits"),
        [
            (("rep",), True),
            (("other", "rep"), True),
            (("other",), False),
            (("REP",), False),
            (("+standbys",), None),
            (("+standbys", "rep"), True),
            (("/^r.*p$",), True),
            (("/ep",), True),
            (("/^ep",), False),
            (("/^(rep|other)$",), None),
            (("/re[p]",), None),
        ],
    )
    def test_is_about_users(self, users: tuple[str, ...], fits: bool | None) -> None:
        assert admitted(rule(users=users)) is fits

    def test_before_16_a_slash_is_a_letter(self) -> None:
        assert admitted(rule(users=("/^r.*p$",)), major=15) is False
        assert admitted(rule(users=("/r",)), login=Login("/r", "10.0.0.3"), major=15) is True

    @pytest.mark.parametrize(
        ("kind", "plain", "encrypted", "socket"),
        [
            ("host", True, True, False),
            ("hostssl", False, True, False),
            ("hostnossl", True, False, False),
            ("hostnogssenc", True, True, False),
            ("hostgssenc", None, None, False),
            ("local", False, False, True),
        ],
    )
    def test_is_about_a_kind_of_connection(
        self, kind: str, plain: bool | None, encrypted: bool | None, socket: bool
    ) -> None:
        given_rule = rule(kind=kind, address=None if kind == "local" else "all")
        assert admitted(given_rule) is plain
        assert admitted(given_rule, login=replace(SIBLING, tls=True)) is encrypted
        assert admitted(given_rule, login=Login("rep", None)) is socket

    def test_that_the_server_says_can_not_match_does_not(self) -> None:
        off = rule(kind="hostssl", error="hostssl record cannot match because SSL is disabled")
        assert admitted(off, login=replace(SIBLING, tls=True)) is False

    def test_that_can_not_be_parsed_makes_all_rules_unknown(self) -> None:
        broken = HbaRule(9, None, (), (), None, None, None, "invalid authentication method")
        assert decide((ANY, broken), SIBLING, 18) == Decision(
            None, "line 9 of pg_hba.conf can't be parsed, so the server keeps the rules it had"
        )

    def test_in_doubt_matters_only_where_it_makes_a_difference(self) -> None:
        doubtful = rule(address="n3.example.com")
        assert admitted(doubtful, ANY) is True
        assert admitted(doubtful, rule(method="reject")) is None
        assert admitted(rule(address="n3.example.com", method="reject"), rule(method="reject")) is False


class TestTls:
    PLAIN = rule(kind="hostnossl")
    ENCRYPTED = rule(kind="hostssl")

    @pytest.mark.parametrize(
        ("rules", "sslmode", "tls", "expected"),
        [
            ([ENCRYPTED], "prefer", True, True),
            ([ENCRYPTED], "require", True, True),
            ([ENCRYPTED], "disable", True, False),
            ([ENCRYPTED], "prefer", False, False),
            ([ENCRYPTED], "prefer", None, None),
            ([ENCRYPTED], None, True, None),
            ([PLAIN], "prefer", True, True),
            ([PLAIN], "prefer", None, True),
            ([PLAIN], "verify-full", True, False),
            ([ANY], "require", False, False),
            ([ANY], "require", None, None),
            ([ANY], None, True, True),
            ([ANY], "disable", None, True),
            ([], None, None, False),
        ],
    )
    def test_depends_on_what_both_ask_for(
        self, rules: list[HbaRule], sslmode: str | None, tls: bool | None, expected: bool | None
    ) -> None:
        assert admission(rules, "rep", "10.0.0.3", sslmode=sslmode, tls=tls, major=18).admitted is expected

    def test_that_is_missing_is_mended_by_no_rule(self) -> None:
        decision = admission([ANY], "rep", "10.0.0.3", sslmode="require", tls=False, major=18)
        assert decision.reason == "it insists on TLS (sslmode=require), and ssl is off"
        assert decision.remedy == "set ssl = on, with a certificate"

    def test_is_no_matter_of_a_unix_socket(self) -> None:
        local = rule(kind="local", address=None)
        assert admission([local], "rep", None, sslmode=None, tls=None, major=18).admitted is True


RULES = st.builds(
    HbaRule,
    line=st.integers(1, 99),
    kind=st.sampled_from(["local", "host", "hostssl", "hostnossl"]),
    databases=st.sampled_from([("replication",), ("all",), ("all", "replication")]),
    users=st.sampled_from([("all",), ("rep",), ("other",), ("+standbys",), ("other", "rep")]),
    address=st.sampled_from(["all", "10.0.0.0", "10.0.0.3", "10.9.0.0", "n3.example.com"]),
    netmask=st.none(),
    method=st.sampled_from(["trust", "reject"]),
).map(
    lambda each: replace(each, address=None) if each.kind == "local" else
    replace(each, netmask="255.255.255.0") if each.address in {"10.0.0.0", "10.0.0.3", "10.9.0.0"} else each
)  # fmt: skip
LOGINS = st.builds(Login, user=st.just("rep"), address=st.sampled_from([None, "10.0.0.3"]), tls=st.booleans())


def outcomes(rules: Sequence[HbaRule], login: Login) -> set[bool]:
    """What can come out: every rule that is in doubt is tried as fitting and as not fitting."""
    doubts = [[True, False] if in_doubt(each) else [True] for each in rules]
    return {first(rules, choice, login) for choice in itertools.product(*doubts)}


def in_doubt(each: HbaRule) -> bool:
    return "+standbys" in each.users or each.address == "n3.example.com"


def first(rules: Sequence[HbaRule], choice: Sequence[bool], login: Login) -> bool:
    return next((each.method != "reject" for each, is_in in zip(rules, choice, strict=True) if is_in
                 and surely(each, login)), False)  # fmt: skip


def surely(each: HbaRule, login: Login) -> bool:
    """Whether a rule fits, one in doubt taken as fitting."""
    kinds = ["local"] if login.address is None else ["host", "hostssl" if login.tls else "hostnossl"]
    return (
        each.kind in kinds
        and "replication" in each.databases
        and bool({"all", "rep", "+standbys"} & set(each.users))
        and (each.netmask is None or ip_address("10.0.0.3") in ip_network(f"{each.address}/24", strict=False))
    )


@given(st.lists(RULES, max_size=6), LOGINS)
def test_the_answer_is_what_all_doubts_agree_on(rules: list[HbaRule], login: Login) -> None:
    possible = outcomes(rules, login)
    assert decide(rules, login, 18).admitted is (possible.pop() if len(possible) == 1 else None)


LINES = [
    "local  replication  rep  trust",
    "local  replication  all  reject",
    "local  all  all  trust",
    "host  replication  rep  127.0.0.1/32  trust",
    "host  replication  rep  127.0.0.1/32  reject",
    "host  replication  rep,other  127.0.0.0/8  trust",
    "host  replication  all  10.0.0.0/8  trust",
    "host  replication  all  ::1/128  trust",
    "host  replication  all  samehost  trust",
    "host  replication  all  samenet  reject",
    "host  replication  /^re  all  trust",
    "host  replication  +standbys  all  reject",
    "host  replication  other  127.0.0.1  255.255.255.255  trust",
    "host  all  all  all  trust",
    "hostssl  replication  all  all  trust",
    "hostnossl  replication  other  all  reject",
    "host  replication  all  all  trust",
]
ADMIN = "local  all  postgres  trust\n"


def files(major: int) -> Iterator[str]:
    """Some files: every line alone, and lines in changing order; where they may, one that includes another."""
    if major >= 16:
        yield "include first.conf\nhost  replication  all  all  trust"
    yield from LINES
    for step in range(2, 14):
        yield "\n".join(LINES[start % len(LINES)] for start in range(step, step * 6, step))


def test_a_real_server_lets_in_whom_the_rules_do() -> None:
    with temporary(tcp=True, port=free_port()) as server:
        hba = server.home / "pg_hba.conf"
        tcp = make_conninfo(server.tcp_dsn("postgres", "rep"), sslmode="disable")
        ways = [(server.dsn(), None), (tcp, "127.0.0.1")]
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as admin:
            admin.execute("CREATE ROLE rep LOGIN REPLICATION; CREATE ROLE other LOGIN REPLICATION")
            admin.execute("CREATE ROLE standbys")
            (server.home / "first.conf").write_text("\n\n\n\nhost  replication  rep  all  reject\n")
            (server.home / "first.conf").chmod(0o644)
            decided = set()
            for text in files(server.binaries.major):
                hba.write_text(f"{ADMIN}{text}\n")
                reload(admin)
                rules = tuple(read._hba(row) for row in admin.execute(source("ha/hba")).fetchone()[0])
                for user, (dsn, address) in itertools.product(["rep", "other"], ways):
                    major = server.binaries.major
                    answer = admission(rules, user, address, sslmode="disable", tls=False, major=major).admitted
                    if answer is not None:
                        assert answer is gets_in(dsn, user), (text, user, address)
                    decided.add(answer)
            assert decided == {True, False, None}


def gets_in(dsn: str, user: str) -> bool:
    try:
        psycopg.connect(dsn, user=user, replication="true", connect_timeout=10).close()
    except psycopg.OperationalError as error:
        assert "pg_hba.conf" in str(error)
        return False
    return True


def reload(admin: psycopg.Connection) -> None:
    before = loaded(admin)
    admin.execute("SELECT pg_reload_conf()")
    while loaded(admin) == before:
        time.sleep(0.005)


def loaded(admin: psycopg.Connection) -> object:
    return admin.execute("SELECT pg_conf_load_time()").fetchone()[0]
