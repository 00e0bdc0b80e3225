"""How two schemas differ; the field names are the contract of the JSON of ``migrate verify`` and ``drift``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What is the matter with an object."""

    MISSING = "missing"
    """It should be there, and isn't."""
    UNEXPECTED = "unexpected"
    """It is there, and should not be."""
    DIFFERENT = "different"
    """It is there, and not as it should be."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that differs.

    ``kind`` and ``object`` are those of the snapshot (``column``, ``public.orders.note``). ``expected`` and ``actual``
    hold the attributes that differ, by name; of a missing or unexpected object all of them, on the side where it is.
    """

    kind: str
    object: str
    change: Change
    expected: dict[str, Any] | None
    actual: dict[str, Any] | None

    def words(self, after: str = "") -> str:
        """Say it: ``column public.orders.note is missing`` and, where given, ``after down``."""
        when = f" {after}" if after else ""
        what = f"{self.kind} {self.object}"
        if self.change is Change.MISSING:
            return f"{what} is missing{when}"
        if self.change is Change.UNEXPECTED:
            return f"{what} should not be there{when}"
        expected, actual = self.expected or {}, self.actual or {}
        parts = (f"{name} {_said(actual.get(name))}, should be {_said(value)}" for name, value in expected.items())
        return f"{what} differs{when}: {'; '.join(parts)}"


def _said(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return str(value)
