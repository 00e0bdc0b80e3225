from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser.chromium import BrowserError, Tab, chromium


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    try:
        with chromium(tmp_path_factory.mktemp("profile")) as running:
            yield running
    except BrowserError as error:
        pytest.fail("\n".join([str(error), *getattr(error, "__notes__", [])]))
