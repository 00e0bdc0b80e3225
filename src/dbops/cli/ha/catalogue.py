"""What the checks mean: ``--checks`` and ``--explain CHECK``."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from dbops.cli.context import Common
from dbops.cli.render import document
from dbops.ha.catalogue import catalogue, explain
from dbops.output.ha import check as shown
from dbops.output.stream import put


def show(common: Common, output: str, name: str | None) -> None:
    """Print one check, or all."""
    result: Any = catalogue() if name is None else explain(name)
    if output == "json":
        document(result)
    elif name is None:
        put(shown.listing(result))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        put(shown.render(result, common.style(), width))
