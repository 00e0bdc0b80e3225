"""Which values a query is explained with, and with how many choices of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dbops.errors import UsageError
from dbops.explain.capture import Capture
from dbops.explain.failure import of_query
from dbops.explain.parameters.bound import Bound, bind, given, unbound
from dbops.explain.parameters.chosen import NAMES, TYPICAL, Values, choose
from dbops.explain.parameters.compared import Compared, compared
from dbops.explain.statement import Query
from dbops.postgres.errors import ServerError
from dbops.postgres.statement import column_values, parameter_types
from dbops.schema.model import Schema

GENERIC_SINCE = 160000
GIVEN, GENERIC = "given", "generic"


@dataclass(frozen=True, slots=True)
class Choice:
    """The query once for each scenario.

    ``generic`` says that some of its parameters have no value, ``reason`` why, where that was not asked for. ``whole``
    has values for all of them, where there are such: what-if planning needs them.
    """

    bounds: tuple[Bound, ...]
    generic: bool = False
    reason: str | None = None
    whole: Bound | None = None


def chosen(capture: Capture, query: Query, schema: Schema, *, run: bool) -> Choice:
    """Return what to explain. Raises UsageError where a parameter needs a value that only the caller can know."""
    if not query.parameters:
        return Choice((unbound(query, GIVEN),))
    values = given(query, capture.request.values)
    generic = capture.version >= GENERIC_SINCE
    types = _types(capture, query)
    missing = [number for number in query.parameters if number not in values]
    if not missing:
        return Choice((bind(query, values, types, name=GIVEN),))
    found, unknown = _from_statistics(capture, query, schema, missing)
    bounds = () if unknown else tuple(_bounds(query, values, types, found))
    if not values and not run and generic:
        return Choice((unbound(query, GENERIC),), generic=True, whole=bounds[-1] if bounds else None)
    if bounds:
        return Choice(bounds)
    names = ", ".join(query.parameters[number] for number in unknown)
    reason = f"no statistics give a value for parameter {names}"
    hint = f"give it: {' '.join(f'-p {query.parameters[number]}=…' for number in unknown)}"
    if generic:
        return Choice((bind(query, values, types, name=GENERIC),), generic=True, reason=f"{reason}; {hint}")
    raise UsageError(reason, hint=hint, details=[{"field": "-p", "error": f"no value for {names}"}])


def _types(capture: Capture, query: Query) -> Sequence[str]:
    try:
        return parameter_types(capture.session, query.sql)
    except ServerError as error:
        if error.sqlstate == "42P18":  # a type that nothing tells: the value's text is then taken as it is
            return ()
        raise of_query(query, query.offsets, error.report) from None


def _from_statistics(
    capture: Capture, query: Query, schema: Schema, missing: Sequence[int]
) -> tuple[Mapping[int, Values], list[int]]:
    """Return values for parameters, and those that the statistics have none for."""
    places = compared(query.sql, schema)
    columns = {(what.table, what.column) for what in places.values() if isinstance(what, Compared)}
    statistics = column_values(capture.session, sorted(columns, key=str))
    found = {
        number: values
        for number in missing
        if number in places and (values := choose(places[number], statistics)) is not None
    }
    return found, [number for number in missing if number not in found]


def _bounds(
    query: Query, values: Mapping[int, str | None], types: Sequence[str], found: Mapping[int, Values]
) -> list[Bound]:
    """Return a bound query for each kind of values that differs from those before it."""
    bounds: list[Bound] = []
    for place, name in enumerate(NAMES):
        chosen_values = {**values, **{number: each[place] for number, each in found.items()}}
        bound = bind(query, chosen_values, types, name=name, secret=True)
        if all(bound.sql != other.sql for other in bounds):
            bounds.append(bound)
    if len(bounds) == 1:  # a unique column's values, say, or a LIMIT alone
        return [replace(bounds[0], scenario=replace(bounds[0].scenario, name=TYPICAL))]
    return bounds
