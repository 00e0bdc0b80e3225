"""One command over many tenants, as lines."""

from __future__ import annotations

from dbops.output.style import Style
from dbops.results.fanout import FanOutResult, Tenant, TenantState
from dbops.results.migration import TROUBLED
from dbops.results.progress import TenantEnded, duration

_NAME_WIDTH = 28
_STATES = {
    TenantState.DONE: "done",
    TenantState.FAILED: "failed",
    TenantState.INTERRUPTED: "interrupted",
    TenantState.NOT_STARTED: "not started",
}


def ended(event: TenantEnded, style: Style) -> str:
    """Return the line of a tenant that is done or failed; of one that was only looked at, how it stands."""
    tenant = event.tenant
    took = duration((tenant.took_ms or 0) / 1000)
    return f"{_mark(tenant, style)} {tenant.name:<{_NAME_WIDTH}} {took:>9}  {_words(tenant, style)}"


def _mark(tenant: Tenant, style: Style) -> str:
    if tenant.state is not TenantState.DONE or _troubles(tenant):
        return style("✗", "red")
    result = tenant.result or {}
    behind = "migrations" in result and result.get("pending")
    return style("!", "yellow") if behind else style("✓", "green")


def _troubles(tenant: Tenant) -> list[str]:
    states = {each.get("state") for each in (tenant.result or {}).get("migrations", ())}
    return sorted(state for state in states if state in TROUBLED)


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
    standing = f"{result.get('applied', 0)} applied, {result.get('pending', len(result['migrations']))} pending"
    troubles = ", ".join(_troubles(tenant)).replace("_", " ")
    return f"{standing}, {style(troubles, 'red', 'bold')}" if troubles else standing
