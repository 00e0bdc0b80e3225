"""What a finding is called, and means. Pure."""

from __future__ import annotations

import difflib

from dbops.errors import UsageError
from dbops.explain.findings import catalogue
from dbops.results.explain import FindingInfo


def meaning(name: str) -> FindingInfo:
    """Return the finding a person means. Raises UsageError, with those spelt like it, when there is none."""
    known = {info.finding: info for info in catalogue()}
    wanted = name.strip().lower().replace("_", "-")
    if wanted in known:
        return known[wanted]
    near = [slug for slug in known if wanted in slug][:3] or difflib.get_close_matches(wanted, known, n=3)
    raise UsageError(
        f"there is no finding {name!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else "docs/findings.md lists them",
        details=[{"field": "--finding", "error": f"unknown finding {name}"}],
    )
