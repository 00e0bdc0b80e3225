"""What ``dbops nplusone --statements`` does around its call: the target, and what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbops.cli.context import Common
from dbops.cli.reporting import Reporting
from dbops.errors import UsageError
from dbops.postgres.dsn import resolve
from dbops.postgres.interrupt import Interrupt
from dbops.results.nplusone import NPlusOneResult
from dbops.workload.suspects import Request, suspects


def statements(common: Common, flags: dict[str, Any], reporting: Reporting) -> Callable[[Interrupt], NPlusOneResult]:
    """Return what looks at the target, or at the database ``--database`` of its server."""
    target = resolve(common.settings, flags["dsn"], direct=True)
    if flags["database"] is not None:
        if target.embedded is not None:
            raise UsageError(
                f"{target.text} is a database already",
                hint="leave --database out",
                details=[{"field": "--database", "error": "not with embedded servers"}],
            )
        target = target.of_database(flags["database"])
    request = Request(flags["seconds"], flags["min_calls"], common.settings.value("environment"), reporting.event)
    return lambda interrupt: suspects(target, request, interrupt)
