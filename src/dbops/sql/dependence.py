"""What an answer depends on beside the rows: who asks, and when. Pure."""

from __future__ import annotations

from typing import NamedTuple

from dbops.sql.nodes import choice, kind, named, walk
from dbops.sql.normalized import readable
from dbops.sql.split import SqlSyntaxError, split

# What SQL spells without parentheses is a node of its own.
_SESSION_VALUES = frozenset({"CURRENT_ROLE", "CURRENT_USER", "USER", "SESSION_USER", "CURRENT_SCHEMA"})
_VALUE = "SVFOP_"
_SESSION = frozenset(
    {
        "current_setting", "current_schema", "current_schemas", "current_user", "session_user", "getpgusername",
        "pg_backend_pid", "pg_my_temp_schema", "pg_is_other_temp_schema", "inet_client_addr", "inet_client_port",
        "current_query", "row_security_active", "currval", "lastval", "pg_current_xact_id", "txid_current",
        "pg_current_snapshot", "txid_current_snapshot", "pg_has_role", "has_table_privilege",
        "has_column_privilege", "has_any_column_privilege", "has_schema_privilege", "has_database_privilege",
        "has_function_privilege", "has_sequence_privilege", "has_type_privilege", "has_language_privilege",
        "has_server_privilege", "has_tablespace_privilege", "has_foreign_data_wrapper_privilege",
        "pg_table_is_visible", "pg_listening_channels", "pg_trigger_depth",
    }
)  # fmt: skip
SESSION_WORDS = frozenset(each.lower() for each in _SESSION | _SESSION_VALUES - {"USER"})
"""What a text has that looks at who asks; ``user`` is too often something else."""
_TIME = frozenset({"now", "transaction_timestamp", "statement_timestamp", "age"})


class Dependence(NamedTuple):
    """The functions that say something else to another session, and what does at another time."""

    session: frozenset[str] = frozenset()
    time: frozenset[str] = frozenset()

    def plus(self, other: Dependence) -> Dependence:
        """Return both together."""
        return Dependence(self.session | other.session, self.time | other.time)


def dependence(sql: str) -> Dependence:
    """Return what a query's text depends on; nothing of what can't be parsed."""
    try:
        nodes = [each.node for each in split(readable(sql)) if each.node is not None]
    except (SqlSyntaxError, ValueError):
        return Dependence()
    session: set[str] = set()
    time: set[str] = set()
    for node in (inner for each in nodes for inner in walk(each)):
        if kind(node) == "SQLValueFunction":
            name = choice(node, "op").removeprefix(_VALUE).removesuffix("_N")
            if name != "CURRENT_CATALOG":
                (session if name in _SESSION_VALUES else time).add(name)
        elif kind(node) == "RangeTableSample" and not node.HasField("repeatable"):
            time.add("TABLESAMPLE")
        elif kind(node) == "FuncCall":
            called = named(node.funcname)
            if called.schema not in {None, "pg_catalog"}:
                continue
            if called.name in _SESSION:
                session.add(f"{called.name}()")
            # age() of two moments is about these alone; of one it is about today.
            elif called.name in _TIME and not (called.name == "age" and len(node.args) > 1):
                time.add(f"{called.name}()")
    return Dependence(frozenset(session), frozenset(time))
