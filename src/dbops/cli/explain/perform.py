"""What ``dbops explain`` does around its call: the input, the target, progress, files, printing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dbops
from dbops.cli import screen
from dbops.cli.context import Common
from dbops.cli.explain import files
from dbops.cli.explain.contradictions import refuse_contradictions
from dbops.cli.render import document
from dbops.cli.reporting import Reporting
from dbops.cli.signals import interruptible
from dbops.errors import ATTENTION
from dbops.explain.captured import Explained, explain_plan, with_comparison
from dbops.explain.limits import Forbidden, Limits
from dbops.explain.request import Proving, Request
from dbops.explain.statement import find
from dbops.output.stream import put
from dbops.results.explain import ExplainResult
from dbops.results.progress import Event


def explain(common: Common, output: str, flags: dict[str, Any]) -> int:
    """Explain, write what files were asked for, print, and return the exit status."""
    refuse_contradictions(flags)
    reporting = Reporting(common.style(), json=output == "json")
    compared = None if flags["compare"] is None else files.plan(flags["compare"])
    explained = _explained(common, flags, reporting.event)
    if compared is not None:
        explained = with_comparison(explained, compared, str(flags["compare"]))
    migration = files.migration(explained.result, _folder(common, flags)) if flags["write_migration"] else None
    result = files.write(explained, save=flags["save"], html=flags["html"], version=dbops.__version__, also=migration)
    _print(common, reporting, result, full=flags["full"])
    return ATTENTION if result.broken else 0


def finding(common: Common, output: str, name: str) -> None:
    """Print what a finding means."""
    from dbops.explain.findings import explain as meaning
    from dbops.output.explain import finding as shown

    result = meaning(name)
    if output == "json":
        document(result)
    else:
        put(shown.explanation(result, common.style(), screen.width()))


def _explained(common: Common, flags: dict[str, Any], report: Callable[[Event], None]) -> Explained:
    limits = Limits(flags["max_ms"], flags["max_cost"], tuple(map(Forbidden.read, flags["forbid"])))
    if flags["plan"] is not None:
        plan = files.plan(flags["plan"])
        return explain_plan(plan, str(flags["plan"]), limits=limits, redact=flags["redact"])
    from dbops.explain.explain import explain
    from dbops.postgres.dsn import resolve

    source = files.source(flags["query"], flags["file"]) if flags["queryid"] is None else None
    if source is not None:
        find(source, flags["statement"])  # what can't be explained is refused before a database is looked for
    request = Request(
        source=source,
        queryid=flags["queryid"],
        statement=flags["statement"],
        values=dict(map(_value, flags["values"])),
        analyze=flags["analyze"],
        allow_writes=flags["allow_writes"],
        timeout=flags["timeout"],
        repeat=flags["repeat"],
        redact=flags["redact"],
        show_data=flags["show_data"] or (sys.stdout.isatty() and flags["html"] is None and flags["save"] is None),
        advise=not flags["no_advice"],
        prove=_proving(flags),
        environment=common.settings.value("environment"),
        limits=limits,
        report=report,
    )
    dsn = resolve(common.settings, flags["dsn"], direct=True)
    with interruptible() as interrupt:
        return explain(dsn, request, interrupt)


def _proving(flags: dict[str, Any]) -> Proving | None:
    if not flags["prove"]:
        return None
    from dbops.explain.prove.trial import Limits as Bounds
    from dbops.postgres.dsn import Dsn

    scratch = None if flags["scratch_dsn"] is None else Dsn(flags["scratch_dsn"], "--scratch-dsn")
    bounds = Bounds(copy_bytes=flags["copy_limit"], statement_seconds=max(flags["timeout"], 1.0))
    return Proving(scratch, bounds)


def _value(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    return name.strip().removeprefix("$").removeprefix(":"), value if equals else None


def _folder(common: Common, flags: dict[str, Any]) -> Path:
    return Path(common.settings.value("migrate.dir", flags["directory"]))


def _print(common: Common, reporting: Reporting, result: ExplainResult, *, full: bool) -> None:
    """Print the result; the warnings of a run were told before it, as they must be."""
    reporting.clear()
    if reporting.json:
        document(result)
        return
    from dbops.output.explain import text

    told = replace(result, warnings=()) if result.target is not None else result
    put(text.render(told, common.style(), screen.width(), full=full))
