"""From statements and what the server tells of them to cases for the strategies."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from dbops.results.cache import SummaryView
from dbops.results.workload import TopStatement
from dbops.sql.access import accesses
from dbops.sql.counter import Counter, counter
from dbops.sql.dependence import Dependence, dependence
from dbops.sql.fingerprint import fingerprint
from dbops.sql.keyed import key_of, keyed
from dbops.sql.mentioned import mentioned
from dbops.sql.normalized import readable
from dbops.sql.parameters import places
from dbops.sql.purpose import Purpose, purpose
from dbops.sql.summary_view import NotPossible, summary, summary_view
from dbops.workload.cache.case import Case, Expected, Wanted
from dbops.workload.cache.known import Known, WriteStatement
from dbops.workload.cache.obstacles import obstacles
from dbops.workload.cache.replay import Read
from dbops.workload.cache.verdict import computed
from dbops.workload.cache.writes import Entity


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement, what it is for, the relations that it writes, and ``text``, its SQL as it can be parsed.

    It was called in ``seconds``, None where nobody knows how long that was.
    """

    statement: TopStatement
    purpose: Purpose
    writes: frozenset[str]
    text: str
    seconds: float | None

    @property
    def calls_per_s(self) -> float | None:
        """Calls a second."""
        return None if not self.seconds else self.statement.calls / self.seconds


class Texts:
    """What statements' texts mean, each parsed once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Purpose, frozenset[str]]] = {}

    def of(self, text: str | None) -> tuple[Purpose, frozenset[str]]:
        """Return what a text is for, and the relations that it writes."""
        if text is None:
            return Purpose(None, "its text is not known"), frozenset()
        if text not in self._known:
            found = purpose(text)
            only_reads = found.query and found.refused is None
            writes = () if only_reads else (each.writes for each in accesses(text))
            self._known[text] = found, frozenset[str]().union(*writes)
        return self._known[text]

    def names(self, called: Iterable[TopStatement]) -> frozenset[str]:
        """Return the relations that statements read and write."""
        found = [self.of(each.query) for each in called]
        return frozenset[str]().union(*(means.relations | writes for means, writes in found))

    def seen(self, statement: TopStatement, seconds: float | None) -> Seen:
        """Return a statement with what its text means."""
        return Seen(statement, *self.of(statement.query), readable(statement.query or ""), seconds)


def writes_of(seen: Iterable[Seen], known: Known) -> tuple[WriteStatement, ...]:
    """Return the statements that write, of those whose time is known."""
    return tuple(each for one in seen if one.seconds and (each := _writes(one, known)) is not None)


def _writes(seen: Seen, known: Known) -> WriteStatement | None:
    means = [known.means(name) for name in seen.writes]
    if not means:
        return None
    calls, rows, seconds = seen.statement.calls, seen.statement.rows, seen.seconds or 1.0
    named = keyed(seen.text)
    root = known.root(named.table) if named is not None else None
    derives = any(each.derives for each in means)
    columns = frozenset(named.rows[0]) - named.changed if named is not None and named.kind != "insert" else frozenset()
    return WriteStatement(
        tables=frozenset[int]().union(*(each.below for each in means)),
        # A call that met no row wrote nothing; of TRUNCATE no rows are counted.
        per_s=(min(calls, rows) if rows else calls if not seen.purpose.query else 0) / seconds,
        rows_per_s=rows / seconds,
        keyed=(root.oid, columns) if root is not None and columns else None,
        changed=named.changed if named is not None and named.kind == "update" and not derives else None,
    )


def read_of(seen: Seen, known: Known) -> Read | None:
    """Return what a replay has to know of a statement; None for one that is no read, and counts nothing."""
    counted = _counter(seen, known)
    if counted is not None:
        return Read(frozenset(), collected=counted.key)
    if seen.purpose.refused is not None or seen.purpose.unreadable is not None or not seen.purpose.query:
        return None
    tables = frozenset(each.oid for each in known.below(seen.purpose.relations))
    return Read(tables, _entity(seen, known), _columns(seen, known))


def _columns(seen: Seen, known: Known) -> frozenset[str] | None:
    """Return the columns that a statement mentions, None for any: a view mentions others."""
    plain = all(known.root(name) is not None for name in seen.purpose.relations) and not _unseen(seen.purpose, known)
    return mentioned(seen.text) if plain else None


def _unseen(purpose: Purpose, known: Known) -> bool:
    """Whether a query may read what is written where nobody sees it: by a function, or in a foreign table."""
    return known.against.may_read_any(purpose) or any(each.kind == "f" for each in known.below(purpose.relations))


def _counter(seen: Seen, known: Known) -> Counter | None:
    """Return what a statement counts: ``+ 1`` of a date, or ``- 'key'`` of a document, is no counting."""
    found = counter(seen.text) if seen.purpose.refused is not None and seen.purpose.query else None
    table = known.root(found.table) if found is not None else None
    return found if found is not None and table is not None and table.numbers.issuperset(found.columns) else None


def _entity(seen: Seen, known: Known) -> Entity | None:
    """Return the one row that a statement looks up by a unique key."""
    named = keyed(seen.text) if len(seen.purpose.relations) == 1 and not _unseen(seen.purpose, known) else None
    table = known.root(named.table) if named is not None else None
    if named is None or table is None or named.kind != "select":
        return None
    found = [columns for columns in table.unique if key_of(named, columns, named.rows[0]) is not None]
    return Entity(table.oid, min(found, key=lambda columns: (len(columns), columns))) if found else None


def name_of(seen: Seen) -> str | None:
    """Return the fingerprint that the statement has in a log too."""
    return fingerprint(seen.text)


_NO_RATE = "how often a second it is called is not known: --for 60s tells"


class Cases:
    """Makes cases; what statements share is counted once."""

    def __init__(
        self,
        seen: Iterable[Seen],
        known: Known,
        wanted: Wanted,
        expected: Callable[[Seen], tuple[Expected | None, str]],
    ) -> None:
        self._known = known
        self._wanted = wanted
        self._expected = expected
        reads = {each.statement.queryid: read_of(each, known) for each in seen}
        self._reads: Mapping[int | None, Read | None] = reads
        self._shared = Tally(each.entity for each in reads.values() if each is not None and each.entity is not None)
        self._views: set[str] = set()

    def case(self, seen: Seen) -> Case:
        """Return a statement's case."""
        statement, known, calls = seen.statement, self._known, seen.calls_per_s
        read = self._reads.get(statement.queryid)
        entity = read.entity if read is not None else None
        little = calls is not None and (statement.mean_ms or 0.0) * calls < self._wanted.least
        depends = Dependence() if little else _depends(seen, known)
        written = self.written(seen)[0]
        select = None if little or read is None else summary(seen.text)
        parameters = next(places(seen.text), None) is not None
        expected, missing = self._expected(seen)
        if expected is None and not parameters and read is not None and read.collected is None:
            expected = None if calls is None else computed(calls, written, self._wanted)
            missing = _NO_RATE
        if expected is not None and _unseen(seen.purpose, known):
            expected = expected.unseen()
        return Case(
            calls_per_s=calls,
            mean_ms=statement.mean_ms,
            rows_per_call=statement.rows / statement.calls if statement.calls else None,
            obstacles=tuple(obstacles(seen.purpose, depends, known)),
            time=depends.time,
            opaque=frozenset(map(str, known.against.called(seen.purpose) & known.against.opaque)),
            parameters=parameters,
            writes_per_s=written,
            entity=entity,
            entity_name=_name(entity, seen, known),
            shared=self._shared[entity] if entity is not None else 1,
            entity_writes=None if entity is None else self._entity_writes(entity, read),
            sums_up=select is not None,
            view=lambda: self._view(seen),
            counter=_counter(seen, known),
            expected=expected,
            missing=missing,
        )

    def written(self, seen: Seen) -> tuple[float | None, float | None]:
        """Return how many statements and how many rows a second write what a statement reads; None is not known."""
        purpose, known = seen.purpose, self._known
        tables = known.below(purpose.relations)
        if not purpose.relations <= known.tables.keys() or _unseen(purpose, known):
            return None, None
        read = self._reads.get(seen.statement.queryid)
        columns = read.columns if read is not None else None
        return known.written(frozenset(each.oid for each in tables), columns) if tables else (0.0, 0.0)

    def names(self, seen: Seen) -> tuple[str, ...]:
        """Return the names of the tables that a statement reads, or those that it names where that is not known."""
        below = self._known.below(seen.purpose.relations)
        return tuple(each.name for each in below) or tuple(sorted(seen.purpose.relations))

    def _entity_writes(self, entity: Entity, read: Read | None) -> float:
        """Return how often a second what is read of a row is written by the entity's key."""
        columns = read.columns if read is not None else None
        wanted = set(entity.columns)
        return sum(
            each.per_s
            for each in self._known.writes
            if each.keyed is not None
            and each.keyed[0] == entity.table
            and wanted <= each.keyed[1]
            and each.concerns(columns)
        )

    def _view(self, seen: Seen) -> SummaryView | str:
        try:
            view = summary_view(seen.text, self._views)
        except NotPossible as error:
            return str(error)
        self._views.add(view.name)
        return view


def _depends(seen: Seen, known: Known) -> Dependence:
    views = [known.views[name] for name in seen.purpose.relations if name in known.views]
    return reduce(Dependence.plus, views, dependence(seen.text))


def _name(entity: Entity | None, seen: Seen, known: Known) -> str:
    if entity is None:
        return ""
    table = next((each.name for name in seen.purpose.relations for each in known.tables[name] if each.root), "?")
    return f"{', '.join(entity.columns)} of {table}"
