"""A target's snapshot and that of what its migrations built, made comparable where their servers are not the same."""

from __future__ import annotations

from dataclasses import replace

from dbops.migrate.drift.level import leveled
from dbops.migrate.drift.respell import respelt
from dbops.migrate.scratch import Scratch
from dbops.schema.snapshot import MIGRATING, Snapshot

_EXTENSION = "extension"
_BUILT_IN = "plpgsql"
_USER_MAPPING = "user mapping"
_PRIVILEGES = frozenset({"grant", "revoke"})
_TO_MIGRATE = f"on schema public to {MIGRATING}"


def comparable(
    server: Scratch, database: str, expected: Snapshot, actual: Snapshot
) -> tuple[Snapshot, Snapshot, tuple[str, ...]]:
    """Return both without what differs by the servers alone, and what was done about it.

    ``database`` is the one of the scratch server that has what is expected.
    """
    notes = []
    if any(entry.kind == _EXTENSION and entry.name != _BUILT_IN for entry in actual.entries.values()):
        notes.append("versions and owners of extensions depend on the server, and are not compared")
    expected, actual = _extensions_by_name(expected), _extensions_by_name(actual)
    actual, unseen = _with_what_is_not_shown(expected, actual)
    notes += [f"this role can't see the options of user mapping {name}, which are not compared" for name in unseen]
    theirs, ours = actual.version // 10000, expected.version // 10000
    if theirs != ours:
        actual, unknown = respelt(server, database, expected, actual)
        notes.append(
            f"the target is PostgreSQL {theirs}, the scratch server {ours}: views are compared as {ours} spells them, "
            "what only one of them knows is not compared, and other expressions may be printed differently"
        )
        notes += [f"{name} could not be spelt by the scratch server" for name in unknown]
    return *leveled(expected, _without_rights_of_the_server(expected, actual)), tuple(notes)


def _with_what_is_not_shown(expected: Snapshot, actual: Snapshot) -> tuple[Snapshot, list[str]]:
    """Return ``actual`` with the options of user mappings that the server shows to nobody but who owns them.

    Second are the names of those.
    """
    hidden = {
        key: expected.entries[key]
        for key, entry in actual.entries.items()
        if entry.kind == _USER_MAPPING and entry.attributes["options"] is None and key in expected.entries
        if expected.entries[key].attributes["options"] is not None
    }
    return replace(actual, entries={**actual.entries, **hidden}), [name for _, name in hidden]


def _without_rights_of_the_server(expected: Snapshot, actual: Snapshot) -> Snapshot:
    """Return ``actual`` without privileges on PostgreSQL's own objects, unless migrations give or take the same.

    Whoever runs the server gives some to roles of theirs, and since 15 what the migrating role needs in schema public,
    unless the database is its own.
    """
    entries = {
        key: entry
        for key, entry in actual.entries.items()
        if entry.kind not in _PRIVILEGES
        or (entry.parent is not None and entry.name != _TO_MIGRATE)
        or key in expected.entries
    }
    return replace(actual, entries=entries)


def _extensions_by_name(of: Snapshot) -> Snapshot:
    entries = {
        key: replace(entry, attributes={"schema": entry.attributes["schema"]}) if entry.kind == _EXTENSION else entry
        for key, entry in of.entries.items()
    }
    return replace(of, entries=entries)
