"""Values for parameters that nobody gave: a common, a typical and a rare one, from the statistics of their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dbops.explain.parameters.compared import Compared
from dbops.sql.nodes import Relation

COMMON, TYPICAL, RARE = "common", "typical", "rare"
NAMES = (COMMON, TYPICAL, RARE)
LIMIT_ROWS = "20"
"""What a LIMIT without a value is taken for: a page."""
_PIECE = 3
"""Characters of a value that stand for what people type into a search box."""

Statistics = Mapping[tuple[Relation, str], Mapping[str, Any]]


class Values(NamedTuple):
    """One value for each of three kinds of calls."""

    common: str
    typical: str
    rare: str


def choose(what: Compared | str, statistics: Statistics) -> Values | None:
    """Return values for one parameter, None where the statistics have none for it.

    Of an equality the common value is the most frequent, the rare one is not among the frequent ones. Of a range the
    common one leaves most rows, the typical one half, the rare one few.
    """
    if isinstance(what, str):
        return Values("0", "0", "0") if what == "OFFSET" else Values(LIMIT_ROWS, LIMIT_ROWS, LIMIT_ROWS)
    known = statistics.get((what.table, what.column))
    if known is None:
        return None
    if what.sign in {"<", ">", "BETWEEN"}:
        return _range(what, known["histogram"]) or _equal(known)
    values = _equal(known)
    return None if values is None else Values(*map(_shape(what), values))


def _equal(known: Mapping[str, Any]) -> Values | None:
    common: Sequence[str] = known["common"]
    histogram: Sequence[str] = known["histogram"]
    middle = histogram[len(histogram) // 2] if histogram else None
    if not common:
        return None if middle is None else Values(middle, middle, middle)
    typical = common[len(common) // 2] if len(common) > 1 or middle is None else middle
    return Values(common[0], typical, middle if middle is not None else common[-1])


def _range(what: Compared, histogram: Sequence[str]) -> Values | None:
    """Return bounds that leave about 90, 50 and 1 % of the values; of BETWEEN 80, 10 and 1 %."""
    if len(histogram) < 2:
        return None
    last = len(histogram) - 1

    def at(share: float) -> str:
        return histogram[round(share * last)]

    match what.sign, what.part:
        case "BETWEEN", "high":
            return Values(at(0.9), at(0.55), histogram[min(round(0.5 * last) + 1, last)])
        case "BETWEEN", _:
            return Values(at(0.1), at(0.45), at(0.5))
        case ">", _:
            return Values(at(0.1), at(0.5), at(0.99) if last >= 100 else histogram[last - 1])
    return Values(at(0.9), at(0.5), at(0.01) if last >= 100 else histogram[1])


def _shape(what: Compared) -> Callable[[str], str]:
    """Return what makes a column's value one for the place the parameter stands in."""
    match what.part:
        case "array":
            return _array
        case "pattern":
            return lambda value: _escaped(value[:_PIECE]) + "%"
        case "within":
            return lambda value: _escaped(value[:_PIECE])
    return lambda value: value


def _array(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"{escaped}"}}'


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in text)
