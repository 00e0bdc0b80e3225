"""The page of a query: one file that needs no network, no server and no JavaScript."""

from __future__ import annotations

from dbops.output import html
from dbops.output.explain.html.view import view
from dbops.results.explain import ExplainResult


def page(result: ExplainResult, *, version: str) -> str:
    """Return the whole page; ``version`` is that of the dbops that makes it."""
    return html.page(__name__, view=view(result), version=version)
