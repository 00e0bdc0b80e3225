"""No node refuses writes by default_transaction_read_only.

Why: The setting was left behind as a fence, or set for a standby "to be safe". A standby that has it in its own
configuration refuses every write of the application after its promotion. On the primary it may be a fence that somebody
has put up on purpose: find out who.

Instead: `ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()`, or take it out of postgresql.conf.

Settings of a database or for all roles are replicated: they refuse writes before a failover as after it. Those of
single roles are told of without weight, because reporting roles have them on purpose. A value that this role or its
connection string has for itself hides the node's own.

Source: pg_settings with its source, and pg_db_role_setting.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.ha.check import BOTH, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import witnesses
from dbops.ha.snapshot import Node, RoleSetting
from dbops.results.ha import Weight
from dbops.sql.quote import identifier

WEIGHT = Weight.BLOCKER
MATTERS = BOTH
QUERY = "role_settings"

_NAME = "default_transaction_read_only"


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge each node by its configuration, and what is replicated once."""
    for node in cluster.nodes:
        if node.answers:
            yield _configured(node)
    for node in witnesses(cluster)[:1]:
        yield from _replicated(node)


def _configured(node: Node) -> Outcome:
    setting = node.setting(_NAME)
    if setting is None:
        return unknown(node, f"its {_NAME} is unknown", "settings")
    if setting.is_sessions_own:
        message = f"its {_NAME} can't be seen: this role, its database or its connection string has its own"
        return unknown(node, message, remedy="connect as a role without it")
    if not setting.on:
        return passed(node, f"{_NAME} is off")
    remedy = f"ALTER SYSTEM RESET {_NAME}; SELECT pg_reload_conf()"
    if node.is_primary:
        return failed(node, f"{_NAME} is on: it refuses writes now", remedy, weight=Weight.WARNING)
    return failed(node, f"{_NAME} is on: it would refuse writes after a promotion", remedy)


def _replicated(witness: Node) -> Iterator[Outcome]:
    """Yield what is to be said of the whole cluster."""
    if witness.role_settings is None:
        yield unknown(None, f"whether a database or a role has {_NAME} is unknown")
        return
    fenced = [each for each in witness.role_settings if each.name == _NAME and _is_on(each.value)]
    wide = [each for each in fenced if each.role is None]
    single = sorted({each.role for each in fenced if each.role is not None})
    if wide:
        whose = listed([f"database {each.database}" if each.database else "all roles" for each in wide])
        yield failed(None, f"{_NAME} is on for {whose}", _reset(wide[0]), weight=Weight.WARNING)
    if single:
        yield failed(None, f"{_NAME} is on for {listed(single)}", _reset_role(single[0]), weight=Weight.INFO)
    if not fenced:
        yield passed(None, f"no database and no role has {_NAME}")


def _is_on(value: str) -> bool:
    """Whether a boolean is on, in any of the spellings that ALTER ROLE … SET keeps."""
    word = value.strip().lower()
    return word != "" and (word in {"on", "1"} or "true".startswith(word) or "yes".startswith(word))


def _reset(setting: RoleSetting) -> str:
    if setting.database is None:
        return f"ALTER ROLE ALL RESET {_NAME}"
    return f"ALTER DATABASE {identifier(setting.database)} RESET {_NAME}"


def _reset_role(role: str) -> str:
    return f"ALTER ROLE {identifier(role)} RESET {_NAME}"
