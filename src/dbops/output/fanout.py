"""One command over many tenants, as lines."""

from __future__ import annotations

from dbops.output.style import Style
from dbops.results.fanout import FanOutResult, Tenant, TenantEnded, TenantState
from dbops.results.migration import TROUBLED
from dbops.results.progress import duration

_NAME_WIDTH = 28
_STATES = {
    TenantState.DONE: "done",
    TenantState.FAILED: "failed",
    TenantState.INTERRUPTED: "interrupted",
    TenantState.NOT_STARTED: "not started",
}


def ended(event: TenantEnded, style: Style) -> str:
    """Return the line of a tenant that is done or failed."""
    tenant = event.tenant
    took = duration((tenant.took_ms or 0) / 1000)
    mark = style("✓", "green") if tenant.state is TenantState.DONE else style("✗", "red")
    return f"{mark} {tenant.name:<{_NAME_WIDTH}} {took:>9}  {_words(tenant, style)}"


def render(result: FanOutResult, _style: Style) -> str:
    """Return the line that counts the tenants; each has had its own when it ended."""
    counts = [f"{count} {_STATES[state]}" for state in TenantState if (count := result.count(state))]
    summary = f"{len(result.tenants)} {result.kind}s: {', '.join(counts)}"
    return f"{summary}; {result.stopped}, so no more were begun" if result.stopped else summary


def _words(tenant: Tenant, style: Style) -> str:
    """Say what was done there, or how it stands."""
    if tenant.error is not None:
        return style(str(tenant.error["message"]), "red")
    result = tenant.result or {}
    if "migrations" not in result:
        done = [f"{len(result[key])} {key}" for key in ("reverted", "applied") if result.get(key)]
        return ", ".join(done) or "nothing to do"
    troubled = sorted({each["state"] for each in result["migrations"] if each["state"] in TROUBLED})
    standing = f"{result.get('applied', 0)} applied, {result.get('pending', len(result['migrations']))} pending"
    return f"{standing}, {style(', '.join(troubled).replace('_', ' '), 'red', 'bold')}" if troubled else standing
