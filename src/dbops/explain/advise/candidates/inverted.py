"""Conditions that look into a value, which only GIN indexes answer: patterns, JSON, arrays, text search. Pure.

Which operator class answers which operator is PostgreSQL's documentation of GIN and of pg_trgm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dbops.explain.advise.candidates.access import Access, How, indexable, made, text_of
from dbops.explain.advise.candidates.scene import Scene
from dbops.explain.advise.candidates.terms import TEXTS, Found
from dbops.lint.queries.predicates import unwrapped
from dbops.lint.queries.query import folded
from dbops.sql.query import exp

TRIGRAMS = "gin_trgm_ops"
_PATHS = "jsonb_path_ops"
_CONTAINMENT = (exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps)
_KEYS = (exp.JSONBContainsTopKey, exp.JSONBContainsAnyTopKeys, exp.JSONBContainsAllTopKeys)
_LIKES = (exp.Like, exp.ILike)
_REGEXES = (exp.RegexpLike, exp.RegexpILike, exp.SimilarTo)
_ESCAPED = re.compile(r"\\.")
_TRIGRAM = re.compile(r"\w{3}")


def inverted(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    """Yield what a GIN index would be asked."""
    node = unwrapped(node)
    if isinstance(node, (*_LIKES, *_REGEXES)):
        yield from _pattern(scene, node)
    elif isinstance(node, exp.MatchAgainst):
        yield from _matched(scene, node)
    elif isinstance(node, (*_CONTAINMENT, *_KEYS, exp.JSONBPathExists)):
        yield from _contained(scene, node)
    elif isinstance(node, exp.EQ):
        yield from _element(scene, node)


def _pattern(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    """Yield LIKE, ILIKE and regular expressions with at least three letters in a row: fewer make no trigram."""
    found = indexable(scene, node.this)
    text = text_of(node.expression)
    if found is None or text is None or node.args.get("negate") or found[1].type not in {*TEXTS, None}:
        return
    begins = isinstance(node, exp.Like) and text[:1] not in {"%", "_"}  # for which a B-tree is smaller
    if not begins and _TRIGRAM.search(_ESCAPED.sub(" ", text).replace("_", " ")):
        yield replace(made(scene, node, found, How.INVERTED), opclass=TRIGRAMS, extension="pg_trgm")


def _matched(scene: Scene, node: exp.MatchAgainst) -> Iterator[Access]:
    """Yield ``@@`` of a text search vector or of JSON."""
    for side in (*node.expressions, node.this):
        found = indexable(scene, side)
        if found is not None and _is_vector(side, found):
            yield made(scene, node, found, How.INVERTED)
        elif found is not None and found[1].type == "jsonb":
            yield replace(made(scene, node, found, How.INVERTED), opclass=_PATHS)


def _is_vector(side: exp.Expr, found: Found) -> bool:
    return found[1].type == "tsvector" or (isinstance(side, exp.Anonymous) and side.name.lower() == "to_tsvector")


def _contained(scene: Scene, node: exp.Expr) -> Iterator[Access]:
    sides = [(node.this, node.expression)]
    if isinstance(node, exp.ArrayOverlaps):
        sides.append((node.expression, node.this))
    if isinstance(node, exp.ArrayContainedBy):  # what it is in contains it
        sides = [(node.expression, node.this)]
    for side, other in sides:
        found = indexable(scene, side)
        if found is None or _names(scene, other, found):
            continue
        if _is_json(side, found) and not isinstance(node, exp.ArrayOverlaps):
            yield replace(made(scene, node, found, How.INVERTED), opclass=None if isinstance(node, _KEYS) else _PATHS)
        elif (found[1].type or "").endswith("[]") and isinstance(node, _CONTAINMENT):
            yield made(scene, node, found, How.INVERTED)


def _is_json(side: exp.Expr, found: Found) -> bool:
    return found[1].type == "jsonb" or isinstance(unwrapped(side), exp.JSONExtract | exp.JSONBExtract)


def _names(scene: Scene, node: exp.Expr, found: Found) -> bool:
    """Whether the other side is of the same item, so that there is nothing to look for."""
    origins = map(scene.query.origin, node.find_all(exp.Column))
    return any(origin is None or origin[0] is found[0] for origin in origins)


def _element(scene: Scene, node: exp.EQ) -> Iterator[Access]:
    """Yield ``value = ANY (column)``, for which the planner uses no index until it is written another way."""
    for value, array in ((node.this, node.expression), (node.expression, node.this)):
        column = unwrapped(array.this) if isinstance(array, exp.Any) else None
        if not isinstance(column, exp.Column) or value.find(exp.Column) is not None:
            continue
        found = indexable(scene, column)
        if found is not None and (found[1].type or "").endswith("[]"):
            remark = (
                f"the planner uses it for {folded(column.this)} @> ARRAY[…], not for … = ANY ({folded(column.this)})"
            )
            yield replace(made(scene, node, found, How.INVERTED), remark=remark)
