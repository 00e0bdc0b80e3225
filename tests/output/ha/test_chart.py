"""The chart of lag over time, as numbers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dbops.output.ha.html.chart import WHOLE, chart
from dbops.results.ha import LagSample
from output.ha.clusters import MB, cascade, history, node, primary


def test_without_a_history_there_is_none() -> None:
    assert chart([primary(), node("n2")]) is None
    assert chart([node("n2", history=history(5))]) is None


def test_axes_have_units_and_lines_their_figures() -> None:
    found = chart([node("n2", history=history(0, 5 * MB, 2 * MB))])
    assert found is not None
    assert [(round(tick.at), tick.label) for tick in found.up] == [(100, "0"), (67, "2 MB"), (33, "4 MB"), (0, "6 MB")]
    assert [(tick.at, tick.label) for tick in found.across] == [
        (0.0, "0 s"),
        (25.0, "0.5 s"),
        (50.0, "1 s"),
        (75.0, "1.5 s"),
        (100.0, "2 s"),
    ]
    (line,) = found.lines
    assert (line.name, line.least, line.most, line.last) == ("n2", "0", "5 MB", "2 MB")
    assert line.parts == ("0.0,1000.0 500.0,166.7 1000.0,666.7",)


def test_no_lag_at_all_is_a_line_at_the_bottom() -> None:
    found = chart([node("n2", history=history(0, 0))])
    assert found is not None
    assert found.lines[0].parts == ("0.0,1000.0 1000.0,1000.0",)
    assert [tick.label for tick in found.up] == ["0", "1 kB"]


def test_where_nothing_was_seen_nothing_is_drawn() -> None:
    samples = tuple(LagSample(at, 1024) for at in (0.0, 1.0, 2.0, 30.0, 31.0, 60.0))
    found = chart([node("n2", history=samples)])
    assert found is not None
    assert [len(part.split()) for part in found.lines[0].parts] == [3, 2, 2]
    one, other = found.lines[0].parts[2].split()  # a point alone is drawn as one
    assert one == other


def test_the_standbys_that_lag_most_are_drawn_and_the_others_counted() -> None:
    nodes = [node(f"n{number}", history=history(0, number * 1024)) for number in range(1, 31)]
    found = chart(nodes)
    assert found is not None
    assert [line.name for line in found.lines] == ["n30", "n29", "n28", "n27", "n26", "n25"]
    assert (found.left_out, found.left_most) == (24, "24 kB")


def test_moments_are_those_since_the_first() -> None:
    later = tuple(replace(each, at_s=each.at_s + 1000) for each in history(1, 2, 3))
    one, other = chart([node("n2", history=history(1, 2, 3))]), chart([node("n2", history=later)])
    assert one == other
    assert len(chart(cascade().nodes).lines) == 2  # type: ignore[union-attr]


@given(st.lists(st.lists(st.tuples(st.floats(0, 1e7), st.integers(0, 2**60)), max_size=5), max_size=9))
def test_every_line_stays_within_the_picture(histories: list[list[tuple[float, int]]]) -> None:
    nodes = [
        node(f"n{number}", history=tuple(LagSample(*each) for each in sorted(some)))
        for number, some in enumerate(histories)
    ]
    found = chart(nodes)
    if found is None:
        return
    for line in found.lines:
        for point in " ".join(line.parts).split():
            assert all(0 <= float(each) <= WHOLE for each in point.split(","))
    for axis in (found.across, found.up):
        assert 0 < len(axis) <= 8
        assert all(-1e-6 <= tick.at <= 100 + 1e-6 for tick in axis)
