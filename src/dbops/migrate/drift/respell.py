"""Definitions of views spelt by one server: PostgreSQL's versions print the same query differently."""

from __future__ import annotations

from dataclasses import replace

from dbops.migrate.scratch import Scratch, told
from dbops.postgres.errors import ServerError
from dbops.postgres.query import render
from dbops.postgres.session import Session
from dbops.schema.snapshot import Entry, Key, Snapshot

_KINDS = frozenset({"view", "materialized view"})
_NAME = "dbops_respelt"


def respelt(scratch: Scratch, database: str, expected: Snapshot, actual: Snapshot) -> tuple[Snapshot, tuple[str, ...]]:
    """Return ``actual`` with views that are spelt otherwise as the scratch server spells them.

    Second are the views that could not be made there: whether they differ is not known for certain.
    """
    entries = dict(actual.entries)
    unknown = []
    with scratch.session(database, privileged=True) as session, told("spelling views"):
        for key in _otherwise(expected, actual):
            definition = _spelt(session, entries[key])
            if definition is None:
                unknown.append(entries[key].name)
            else:
                entries[key] = replace(entries[key], attributes={**entries[key].attributes, "definition": definition})
    return replace(actual, entries=entries), tuple(unknown)


def _otherwise(expected: Snapshot, actual: Snapshot) -> list[Key]:
    return [
        key
        for key, entry in actual.entries.items()
        if entry.kind in _KINDS
        and (wanted := expected.entries.get(key)) is not None
        and wanted.attributes.get("definition") != entry.attributes.get("definition")
    ]


def _spelt(session: Session, entry: Entry) -> str | None:
    """Make a view of that definition, ask for it, and take it back; None where it can't be made."""
    body = str(entry.attributes["definition"]).rstrip().rstrip(";")
    view = f"CREATE TEMPORARY VIEW {_NAME} AS {body}"
    try:
        session.run(f"BEGIN;SET LOCAL search_path = '';{view}")
        spelt: str = session.json(render("drift/definition", view=f"pg_temp.{_NAME}"))
    except ServerError:
        return None
    finally:
        session.run("ROLLBACK")
    return spelt
