"""The generated pages say what the code says."""

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(FOLDER / "generate.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "stale: run `make docs`"
