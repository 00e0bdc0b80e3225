"""A loop's two queries as what a mapper of objects made of them: who refers to whom, and under which name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from dbops.sql.lookup import lookup
from dbops.sql.selection import Column, Selection, selection
from dbops.workload.nplusone.keys import ID, is_of

_COUNTS = re.compile(r"\s*SELECT\s+COUNT\(", re.IGNORECASE)
_EXISTS = re.compile(r"\s*SELECT\s+1\s+AS\b", re.IGNORECASE)
_NOTHING = Selection({}, frozenset(), frozenset())


@dataclass(frozen=True)
class Shape:
    """The loop's query and its source's as they were sent, and which of the query's equalities has the key.

    ``writer`` is what sqlcommenter's tags, or the program that is listened to, say of who wrote the query.
    """

    sql: str
    source: str | None
    place: int
    writer: str = ""

    @cached_property
    def own(self) -> Selection:
        """What the loop's query reads and gives."""
        return selection(self.sql) or _NOTHING

    @cached_property
    def before(self) -> Selection:
        """What the source reads and gives; nothing where there is none, or its text tells nothing."""
        return selection(self.source or "") or _NOTHING

    @cached_property
    def key(self) -> Column:
        """What the key is compared with."""
        found = lookup(self.sql)
        if found is None or self.place >= len(found.equalities):
            return Column(None, "")
        equality = found.equalities[self.place]
        return Column(None, equality.parts[-1]) if equality.nested else self.own.column(equality.parts)

    @property
    def counts(self) -> bool:
        """Whether it counts rows."""
        return _COUNTS.match(self.sql) is not None

    @property
    def exists(self) -> bool:
        """Whether it only asks if there is a row."""
        return _EXISTS.match(self.sql) is not None

    @property
    def table(self) -> str:
        """The name of the table whose column the key is compared with; "" where it is not known."""
        return "" if self.key.relation is None else self.key.relation.name

    @property
    def source_table(self) -> str:
        """The name of the table that the source query is of; "" where it reads none, or several."""
        names = {found.name for found in self.before.relations.values()}
        return names.pop() if len(names) == 1 else ""

    @property
    def same_table(self) -> bool:
        """Whether both are about the rows of one table."""
        return bool(self.table) and self.table == self.source_table

    @property
    def children(self) -> bool:
        """Whether the key refers to another table's rows: they are looked for that belong to it."""
        return ID.fullmatch(self.key.name) is not None

    @property
    def on(self) -> str:
        """Where the cure goes: ``on the query of posts``."""
        return f"on the query of {self.source_table}" if self.source_table else "on the query before"

    @cached_property
    def reference(self) -> str | None:
        """The name ``author`` where the source gives ``author_id``, and no other column that may refer to the table."""
        names = sorted({match[1] for column in self.before.columns if (match := ID.fullmatch(column.name))})
        fitting = [name for name in names if is_of(name, self.table)] or names
        return fitting[0] if len(fitting) == 1 and not self.children and not self.same_table else None
