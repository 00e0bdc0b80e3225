"""The picture of who feeds whom, as numbers."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given

from dbops.output.ha.html.topology import HEIGHT, WIDTH, Box, Flow, Picture, pictures
from dbops.results.ha import HaStatus
from output.ha.clusters import (
    SOME,
    cascade,
    healthy,
    node,
    primary,
    primary_lost,
    sample,
    silent,
    split_brain,
    status,
    statuses,
)


def boxes(picture: Picture) -> dict[str, Box]:
    return {box.node.name: box for box in picture.boxes}


def check_layout(picture: Picture) -> None:
    """No box covers another, and all are within the picture."""
    for one, other in combinations(picture.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    for box in picture.boxes:
        assert 0 <= box.x <= picture.width - WIDTH
        assert 0 <= box.y <= picture.height - HEIGHT


def test_what_is_fed_stands_to_the_right_or_below() -> None:
    across, down = pictures(healthy())
    assert (across.form, down.form) == ("across2", "down")
    assert {box.x for name, box in boxes(across).items() if name != "n1"} == {boxes(across)["n1"].x + WIDTH + 176}
    assert [box.node.name for box in sorted(down.boxes, key=lambda box: box.y)] == ["n1", "n2", "n3"]


def test_a_long_chain_goes_down_only() -> None:
    (down,) = pictures(cascade())
    assert down.form == "down only"
    places = boxes(down)
    assert places["n1"].x < places["n2"].x == places["n3"].x < places["n4"].x < places["n5"].x


def test_arrows_carry_lag_and_sync_state() -> None:
    (down,) = pictures(cascade())
    said = {box.node.name: arrow for box, arrow in zip(down.boxes[1:], down.arrows, strict=True)}
    assert {name: (arrow.flow, arrow.labels[0][0]) for name, arrow in said.items()} == {
        "n2": (Flow.SYNC, "64 kB · 0.1 s · sync"),
        "n3": (Flow.STREAMING, "64 kB · 0.1 s · async"),
        "n4": (Flow.CATCHUP, "3.0 MB · 0.1 s · catching up"),
        "n5": (Flow.BROKEN, "lag unknown · receives nothing"),
    }


def test_what_stands_where_is_told_by_letter_and_words() -> None:
    across, _ = pictures(sample())
    assert {name: (box.kind, box.letter, box.text, box.timeline, box.tag) for name, box in boxes(across).items()} == {
        "n1": ("primary", "P", "primary · running", "TL 7", ""),
        "n2": ("standby", "S", "standby · streaming", "TL 7", "candidate"),
        "n3": ("silent", "?", "role unknown · no answer", "", ""),
    }
    assert [arrow.labels[0][0] for arrow in across.arrows] == ["64 kB · 0.1 s", "upstream unknown"]


def test_rivals_are_marked_and_each_feeds_its_own() -> None:
    across, _ = pictures(split_brain())
    places = boxes(across)
    assert {name for name, box in places.items() if box.rival} == {"n1", "n2"}
    assert [(places["n1"].y, places["n2"].y)] == [(places["n3"].y, places["n4"].y)]


def test_of_what_is_down_no_upstream_is_missed() -> None:
    (down,) = pictures(primary_lost())
    assert boxes(down)["n1"].kind == "down"
    assert [arrow.labels[0][0] for arrow in down.arrows] == ["receives nothing", "receives nothing"]


def test_a_silent_node_that_is_still_fed_keeps_its_arrow() -> None:
    about = status(primary(), silent("n2", upstream="n1", role="standby", sync_state="async"))
    across, _ = pictures(about)
    assert across.arrows[0].labels[0][0] == "lag unknown"
    assert boxes(across)["n2"].text == "standby · no answer"


def test_a_node_of_which_nothing_is_known_says_so() -> None:
    (down,) = pictures(status(node("n1", role=None, state="unknown", upstream=None, timeline=None)))
    assert down.boxes[0].text == "role and state unknown"


@pytest.mark.parametrize("name", SOME)
def test_no_box_covers_another(name: str) -> None:
    for picture in pictures(SOME[name]):
        check_layout(picture)


@given(statuses())
def test_every_node_is_drawn_once_and_none_on_top_of_another(about: HaStatus) -> None:
    for picture in pictures(about):
        assert sorted(box.node.name for box in picture.boxes) == sorted(each.name for each in about.nodes)
        check_layout(picture)
