"""Clusters as results: healthy, broken, large, hostile ones built by hand, and any that hypothesis thinks of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from dbops.results.ha import (
    Acceptance,
    Automatic,
    Candidate,
    Failover,
    HaCheck,
    HaCheckInfo,
    HaNode,
    HaStatus,
    LagSample,
    Question,
    Status,
    Verdict,
    Weight,
)
from output.lint_findings import ANY_TEXT

BOTH = (Question.SWITCHOVER, Question.EMERGENCY)
MB = 1024**2


def node(name: str, **facts: Any) -> HaNode:
    """Return a standby of n1 that streams, 64 kB behind."""
    known: dict[str, Any] = {
        "host": f"{name}.example", "port": 5432, "role": "standby", "state": "streaming", "timeline": 7,
        "version": "18.1", "lag_bytes": 64 * 1024, "lag_seconds": 0.1, "sync_state": "async", "slot": f"slot_{name}",
        "upstream": "n1", "uptime_seconds": 86_400.0 * 12 + 3 * 3600, "seen_s": 0.1, "error": None,
    }  # fmt: skip
    return HaNode(name=name, **(known | facts))


def primary(name: str = "n1", **facts: Any) -> HaNode:
    """Return a primary that runs."""
    known: dict[str, Any] = {
        "role": "primary", "state": "running", "lag_bytes": None, "lag_seconds": None, "sync_state": None,
        "slot": None, "upstream": None,
    }  # fmt: skip
    return node(name, **(known | facts))


def silent(name: str, error: str = "timeout 5 s", **facts: Any) -> HaNode:
    """Return a node that gave no answer."""
    known: dict[str, Any] = {
        "role": None, "state": "unknown", "timeline": None, "version": None, "lag_bytes": None, "lag_seconds": None,
        "sync_state": None, "slot": None, "upstream": None, "uptime_seconds": None, "seen_s": None, "error": error,
    }  # fmt: skip
    return node(name, **(known | facts))


def check(name: str, status: Status = Status.FAIL, about: str | None = None, **others: Any) -> HaCheck:
    """Return a blocker of both questions."""
    known: dict[str, Any] = {
        "severity": Weight.BLOCKER, "message": f"{name} does not hold", "remedy": None, "matters": BOTH,
        "accepted": None,
    }  # fmt: skip
    return HaCheck(id=name, status=status, node=about, **(known | others))


def failover(verdict: Verdict = Verdict.READY, candidate: str | None = "n2", **others: Any) -> Failover:
    """Return an answer that loses nothing."""
    known: dict[str, Any] = {
        "loss_bytes": 0, "loss_seconds": 0.0, "promote_seconds": 0.0, "blockers": (),
        "reason": "nothing stands against it",
    }  # fmt: skip
    return Failover(verdict=verdict, candidate=candidate, **(known | others))


def status(*nodes: HaNode, **others: Any) -> HaStatus:
    """Return a status; its verdict is the worse of both answers."""
    switchover = others.pop("switchover", failover())
    emergency = others.pop("emergency", failover())
    candidate = (
        None
        if emergency.candidate is None
        else Candidate(emergency.candidate, emergency.loss_bytes, emergency.loss_seconds)
    )
    known: dict[str, Any] = {
        "verdict": max(switchover.verdict, emergency.verdict, key=lambda each: each.rank), "candidate": candidate,
        "checks": PASSING, "automatic": None, "observed_s": 2.0, "asked": BOTH,
    }  # fmt: skip
    return HaStatus(switchover=switchover, emergency=emergency, nodes=nodes, **(known | others))


PASSING = (
    *(check(name, Status.PASS, about, message="holds") for name in ("lag", "timeline") for about in ("n2", "n3")),
    check("single-writer", Status.PASS, message="n1 takes writes, and no other node does"),
    check("standby-count", Status.SKIPPED, message="no number of standbys is expected"),
)


def history(*values: int, every: float = 1.0) -> tuple[LagSample, ...]:
    """Return a sample a second."""
    return tuple(LagSample(number * every, value) for number, value in enumerate(values))


def healthy() -> HaStatus:
    """Nothing is wrong."""
    return status(primary(), node("n2"), node("n3", lag_bytes=0, lag_seconds=0.0))


def sample() -> HaStatus:
    """Return what the issue shows: a blocker of the switchover alone, a silent standby, something accepted."""
    nodes = (
        primary(),
        node("n2", history=history(0, 64, 1200 * 1024, 12 * MB, 3 * MB, 64 * 1024)),
        silent("n3"),
    )
    checks = (
        check(
            "logical-slots",
            about="n2",
            message='slot "cdc" of database app is not synced: its subscriber is lost at a switchover',
            remedy="ALTER SUBSCRIPTION cdc SET (failover = true);",
            matters=(Question.SWITCHOVER,),
        ),
        check(
            "sync-commit",
            Status.WARN,
            severity=Weight.WARNING,
            message="role app: synchronous_commit = off: a loss of 0 is not true for it",
            remedy="ALTER ROLE app RESET synchronous_commit",
        ),
        check(
            "replication-login",
            Status.UNKNOWN,
            "n3",
            severity=Weight.WARNING,
            message="whether n3 may log in to n2 can't be tested from here",
            remedy="GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO monitor",
        ),
        check(
            "node-answers", Status.UNKNOWN, "n3", severity=Weight.WARNING, message="timeout 5 s",
            remedy="see whether it hangs, and whether a firewall drops packets to n3.example:5432",
        ),
        check(
            "unlogged-tables", Status.WARN, "n1", severity=Weight.INFO,
            message="3 unlogged tables are empty after a promotion", remedy=None,
        ),
        check(
            "archiver", Status.WARN, "n1", severity=Weight.WARNING, message="archiving fails since 12 m",
            remedy="see the log", accepted=Acceptance("the archive moves in March", "2027-03-31"),
        ),
        check(
            "disk-wal", Status.WARN, "n2", severity=Weight.WARNING, message="pg_wal holds 40 GB",
            remedy="CHECKPOINT", accepted=Acceptance("bigger disk ordered", "2026-01-31", expired=True),
        ),
        *PASSING,
    )  # fmt: skip
    return status(
        *nodes,
        switchover=failover(
            Verdict.NOT_READY, loss_bytes=None, loss_seconds=None, blockers=("logical-slots",),
            reason="1 blocker: logical-slots",
        ),
        emergency=failover(
            Verdict.DEGRADED, loss_bytes=1_258_291, loss_seconds=0.3, promote_seconds=4.0,
            reason="3 warnings: sync-commit, replication-login, node-answers",
        ),
        checks=checks,
        observed_s=60.0,
        environment="production",
        automatic=Automatic("Patroni", True, "n1", "n2", ""),
    )  # fmt: skip


def split_brain() -> HaStatus:
    """Two nodes take writes, each with a standby."""
    message = "split brain: n1 (timeline 7) and n2 (timeline 8) take writes"
    answer = failover(
        Verdict.NOT_READY, "n3", loss_bytes=None, loss_seconds=None, promote_seconds=None, blockers=("single-writer",),
        reason="1 blocker: single-writer",
    )  # fmt: skip
    return status(
        primary(),
        node("n3", lag_bytes=None, lag_seconds=None),
        primary("n2", timeline=8),
        node("n4", upstream="n2", timeline=8, lag_bytes=None, lag_seconds=None),
        switchover=answer,
        emergency=answer,
        checks=(
            check("single-writer", message=message, remedy="fence off the one that should not write, now"),
            check("lag", Status.UNKNOWN, "n3", message="how far it is behind is unknown"),
            check("lag", Status.UNKNOWN, "n4", message="how far it is behind is unknown"),
        ),
    )


def primary_lost() -> HaStatus:
    """The primary is down, its standbys wait."""
    left = {"state": "not streaming", "lag_bytes": None, "lag_seconds": None, "sync_state": None, "upstream": None}
    return status(
        node("n2", **left),
        node("n3", **left),
        silent("n1", "connection refused", state="down"),
        switchover=failover(
            Verdict.NOT_READY, "n2", loss_bytes=None, loss_seconds=None, blockers=("single-writer",),
            reason="1 blocker: single-writer",
        ),
        emergency=failover(
            Verdict.DEGRADED, "n2", loss_bytes=None, loss_seconds=None, reason="2 warnings: lag, node-answers"
        ),
        checks=(
            check("single-writer", message="no node takes writes", matters=(Question.SWITCHOVER,)),
            check("node-answers", Status.WARN, "n1", severity=Weight.WARNING, message="down: connection refused"),
        ),
    )  # fmt: skip


def nothing_known() -> HaStatus:
    """No node answers, or says anything."""
    blank = dict.fromkeys(("host", "port", "role", "timeline", "version", "lag_bytes", "lag_seconds", "sync_state"))
    blank |= dict.fromkeys(("slot", "upstream", "uptime_seconds", "seen_s"))
    answer = failover(
        Verdict.UNKNOWN, None, loss_bytes=None, loss_seconds=None, promote_seconds=None, reason="n1, n2 does not answer"
    )
    return status(
        silent("n1"),
        node("n2", state="unknown", **blank),
        switchover=answer,
        emergency=answer,
        checks=(check("position", Status.UNKNOWN, "n2", message="where it stands in the WAL is unknown"),),
        automatic=Automatic("Patroni", None, None, None, "its API does not answer"),
        observed_s=0.0,
    )


def cascade() -> HaStatus:
    """Return n1 → n2 → n4 → n5, and n1 → n3."""
    return status(
        primary(),
        node("n2", sync_state="sync", history=history(0, 0, 0)),
        node("n4", upstream="n2", state="catchup", lag_bytes=3 * MB, history=history(5 * MB, 4 * MB, 3 * MB)),
        node("n5", upstream="n4", lag_bytes=None, lag_seconds=None, state="not streaming"),
        node("n3"),
    )


def many(count: int = 32) -> HaStatus:
    """Return a primary and many standbys: some are silent, one lags, and checks say the same of each."""
    standbys = [
        silent(f"n{number}", "connection timed out after 5 s")
        if number % 10 == 0
        else node(f"n{number}", lag_bytes=number * 1024, upstream="n1" if number < 20 else "n2")
        for number in range(2, count + 1)
    ]
    answering = [each for each in standbys if each.error is None]
    checks = [
        *(
            check("replication-login", Status.UNKNOWN, each.name, message="can't be tested from here")
            for each in standbys
        ),
        *(
            check("lag", Status.WARN, each.name, severity=Weight.WARNING, message=f"{each.lag_bytes} bytes behind")
            for each in answering
        ),
        *(check("timeline", Status.PASS, each.name) for each in answering),
    ]
    return status(primary(), *standbys, checks=tuple(checks))


def hostile() -> HaStatus:
    """Names and messages that are markup, line ends, directions and signs of every format."""
    name = "n2\"><script>hacked=1</script>'|=;\n\x1b[31m\u202e"
    message = "</style><img src=x onerror=hacked=1> | a=1;;\r\nOK\x00 {{ 7 * 7 }} 'quoted' \\ \""
    return status(
        primary("n1|it's=1 n"),
        node(name, upstream="n1|it's=1 n", slot="</svg><b>", version="<i>18</i>", history=history(0, 5, 3)),
        silent("<b>n3</b>", message),
        switchover=failover(Verdict.NOT_READY, name, blockers=("lag",), reason=message),
        emergency=failover(Verdict.DEGRADED, name, reason=message),
        checks=(
            check("lag", about=name, message=message, remedy=f"SELECT '{message}'\nthen {message}"),
            check("lag", about=None, message=message, accepted=Acceptance(message, "2027-01-01")),
            *PASSING,
        ),
        environment="<u>prod</u>",
        automatic=Automatic("<b>Patroni", True, name, "<b>n3</b>", message),
    )


NOBODY = failover(Verdict.UNKNOWN, None, reason="there is no standby")
SOME = {
    "healthy": healthy(),
    "sample": sample(),
    "split brain": split_brain(),
    "primary lost": primary_lost(),
    "nothing known": nothing_known(),
    "cascade": cascade(),
    "many": many(),
    "hostile": hostile(),
    "no nodes": status(checks=(), switchover=NOBODY, emergency=NOBODY),
    "one question": replace(sample(), asked=(Question.EMERGENCY,)),
}

_MAYBE = st.none() | st.integers(0, 2**60)
_SECONDS = st.none() | st.floats(0, 1e9)
_TEXT = st.none() | ANY_TEXT


@st.composite
def statuses(draw: st.DrawFn) -> HaStatus:
    """Return any status: names that are hard to show, upstreams that are not there or go in circles."""
    names = draw(st.lists(ANY_TEXT, max_size=5, unique=True))
    some = st.none() | (st.sampled_from(names) if names else st.none())
    nodes = tuple(
        HaNode(
            name=name,
            host=draw(_TEXT),
            port=draw(st.none() | st.integers(1, 65535)),
            role=draw(st.sampled_from([None, "primary", "standby"])),
            state=draw(st.sampled_from(["running", "streaming", "catchup", "not streaming", "down", "unknown"])),
            timeline=draw(_MAYBE),
            version=draw(_TEXT),
            lag_bytes=draw(_MAYBE),
            lag_seconds=draw(_SECONDS),
            sync_state=draw(_TEXT),
            slot=draw(_TEXT),
            upstream=draw(some),
            uptime_seconds=draw(_SECONDS),
            seen_s=draw(_SECONDS),
            error=draw(_TEXT),
            history=tuple(
                LagSample(float(at), each) for at, each in enumerate(draw(st.lists(st.integers(0, 2**50), max_size=4)))
            ),
        )
        for name in names
    )
    answers = st.builds(
        Failover,
        verdict=st.sampled_from(Verdict),
        candidate=some,
        loss_bytes=_MAYBE,
        loss_seconds=_SECONDS,
        promote_seconds=_SECONDS,
        blockers=st.just(()),
        reason=ANY_TEXT,
    )
    checks = st.builds(
        HaCheck,
        id=st.sampled_from(["lag", "timeline", "slot-status"]),
        severity=st.sampled_from(Weight),
        status=st.sampled_from(Status),
        node=some,
        message=ANY_TEXT,
        remedy=_TEXT,
        matters=st.sampled_from([BOTH, (Question.SWITCHOVER,)]),
        accepted=st.none() | st.builds(Acceptance, ANY_TEXT, st.none() | st.just("2027-01-01"), st.booleans()),
    )
    return status(
        *nodes,
        switchover=draw(answers),
        emergency=draw(answers),
        checks=tuple(draw(st.lists(checks, max_size=6))),
        automatic=draw(st.none() | st.builds(Automatic, ANY_TEXT, st.none() | st.booleans(), _TEXT, _TEXT, ANY_TEXT)),
        observed_s=draw(st.floats(0, 1e6)),
        environment=draw(_TEXT),
    )


INFO = HaCheckInfo(
    id="replay-paused",
    severity=Weight.WARNING,
    matters=BOTH,
    summary="Replay goes on.",
    text="Replay goes on.\n\nWhy: A standby whose replay is paused falls behind what it has *received*.\n\n"
    "Instead: `SELECT pg_wal_replay_resume()` on the standby.\n\nVersions: 13 knows paused and not paused only.",
    query="SELECT pg_get_wal_replay_pause_state() AS state\n",
)
