"""A write to PostgreSQL's own catalog.

Why: Nothing is checked and nothing that depends on the row follows: caches, dependencies and files go out of step, and
the damage may show much later, as wrong results or a server that can't be upgraded. What works in one version breaks in
the next.

Instead: The DDL statement for it (ALTER TABLE, ALTER TYPE, REINDEX …). Setting `pg_settings` is no such write.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.lint.changes.change import Change
from dbops.lint.rule import Found
from dbops.results.lint import Severity
from dbops.sql.nodes import kind

SEVERITY = Severity.ERROR
NODES = ("UpdateStmt", "InsertStmt", "DeleteStmt", "MergeStmt")
BAD = (
    "UPDATE pg_catalog.pg_index SET indisvalid = true WHERE indexrelid = 0",
    "DELETE FROM pg_enum WHERE enumlabel = 'old'",
)
GOOD = (
    "UPDATE pg_settings SET setting = '1s' WHERE name = 'lock_timeout'",
    "-- schema: CREATE TABLE pg_dumps (id bigint PRIMARY KEY)\nINSERT INTO pg_dumps (id) VALUES (1)",
)
_CATALOGS = frozenset(
    f"pg_{name}"
    for name in (
        "aggregate", "am", "amop", "amproc", "attrdef", "attribute", "auth_members", "authid", "cast", "class",
        "collation", "constraint", "conversion", "database", "db_role_setting", "default_acl", "depend", "description",
        "enum", "event_trigger", "extension", "foreign_data_wrapper", "foreign_server", "foreign_table", "index",
        "inherits", "init_privs", "language", "largeobject", "largeobject_metadata", "namespace", "opclass", "operator",
        "opfamily", "partitioned_table", "policy", "proc", "publication", "publication_rel", "range",
        "replication_origin", "rewrite", "seclabel", "sequence", "shdepend", "statistic", "statistic_ext",
        "subscription", "tablespace", "transform", "trigger", "ts_config", "ts_dict", "type", "user_mapping",
    )
)  # fmt: skip


def check(change: Change) -> Iterator[Found]:
    """Find writes to tables of pg_catalog."""
    target = change.target
    if target.name in _CATALOGS and target.schema in {None, "pg_catalog"}:
        verb = kind(change.node).removesuffix("Stmt").upper()
        yield change.found(
            f"{verb} of {target.name} changes the catalog behind PostgreSQL's back: what depends on it does not follow",
            "use the DDL statement for it",
            location=change.node.relation.location,
            words=1 if target.schema is None else 3,
        )
