"""Figures for reading: short, with a unit, and never of the next unit by rounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.output import figures


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "0.00 ms"), (0.04, "0.04 ms"), (0.0949, "0.09 ms"), (0.095, "0.1 ms"), (9.94, "9.9 ms"), (9.96, "10 ms"),
        (410.2, "410 ms"), (999.4, "999 ms"), (999.6, "1.00 s"), (9_994, "9.99 s"), (9_996, "10.0 s"),
        (59_940, "59.9 s"), (59_960, "1 m 0 s"), (251_000, "4 m 11 s"),
    ],
)  # fmt: skip
def test_times(ms: float, shown: str) -> None:
    assert figures.time(ms) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"), (1234.4, "1,234"), (999_999.4, "999,999"), (999_999.6, "1 M"), (1_234_000, "1.23 M"),
        (12_340_000, "12.3 M"), (999_499_999, "999 M"), (999_500_000, "1 G"), (2.5e12, "2.5 T"), (1e15, "1e+15"),
    ],
)  # fmt: skip
def test_counts(number: float, shown: str) -> None:
    assert figures.count(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (8192, "8 kB"),
        (1_500_000, "1.43 MB"),
        (1_023_900, "0.98 MB"),
        (5e12, "4.55 TB"),
    ],
)
def test_sizes(number: float, shown: str) -> None:
    assert figures.size(number) == shown


@pytest.mark.parametrize(
    ("part", "shown"), [(0, "0 %"), (0.0001, "<1 %"), (0.005, "<1 %"), (0.0051, "1 %"), (0.82, "82 %"), (1, "100 %")]
)
def test_shares(part: float, shown: str) -> None:
    assert figures.share(part) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(None, ""), (1, ""), (9.9, ""), (10, "↑10×"), (12.4, "↑12×"), (0.1, "↓10×"), (0.025, "↓40×"), (2e6, "↑2M×")],
)
def test_an_estimate_is_called_off_from_tenfold_on(ratio: float | None, shown: str) -> None:
    assert figures.misjudged(ratio) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (1.4, 2.2, "1.40–2.20"),
        (11.8, 12.9, "11.8–12.9"),
        (2, 2, "2.0"),
        (120.4, 1300.2, "120–1,300"),
        (0.5, 3, "0.50–3.00"),
    ],
)
def test_both_ends_of_an_interval_have_as_many_digits(low: float, high: float, shown: str) -> None:
    assert figures.between(low, high) == shown


@given(st.floats(0, 1e15))
def test_a_figure_is_never_wider_than_its_column(number: float) -> None:
    assert len(figures.count(number)) <= 7
    assert len(figures.size(number)) <= 10
