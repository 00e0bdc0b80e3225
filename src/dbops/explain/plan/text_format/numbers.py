"""Numbers as EXPLAIN's text format prints them."""

from __future__ import annotations

import re

NUMBER = r"\d{1,150}(?:\.\d{1,20})?"
"""No longer ones: PostgreSQL prints none, and a product of two stays finite."""
_NUMBER = re.compile(NUMBER)


def number(text: str) -> int | float:
    """Return a number as JSON would give it."""
    return float(text) if "." in text else int(text)


def is_number(text: str) -> bool:
    """Whether the text is a number, and nothing else."""
    return _NUMBER.fullmatch(text) is not None
