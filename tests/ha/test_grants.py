"""``sql/grants.sql``: the monitoring role has exactly what is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dbops.ha.request import Address, Request
from dbops.ha.status import ha_status
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.postgres.login import log_in, places
from dbops.postgres.replication import Facts, ask
from dbops.results.ha import HaStatus, Status
from faults.scene import eventually
from servers.server import Cluster

GRANTS = (Path(__file__).parents[2] / "sql" / "grants.sql").read_text()
_GRANT = re.compile(r"^GRANT .*;$", re.MULTILINE)


def make(cluster: Cluster, name: str, script: str) -> None:
    """Make the role of the script under another name, with a password, and wait until the standbys know it."""
    with closing(psycopg.connect(cluster.primary.dsn(), autocommit=True)) as connection:
        connection.execute(script.replace("dbops_monitor", name))
        connection.execute(f"ALTER ROLE {name} PASSWORD 'secret'")

    def known() -> bool:
        for standby in cluster.standbys:
            with closing(psycopg.connect(standby.dsn(), autocommit=True)) as connection:
                if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
                    return False
        return True

    eventually(known, f"the standbys don't know {name}")


def facts(dsn: str) -> Facts:
    with Interrupt() as interrupt, closing(log_in(places(Dsn(dsn, "a test"), "t")[0], interrupt, bound=10)) as session:
        return ask(session, bound=10)


def status(cluster: Cluster, name: str) -> HaStatus:
    servers = (cluster.primary, *cluster.standbys)
    nodes = tuple(Address(Dsn(each.dsn(user=name, password="secret"), "a test")) for each in servers)
    with Interrupt() as interrupt:
        return ha_status(Request(nodes, observe=0.3), interrupt)


def test_the_whole_command_runs_as_the_monitoring_role_and_is_refused_nothing(cluster: Cluster) -> None:
    make(cluster, "monitor_all", GRANTS)
    result = status(cluster, "monitor_all")
    refused = [check for check in result.checks if "not permitted" in check.message or "GRANT" in (check.remedy or "")]
    assert refused == []
    assert len(result.nodes) == 3
    assert result.emergency.candidate is not None


def test_every_grant_is_needed(cluster: Cluster) -> None:
    grants = _GRANT.findall(GRANTS)
    assert len(grants) == 3
    for number, grant in enumerate(grants):
        name = f"monitor_without_{number}"
        make(cluster, name, GRANTS.replace(grant, ""))
        with closing(psycopg.connect(cluster.primary.dsn(user=name, password="secret"))) as connection:
            assert not connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]
        result = status(cluster, name)
        assert any(check.status is Status.UNKNOWN and "GRANT" in (check.remedy or "") for check in result.checks), grant


def test_a_role_without_any_is_told_what_it_lacks_and_nothing_is_green(
    cluster: Cluster, role_of: Callable[[str], str]
) -> None:
    result = status(cluster, role_of("CREATE ROLE dbops_monitor LOGIN"))
    assert result.exit_status == 3
    grants = {check.remedy for check in result.checks if check.status is Status.UNKNOWN and check.remedy}
    assert any("GRANT pg_monitor TO" in grant for grant in grants)
    assert any("pg_hba_file_rules" in grant for grant in grants)


@pytest.fixture
def role_of(cluster: Cluster) -> Callable[[str], str]:
    def made(script: str) -> str:
        make(cluster, "monitor_nothing", script)
        return "monitor_nothing"

    return made
