"""What is looked for on every page: that it fits, that it is legible, that it asks for nothing."""

from __future__ import annotations

from typing import Any

from browser.chromium import Tab

WIDTHS = (1300, 800, 390)

# Every text with the colours it and its background have in the end; of SVG's texts those of the shape they stand on:
# a circle just before it, or the rectangle that its drawing begins with.
CONTRASTS = """
(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3).map((each) => each / 255)
    .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const background = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0.99) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const shape = (element) => {
    const before = element.previousElementSibling;
    if (before && before.matches("circle")) return before;
    for (let each = element.parentElement; each instanceof SVGElement; each = each.parentElement) {
      const rectangle = each.querySelector(":scope > rect");
      if (rectangle) return rectangle;
    }
    return null;
  };
  const worst = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, title")) continue;
    const drawn = element instanceof SVGElement;
    const ink = drawn ? getComputedStyle(element).fill : getComputedStyle(element).color;
    const below = drawn && shape(element);
    const paper = below ? getComputedStyle(below).fill : background(element);
    const [one, other] = [luminance(numbers(ink)), luminance(numbers(paper))].sort((a, b) => b - a);
    worst.push([(one + 0.05) / (other + 0.05), texts.currentNode.data.trim().slice(0, 40), ink, paper]);
  }
  return worst.sort((a, b) => a[0] - b[0]).slice(0, 3).concat([[worst.length]]);
})()
"""


def complaints(tab: Tab) -> list[Any]:
    """Return what the browser complained of or asked for since the page was opened, apart from the page itself."""
    asked = [each["request"]["url"] for method, each in tab.events if method == "Network.requestWillBeSent"]
    said = [
        each
        for method, each in tab.events
        if method in {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"}
        or method == "Log.entryAdded"
    ]
    return [*asked[1:], *said]


def misfits(tab: Tab) -> list[str]:
    """Return where the open page is wider than the screen, as it is and with all opened that can be."""
    found = []
    for opened in ("0", "for (const each of document.querySelectorAll('details')) each.open = true;"):
        tab.evaluate(opened)
        for width in WIDTHS:
            tab.resize(width)
            needed = tab.evaluate("document.documentElement.scrollWidth")
            if needed > width or tab.evaluate("document.documentElement.clientWidth") != width:
                found.append(f"{needed} at {width}")
    return found


def illegible(tab: Tab) -> list[Any]:
    """Return the texts of the open page whose contrast is below what WCAG 2 asks at level AA, 4.5."""
    *worst, (number,) = tab.evaluate(CONTRASTS)
    assert number > 20, "there is hardly any text"
    return [each for each in worst if each[0] < 4.5]
