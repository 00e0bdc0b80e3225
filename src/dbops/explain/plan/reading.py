"""A plan captured elsewhere: what EXPLAIN gave in a terminal, a file or a log, of PostgreSQL 12 and newer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dbops.explain.plan import json_format, text_format
from dbops.explain.plan.lines import Passage, split
from dbops.explain.plan.tree import plan_of
from dbops.explain.plan.unreadable import AGAIN, PlanUnreadable
from dbops.explain.plan.wrapping import unwrap
from dbops.results.plan import Plan

__all__ = ["PlanUnreadable", "documents", "read"]

_NOT_HELD = re.compile("[\0\ud800-\udfff]")
_YAML = re.compile(r"\s*(?:- )?(?:Query Text: .*\s+)?Plan: *\n +Node Type: ")
_EMPTY = "save what EXPLAIN printed there (psql -XAt -o plan.txt), or leave --plan out and give the query"


def read(text: str, name: str) -> tuple[Plan, ...]:
    """Return the plans in a text, mostly one; see ``documents``. Raises PlanUnreadable."""
    return tuple(map(plan_of, documents(text, name)))


def documents(text: str, name: str) -> tuple[dict[str, Any], ...]:
    """Return the plans in a text as EXPLAIN (FORMAT JSON) gives them; ``plan_of`` takes each.

    The text is EXPLAIN's, in JSON or text format, with what psql, CSV or a log put around it; ``name`` is the file's,
    for messages. What the text format leaves out because it is nothing is 0; what it can't tell is not there. Raises
    PlanUnreadable.
    """
    try:
        return tuple(_documents(text))
    except PlanUnreadable as error:
        raise error.of(name) from None


def _documents(text: str) -> Iterator[dict[str, Any]]:
    lines = split(text)
    empty = True
    for passage in unwrap(lines):
        empty = False
        if wrong := _NOT_HELD.search(passage.text):
            raise passage.unreadable("a NUL byte or half a character: this is no text", AGAIN, wrong.start())
        for document in _in_format(passage):
            if passage.duration_ms is not None:
                document.setdefault("Execution Time", passage.duration_ms)
            yield document
    if empty:
        raise PlanUnreadable("there is no plan: the file is empty", _EMPTY)


def _in_format(passage: Passage) -> Iterator[dict[str, Any]]:
    start = passage.text.lstrip()[:1]
    if start in {"[", "{"}:
        return json_format.documents(passage)
    if start == "<":
        raise passage.unreadable("this is XML; plans are read in JSON or text", AGAIN)
    if _YAML.match(passage.text):
        raise passage.unreadable("this is YAML; plans are read in JSON or text", AGAIN)
    return text_format.documents(passage.lines)
