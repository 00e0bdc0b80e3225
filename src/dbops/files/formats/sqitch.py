"""sqitch's format: ``sqitch.plan`` says what comes after what, ``deploy/CHANGE.sql`` and ``revert/CHANGE.sql`` do it.

A change that was reworked is in the plan several times, with tags between: the earlier scripts are
``deploy/CHANGE@TAG.sql``, and so are their versions. The scripts of ``verify`` are not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbops.errors import UsageError
from dbops.files.migration import Migration, SourceFile, at_line, refuse_duplicates
from dbops.files.pair import Side, pair
from dbops.files.scaffold import Draft
from dbops.files.sqitch_plan import Change, read

NAME = "sqitch"
FOLDERS = 16

_PLAN = "sqitch.plan"


def recognises(files: Sequence[SourceFile]) -> bool:
    """Say yes to a plan."""
    return any(file.name == _PLAN for file in files)


def parse(files: Sequence[SourceFile]) -> Sequence[Migration]:
    """Read the migrations in the order of the plan."""
    by_name = {file.name: file for file in files}
    plan = by_name.get(_PLAN)
    if plan is None:
        raise at_line(files[0].path, 1, f"there is no {_PLAN} beside it", "point --dir at the folder of the plan")
    changes = read(plan)
    found = [_migration(plan, change, by_name) for change in changes]
    refuse_duplicates(found)
    return found


def _migration(plan: SourceFile, change: Change, files: Mapping[str, SourceFile]) -> Migration:
    names = [f"{change.name}@{tag}" for tag in change.tags] if change.reworked else [change.name]
    name = next((name for name in names if f"deploy/{name}.sql" in files), None)
    if name is None:
        missing = f"deploy/{names[-1]}.sql"
        raise at_line(
            plan.path, change.line, f"{change.name} has no {missing}", "restore the script, or take it out of the plan"
        )
    down = files.get(f"revert/{name}.sql")
    return pair(name, "", Side(files[f"deploy/{name}.sql"]), None if down is None else Side(down))


def scaffold(draft: Draft, _existing: Sequence[Migration]) -> tuple[str, Mapping[str, str]]:
    """Raise UsageError: the plan holds who made a change, and only sqitch writes it."""
    raise UsageError(
        "sqitch's plan is written by sqitch itself",
        hint=f"run `sqitch add {draft.word}`; or rewrite the folder for dbops with `dbops migrate import`",
    )
