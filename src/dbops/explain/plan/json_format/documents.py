"""Plans out of EXPLAIN's JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from dbops.explain.plan.checking import Path, flaw
from dbops.explain.plan.json_format.locating import locate, too_deep
from dbops.explain.plan.limits import DEEP, DEEP_HINT, DEEPEST
from dbops.explain.plan.lines import Passage
from dbops.explain.plan.unreadable import AGAIN, PlanUnreadable

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\n\r]*")
_LONG_NUMBER = re.compile(r"\d{1000}")
# What may stand at the end of a text that was cut off within a word or a number.
_BEGINNINGS = ("true", "false", "null", "-", ".", "e+", "e-")
_TIMING = re.compile(r"Time: [\d.,]+ ms.*\s*")


class _Found(NamedTuple):
    """A document in a JSON value; ``bare`` is one that lacks the object around its "Plan"."""

    path: Path
    document: dict[str, Any]
    bare: bool


def documents(passage: Passage) -> Iterator[dict[str, Any]]:
    """Yield the documents of a passage of JSON; each is checked, so that ``plan_of`` takes it. Raises PlanUnreadable.

    A bare plan or node is taken too, and arrays one after another.
    """
    text = passage.text
    at = _past_blanks(text, 0)
    while at < len(text):
        value, end = _value(passage, at)
        found = list(_found(value))
        if not found:
            raise passage.unreadable('this JSON is no plan: there is no "Plan" in it', AGAIN, at)
        for each in found:
            if wrong := flaw(each.document):
                inner = wrong.path[1:] if each.bare else wrong.path
                raise passage.unreadable(wrong.message, AGAIN, locate(text, at, (*each.path, *inner)))
            yield each.document
        at = _past_blanks(text, end)
        if _TIMING.fullmatch(text, at):
            return
        if at < len(text) and text[at] not in "[{":
            raise passage.unreadable("after the plan's JSON stands something else", "give the plan alone", at)


def _found(value: Any) -> Iterator[_Found]:
    members = [((number,), each) for number, each in enumerate(value)] if isinstance(value, list) else [((), value)]
    for path, each in members:
        if isinstance(each, dict) and "Plan" in each:
            yield _Found(path, each, bare=False)
        elif isinstance(each, dict) and "Node Type" in each:
            yield _Found(path, {"Plan": each}, bare=True)


def _value(passage: Passage, start: int) -> tuple[Any, int]:
    """Return the JSON value that begins at ``start``, and where it ends."""
    try:
        return _DECODER.raw_decode(passage.text, start)
    except json.JSONDecodeError as error:
        raise _damaged(passage, error) from None
    except RecursionError:
        raise passage.unreadable(DEEP, DEEP_HINT, too_deep(passage.text, start, 2 * DEEPEST)) from None
    except ValueError:  # Python refuses to read a number of thousands of digits
        number = _LONG_NUMBER.search(passage.text, start)
        at = number.start() if number else start
        raise passage.unreadable("this number is longer than any of EXPLAIN's", AGAIN, at) from None


def _damaged(passage: Passage, error: json.JSONDecodeError) -> PlanUnreadable:
    rest = passage.text[error.pos :].strip()
    if error.msg.startswith("Unterminated") or any(word.startswith(rest) for word in _BEGINNINGS):
        return passage.unreadable("the plan's JSON is cut off: its end is missing", AGAIN, error.pos)
    return passage.unreadable(f"the plan's JSON is damaged: {_lowered(error.msg)}", AGAIN, error.pos)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _past_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
