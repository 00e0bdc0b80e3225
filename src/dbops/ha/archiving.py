"""Whether a node archives its WAL, by its settings. Pure."""

from __future__ import annotations

from enum import Enum

from dbops.ha.snapshot import Node


class Archiving(Enum):
    """What a primary with these settings does with its WAL."""

    OFF = "off"
    NOWHERE = "nowhere"
    """It waits for a command: archive_mode is on, archive_command and archive_library are empty."""
    ON = "on"


def archiving(node: Node) -> Archiving | None:
    """Return what the node does as a primary, None where a setting can't be seen."""
    mode = node.setting("archive_mode")
    if mode is None:
        return None
    if mode.value == "off":
        return Archiving.OFF
    ways = [_is_set(node, "archive_command")]
    if node.major is None or node.major >= 15:
        ways.append(_is_set(node, "archive_library"))
    if True in ways:
        return Archiving.ON
    return None if None in ways else Archiving.NOWHERE


def _is_set(node: Node, name: str) -> bool | None:
    setting = node.setting(name)
    return None if setting is None else setting.value != ""
