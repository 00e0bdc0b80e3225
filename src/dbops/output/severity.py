"""How severe findings are, in colours."""

from __future__ import annotations

from dbops.results.lint import Severity

PAINT: dict[Severity, tuple[str, ...]] = {
    Severity.ERROR: ("red", "bold"),
    Severity.WARNING: ("yellow",),
    Severity.INFO: ("cyan",),
}
