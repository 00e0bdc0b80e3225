"""A cluster's readiness as a page: one file that needs no network, no server and no JavaScript."""

from __future__ import annotations

from dbops.output import html
from dbops.output.ha.html.view import view
from dbops.results.ha import HaStatus


def render(status: HaStatus, version: str, at: str) -> str:
    """Return the whole page; ``version`` is that of the dbops that makes it, ``at`` the time as it is shown."""
    return html.page("dbops.output.ha.html", view=view(status), version=version, at=at)
