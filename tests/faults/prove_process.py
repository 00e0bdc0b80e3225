"""Proving an index as a process: ``prove_process.py DSN QUERY [SCRATCH_DSN]``, told line by line on stdout as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from dbops.cli.signals import interruptible
from dbops.errors import DbopsError
from dbops.explain.advise.candidate import Candidate, Key
from dbops.explain.plan.tree import plan_of
from dbops.explain.prove import scratch as scratches
from dbops.explain.prove.prove import prove
from dbops.explain.prove.trial import Trial
from dbops.postgres.connect import connect
from dbops.postgres.dsn import Dsn
from dbops.postgres.explain import Options, explain
from dbops.postgres.target import identify
from dbops.sql.nodes import Relation

INDEX = Candidate(Relation("public", "items"), (Key("name", "name"),))


def tell(**said: Any) -> None:
    print(json.dumps(said), flush=True)


@contextmanager
def told_temporary(**options: Any) -> Iterator[Any]:
    """Start a scratch server and say where it is."""
    with temporary(**options) as server:
        tell(home=str(server.home))
        yield server


temporary = scratches.temporary
scratches.temporary = told_temporary


def main(dsn: str, query: str, scratch_dsn: str | None = None) -> int:
    named = Dsn(dsn, "a test")
    with interruptible() as interrupt, closing(connect(named, "dbops explain", interrupt)) as session:
        plan = plan_of(explain(session, query, identify(session).version, Options()))
        try:
            proof = prove(
                session,
                Trial(query, ((INDEX,),)),
                plan,
                dsn=named,
                scratch_dsn=None if scratch_dsn is None else Dsn(scratch_dsn, "--scratch-dsn"),
                report=lambda event: tell(event=type(event).__name__),
                interrupt=interrupt,
            )
        except DbopsError as error:
            tell(error=error.to_dict())
            return error.exit_status
    tell(indexes=len(proof.indexes))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
