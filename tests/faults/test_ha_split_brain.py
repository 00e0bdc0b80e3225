"""`dbops ha-status` with two writers, and with a standby that has gone another way."""

from __future__ import annotations

from faults.failover import NOT_READY, Ledger, execute, promotes, value
from faults.scene import eventually


def test_split_brain_and_then_the_old_primary_as_a_standby_that_has_diverged(doomed):
    old, new = doomed.primary, doomed.standbys[0]
    ledger = Ledger(old)
    doomed.wait_until_well()
    new.promote()
    split = doomed.ask()
    assert split.verdicts == (NOT_READY, NOT_READY, 2), split.explain()
    assert split.check("single-writer").status == "fail"
    assert "split brain: primary (timeline 1) and standby1 (timeline 2)" in split.check("single-writer").message
    assert {split.node(name).lag_bytes for name in ("primary", "standby1", "standby2")} == {None}

    ledger.write(10)
    execute(new, "CREATE TABLE written_by_the_new_one ()")
    old.follow(new, "primary")
    eventually(lambda: value(old, "SELECT pg_is_in_recovery()"), "it is no standby")
    diverged = doomed.ask()
    assert diverged.verdicts == (NOT_READY, NOT_READY, 2), diverged.explain()
    for name in ("primary", "standby2"):
        assert diverged.check("timeline", name).status == "fail"
        assert diverged.node(name).lag_bytes is None
    assert diverged.check("receiver-streaming", "primary").status == "fail"
    assert diverged.check("single-writer").status == "pass"
    assert set(diverged.result.emergency.blockers) >= {"timeline"}

    new.kill()
    without = doomed.ask()
    assert without.result.emergency.verdict == NOT_READY, without.explain()
    assert "on timeline 1, a node that is gone was on 2" in without.check("timeline", "primary").message
    assert promotes(old)
    assert value(old, "SELECT to_regclass('written_by_the_new_one') IS NULL")
    new.start()
    assert doomed.ask().check("single-writer").status == "fail"
