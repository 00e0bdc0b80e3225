"""What a lint run is told, apart from what it is to read. Pure."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dbops.errors import ConfigError
from dbops.lint.rule import MIGRATION, QUERY, Rule
from dbops.lint.rules import NOT_ANALYSED, UNUSED_IGNORE, slugs_of
from dbops.results.lint import Severity

NEWEST = 18
OLDEST = 13
BUILT_IN = (NOT_ANALYSED, UNUSED_IGNORE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The slugs that are looked for; of rules that don't run by default only those that are ``named``, too."""

    slugs: frozenset[str]
    named: frozenset[str] = frozenset()

    def __contains__(self, slug: object) -> bool:
        return slug in self.slugs

    def takes(self, rule: Rule) -> bool:
        """Whether a rule is asked."""
        return rule.slug in self.slugs and (rule.default or rule.slug in self.named)


@dataclass(frozen=True)
class Options:
    """``select`` and ``ignore`` are slugs, patterns of slugs (``prefer-*``), ``query``, ``migration`` or ``all``.

    Without ``select`` the rules run that are meant to by default. ``severity`` maps slugs or patterns to the severity
    of all their findings. ``per_file`` maps patterns of paths to what is ignored there. ``calls`` are names of Python
    functions that take SQL, beyond the usual ones. ``in_transaction`` says that whoever runs plain SQL files puts each
    in a transaction. Names that no rule has raise ConfigError, when they are first used.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pg_version: int = NEWEST
    calls: frozenset[str] = frozenset()
    in_transaction: bool = False

    @cached_property
    def _named(self) -> frozenset[str]:
        """What ``select`` names: of rules that don't run by default, only these do."""
        return frozenset(_expanded(self.select, "select"))

    @cached_property
    def _asked(self) -> frozenset[str]:
        asked = self._named | {NOT_ANALYSED} if self.select else frozenset(slugs())
        return asked - _expanded(self.ignore, "ignore")

    @cached_property
    def _per_file(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple((pattern, frozenset(_expanded(names, "per-file"))) for pattern, names in self.per_file.items())

    @cached_property
    def _severities(self) -> dict[str, Severity]:
        return {
            slug: severity
            for name, severity in self.severity.items()
            for slug in sorted(_expanded((name,), "severity"))
        }

    def selection(self, path: str) -> Selection:
        """Return what is looked for in a file."""
        gone = frozenset[str]().union(*(names for pattern, names in self._per_file if _matches(path, pattern)))
        return Selection(self._asked - gone, self._named)

    def severity_of(self, slug: str, found: Severity) -> Severity:
        """Return the severity a finding is to have."""
        return self._severities.get(slug, found)

    def fingerprint(self, path: str) -> str:
        """Return what of the options decides on a file's findings."""
        gone = [pattern for pattern, _ in self._per_file if _matches(path, pattern)]
        return f"{self._general} {gone}"

    @cached_property
    def _general(self) -> str:
        per_file = sorted((pattern, sorted(names)) for pattern, names in self._per_file)
        severities = sorted((slug, severity.value) for slug, severity in self._severities.items())
        parts = (sorted(self._asked), sorted(self._named), per_file, severities)
        return repr((parts, self.pg_version, sorted(self.calls), self.in_transaction))


def slugs() -> frozenset[str]:
    """Return every slug there is; no rule is imported for that."""
    return slugs_of(QUERY) | slugs_of(MIGRATION) | frozenset(BUILT_IN)


def _matches(path: str, pattern: str) -> bool:
    """Whether a path, or a folder it is in, matches; a pattern without a slash is one of names."""
    parts = path.replace("\\", "/").split("/")
    if "/" not in pattern.rstrip("/"):
        return any(fnmatch.fnmatchcase(part, pattern.rstrip("/")) for part in parts)
    return any(fnmatch.fnmatchcase("/".join(parts[:end]), pattern.rstrip("/")) for end in range(1, len(parts) + 1))


def refuse_unknown(names: Iterable[str], where: str) -> None:
    """Raise ConfigError for a name that no rule has."""
    _expanded(names, where)


def _expanded(names: Iterable[str], where: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        matching = _named(name)
        if not matching:
            raise _unknown(name, where)
        found |= matching
    return found


def _named(name: str) -> set[str]:
    if name.lower() == "all":
        return set(slugs())
    if name in {QUERY, MIGRATION}:
        return set(slugs_of(name))
    return {slug for slug in slugs() if fnmatch.fnmatchcase(slug, name)}


def _unknown(name: str, where: str) -> ConfigError:
    near = difflib.get_close_matches(name, sorted(slugs()), n=1)
    return ConfigError(
        f"there is no rule {name!r}",
        hint=f"did you mean {near[0]}?" if near else "`dbops lint --rules` lists them",
        details=[{"field": f"lint.{where}", "error": f"unknown rule {name}"}],
    )
