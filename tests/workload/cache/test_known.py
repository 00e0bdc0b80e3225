"""How often tables are written, by what statements say and what their rows' counters do."""

from __future__ import annotations

import pytest

from dbops.workload.cache.known import Known, WriteStatement

ORDERS, ITEMS = 1, 2
WRITE = WriteStatement(frozenset({ORDERS}), per_s=50.0, rows_per_s=500.0)


def known(rows: float, seconds: float | None = None, *, writes: tuple[WriteStatement, ...] = (WRITE,)) -> Known:
    return Known(rows={ORDERS: rows}, writes=writes, seconds=seconds)


@pytest.mark.parametrize(
    ("rows", "seconds", "statements"),
    [
        (500.0, None, 50.0),
        (550.0, None, 50.0),
        (900.0, None, 450.0),
        (900.0, 60.0, 450.0),
        (650.0, 60.0, 50.0),  # sessions report rows seconds after they wrote them: those of before the interval too
        (1500.0, 4.0, 50.0),
        (5000.0, 4.0, 4550.0),
    ],
)
def test_rows_that_no_statement_accounts_for_were_written_by_something_else(
    rows: float, seconds: float | None, statements: float
) -> None:
    assert known(rows, seconds).written(frozenset({ORDERS})) == (statements, rows)


def test_where_no_statement_writes_every_row_is_one_write() -> None:
    assert known(3.0, 4.0, writes=()).written(frozenset({ORDERS})) == (3.0, 3.0)


def test_what_is_not_known_is_unknown() -> None:
    assert Known().written(frozenset({ORDERS})) == (None, None)
    assert Known(writes=(WRITE,)).written(frozenset({ORDERS})) == (50.0, None)
    assert Known(rows={}, writes=(WRITE,)).written(frozenset({ITEMS})) == (0, 0.0)
