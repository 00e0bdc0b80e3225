"""The name and the text of a new migration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

TEMPLATE = """\
-- migrate:up


-- migrate:down

"""
_NUMBER = re.compile(r"[0-9]+")
_COUNTED = 8
"""The most digits of a version that counts; a longer one is a time."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A migration that is to be written: ``text`` holds both directions behind dbops's markers.

    ``version`` goes on as the folder's numbers do, ``word`` is what it does as it stands in a file name, ``at`` is
    the time in UTC.
    """

    version: str
    word: str
    text: str
    at: datetime


def leading_numbers(versions: Sequence[str]) -> list[str]:
    """Return the first number of each version that begins with one, as it is written."""
    return [match[0] for version in versions if (match := _NUMBER.match(version))]


def next_version(versions: Sequence[str], now: datetime) -> str:
    """Return the version of a new migration, in the habit of the folder.

    ``versions`` are the existing ones in order. A folder that counts (0001, 0002; up to eight digits) goes on
    counting with the same width; any other, and an empty one, gets the UTC time as YYYYMMDDHHMMSS, or one more than
    the last version when that is later.
    """
    stamp = now.strftime("%Y%m%d%H%M%S")
    if not versions:
        return stamp
    last = versions[-1]
    following = str(int(last) + 1).zfill(len(last))
    return following if len(last) <= _COUNTED else max(stamp, following, key=int)


def slug(name: str) -> str:
    """Return a name as it stands in a file name: lower case, words joined by underscores.

    Raises ValueError when nothing is left of it.
    """
    words = re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_")
    if not words:
        raise ValueError(f"{name!r} has no letter or digit to make a file name of")
    return words
