"""What ``dbops doctor`` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dbops.results.target import Target


class Verdict(StrEnum):
    """How a check came out. What could not be looked at is ``unknown``, never ``ok``."""

    OK = "ok"
    OPTIONAL = "optional"
    """Not there, and nothing breaks without it."""
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``cost`` says what goes without it, ``remedy`` what mends it."""

    name: str
    verdict: Verdict
    found: str
    cost: str | None = None
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class ConfiguredSetting:
    """A setting that isn't at its default, and where it comes from; secrets are blanked."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class DoctorResult:
    """All checks, in the order they were made; ``target`` is None when no database was reached."""

    checks: tuple[Check, ...]
    settings: tuple[ConfiguredSetting, ...]
    target: Target | None
    cleaned: tuple[str, ...] = ()
