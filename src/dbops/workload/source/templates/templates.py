"""A project's templates, by name. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dbops.workload.source.modules import steps
from dbops.workload.source.templates.parse import Template, parse


class Templates:
    """A project's templates by the names that a program may have for them; each is read when it is asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._read: dict[str, Template] = {}
        self._paths: dict[str, str] = {}
        for path in sorted(texts):
            parts = steps(path)
            for at in range(len(parts)):
                self._paths.setdefault("/".join(parts[at:]), path)

    def find(self, name: str) -> Template | None:
        """Return the template of that name: programs name them from a folder on."""
        path = self._paths.get(name)
        if path is not None and path not in self._read:
            self._read[path] = parse(path, self._texts[path])
        return None if path is None else self._read[path]
