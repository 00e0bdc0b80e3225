"""What was heard of a program as executions, and the loops in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dbops.results.nplusone import Loop
from dbops.sql.parameters import names, numbered
from dbops.sql.quote import literal
from dbops.testing.capture import Heard
from dbops.workload.logs.executions import Execution
from dbops.workload.nplusone.summary import Summary
from dbops.workload.nplusone.tags import untagged
from dbops.workload.nplusone.units import Units


def loops_in(heard: Iterable[Heard], fewest: int) -> tuple[Loop, ...]:
    """Return the loops of at least so many calls, each with the place that its calls came from."""
    units, summary = Units(), Summary()
    places: dict[str, tuple[str | None, int | None]] = {}
    for each in heard:
        execution = _execution(each)
        places.setdefault(untagged(execution.sql), (each.file, each.line))
        summary.take(units.add(execution), fewest)
    summary.take(units.rest(), fewest)
    texts = summary.texts()
    return tuple(
        replace(loop, file=places[text][0], line=places[text][1])
        for loop, text in zip(summary.loops(), texts, strict=True)
    )


def counted(heard: Iterable[Heard]) -> list[tuple[str, int]]:
    """Return each different text with how often it was sent, the most often first."""
    return Counter(each.sql for each in heard).most_common()


def _execution(heard: Heard) -> Execution:
    if heard.values:
        text, _ = numbered(heard.sql, percent=True)
        parameters = ", ".join(f"${number} = {value}" for number, value in _values(heard))
    else:
        text, parameters = heard.sql, None
    if heard.writer:
        text += f"\n/*framework='{heard.writer}'*/"  # as sqlcommenter says it
    return Execution(
        heard.at,
        heard.seconds * 1000,
        heard.session,
        None,
        None,
        None,
        None,
        text,
        parameters,
        failed=heard.failed,
    )


def _values(heard: Heard) -> Iterator[tuple[int, str]]:
    given = heard.values
    for number, name in names(heard.sql).items():
        if isinstance(given, Mapping):
            value = given.get(name)
        else:
            value = given[number - 1] if given is not None and number <= len(given) else None
        yield number, "NULL" if value is None else literal(str(value))
