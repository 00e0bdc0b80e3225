"""Nobody else decides about failovers, or dbops was told who.

Why: Patroni, repmgr, pg_auto_failover and CloudNativePG decide who is primary. A promotion behind their back makes two
primaries, or is undone. Managed services don't let you promote at all: their API does it.

Instead: Let the manager act: `patronictl switchover`, `repmgr standby switchover`, `pg_autoctl perform switchover`,
`kubectl cnpg promote`. Give dbops Patroni's REST API with `--patroni URL`, so that it can tell whether an automatic
failover is armed.

Source: application names of sessions, roles, extensions of the connected database and preloaded libraries. A manager
that shows none of these (pacemaker, a script) is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.snapshot import Node
from dbops.results.ha import Weight

WEIGHT = Weight.WARNING
MATTERS = BOTH
QUERY = "managers"


@dataclass(frozen=True, slots=True)
class _Manager:
    """A manager, what gives it away, and what to do instead of promoting by hand."""

    name: str
    remedy: str
    roles: frozenset[str] = frozenset()
    applications: tuple[str, ...] = ()
    """Beginnings of application names."""
    libraries: frozenset[str] = frozenset()
    """Extensions and preloaded libraries."""
    service: bool = False


_CLOUD = "fail over by the service's API or console"
_PATRONI = _Manager("Patroni", "patronictl switchover; and give dbops --patroni URL", applications=("Patroni",))
_MANAGERS = (
    _Manager(
        "repmgr", "repmgr standby switchover, or repmgr standby promote",
        frozenset({"repmgr"}), ("repmgr",), frozenset({"repmgr"}),
    ),
    _Manager(
        "pg_auto_failover", "pg_autoctl perform switchover",
        frozenset({"pgautofailover_replicator", "autoctl_node"}), ("pgautofailover_",), frozenset({"pgautofailover"}),
    ),
    _Manager(
        "CloudNativePG", "kubectl cnpg promote CLUSTER INSTANCE",
        frozenset({"streaming_replica"}), ("cnpg-instance-manager", "cnpg_metrics_exporter"),
    ),
    _Manager("Amazon RDS or Aurora", _CLOUD, frozenset({"rds_superuser", "rdsadmin"}), service=True),
    _Manager("Google Cloud SQL", _CLOUD, frozenset({"cloudsqlsuperuser"}), service=True),
    _Manager("AlloyDB", _CLOUD, frozenset({"alloydbsuperuser"}), service=True),
    _Manager("Azure Database for PostgreSQL", _CLOUD, frozenset({"azure_pg_admin", "azuresu"}), service=True),
    _Manager("Neon", _CLOUD, frozenset({"neon_superuser"}), service=True),
    _Manager("DigitalOcean", _CLOUD, frozenset({"doadmin"}), service=True),
    _Manager("Aiven", _CLOUD, frozenset({"aiven_extras"}), libraries=frozenset({"aiven_extras"}), service=True),
)  # fmt: skip


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the cluster by the nodes that answer."""
    nodes = [node for node in cluster.nodes if node.answers]
    managers = _MANAGERS if cluster.patroni is not None else (_PATRONI, *_MANAGERS)
    found = [(manager, evidence) for manager in managers if (evidence := _evidence(manager, nodes))]
    for manager, evidence in found:
        yield _told(manager, evidence)
    if not found:
        yield _nobody(cluster, nodes)


def _told(manager: _Manager, evidence: str) -> Outcome:
    if manager.service:
        message = f"this is {manager.name} ({evidence}): failovers are the service's"
        return failed(None, message, manager.remedy, weight=Weight.INFO)
    message = f"{manager.name} manages this cluster ({evidence}): never promote by hand"
    return failed(None, message, manager.remedy)


def _nobody(cluster: Cluster, nodes: list[Node]) -> Outcome:
    hidden = next((node for node in nodes if node.applications is None), None)
    if hidden is not None:
        grant = hidden.denied.get("activity")
        return unknown(None, f"whether a manager is connected to {hidden.name} can't be seen", remedy=grant)
    if not nodes or not all(_seen(node) for node in nodes):
        return unknown(None, "whether a manager decides about failovers is unknown")
    return passed(None, "no manager of failovers is seen" + ("" if cluster.patroni is None else " besides Patroni"))


def _evidence(manager: _Manager, nodes: list[Node]) -> str | None:
    """Return what gives a manager away, None for nothing."""
    for node in nodes:
        for role in sorted(manager.roles & (node.managing_roles or frozenset())):
            return f"role {role}"
        for library in sorted(manager.libraries & _libraries(node)):
            return f"extension {library}"
        for name in sorted(node.applications or ()):
            if name.startswith(manager.applications):
                return f'a session of "{name}"'
    return None


def _seen(node: Node) -> bool:
    facts = (node.managing_roles, node.installed_extensions, node.setting("shared_preload_libraries"))
    return None not in facts


def _libraries(node: Node) -> frozenset[str]:
    setting = node.setting("shared_preload_libraries")
    preloaded = set() if setting is None else {part.strip() for part in setting.value.split(",")}
    return (node.installed_extensions or frozenset()) | preloaded
