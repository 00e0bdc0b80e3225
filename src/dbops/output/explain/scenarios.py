"""The choices of values for a query's parameters, as rows."""

from __future__ import annotations

from dataclasses import dataclass

from dbops.output import figures
from dbops.results.explain import ExplainResult, Scenario


@dataclass(frozen=True, slots=True)
class Row:
    """A choice for reading; ``shown`` is the one whose plan is shown."""

    name: str
    time: str
    cost: str
    values: str
    shown: bool


def rows(result: ExplainResult) -> tuple[Row, ...]:
    """Return a row for each choice; none for a query without parameters."""
    if len(result.scenarios) == 1 and not result.scenarios[0].values:
        return ()
    return tuple(map(_row, result.scenarios))


def _row(scenario: Scenario) -> Row:
    values = (f"{name} = {'NULL' if value is None else value}" for name, value in scenario.values.items())
    return Row(
        scenario.name,
        "not run" if scenario.execution_ms is None else figures.time(scenario.execution_ms),
        "" if scenario.cost is None else figures.count(scenario.cost),
        ", ".join(values),
        scenario.shown,
    )
