"""Which tool's version table a database holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbops.errors import OriginUnclear, PermissionDenied, UsageError
from dbops.migrate.adopt.claims import Table
from dbops.migrate.adopt.origins import Origin, origins


@dataclass(frozen=True, slots=True)
class Adopting:
    """What the user says of it: the tool's name, its table's schema and name, None for what is usual.

    ``allow_missing`` accepts versions without a file, ``allow_modified`` files that were edited since.
    """

    origin: str | None = None
    schema: str | None = None
    table: str | None = None
    allow_missing: bool = False
    allow_modified: bool = False
    reason: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A tool and its table."""

    origin: Origin
    table: Table


def names(adopting: Adopting) -> tuple[str, ...]:
    """Return the names of tables to look for."""
    if adopting.table is not None:
        return (adopting.table,)
    return tuple(sorted({name for origin in _wanted(adopting) for name in origin.TABLES}))


def recognise(tables: Sequence[Table], adopting: Adopting) -> Found:
    """Return the tool whose table is among these; raises OriginUnclear when none or several are."""
    every = [Found(origin, table) for table in tables for origin in _wanted(adopting) if origin.recognises(table)]
    found = [each for each in every if _is_meant(each, adopting.schema)]
    if not found:
        raise _none(every, adopting)
    if len(found) > 1:
        raise _several(found)
    if not found[0].table.readable:
        label = found[0].table.label
        raise PermissionDenied(
            f"the role may not read {label}",
            hint=f"GRANT SELECT ON {label}, and USAGE on its schema, to the role that dbops runs as",
            details=[{"field": "origin", "error": "not readable"}],
        )
    return found[0]


def _wanted(adopting: Adopting) -> Iterable[Origin]:
    if adopting.origin is None:
        return origins().values()
    if adopting.origin not in origins():
        raise UsageError.unknown_name("origin", adopting.origin, origins())
    return (origins()[adopting.origin],)


def _is_meant(found: Found, schema: str | None) -> bool:
    if schema is not None:
        return found.table.schema == schema
    return found.table.on_path or found.table.schema in found.origin.SCHEMAS


def _none(elsewhere: Sequence[Found], adopting: Adopting) -> OriginUnclear:
    tools = adopting.origin or "another tool"
    where = f"schema {adopting.schema}" if adopting.schema else "the search path"
    if elsewhere:
        other = elsewhere[0]
        hint = f"{other.table.label} looks like {other.origin.NAME}'s: is it --from-schema {other.table.schema}?"
    elif adopting.table is not None:
        hint = "is the name right, and is it the version table? Its columns must be those of the tool"
    else:
        hint = f"dbops knows {', '.join(origins())}; a table with a name of its own needs --from-table, and what no "
        hint += "tool has recorded is `dbops migrate baseline V`"
    return OriginUnclear(
        f"there is no version table of {tools} in {where}",
        hint=hint,
        details=[{"field": "origin", "error": "not found"}],
    )


def _several(found: Sequence[Found]) -> OriginUnclear:
    said = " and ".join(f"{each.table.label} ({each.origin.NAME})" for each in found)
    tools = {each.origin.NAME for each in found}
    option = "--origin NAME" if len(tools) > 1 else "--from-schema NAME"
    return OriginUnclear(
        f"there are several version tables: {said}",
        hint=f"say with {option} which of them tells what is applied",
        details=[{"field": "origin", "error": each.origin.NAME, "table": each.table.label} for each in found],
    )
