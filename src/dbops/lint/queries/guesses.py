"""Which columns are keys of a table that no schema is known of, by their names. Pure."""

from __future__ import annotations

from functools import lru_cache

from dbops.sql.nodes import Relation

_KEYS = ("id", "uuid", "guid", "email", "username", "slug", "token")
"""Names of columns that are mostly unique; what is looked up by one of the others can't be many rows either."""
_SUFFIXES = ("_id", "_uuid", "_guid")
_PLURALS = (("ies", "y"), ("es", ""), ("s", ""), ("", ""))


@lru_cache(maxsize=256)
def guessed_keys(relation: Relation | None) -> tuple[frozenset[str], ...]:
    """Return sets of columns of which each may well name one row: ``id``, and ``order_id`` for a table ``orders``."""
    names = list(_KEYS)
    if relation is not None:
        table = relation.name.lower()
        names += [_singular(table, *plural) + suffix for plural in _PLURALS for suffix in _SUFFIXES]
    return tuple(frozenset({name}) for name in dict.fromkeys(names))


def _singular(table: str, ending: str, instead: str) -> str:
    return table.removesuffix(ending) + instead if table.endswith(ending) else table
