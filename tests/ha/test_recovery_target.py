"""What a recovery target that was left over does to a promotion, on real servers."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from dbops.errors import DbopsError
from dbops.ha.request import Address, Request
from dbops.ha.status import ha_status
from dbops.postgres.dsn import Dsn
from dbops.postgres.interrupt import Interrupt
from dbops.results.ha import HaStatus, Verdict
from faults.scene import eventually
from servers.server import Cluster, Server


def test_a_promotion_before_it_is_reached_crashes_the_standby_and_is_not_ready(private_cluster: Cluster) -> None:
    standby = private_cluster.standbys[0]
    with closing(psycopg.connect(standby.dsn(), autocommit=True)) as connection:
        connection.execute("ALTER SYSTEM SET recovery_target_time = '2099-01-01 00:00:00+00'")
    standby.restart()
    private_cluster.wait_until_streaming()
    result = status(private_cluster)
    for answer in (result.switchover, result.emergency):
        assert (answer.verdict, answer.blockers) == (Verdict.NOT_READY, ("recovery-target",))
    with pytest.raises((DbopsError, psycopg.Error)):
        standby.promote()
    eventually(lambda: not answers(standby), "the standby survived its promotion")


def status(cluster: Cluster) -> HaStatus:
    servers = {"primary": cluster.primary, "standby1": cluster.standbys[0], "standby2": cluster.standbys[1]}
    nodes = tuple(Address(Dsn(server.dsn(), "a test"), name) for name, server in servers.items())
    with Interrupt() as interrupt:
        return ha_status(Request(nodes, observe=0.3, candidate="standby1"), interrupt)


def answers(server: Server) -> bool:
    try:
        psycopg.connect(server.dsn(), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True
