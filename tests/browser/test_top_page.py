"""The page of the statements in a real browser: it fits, it is legible, and queries are read without scrolling."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.chromium import Tab
from browser.looks import complaints, illegible, misfits
from dbops.output.workload import page
from dbops.results.target import Target
from dbops.results.workload import Order, TopResult, TopStatement

TARGET = Target("shop", "pg1", 5432, "monitor", "monitor", False, False, None, 170000, False)
LONG = "SELECT " + ", ".join(f"a_rather_long_column_{number}" for number in range(40)) + " FROM orders"


def _statement(number: int, text: str | None) -> TopStatement:
    return TopStatement(
        queryid=None if text is None else -7_000_000_000_000_000_000 - number,
        query=text,
        database="shop",
        calls=1_234_567,
        total_ms=9_876_543.2,
        mean_ms=8.1,
        rows=1_234_567_890,
        share=0.5,
        nested=number == 2,
        hit_bytes=1 << 40,
        read_bytes=1 << 35,
        written_bytes=0,
        io_ms=123.4,
        temp_bytes=1 << 30,
        wal_bytes=1 << 33,
        history=tuple(float(each % 7) for each in range(30)),
        explain=None if text is None else f"dbops explain --queryid {number}",
    )


RESULT = TopResult(
    target=TARGET,
    statements=tuple(_statement(number, text) for number, text in enumerate([LONG, "SELECT 1", "SELECT '<b>'", None])),
    order=Order.TOTAL,
    measured_s=60.0,
    since=None,
    seen=4,
    calls=1_234_567,
    total_ms=9_876_543.2,
    notes=("statements are missing",),
)
CUT = """[...document.querySelectorAll(".held")].filter((each) => {
  const place = each.getBoundingClientRect();
  const room = each.closest('.scroll').getBoundingClientRect();
  return place.left < room.left || place.right > room.right;
}).length"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pages") / "top.html"
    file.write_text(page.render(RESULT, "1.2.3", "2026-11-25 12:00:03 CET"), encoding="utf-8")
    return file


def test_the_page_fits_every_screen(tab: Tab, file: Path) -> None:
    tab.open(file)
    assert misfits(tab) == []
    assert complaints(tab) == []


def test_queries_are_in_sight_however_narrow_the_screen_is(tab: Tab, file: Path) -> None:
    tab.open(file)
    for width in (1300, 800, 390):
        tab.resize(width)
        assert tab.evaluate(CUT) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(tab: Tab, file: Path, scheme: str) -> None:
    tab.prefer(scheme)
    tab.open(file)
    for width in (1300, 390):
        tab.resize(width)
        assert illegible(tab) == []
