"""What tells clients apart in a log: sessions, unless a pool shares them."""

from __future__ import annotations

import pytest

from dbops.results.workload import Identity
from dbops.workload.freshness.identity import recognised
from dbops.workload.logs.executions import Execution
from workload.freshness.test_history import execution

TRACE = "SELECT 1 /*traceparent='00-{:032}-00f067aa0ba902b7-01'*/"
PLAIN = "SELECT 1"


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ([], Identity.SESSION),
        ([execution(n, PLAIN) for n in range(5)], Identity.SESSION),
        ([execution(n, TRACE.format(7)) for n in range(5)], Identity.SESSION),
        ([execution(n, TRACE.format(n)) for n in range(5)], Identity.TRACE),
        ([execution(n, PLAIN, application=f"worker {n % 2}") for n in range(5)], Identity.APPLICATION),
        ([execution(1, PLAIN), execution(2, "DISCARD ALL"), execution(3, PLAIN)], Identity.APPLICATION),
        ([execution(n, sql, application=None) for n, sql in enumerate([PLAIN, "reset all"])], Identity.USER),
        (
            [execution(1, TRACE.format(1)), execution(2, TRACE.format(2)), *[execution(3, PLAIN)] * 8],
            Identity.APPLICATION,
        ),
        ([execution(1, PLAIN, application=None), execution(2, PLAIN)], Identity.SESSION),
    ],
)
def test_a_pool_is_seen_by_what_one_session_does(begin: list[Execution], expected: Identity) -> None:
    assert recognised(begin) is expected
