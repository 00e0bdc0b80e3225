"""Results as plain values, for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dbops.results.target import Target


def plain(result: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a result's ``data`` and ``meta``: target and run id are meta, and ``total`` counts its first list."""
    data = asdict(result)
    meta: dict[str, Any] = {}
    target = data.pop("target", None)
    if isinstance(getattr(result, "target", None), Target):
        meta["target"] = {**target, "standing": result.target.standing}
    if "run_id" in data:
        meta["run_id"] = data.pop("run_id")
    first = next((value for value in data.values() if isinstance(value, tuple | list)), None)
    if first is not None:
        meta["total"] = len(first)
    return data, meta
