"""What the checks mean: ``--checks`` and ``--explain CHECK``."""

from __future__ import annotations

from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.ha.catalogue import catalogue, explain
from dbops.output.ha import check as shown
from dbops.output.stream import put
from dbops.results.ha import HaChecks


def show(common: Common, output: str, name: str | None) -> None:
    """Print one check, or all."""
    infos = catalogue() if name is None else (explain(name),)
    if output == "json":
        document(HaChecks(infos) if name is None else infos[0])
    elif name is None:
        put(shown.listing(infos))
    else:
        width = screen.width()
        put(shown.render(infos[0], common.style(), width))
