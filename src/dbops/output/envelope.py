"""The JSON every command prints: one object, ``data`` and ``meta``, or ``error``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dbops.results.document import plain


def success(result: Any) -> str:
    """Return the document of a result."""
    data, meta = plain(result)
    return _dump({"data": data, "meta": meta})


def failure(error: Mapping[str, Any]) -> str:
    """Return the document of an error, given as ``code, message, hint, retryable, details`` and what it adds."""
    return _dump({"error": error})


def _dump(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, default=str)
