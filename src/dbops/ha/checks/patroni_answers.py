"""Patroni's REST API answers.

Why: Whether automatic failover is armed, and whom it would promote, is known to Patroni alone. Without its API all of
that is unknown, and so are the other checks about Patroni.

Instead: Look whether Patroni runs (`systemctl status patroni`) and whether its port (8008) can be reached from here.
For an API behind a private CA: `export SSL_CERT_FILE=/path/to/ca.pem`.

Source: `GET /patroni`, which Patroni answers from memory, of one member.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.results.ha import FailureKind, Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "GET /patroni"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the API that was asked."""
    patroni = cluster.patroni
    if patroni is None:
        return
    if patroni.failure is None:
        version = "" if patroni.version is None else f" {patroni.version}"
        yield passed(None, f"Patroni{version} answers at {patroni.url}")
        return
    tls = patroni.failure.kind is FailureKind.TLS
    yield unknown(
        None,
        f"Patroni's REST API at {patroni.url} gives no answer: {patroni.failure.message}",
        remedy="export SSL_CERT_FILE=/path/to/the/api's/ca.pem" if tls else f"curl -m 5 {patroni.url}/patroni",
    )
