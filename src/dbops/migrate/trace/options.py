"""How a plan is traced."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.postgres.dsn import Dsn


@dataclass(frozen=True, slots=True)
class Tracing:
    """That a plan is traced: on the server ``scratch`` names, or on one of our own, there as a ``superuser`` or not."""

    scratch: Dsn | None = None
    superuser: bool = False
