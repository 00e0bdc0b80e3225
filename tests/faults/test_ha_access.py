"""`dbops ha-status` when a node is there and can't be asked, or only in part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.conninfo import make_conninfo

from dbops.ha.accept import Accepting
from faults.failover import DEGRADED, READY, UNKNOWN, execute, value
from faults.scene import eventually

SECRET = "open sesame 7"


@contextmanager
def role(watched, name: str, grant: str = "") -> Iterator[dict[str, str]]:
    """Make a role on all nodes; gives their DSNs with its login."""
    execute(watched.primary, f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'", *([grant] if grant else []))
    watched.wait_until_well()
    try:
        yield {node: server.dsn(user=name, password=SECRET) for node, server in watched.servers.items()}
    finally:
        execute(watched.primary, f"DROP ROLE {name}")


def test_a_wrong_password_for_a_standby_leaves_the_other(watched):
    said = watched.ask(dsns={"standby1": make_conninfo(watched.standbys[0].dsn(), password=SECRET)})
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    failed = said.check("node-answers", "standby1")
    assert failed.status == "unknown"
    assert "password authentication failed" in failed.message
    assert said.result.candidate.node == "standby2"
    assert SECRET not in repr(said.result)


def test_a_wrong_password_for_the_primary_makes_everything_unknown(watched):
    said = watched.ask(dsns={"primary": make_conninfo(watched.primary.dsn(), password=SECRET)})
    assert said.check("single-writer").status == "unknown", said.explain()
    assert {said.result.switchover.verdict, said.result.emergency.verdict} <= {UNKNOWN, "NOT_READY"}
    assert said.node("standby1").lag_bytes is None
    assert SECRET not in repr(said.result)


def test_a_role_with_nothing_sees_too_little_for_any_verdict(watched):
    with role(watched, "nobody_special") as dsns:
        said = watched.ask(dsns=dsns)
    assert said.verdicts == (UNKNOWN, UNKNOWN, 3), said.explain()
    for name in ("standby1", "standby2"):
        check = said.check("receiver-streaming", name)
        assert (check.status, check.remedy) == ("unknown", "GRANT pg_monitor TO nobody_special")
        assert said.node(name).state == "unknown"


def test_a_role_with_pg_monitor_sees_all_but_pg_hba(watched):
    with role(watched, "some_monitor", "GRANT pg_monitor TO some_monitor") as dsns:
        said = watched.ask(dsns=dsns)
        accepted = watched.ask(dsns=dsns, accept=(Accepting("replication-login", "tested every month"),))
    assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
    assert {check for check, _, _ in said.troubles} == {"replication-login"}
    grants = {check.remedy for check in said.result.checks if check.id == "replication-login"}
    assert len(grants) == 1, said.explain()
    assert "ON pg_hba_file_rules TO some_monitor" in grants.pop()
    assert accepted.verdicts == (READY, READY, 0)


def test_tls_that_one_side_wants_and_the_other_does_not_have(watched):
    """The server takes connections with TLS only, and then we do."""
    first = watched.standbys[0]
    with first.hba_first("hostnossl all all all reject"):
        refused = watched.ask(dsns={"standby1": make_conninfo(first.dsn(), sslmode="disable")}, observe=0.1)
    refusing = watched.ask(dsns={"standby1": make_conninfo(first.dsn(), sslmode="require")}, observe=0.1)
    for said in (refused, refusing):
        check = said.check("node-answers", "standby1")
        assert (check.status, check.remedy.startswith("check sslmode")) == ("unknown", True), said.explain()
        assert said.verdicts == (DEGRADED, DEGRADED, 1)
        assert said.result.candidate.node == "standby2"


def test_a_name_that_does_not_resolve(watched):
    said = watched.ask(dsns={"standby1": make_conninfo(watched.standbys[0].dsn(), host="no-such-host.invalid")})
    assert said.check("node-answers", "standby1").status == "unknown", said.explain()
    assert "does not resolve" in said.check("node-answers", "standby1").message
    assert said.verdicts == (DEGRADED, DEGRADED, 1)


def test_a_database_that_does_not_exist(watched):
    said = watched.ask(dsns={"primary": watched.primary.dsn("no_such_database")})
    assert 'database "no_such_database" does not exist' in said.check("node-answers", "primary").message
    assert {said.result.switchover.verdict, said.result.emergency.verdict} <= {UNKNOWN, "NOT_READY"}


def test_a_server_without_a_connection_left(watched):
    first = watched.standbys[0]
    with role(watched, "one_at_a_time", "GRANT pg_monitor TO one_at_a_time") as dsns:
        execute(watched.primary, "ALTER ROLE one_at_a_time CONNECTION LIMIT 0")
        eventually(
            lambda: value(first, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'one_at_a_time'") == 0, "no replay"
        )
        said = watched.ask(dsns={"standby1": dsns["standby1"]})
    check = said.check("node-answers", "standby1")
    assert (check.status, check.remedy.startswith("end sessions")) == ("unknown", True), said.explain()
    assert said.verdicts == (DEGRADED, DEGRADED, 1)
