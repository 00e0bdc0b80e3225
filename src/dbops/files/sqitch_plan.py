"""sqitch's plan: its changes in order, with their tags and what they need."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dbops.errors import DbopsError
from dbops.files.migration import SourceFile, at_line
from dbops.files.text import decode

# A name neither begins nor ends with punctuation other than _, and has no blank, colon, @ or # in it.
_NAME = r"[^\W](?:[^\s:@#\[\]\\]*[\w])?"
_PRAGMA = re.compile(r"%[ \t]*(?P<name>[\w-]+)[ \t]*(?:=[ \t]*(?P<value>.*?))?[ \t]*")
_TAG = re.compile(rf"@(?P<name>{_NAME})(?:[ \t].*)?")
_CHANGE = re.compile(rf"(?P<sign>[+-]?)[ \t]*(?P<name>{_NAME})(?:[ \t]+\[(?P<needs>[^\]]*)\])?(?:[ \t].*)?")
_NEED = re.compile(rf"(?P<not>!?)(?:(?P<project>{_NAME}):)?(?P<name>{_NAME})?(?:@(?P<tag>{_NAME}))?")
_HINT = "sqitch writes the plan: `sqitch add`, `sqitch rework` and `sqitch tag`"


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the plan; ``tags`` stand behind it, before the next change of its name where it was ``reworked``."""

    name: str
    line: int
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reworked: bool = False


def read(file: SourceFile) -> list[Change]:
    """Return the changes in order; raises InvalidMigration for a line that sqitch wouldn't read or deploy."""
    plan = _Plan(file)
    for number, line in enumerate(decode(file).split("\n"), 1):
        words = line.split("#")[0].strip() if not line.lstrip().startswith("#") else ""
        if words:
            plan.add(number, words)
    return plan.changes


class _Plan:
    """The plan as far as it is read."""

    def __init__(self, file: SourceFile) -> None:
        self._path = file.path
        self._tags: set[str] = set()
        self._project: str | None = None
        self.changes: list[Change] = []

    def add(self, number: int, words: str) -> None:
        if match := _PRAGMA.fullmatch(words):
            self._pragma(number, match)
        elif match := _TAG.fullmatch(words):
            self._tag(number, match["name"])
        elif match := _CHANGE.fullmatch(words):
            self._change(number, match)
        else:
            raise self._wrong(number, f"{words.split(maxsplit=1)[0]} is neither a change, a @tag nor a %pragma")

    def _pragma(self, number: int, match: re.Match[str]) -> None:
        if match["name"] == "project":
            self._project = match["value"]
        if match["name"] == "syntax-version" and not (match["value"] or "").startswith("1."):
            raise self._wrong(number, f"the plan's syntax is {match['value']}: dbops reads 1.0.0")

    def _tag(self, number: int, name: str) -> None:
        if not self.changes:
            raise self._wrong(number, f"@{name} stands before the first change")
        if name in self._tags:
            raise self._wrong(number, f"a second @{name}")
        self._tags.add(name)
        # A tag is one of every change before it, until the change is reworked.
        self.changes = [each if each.reworked else replace(each, tags=(*each.tags, name)) for each in self.changes]

    def _change(self, number: int, match: re.Match[str]) -> None:
        name = match["name"]
        if match["sign"] == "-":
            raise self._wrong(number, f"-{name} reverts a change within the plan, which no sqitch does")
        earlier = next((i for i, each in enumerate(self.changes) if each.name == name and not each.reworked), None)
        if earlier is not None:
            if not self.changes[earlier].tags:
                raise self._wrong(number, f"a second {name}, and no tag since line {self.changes[earlier].line}")
            self.changes[earlier] = replace(self.changes[earlier], reworked=True)
        needs = tuple((match["needs"] or "").split())
        for need in needs:
            self._check(number, need)
        self.changes.append(Change(name, number, needs))

    def _check(self, number: int, need: str) -> None:
        """Raise InvalidMigration when what a change needs doesn't come before it; other projects are not looked at."""
        match = _NEED.fullmatch(need)
        if match is None or not (match["name"] or match["tag"]):
            raise self._wrong(number, f"[{need}] names no change")
        if match["project"] not in {None, self._project}:
            return
        fitting = [each for each in self.changes if match["name"] in {None, each.name}]
        there = bool(fitting) and (match["tag"] is None or match["tag"] in self._tags)
        if there and match["not"]:
            raise self._wrong(number, f"it conflicts with {need[1:]}, which comes before it")
        if not there and not match["not"]:
            raise self._wrong(number, f"it needs {need}, which doesn't come before it")

    def _wrong(self, number: int, message: str) -> DbopsError:
        return at_line(self._path, number, message, _HINT)
