"""What every JUnit report is made of."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, indent, tostring

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0, even when escaped


def document(root: Element) -> str:
    """Return the text of a ``testsuites`` element, with the sums of its suites."""
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def text(said: str) -> str:
    """Return a text without what XML can't hold."""
    return _FORBIDDEN.sub("\ufffd", said)
