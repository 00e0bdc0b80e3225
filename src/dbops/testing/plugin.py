"""pytest's plugin: ``pytest --dbops-nplusone``, and the fixture ``assert_max_queries``.

It is loaded with every run of pytest, so it imports nothing until it is asked for something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dbops.results.nplusone import Loop
    from dbops.testing.capture import Heard

MARKER = "dbops_nplusone"
_FEWEST = 5
_SHOWN = 10
_LONGEST = 200


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--dbops-nplusone`` and how many calls make a loop."""
    group = parser.getgroup("dbops")
    group.addoption(
        "--dbops-nplusone",
        action="store_true",
        help="fail tests in which a query is asked again and again with another key, after one that could bring all",
    )
    group.addoption(
        "--dbops-nplusone-calls", type=int, default=_FEWEST, metavar="N", help=f"calls of a loop [default: {_FEWEST}]"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker that lets a test have loops."""
    config.addinivalue_line(
        "markers", f"{MARKER}(allow=False, calls=N): let --dbops-nplusone pass a test's loops, or those below N calls"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that passed and has a loop."""
    marker = item.get_closest_marker(MARKER)
    allowed = bool(marker and marker.kwargs.get("allow"))
    if not item.config.getoption("--dbops-nplusone") or allowed:
        return (yield)
    from dbops.testing.capture import listening
    from dbops.testing.found import loops_in

    calls = marker.kwargs.get("calls") if marker else None
    heard: list[Heard] = []
    with listening(heard.append):
        result = yield
    found = loops_in(heard, calls or item.config.getoption("--dbops-nplusone-calls"))
    if found:
        pytest.fail(_said(found), pytrace=False)
    return result


@pytest.fixture
def assert_max_queries() -> Callable[[int], AbstractContextManager[list[Heard]]]:
    """``with assert_max_queries(3): …`` fails when more than three statements are sent, and lists them."""
    from dbops.testing.capture import listening
    from dbops.testing.found import counted

    @contextmanager
    def at_most(count: int) -> Iterator[list[Heard]]:
        heard: list[Heard] = []
        with listening(heard.append):
            yield heard
        if len(heard) > count:
            texts = counted(heard)
            lines = [f"  {times} × {_line(text)}" for text, times in texts[:_SHOWN]]
            lines += [f"  … and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
            raise AssertionError("\n".join([f"{len(heard)} queries, and at most {count} were expected:", *lines]))

    return at_most


def _said(found: Sequence[Loop]) -> str:
    lines = [f"dbops: {len(found)} N+1 quer{'y' if len(found) == 1 else 'ies'}"]
    for loop in found:
        where = f"{loop.file}:{loop.line}: " if loop.file else ""
        lines += [f"{where}{loop.calls} × {_line(loop.query)}", f"  after {_line(loop.source_query or '?')}"]
        if loop.remedy is not None:
            lines.append(f"  once would do: {loop.remedy}")
        if loop.hint is not None:
            lines.append(f"  {loop.hint}")
    lines.append(f"to let a test have them: @pytest.mark.{MARKER}(allow=True)")
    return "\n".join(lines)


def _line(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
