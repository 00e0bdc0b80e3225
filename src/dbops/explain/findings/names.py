"""Names as remedies write them."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from dbops.results.plan import PlanNode
from dbops.sql.nodes import Relation
from dbops.sql.quote import identifier
from dbops.sql.split import SqlSyntaxError, split

_LONGEST = 63
_ON_PATH = frozenset({None, "public"})


@lru_cache(maxsize=1024)
def name(text: str) -> str:
    """Return a name as SQL has it, in quotes only where it must be: also a word that PostgreSQL keeps for itself."""
    text = text.replace("\0", "") or "?"  # no server has such names, a file may
    shown = str(Relation(None, text))
    try:
        split(f"ANALYZE {shown}")
    except SqlSyntaxError:
        return identifier(text)
    return shown


def table(node: PlanNode) -> str:
    """Return the table that a node reads, with its schema where that may not be on the search path."""
    schema = "" if node.schema in _ON_PATH else f"{name(str(node.schema))}."
    return schema + name(node.relation or "")


def statistics(node: PlanNode, columns: tuple[str, ...]) -> str:
    """Return a name for extended statistics on columns of a node's table, in the table's schema."""
    schema = "" if node.schema in _ON_PATH else f"{name(str(node.schema))}."
    return schema + name(_fitting("_".join((node.relation or "", *columns, "stats"))))


def _fitting(wanted: str) -> str:
    """Return a name that PostgreSQL doesn't cut; a long one ends with a digest."""
    if len(wanted.encode()) <= _LONGEST:
        return wanted
    return wanted.encode()[: _LONGEST - 7].decode(errors="ignore") + f"_{digest(wanted)}"


def digest(text: str) -> str:
    """Return six characters that tell texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]
