"""What a rule is, and what it says.

A rule is a module in ``rules/query/`` or ``rules/migration/``; its file's name, with hyphens, is its slug. It has

- a docstring: a line that says what is found, then paragraphs that begin with ``Why:``, ``Instead:`` and
  ``Versions:`` (which PostgreSQL versions; left out when it is all of them),
- ``SEVERITY``, the Severity of what it finds unless a Found says otherwise,
- ``BAD`` and ``GOOD``: SQL texts in which it must and must not find something. A text may begin with lines
  ``-- schema: CREATE TABLE …`` that are applied before, and ``-- pg: 15`` for a target version,
- ``check``: the rule itself; it takes a Query or a Change and yields what it Found.

Optional: ``NODES`` (migration rules: the statements it is asked about, by the names of their parse nodes; without it,
all), ``DEFAULT = False`` (only when it is selected by name), ``IN_MIGRATIONS = False`` (query rules: not asked about
the statements of migrations), ``NEEDS_WHOLE = True`` (query rules that find something missing: not asked about a
statement to which a program may add clauses), ``FIXABLE = True``.

Promises that a test keeps on a real server, for rules about migrations: ``LOCK``, the strongest lock that a bad example
takes on a relation that exists before it (a Mode for all of them, or a tuple with one for each); ``REWRITES``, that a
bad example rewrites such a table, and that no good one does; ``SCANS``, that a bad example reads such a table through
from its first row to its last while it holds ``LOCK``, and that no good one does; ``FAILS``, that the server refuses a
bad example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dbops.results.lint import Severity
from dbops.sql.lock_modes import Mode

QUERY = "query"
MIGRATION = "migration"


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in place of the script's characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Something a rule found.

    ``message`` says what will happen, ``hint`` what to do, with SQL one can paste. ``start`` and ``end`` are offsets
    in the script's text; without them the whole statement is meant. ``severity`` replaces the rule's own. ``edits``
    mend it without changing what the statements come to mean; empty when that is not safe.
    """

    message: str
    hint: str | None = None
    start: int | None = None
    end: int | None = None
    severity: Severity | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's module, read; ``locks`` has an item for each of ``bad``."""

    slug: str
    group: str
    severity: Severity
    text: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    check: Callable[[Any], Iterable[Found]]
    nodes: frozenset[str] | None
    default: bool
    in_migrations: bool
    needs_whole: bool
    fixable: bool
    locks: tuple[Mode | None, ...] = ()
    rewrites: bool = False
    scans: bool = False
    fails: bool = False

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.text.split("\n", maxsplit=1)[0]
