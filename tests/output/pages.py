"""Pages as text: read, and looked through for what could load anything."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

_EMPTY = {"meta", "rect", "col"}
_LOADING = {"img", "link", "iframe", "object", "embed", "base", "form", "image", "use"}


class Page(HTMLParser):
    """A page, read: its elements, texts, ids and links; it must be balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.contents: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open and self.open[-1] in {"style", "script"}:
            self.contents[self.open[-1]] = self.contents.get(self.open[-1], "") + data

    def attributes(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name)) is not None]

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def loaded(self) -> list[str]:
        """Return what would load or run something: elements, attributes, and what style and script say."""
        found = [tag for tag, _ in self.tags if tag in _LOADING]
        for _, attributes in self.tags:
            found += [name for name in attributes if name in {"src", "srcset", "style"} or name.startswith("on")]
        found += [link for link in self.attributes("href") if not link.startswith("#")]
        return found + re.findall(r"https?:|url\(|@import|fetch|XMLHttp", "".join(self.contents.values()))

    @property
    def policy(self) -> str | None:
        """Return its Content-Security-Policy."""
        (policy,) = [each["content"] for _, each in self.tags if each.get("http-equiv") == "Content-Security-Policy"]
        return policy

    def digest(self, name: str) -> str:
        """Return how a policy names what stands in its only ``style`` or ``script``."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.contents[name].encode()).digest()).decode()}'"
