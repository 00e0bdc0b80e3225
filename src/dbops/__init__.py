"""dbops: the tool a team trusts its PostgreSQL with.

One function a command, each returning a frozen dataclass of :mod:`dbops.results`. Nothing is imported before it is
used::

    import dbops

    result = dbops.migrate_up(dbops.Dsn("postgresql://app@db/orders", "my program"), dbops.Options())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Accepted",
    "CacheRequest",
    "DbopsError",
    "Dsn",
    "ExplainProving",
    "ExplainRequest",
    "ExplainSource",
    "HaAccepting",
    "HaAddress",
    "HaLimits",
    "HaRequest",
    "Interrupt",
    "LintOptions",
    "LintRequest",
    "MigrateAcross",
    "MigrateAdopting",
    "MigrateChoice",
    "MigrateSquashing",
    "NPlusOneRequest",
    "Options",
    "ReplicasLog",
    "ReplicasRequest",
    "SourceRequest",
    "SuspectsRequest",
    "TopRequest",
    "advise_cache",
    "advise_replicas",
    "explain_plan",
    "explain_query",
    "ha_status",
    "lint_database",
    "lint_files",
    "migrate_adopt",
    "migrate_baseline",
    "migrate_down",
    "migrate_drift",
    "migrate_dump",
    "migrate_fan_out",
    "migrate_import",
    "migrate_mark_applied",
    "migrate_mark_reverted",
    "migrate_new",
    "migrate_plan",
    "migrate_redo",
    "migrate_repair",
    "migrate_squash",
    "migrate_status",
    "migrate_up",
    "migrate_verify",
    "workload_nplusone",
    "workload_nplusone_in_source",
    "workload_suspects",
    "workload_top",
]

if TYPE_CHECKING:
    from dbops.errors import DbopsError
    from dbops.explain.captured import explain_plan
    from dbops.explain.explain import explain as explain_query
    from dbops.explain.request import Proving as ExplainProving
    from dbops.explain.request import Request as ExplainRequest
    from dbops.explain.statement import Source as ExplainSource
    from dbops.ha.accept import Accepting as HaAccepting
    from dbops.ha.request import Address as HaAddress
    from dbops.ha.request import Request as HaRequest
    from dbops.ha.snapshot import Limits as HaLimits
    from dbops.ha.status import ha_status
    from dbops.lint.options import Options as LintOptions
    from dbops.lint.run.database import ask as lint_database
    from dbops.lint.run.lint import lint as lint_files
    from dbops.lint.run.request import Request as LintRequest
    from dbops.migrate.adopt.adopt import adopt as migrate_adopt
    from dbops.migrate.adopt.recognise import Adopting as MigrateAdopting
    from dbops.migrate.commands import down as migrate_down
    from dbops.migrate.commands import redo as migrate_redo
    from dbops.migrate.commands import up as migrate_up
    from dbops.migrate.drift.run import drift as migrate_drift
    from dbops.migrate.dump.run import dump as migrate_dump
    from dbops.migrate.fanout import Across as MigrateAcross
    from dbops.migrate.fanout import fan_out as migrate_fan_out
    from dbops.migrate.importing import import_folder as migrate_import
    from dbops.migrate.inspect import plan as migrate_plan
    from dbops.migrate.inspect import status as migrate_status
    from dbops.migrate.marks import baseline as migrate_baseline
    from dbops.migrate.marks import mark_applied as migrate_mark_applied
    from dbops.migrate.marks import mark_reverted as migrate_mark_reverted
    from dbops.migrate.marks import repair as migrate_repair
    from dbops.migrate.options import Options
    from dbops.migrate.plan import Accepted
    from dbops.migrate.source import new as migrate_new
    from dbops.migrate.squash.run import Squashing as MigrateSquashing
    from dbops.migrate.squash.run import squash as migrate_squash
    from dbops.migrate.verify.verify import Choice as MigrateChoice
    from dbops.migrate.verify.verify import verify as migrate_verify
    from dbops.postgres.dsn import Dsn
    from dbops.postgres.interrupt import Interrupt
    from dbops.workload.caching import Request as CacheRequest
    from dbops.workload.caching import cache as advise_cache
    from dbops.workload.followed import Log as ReplicasLog
    from dbops.workload.loops import Request as NPlusOneRequest
    from dbops.workload.loops import nplusone as workload_nplusone
    from dbops.workload.replicas import Request as ReplicasRequest
    from dbops.workload.replicas import replicas as advise_replicas
    from dbops.workload.sources import SourceRequest
    from dbops.workload.sources import nplusone_in_source as workload_nplusone_in_source
    from dbops.workload.suspects import Request as SuspectsRequest
    from dbops.workload.suspects import suspects as workload_suspects
    from dbops.workload.top import Request as TopRequest
    from dbops.workload.top import top as workload_top

_PLACES = {
    "Accepted": "migrate.plan:Accepted",
    "CacheRequest": "workload.caching:Request",
    "DbopsError": "errors:DbopsError",
    "Dsn": "postgres.dsn:Dsn",
    "ExplainProving": "explain.request:Proving",
    "ExplainRequest": "explain.request:Request",
    "ExplainSource": "explain.statement:Source",
    "HaAccepting": "ha.accept:Accepting",
    "HaAddress": "ha.request:Address",
    "HaLimits": "ha.snapshot:Limits",
    "HaRequest": "ha.request:Request",
    "Interrupt": "postgres.interrupt:Interrupt",
    "LintOptions": "lint.options:Options",
    "LintRequest": "lint.run.request:Request",
    "MigrateAcross": "migrate.fanout:Across",
    "MigrateAdopting": "migrate.adopt.recognise:Adopting",
    "MigrateChoice": "migrate.verify.verify:Choice",
    "MigrateSquashing": "migrate.squash.run:Squashing",
    "NPlusOneRequest": "workload.loops:Request",
    "Options": "migrate.options:Options",
    "ReplicasLog": "workload.followed:Log",
    "ReplicasRequest": "workload.replicas:Request",
    "SourceRequest": "workload.sources:SourceRequest",
    "SuspectsRequest": "workload.suspects:Request",
    "TopRequest": "workload.top:Request",
    "advise_cache": "workload.caching:cache",
    "advise_replicas": "workload.replicas:replicas",
    "explain_plan": "explain.captured:explain_plan",
    "explain_query": "explain.explain:explain",
    "ha_status": "ha.status:ha_status",
    "lint_database": "lint.run.database:ask",
    "lint_files": "lint.run.lint:lint",
    "migrate_adopt": "migrate.adopt.adopt:adopt",
    "migrate_baseline": "migrate.marks:baseline",
    "migrate_down": "migrate.commands:down",
    "migrate_drift": "migrate.drift.run:drift",
    "migrate_dump": "migrate.dump.run:dump",
    "migrate_fan_out": "migrate.fanout:fan_out",
    "migrate_import": "migrate.importing:import_folder",
    "migrate_mark_applied": "migrate.marks:mark_applied",
    "migrate_mark_reverted": "migrate.marks:mark_reverted",
    "migrate_new": "migrate.source:new",
    "migrate_plan": "migrate.inspect:plan",
    "migrate_redo": "migrate.commands:redo",
    "migrate_repair": "migrate.marks:repair",
    "migrate_squash": "migrate.squash.run:squash",
    "migrate_status": "migrate.inspect:status",
    "migrate_up": "migrate.commands:up",
    "migrate_verify": "migrate.verify.verify:verify",
    "workload_nplusone": "workload.loops:nplusone",
    "workload_nplusone_in_source": "workload.sources:nplusone_in_source",
    "workload_suspects": "workload.suspects:suspects",
    "workload_top": "workload.top:top",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'dbops' has no attribute {name!r}")
    import importlib

    module, _, attribute = _PLACES[name].partition(":")
    return getattr(importlib.import_module(f"dbops.{module}"), attribute)
