"""Which of a piece of work's statements are the loop of an N+1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from statistics import median, quantiles
from typing import NamedTuple

from dbops.results.nplusone import LoopKind
from dbops.sql.equality import Equality
from dbops.sql.lookup import Lookup, lookup
from dbops.sql.nodes import Relation
from dbops.sql.selection import selection
from dbops.workload.nplusone.keys import Keys, may_refer
from dbops.workload.nplusone.units import Run, Sample, Unit

FEWEST = 5
"""Calls of a loop: Sentry's threshold."""
_COMPANION = 0.5
"""A statement that is called at least so often meanwhile is part of the same loop, not its source."""
_AT_ONCE_S = 0.02
"""Calls that follow so closely are one program's loop rather than what several ask through one connection."""
_UNEVEN = 4.0
"""A loop pauses alike before each of its statements. Who asks several times over pauses before the first of them."""
_PAUSE_S = 0.002
_SLOW_S = 0.1
"""Who is silent for longer between two calls and asks for a key again waits for something, or is told to look: a loop
goes through its rows once."""
_RANDOM, _FEW, _RESOLUTION_S = 8.0, 4, 0.001
"""Of requests that come at random the tenth part with the longest pauses waits 22 times as long as the tenth with the
shortest (an exponential distribution: ln 0.1 / ln 0.9); a loop's are alike. Logs have milliseconds; of fewer pauses
nothing can be told."""
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
_OF_A_TABLE = re.compile(r"\b(?:from|into|update|table|values)\b", re.IGNORECASE)
_ONE_ELEMENT = re.compile(r"'\{(?:[^,{}\"]+|\"(?:[^\"\\]|\\.)*\")\}'(?:::.*)?")


class Found(NamedTuple):
    """A loop in a piece of work, the fingerprint of its source, and which equality has the key."""

    kind: LoopKind
    run: Run
    source: str
    place: int
    column: str
    why: str


def loops(unit: Unit, fewest: int = FEWEST) -> Iterator[Found]:
    """Yield the loops of a piece of work, in the order of their first calls.

    Told apart are what asks for the same again (a retry, a cache that is missing), pages (OFFSET, or a growing bound),
    queues (FOR UPDATE, or a transaction for each), batches of writes, and requests that follow each other. Where
    several statements alternate, or pauses are uneven, the rows of the source, or of another statement of the same
    loop, must be such that they may have the keys.
    """
    told: set[str] = set()
    for whole in unit.long_runs(fewest):
        key = _key(whole) if whole.reads and len(whole.keys) > 1 else None
        if key is None or _is_of_the_catalog(whole):
            continue
        run = _without_who_asks(unit, whole, key)
        if len(run.transactions) > 1 and unit.trace is None:
            continue
        companions = _companions(unit, run)
        source = _source(unit, run, companions)
        if source is None or run.calls - (run.first > whole.first) < fewest:
            continue
        certainty = _certainty(unit, run, source, companions)
        if certainty is None:
            continue
        kind, why = certainty
        if (
            kind is LoopKind.CONFIRMED
            or _is_alone(companions)
            or _may_give(unit.known[source][0], run, key, roles=_is_together(unit, run, source, companions))
            or any(_may_give(unit.known[name][0], run, key, roles=False) for name in told & companions.keys())
        ):
            told.add(run.name)
            yield Found(kind, run, source, key.place, key.equality.column, why)


def _companions(unit: Unit, run: Run) -> dict[str, list[float]]:
    """Return the pauses before each of the statements that are called about as often meanwhile, the run's included."""
    among = slice(run.first, run.last + 1)
    called = Counter(unit.steps[among])
    pauses: dict[str, list[float]] = {name: [] for name, calls in called.items() if calls >= run.calls * _COMPANION}
    for place, (name, pause) in enumerate(zip(unit.steps[among], unit.pauses[among], strict=True)):
        if place and pause is not None and name in pauses:
            pauses[name].append(pause)
    return pauses


class _Key(NamedTuple):
    place: int
    equality: Equality


def _key(run: Run) -> _Key | None:
    """Return the equality whose value differs from call to call; None where there is none, or it is no lookup."""
    known = [_Asked(found, _values(sample)) for sample in run.samples if (found := lookup(sample.sql)) is not None]
    if len(known) < len(run.samples) or known[0].lookup.locks or any(map(_is_page, known)):
        return None  # a list of one key and a list of many are one statement: what asks for many is no loop
    for place, equality in enumerate(known[0].lookup.equalities):
        values = {_value(each, place) for each in known}
        if len(values) > 1 and None not in values:
            return _Key(place, equality)
    return None


class _Asked(NamedTuple):
    lookup: Lookup
    values: Mapping[str, str]


def _values(sample: Sample) -> Mapping[str, str]:
    return dict(_PARAMETER.findall(sample.parameters or ""))


def _is_page(asked: _Asked) -> bool:
    """Whether rows are skipped: some programs send OFFSET with every query, and 0 with it."""
    offset = asked.lookup.offset
    return asked.lookup.paged or (offset is not None and asked.values.get(str(offset)) != "'0'")


def _value(asked: _Asked, place: int) -> str | None:
    """Return the one key that was asked for, None where it is not known, or there were several."""
    if place >= len(asked.lookup.equalities):
        return None
    equality = asked.lookup.equalities[place]
    value = equality.value if equality.parameter is None else asked.values.get(str(equality.parameter))
    return None if equality.array and _ONE_ELEMENT.fullmatch(value or "") is None else value


def _without_who_asks(unit: Unit, run: Run, key: _Key) -> Run:
    """Return the run from its second call on, where the first is of who asks, in the same table as what rows refer to.

    Then the rows were asked for in between, and nothing else was asked only once meanwhile.
    """
    second = unit.steps.index(run.name, run.first + 1)
    if second == run.first + 1:
        return run
    called = Counter(unit.steps[run.first : run.last + 1])
    later = replace(run, first=second, transactions=run.transactions - Counter(islice(run.transactions, 1)))
    between = _source(unit, later, _companions(unit, later))
    if between is None or called[between] > 1 or 1 in {called[name] for name in unit.steps[second : run.last]}:
        return run
    before = _source(unit, run, _companions(unit, run))
    if before is not None and _may_give(unit.known[before][0], run, key, roles=True):
        return run
    return later if _may_give(unit.known[between][0], run, key, roles=True) else run


def _source(unit: Unit, run: Run, companions: Collection[str]) -> str | None:
    """Return what came last before the first call and is not part of the loop, where it gives rows.

    What asks no table is passed over: a pool that asks whether the connection lives, the time, a setting.
    """
    for name in reversed(unit.steps[: run.first]):
        text, gives = unit.known[name]
        if name not in companions and _OF_A_TABLE.search(text):
            return name if gives else None
    return None


def _certainty(unit: Unit, run: Run, source: str, companions: Mapping[str, list[float]]) -> tuple[LoopKind, str] | None:
    """Return how sure it is and why; None for what looks like requests in turn, or like somebody who waits."""
    if unit.trace is not None:
        return LoopKind.CONFIRMED, "all in one trace"
    if None not in run.transactions and run.transactions.keys() <= unit.latest[source].transactions.keys():
        return LoopKind.CONFIRMED, "all in one transaction"
    pauses = [median(each) for each in companions.values() if each]
    if pauses and max(pauses) > _PAUSE_S and max(pauses) > _UNEVEN * min(pauses):
        return None
    if pauses and max(pauses) > _SLOW_S and len(run.keys) < run.calls:
        return None
    if _is_alone(companions) and unit.precise and pauses and pauses[0] <= _AT_ONCE_S:
        return LoopKind.CONFIRMED, "one call right after the other"
    return LoopKind.SUSPECTED, "neither a transaction nor a trace's id says that it was one request"


def _is_alone(companions: Mapping[str, list[float]]) -> bool:
    """Whether it is one statement again and again, in no other rhythm than a program's loop has."""
    return len(companions) == 1 and not any(map(_is_uneven, companions.values()))


def _is_uneven(pauses: list[float]) -> bool:
    """Whether the pauses are those of several who ask when they like, rather than of one program's loop."""
    if len(pauses) < _FEW:
        return False
    tenths = quantiles(pauses, n=10)
    return tenths[-1] > _RANDOM * max(tenths[0], _RESOLUTION_S)


def _is_of_the_catalog(run: Run) -> bool:
    """Whether it is about PostgreSQL's own tables: drivers, dumps and consoles ask so, and applications don't."""
    found = selection(run.samples[0].sql)
    return found is not None and any(_is_of_postgresql(relation) for relation in found.relations.values())


def _is_of_postgresql(relation: Relation) -> bool:
    return relation.schema in {"pg_catalog", "information_schema"} or relation.name.startswith("pg_")


def _is_together(unit: Unit, run: Run, source: str, companions: Mapping[str, list[float]]) -> bool:
    """Whether each round since the source begins with it, at once, and nothing is between that is no part of the loop.

    Rounds of several statements must be even: who asks several things at random is several.
    """
    before = unit.steps[: run.first]
    since = unit.steps[run.first - before[::-1].index(source) : run.last + 1]
    pauses = [each for each in companions.values() if each]
    if since[0] != run.name or not companions.keys() >= set(since) or not pauses:
        return False
    return max(map(median, pauses)) <= _AT_ONCE_S and (len(companions) == 1 or not any(map(_is_uneven, pauses)))


def _may_give(source: str, run: Run, key: _Key, roles: bool) -> bool:
    """Whether the source's rows may have the keys: by their names, or since it is not known which columns it gives.

    ``roles`` says that a name that tells a role will do.
    """
    given, own = selection(source), selection(run.samples[0].sql)
    if given is None or own is None or given.stars or key.equality.nested:
        return True
    column = own.column(key.equality.parts)
    return Keys().linked(given, column) is not None or (roles and may_refer(given, column))
