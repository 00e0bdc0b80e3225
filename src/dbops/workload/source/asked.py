"""That a program asks the database, where, and in which loop. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from dbops.workload.source.models import Framework, Model, Relation

if TYPE_CHECKING:
    from dbops.workload.source.rows import Row
    from dbops.workload.source.values import Value


class Kind(Enum):
    """How the program asks."""

    OBJECT = "the one row that a relation leads to"
    ROWS = "the rows that a relation leads to"
    SUBSET = "some of the rows that a relation leads to"
    FIGURE = "how many rows a relation leads to"
    COLUMN = "a column that was left out"
    REFRESH = "a row again"
    GET = "a row by its key, unless the session has it"
    QUERY = "a query"
    STATEMENT = "the text of a statement"


class Where(Enum):
    """What kind of loop it is."""

    LOOP = "a loop"
    COMPREHENSION = "a comprehension"
    WHILE = "a while loop"
    TEMPLATE = "a template's loop"
    SERIALIZER = "a serializer of many"
    ADMIN = "the list of an admin"
    EACH = "a function that is called for each"


@dataclass(slots=True, eq=False)
class Loop:
    """A loop that is being run. ``many`` is False for one that has few rounds, or that is right to ask each time.

    ``node`` is what it goes over, and ``over`` what is known of it. ``frame`` is the depth of calls it is in.
    """

    number: int
    where: Where
    many: bool
    node: ast.AST
    over: Value | None
    frame: int

    @property
    def text(self) -> str:
        """What it goes over: the query where that is known, else as it is written."""
        known = None if self.over is None else self.over.origin
        return known or (ast.unparse(self.node) if isinstance(self.node, ast.expr) else "")


@dataclass(frozen=True, slots=True)
class Asked:
    """``keys`` are the loops, by number, from round to round of which the key that is asked for differs.

    ``row`` and ``relation`` say whence a relation leads, ``model`` whose rows are asked for, None when that is not
    known. ``text`` is the query as far as it is known, ``method`` what runs it. ``lookups`` are the names of what is
    compared with the key.
    """

    kind: Kind
    framework: Framework
    keys: frozenset[int]
    row: Row | None = None
    relation: Relation | None = None
    model: Model | None = None
    text: str = ""
    method: str = ""
    lookups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A question in a loop: ``expression`` asks at ``place``, in the function that has the loop.

    ``within`` is where it really does, when that is a function that is called in the loop.
    """

    asked: Asked
    loop: Loop
    expression: str
    place: Place
    within: Place | None
