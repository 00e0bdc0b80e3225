"""Lists in messages: the first few, and how many more. Pure."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice


def listed(items: Collection[str], separator: str = ", ", *, most: int = 4) -> str:
    """Return the items in a line, of more than ``most`` the first ones and how many more there are."""
    shown = separator.join(islice(items, most))
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
