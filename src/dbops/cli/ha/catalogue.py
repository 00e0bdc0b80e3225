"""What the checks mean: ``--checks`` and ``--explain CHECK``."""

from __future__ import annotations

import shutil
import sys

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
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        put(shown.render(infos[0], common.style(), width))
