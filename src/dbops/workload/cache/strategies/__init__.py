"""The strategies: one module each, found by scan; see :class:`~dbops.workload.cache.case.Judge`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

from dbops.workload.cache.case import Judge


@cache
def judges() -> tuple[Judge, ...]:
    """Return all strategies in the order in which they are asked."""
    modules = (
        cast(Judge, importlib.import_module(f"{__name__}.{module.name}")) for module in pkgutil.iter_modules(__path__)
    )
    return tuple(sorted(modules, key=lambda module: module.RANK))
