"""Explain's page in a real browser: it fits, it is legible in light and dark, it does no harm and asks no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.chromium import BrowserError, Tab, chromium
from browser.looks import complaints, illegible, misfits
from dbops.output.explain.html import page
from dbops.results.explain import ExplainResult
from output.explain_results import deep, everything, found, hostile, partitions, planned, result

PAGES = {
    "everything": everything(),
    "hostile": hostile(),
    "planned": result(planned()),
    "deep": result(deep()),
    "partitions": result(partitions(), findings=(found(50, label="Seq Scan on events_48"),)),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {name: write(folder / f"{name}.html", about) for name, about in PAGES.items()}


def write(file: Path, about: ExplainResult) -> Path:
    file.write_text(page(about, version="1.2.3"), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_screen(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.open(files[name])
    assert misfits(tab) == []
    assert complaints(tab) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(tab: Tab, files: dict[str, Path], name: str, scheme: str) -> None:
    tab.resize(1300)
    tab.prefer(scheme)
    tab.open(files[name])
    assert illegible(tab) == []


def test_light_and_dark_are_what_the_user_prefers(tab: Tab, files: dict[str, Path]) -> None:
    tab.resize(800)
    pictures, papers = [], []
    for scheme in ("light", "dark"):
        tab.prefer(scheme)
        tab.open(files["everything"])
        pictures.append(tab.screenshot())
        papers.append(tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))
    assert pictures[0] != pictures[1]
    assert min(papers[0]) > 200
    assert max(papers[1]) < 60


def test_markup_in_a_query_runs_nothing_and_asks_for_nothing(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["hostile"])
    assert tab.evaluate("typeof hacked") == "undefined"
    assert tab.evaluate("document.querySelectorAll('img, iframe, object, link').length") == 0
    assert tab.evaluate("document.scripts.length") == 1
    assert complaints(tab) == []


def test_even_a_script_on_the_page_could_run_and_send_nothing(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["everything"])
    refused = tab.evaluate(
        """(async () => {
          const refused = [];
          addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "hacked = 1";
          document.body.append(script);
          new Image().src = "http://127.0.0.1:9/x";
          await fetch("http://127.0.0.1:9/x").catch(() => 0);
          await new Promise((done) => setTimeout(done));
          return [typeof hacked, ...refused.sort()];
        })()"""
    )
    assert refused == ["undefined", "connect-src", "img-src", "script-src-elem"]


def test_every_finding_leads_to_its_node_and_back(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["everything"])
    links = tab.evaluate(
        "[...document.querySelectorAll('#findings a, #plan a, #flame a')].map((each) => each.getAttribute('href'))"
    )
    assert len(links) == 3 + 3 + 3
    assert {"#n3", "#n2", "#n1", "#f1", "#f2", "#f4"} == set(links)
    assert tab.evaluate("[...document.links].every((each) => document.querySelector(each.getAttribute('href')))")


def test_a_link_opens_what_hides_its_node(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["partitions"])
    visible = "document.querySelector('#n80').checkVisibility()"
    assert tab.evaluate(visible) is False
    tab.evaluate("new Promise((done) => { addEventListener('hashchange', () => done()); location.hash = '#n80'; })")
    assert tab.evaluate(visible) is True


def test_all_can_be_opened_and_closed(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["partitions"])
    state = "[...document.querySelectorAll('.plan li > details')].map((each) => each.open)"
    for label, expected in (("Expand all", {True}), ("Collapse all", {False})):
        tab.evaluate(f"[...document.querySelectorAll('button')].find((each) => each.textContent === '{label}').click()")
        assert set(tab.evaluate(state)) == expected


def test_what_belongs_together_is_lit_together(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["everything"])
    tab.evaluate("document.querySelector('#flame a[data-node=\"3\"]').focus()")
    lit = "[...document.querySelectorAll('.lit')].map((each) => each.id || each.tagName)"
    assert tab.evaluate(lit) == ["a", "n3", "f1"]
    tab.evaluate("document.activeElement.blur()")
    assert tab.evaluate(lit) == []


def test_the_keyboard_folds_a_node(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["everything"])
    tab.evaluate("document.querySelector('#n2 summary').focus()")
    tab.press("Enter", 13, "\r")
    assert tab.evaluate("document.querySelector('#n2 > details').open") is False
    assert tab.evaluate("document.querySelector('#n3').checkVisibility()") is False


def test_the_page_works_without_javascript(tab: Tab, files: dict[str, Path]) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(files["everything"])
        assert tab.evaluate("document.querySelector('.tools').checkVisibility()") is False
        assert tab.evaluate("document.querySelector('#n3').checkVisibility()") is True
        assert complaints(tab) == []
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_browser_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(BrowserError, match=r"no browser is on PATH \(chromium.*apt-get install chromium"),
        chromium(tmp_path),
    ):
        pass
