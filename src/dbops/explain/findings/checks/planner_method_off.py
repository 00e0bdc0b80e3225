"""A way to run queries is switched off for the planner.

Why: `enable_seqscan = off` and its like are for experiments. Left on, in a role or in postgresql.conf, they make the
planner choose among what is left for every query, also where the other way is much the better one.

Instead: RESET it, and mend what it was meant to mend: an estimate, an index, random_page_cost.

Source: pev2 shows the settings that differ from their defaults; dbops's own choice of the `enable_…` ones that are off.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbops.explain.findings.finding import Found, Subject
from dbops.explain.findings.names import name
from dbops.results.lint import Severity

SEVERITY = Severity.INFO
BAD = ("-- set: enable_hashjoin = off\nSELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid",)
GOOD = (
    "-- set: enable_partitionwise_join = on\nSELECT count(*) FROM pg_class",
    "-- set: work_mem = '8MB'\nSELECT count(*) FROM pg_class",
)


def find(subject: Subject) -> Iterator[Found]:
    """Yield one finding for the plan as a whole, if it was made without some methods."""
    off = sorted(
        setting for setting, value in subject.plan.settings.items() if setting.startswith("enable_") and value == "off"
    )
    if off:
        yield Found(
            None,
            f"{' and '.join(off)} {'is' if len(off) == 1 else 'are'} off: the planner could not choose freely",
            "settings that differ from their defaults",
            " ".join(f"RESET {name(setting)};" for setting in off),
        )
