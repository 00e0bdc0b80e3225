"""Whether a write is about every row of its table. Pure."""

from __future__ import annotations

from dbops.lint.queries.conditions import conjuncts, disjuncts
from dbops.sql.query import exp


def is_whole(write: exp.Expr) -> bool:
    """Whether an UPDATE or DELETE has no WHERE, or one that always holds."""
    if not isinstance(write.this, exp.Table):  # what a MERGE does in one of its cases
        return False
    where = write.args.get("where")
    return where is None or all(_always(each) for each in conjuncts(where))


def _always(node: exp.Expr) -> bool:
    """Whether a condition holds for any row, as ``true`` and ``1 = 1`` do."""
    match node:
        case exp.Boolean():
            return bool(node.this)
        case exp.And():
            return all(map(_always, conjuncts(node)))
        case exp.Not():
            return isinstance(node.this.unnest(), exp.Boolean) and not node.this.unnest().this
        case exp.EQ():
            one, other = node.this, node.expression
            return isinstance(one, exp.Literal) and isinstance(other, exp.Literal) and one.name == other.name
        case exp.Or():
            return any(map(_always, disjuncts(node)))
    return False
