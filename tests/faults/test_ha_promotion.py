"""What `dbops ha-status` promises, tried: the primary is killed, the standby it named is promoted, the loss is counted.

A position is read before the question is asked: what was written by then is lost at most as far as the answer says.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Self

import pytest

from faults.failover import (
    DEGRADED,
    NOT_READY,
    READY,
    RECEIVER,
    STARTUP,
    UNKNOWN,
    Ledger,
    Watched,
    connect,
    end_of_wal,
    execute,
    frozen,
    hung,
    promotes,
    replay_paused,
    sender,
    settings,
    stopped,
    value,
    wal_lost_by,
)
from faults.scene import eventually, full_count

HELD_UP = f"SELECT wait_event_type = 'Lock' FROM ({STARTUP}) AS replaying"
IN_PART = (
    f"SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn() AND wait_event = 'RecoveryWalStream' FROM ({STARTUP})"
    " AS replaying"
)


def test_ready_without_loss_loses_nothing(doomed):
    ledger = Ledger(doomed.primary)
    ledger.write(300)
    doomed.wait_until_well()
    end = end_of_wal(doomed.primary)
    said = doomed.ask()
    assert said.verdicts == (READY, READY, 0), said.explain()
    assert said.loses_nothing
    doomed.primary.kill()
    promoted = doomed.servers[said.result.candidate.node]
    assert promotes(promoted)
    assert ledger.lost_by(promoted) == {}
    assert wal_lost_by(promoted, end) == 0
    execute(promoted, "INSERT INTO ledger VALUES (-1)")


def test_what_was_not_received_is_lost_and_no_more_than_was_said(doomed):
    """The network to the standbys has stalled: they still believe that they stream."""
    ledger = Ledger(doomed.primary)
    ledger.write(20)
    doomed.wait_until_well()
    with frozen(doomed.primary, sender("standby1")), frozen(doomed.primary, sender("standby2")):
        ledger.write(50)
        end = end_of_wal(doomed.primary)
        asked = time.monotonic()
        said = doomed.ask()
        doomed.primary.kill()
    promoted = doomed.servers[said.result.candidate.node]
    assert promotes(promoted)
    lost = ledger.lost_by(promoted)
    assert set(range(21, 70)) <= set(lost) <= set(range(20, 70)), said.explain()
    assert 0 < wal_lost_by(promoted, end) <= said.result.emergency.loss_bytes
    assert asked - min(lost.values()) <= said.result.emergency.loss_seconds


def test_of_two_standbys_the_one_that_has_more_is_promoted(doomed):
    ledger = Ledger(doomed.primary)
    ledger.write(20)
    doomed.wait_until_well()
    with frozen(doomed.primary, sender("standby1")):
        ledger.write(50)
        execute(doomed.primary, "CREATE TABLE more AS SELECT repeat('x', 100) FROM generate_series(1, 20000)")
        end = end_of_wal(doomed.primary)
        eventually(lambda: value(doomed.standbys[1], f"SELECT pg_last_wal_replay_lsn() >= '{end}'"), "no replay")
        living = doomed.ask()
        doomed.primary.kill()
    dead = doomed.ask()
    assert [said.result.candidate.node for said in (living, dead)] == ["standby2", "standby2"], dead.explain()
    assert living.loses_nothing
    assert dead.result.candidate.loss_bytes is None
    behind, ahead = doomed.standbys
    assert promotes(ahead)
    assert ledger.lost_by(ahead) == {}
    assert wal_lost_by(ahead, end) == 0
    assert promotes(behind)
    assert ledger.lost_by(behind) != {}


def test_what_is_received_and_not_replayed_is_replayed_by_the_promotion(doomed):
    ledger = Ledger(doomed.primary)
    ledger.write(20)
    doomed.wait_until_well()
    with ExitStack() as stack:
        for standby in doomed.standbys:
            stack.enter_context(replay_paused(standby))
        ledger.write(200)
        end = end_of_wal(doomed.primary)
        for standby in doomed.standbys:
            received = f"SELECT pg_last_wal_receive_lsn() >= '{end}'"
            eventually(lambda standby=standby, received=received: value(standby, received), "it does not receive")
        said = doomed.ask()
        assert said.verdicts == (DEGRADED, DEGRADED, 1), said.explain()
        assert said.loses_nothing
        doomed.primary.kill()
        promoted = doomed.servers[said.result.candidate.node]
        assert len(ledger.lost_by(promoted)) == 200
        assert promotes(promoted)
    assert ledger.lost_by(promoted) == {}
    assert wal_lost_by(promoted, end) == 0


def test_standbys_with_less_room_than_the_primary_are_not_ready_and_do_not_survive_a_promotion(doomed):
    execute(doomed.primary, "ALTER SYSTEM SET max_worker_processes = 20")
    doomed.primary.restart()
    for standby in doomed.standbys:
        eventually(
            lambda standby=standby: value(standby, "SELECT pg_get_wal_replay_pause_state() = 'paused'"), "it replays on"
        )
    said = doomed.ask()
    assert said.verdicts == (NOT_READY, NOT_READY, 2), said.explain()
    for name in ("standby1", "standby2"):
        assert said.check("standby-settings", name).status == "fail"
        assert "max_worker_processes" in said.check("standby-settings", name).message
        assert "resume" not in said.check("replay-paused", name).remedy
    doomed.primary.kill()
    dead = doomed.ask()
    assert dead.result.emergency.verdict == UNKNOWN, dead.explain()
    assert [promotes(standby) for standby in doomed.standbys] == [False, False]


def test_a_record_that_has_come_in_part_is_lost_with_what_was_received_of_it(doomed):
    primary, first = doomed.primary, doomed.standbys[0]
    ledger = Ledger(primary)
    ledger.write(20)
    doomed.wait_until_well()
    with ExitStack() as stalled:
        with frozen(first, RECEIVER):
            # More than the buffers between the two can hold.
            execute(primary, "SELECT pg_logical_emit_message(false, 'a test', repeat('x', 30000000))")
            ledger.write(1)
            stalled.enter_context(frozen(primary, sender("standby1")))
        end = end_of_wal(primary)
        eventually(lambda: value(first, IN_PART), "nothing of the record came")
        said = doomed.ask(candidate="standby1")
        primary.kill()
    assert said.check("replay-stuck", "standby1").status == "warn", said.explain()
    assert said.result.emergency.verdict == DEGRADED
    assert promotes(first)
    assert len(ledger.lost_by(first)) == 1
    assert 30_000_000 < wal_lost_by(first, end) <= said.result.emergency.loss_bytes


def test_a_query_that_holds_replay_up_is_not_ready_and_holds_up_the_promotion(doomed):
    first = doomed.standbys[0]
    ledger = Ledger(doomed.primary)
    ledger.write(20)
    with settings(first, max_standby_streaming_delay="-1"):
        doomed.wait_until_well()
        with connect(first) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT FROM ledger")
            execute(doomed.primary, "ALTER TABLE ledger ADD COLUMN more int")
            ledger.write(20)
            eventually(lambda: value(first, HELD_UP), "nothing holds replay up")
            unlimited = doomed.ask(candidate="standby1")
            other = doomed.ask(observe=0.1)
            doomed.primary.kill()
            assert value(first, "SELECT pg_promote(true, 1)") is False
            assert value(first, "SELECT pg_is_in_recovery()")
            reader.execute("COMMIT")
        eventually(lambda: not value(first, "SELECT pg_is_in_recovery()"), "it is not promoted")
    assert unlimited.verdicts == (NOT_READY, NOT_READY, 2), unlimited.explain()
    assert unlimited.result.emergency.blockers == ("replay-stuck",)
    assert unlimited.result.emergency.promote_seconds is None
    assert other.result.candidate.node == "standby2"
    assert ledger.lost_by(first) == {}


# The first two end with a promotion that loses something.
@pytest.mark.parametrize("seed", [24, 28, *range(24)][: full_count(2, 20)])
def test_after_any_mishaps_no_promotion_loses_more_than_was_said(doomed, seed):
    with Mishaps(doomed, random.Random(seed)) as mishaps:
        for _ in range(6):
            mishaps.next()
            doomed.ask(observe=0.1, timeout=1.0)
        end = end_of_wal(doomed.primary)
        said = doomed.ask(timeout=1.0, candidate=mishaps.dice.choice(["standby1", "standby2"]))
        doomed.primary.kill()
        emergency = said.result.emergency
        if emergency.verdict in {READY, DEGRADED}:
            story = f"{mishaps.done}\n{said.explain()}"
            promoted = doomed.servers[emergency.candidate]
            assert promotes(promoted), story
            assert wal_lost_by(promoted, end) <= emergency.loss_bytes, story
            assert emergency.loss_bytes > 0 or mishaps.ledger.lost_by(promoted) == {}, story


class Mishaps:
    """One thing after the other that goes wrong with the standbys, or gets well again, while rows are written."""

    def __init__(self, watched: Watched, dice: random.Random) -> None:
        self.done: list[str] = []
        self.ledger = Ledger(watched.primary)
        self._watched = watched
        self.dice = dice
        self._under_way: dict[str, ExitStack] = {}

    def next(self) -> None:
        """Let something happen to a standby to which nothing has, or take back what did."""
        name = self.dice.choice(["standby1", "standby2"])
        if name in self._under_way and self.dice.random() < 0.5:
            self.done.append(f"{name} gets well")
            self._under_way.pop(name).close()
        elif name not in self._under_way:
            what = self.dice.choice(["stalled", "paused", "delayed", "read", "stopped", "hung", "cut"])
            self.done.append(f"{name} is {what}")
            eventually(lambda: self._streams(name), f"{name} does not stream")
            self._under_way[name] = ExitStack()
            self._under_way[name].enter_context(getattr(self, f"_{what}")(name))
        written = self.dice.choice(["rows", "rows", "much", "a lock"])
        self.done.append(written)
        if written == "much":
            execute(self._watched.primary, "SELECT pg_logical_emit_message(false, 'a test', repeat('x', 3000000))")
        elif written == "a lock":
            execute(self._watched.primary, "ALTER TABLE ledger ALTER COLUMN id SET NOT NULL")
        self.ledger.write(self.dice.randrange(1, 40))

    def _stalled(self, name: str) -> AbstractContextManager[None]:
        return frozen(self._watched.primary, sender(name))

    def _cut(self, name: str) -> AbstractContextManager[None]:
        return settings(self._watched.servers[name], primary_conninfo="host=127.0.0.1 port=1")

    def _paused(self, name: str) -> AbstractContextManager[None]:
        return replay_paused(self._watched.servers[name])

    def _delayed(self, name: str) -> AbstractContextManager[None]:
        return settings(self._watched.servers[name], recovery_min_apply_delay="1h")

    @contextmanager
    def _read(self, name: str) -> Iterator[None]:
        """Let a query be in the way of replay, for two seconds at most once there is a lock to replay."""
        server = self._watched.servers[name]
        with settings(server, max_standby_streaming_delay="2s"), connect(server) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT FROM pg_class")
            if reader.execute("SELECT to_regclass('ledger')").fetchone() != (None,):
                reader.execute("SELECT FROM ledger")
            yield

    def _stopped(self, name: str) -> AbstractContextManager[None]:
        return stopped(self._watched.servers[name])

    def _hung(self, name: str) -> AbstractContextManager[None]:
        return hung(self._watched.servers[name])

    def _streams(self, name: str) -> bool:
        return value(self._watched.primary, f"SELECT count(*) FROM ({sender(name)}) AS senders") == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        while self._under_way:
            self._under_way.popitem()[1].close()
