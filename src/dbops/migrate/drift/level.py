"""Two snapshots without what differs by the versions of their servers alone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dbops.schema.snapshot import Entry, Key, Snapshot
from dbops.sql.alike import alike, has_extract

_SEQUENCES_UNLOGGED, _PUBLIC_CLOSED, _EXTRACT, _MULTIRANGES = 15, 15, 14, 14
_MAINTAIN, _IDENTITY_OF_PARTITIONS, _NOT_NULL_OF_DOMAINS, _NOT_NULL = 17, 17, 17, 18
_VIEWS = frozenset({"view", "materialized view"})
_OF_EVERYBODY = frozenset({"on schema public to PUBLIC", "on schema public from PUBLIC"})
_SPELLINGS: Mapping[str, str] = {
    "default": "SELECT {}",
    "expression": "SELECT {}",
    "using": "SELECT {}",
    "with_check": "SELECT {}",
    "filter": "SELECT {}",
    "partitioned_by": "CREATE TABLE t () PARTITION BY {}",
    "definition": "{}",
}
_OF_CONSTRAINT = "ALTER TABLE t ADD {}"


@dataclass(frozen=True, slots=True)
class _Between:
    """The major versions of two servers, the lower one first."""

    low: int
    high: int

    def changed(self, major: int) -> bool:
        """Say whether what a version brought is known to one of them only."""
        return self.low < major <= self.high


def leveled(expected: Snapshot, actual: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Return both without what only one server's version knows or has otherwise, equal SQL spelt equally.

    What is left out on both sides is not compared: names of NOT NULL constraints, because an upgrade to 18 gives
    others than the migrations do, and what else such a constraint has (before 18); MAINTAIN and partitions' identity
    columns (before 17), unlogged sequences, whether everybody may create in schema public (before 15), and multiranges
    (before 14). ``actual`` takes the spelling of ``expected``.
    """
    between = _Between(*sorted((expected.version // 10000, actual.version // 10000)))
    expected, actual = _reduced(expected, between), _reduced(actual, between)
    if between.changed(_EXTRACT):
        actual = _indexes_renamed(expected, actual)
    entries = {key: _respelt(entry, expected, between) for key, entry in actual.entries.items()}
    return expected, replace(actual, entries=entries)


def _reduced(of: Snapshot, between: _Between) -> Snapshot:
    entries = {}
    for key, entry in of.entries.items():
        kept: Entry | None = None if _is_only_a_name(entry) else entry
        for major, without in _BY_VERSION:
            kept = without(kept, of.entries) if kept is not None and between.changed(major) else kept
        if kept is not None:
            entries[key] = kept
    return replace(of, entries=entries)


def _without_not_null(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    return None if _is_not_null(entry) else entry


def _without_not_null_of_domains(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    return None if _is_not_null(entry) and entry.parent is not None and entry.parent[0] == "domain" else entry


def _is_only_a_name(entry: Entry) -> bool:
    """Say whether it is a NOT NULL of which the column tells all but the constraint's name."""
    if not _is_not_null(entry) or entry.attributes.get("comment") is not None:
        return False
    return not str(entry.attributes["definition"]).endswith((" NO INHERIT", " NOT VALID"))


def _is_not_null(entry: Entry) -> bool:
    return entry.kind == "constraint" and str(entry.attributes["definition"]).startswith("NOT NULL")


def _without_maintain(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    return _without_privilege(entry, "MAINTAIN")


def _without_creating_in_public(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    return _without_privilege(entry, "CREATE") if entry.name in _OF_EVERYBODY else entry


def _without_privilege(entry: Entry, privilege: str) -> Entry | None:
    given = entry.attributes.get("privileges")
    if given is None:
        return entry
    left = [each for each in given if each.split()[0] != privilege]
    return _with(entry, privileges=left) if left else None


def _without_identity_of_partitions(entry: Entry, entries: Mapping[Key, Entry]) -> Entry | None:
    table = entries.get(entry.parent) if entry.kind == "column" and entry.parent is not None else None
    if table is None or table.attributes.get("partition_bound") is None:
        return entry
    return _with(entry, identity=None)


def _without_persistence_of_sequences(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    return _with(entry, persistence=None) if entry.kind == "sequence" else entry


def _without_multiranges(entry: Entry, _entries: Mapping[Key, Entry]) -> Entry | None:
    if entry.kind == "range type":
        return _with(entry, multirange=None)
    base = entry.attributes.get("base")
    return _with(entry, base={**base, "subscript": None}) if isinstance(base, dict) else entry


_Without = Callable[[Entry, Mapping[Key, Entry]], Entry | None]
_BY_VERSION: Iterable[tuple[int, _Without]] = (
    (_NOT_NULL, _without_not_null),
    (_NOT_NULL_OF_DOMAINS, _without_not_null_of_domains),
    (_MAINTAIN, _without_maintain),
    (_IDENTITY_OF_PARTITIONS, _without_identity_of_partitions),
    (_SEQUENCES_UNLOGGED, _without_persistence_of_sequences),
    (_PUBLIC_CLOSED, _without_creating_in_public),
    (_MULTIRANGES, _without_multiranges),
)


def _with(entry: Entry, **attributes: Any) -> Entry:
    return replace(entry, attributes={**entry.attributes, **attributes})


def _indexes_renamed(expected: Snapshot, actual: Snapshot) -> Snapshot:
    """Return ``actual`` with indexes named as the other server would have: of an EXTRACT it takes the name."""
    lacking = [entry for key, entry in expected.entries.items() if entry.kind == "index" and key not in actual.entries]
    entries = {}
    for key, entry in actual.entries.items():
        found = entry
        if entry.kind == "index" and key not in expected.entries:
            found = next((each for each in (_named(entry, other) for other in lacking) if each is not None), entry)
        entries[found.key] = found
    return replace(actual, entries=entries)


def _named(index: Entry, other: Entry) -> Entry | None:
    """Return the index by the other's name where it is the same but for that."""
    own, theirs = str(index.attributes["definition"]), str(other.attributes["definition"])
    mine, wanted = (f"INDEX {entry.name.rpartition('.')[2]} ON" for entry in (index, other))
    renamed = own.replace(mine, wanted, 1)
    if index.parent != other.parent or not (has_extract(own) and alike(theirs, renamed, extract_is_date_part=True)):
        return None
    return replace(_with(index, definition=renamed), name=other.name)


def _respelt(entry: Entry, expected: Snapshot, between: _Between) -> Entry:
    wanted = expected.entries.get(entry.key)
    if wanted is None or wanted.attributes == entry.attributes:
        return entry
    same = {
        name: wanted.attributes[name]
        for name, pattern in _SPELLINGS.items()
        if _alike(_text(entry, name, pattern), _text(wanted, name, pattern), between)
    }
    if between.changed(_EXTRACT) and _is_of_view_with_extract(wanted, expected) and _are_numbers(entry, wanted):
        same["type"] = wanted.attributes["type"]
    return _with(entry, **same) if same else entry


def _alike(one: str | None, other: str | None, between: _Between) -> bool:
    if one is None or other is None or one == other:
        return False
    return alike(one, other, extract_is_date_part=between.changed(_EXTRACT))


def _text(entry: Entry, name: str, pattern: str) -> str | None:
    value = entry.attributes.get(name)
    if not isinstance(value, str):
        return None
    return (_OF_CONSTRAINT if entry.kind == "constraint" else pattern).format(value)


def _are_numbers(one: Entry, other: Entry) -> bool:
    return {one.attributes.get("type"), other.attributes.get("type")} == {"double precision", "numeric"}


def _is_of_view_with_extract(column: Entry, of: Snapshot) -> bool:
    view = None if column.parent is None else of.entries.get(column.parent)
    return view is not None and view.kind in _VIEWS and has_extract(str(view.attributes["definition"]))
