"""The page of a cluster in a real browser: it fits, it is legible in light and dark, it does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.chromium import Tab
from browser.looks import complaints, illegible, misfits
from dbops.output.ha import page
from output.ha.clusters import cascade, hostile, many, nothing_known, primary_lost, sample, split_brain

PAGES = {
    "sample": sample(),
    "hostile": hostile(),
    "cascade": cascade(),
    "many": many(),
    "split brain": split_brain(),
    "primary lost": primary_lost(),
    "nothing known": nothing_known(),
}
SHOWN = "[...document.querySelectorAll('.picture')].filter((each) => each.checkVisibility())"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, status in PAGES.items():
        (folder / f"{name}.html").write_text(page.render(status, "1.2.3", "2026-11-25 12:00:03 CET"), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_every_screen(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.open(files[name])
    assert misfits(tab) == []
    assert complaints(tab) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(tab: Tab, files: dict[str, Path], name: str, scheme: str) -> None:
    tab.prefer(scheme)
    tab.open(files[name])
    for width in (1300, 390):
        tab.resize(width)
        assert illegible(tab) == []


def test_light_and_dark_are_what_the_user_prefers(tab: Tab, files: dict[str, Path]) -> None:
    tab.resize(800)
    papers = []
    for scheme in ("light", "dark"):
        tab.prefer(scheme)
        tab.open(files["sample"])
        papers.append(tab.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))
    assert min(papers[0]) > 200
    assert max(papers[1]) < 60


@pytest.mark.parametrize("name", PAGES)
def test_the_cluster_is_drawn_once_in_the_form_that_the_screen_has_room_for(
    tab: Tab, files: dict[str, Path], name: str
) -> None:
    tab.open(files[name])
    for width in (1300, 800, 390):
        tab.resize(width)
        assert tab.evaluate(f"{SHOWN}.length") == 1
        assert tab.evaluate(f"{SHOWN}[0].querySelectorAll('.node').length") == len(PAGES[name].nodes)


@pytest.mark.parametrize("name", ["sample", "cascade", "many"])
def test_a_picture_is_as_large_as_it_is_drawn(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.open(files[name])
    for width in (1300, 800, 390):
        tab.resize(width)
        drawn, wanted = tab.evaluate(
            f"(() => {{ const svg = {SHOWN}[0].querySelector('svg');"
            " return [svg.getBoundingClientRect().width, Number(svg.getAttribute('width'))]; })()"
        )
        assert drawn == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_a_box_sticks_out_of_it(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.resize(1300)
    tab.open(files[name])
    outside = tab.evaluate(
        f"""(() => {{
          const outside = [];
          for (const node of {SHOWN}[0].querySelectorAll('.node')) {{
            const box = node.querySelector('.box').getBoundingClientRect();
            for (const text of node.querySelectorAll('text:not(.name)')) {{
              const drawn = text.getBoundingClientRect();
              if (drawn.left < box.left || drawn.right > box.right) outside.push(text.textContent);
            }}
          }}
          return outside;
        }})()"""
    )
    assert outside == []


@pytest.mark.parametrize("name", ["sample", "many"])
def test_nothing_is_cut_off_on_paper(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.resize(720)
    tab.open(files[name])
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        cut = "[...document.querySelectorAll('.panel')].filter((each) => each.scrollWidth > each.clientWidth).length"
        assert tab.evaluate(cut) == 0
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")


def test_a_command_is_selected_whole(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["sample"])
    selects = "[...document.querySelectorAll('.cards pre code')].map((each) => getComputedStyle(each).userSelect)"
    assert set(tab.evaluate(selects)) == {"all"}


def test_markup_in_a_name_runs_nothing_and_asks_for_nothing(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["hostile"])
    assert tab.evaluate("typeof hacked") == "undefined"
    assert tab.evaluate("document.querySelectorAll('img, iframe, object, link, script, u, i').length") == 0
    assert complaints(tab) == []


def test_even_a_script_on_the_page_could_run_and_send_nothing(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["sample"])
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
