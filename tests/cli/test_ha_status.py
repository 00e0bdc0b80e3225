"""`dbops ha-status` as a shell sees it: nodes, exit statuses, formats, files, watching, bad input."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.command import dbops
from dbops.values import parse_node
from servers.ports import free_port
from servers.server import Cluster

QUICK = ("--observe", "300ms", "--timeout", "10s")


@pytest.fixture
def nodes(cluster: Cluster) -> Iterator[list[str]]:
    named = zip(("n1", "standby1", "standby2"), (cluster.primary, *cluster.standbys), strict=True)
    return [word for name, server in named for word in ("--node", f"{name}={server.dsn()}")]


@pytest.fixture
def down() -> str:
    return f"gone=host=127.0.0.1 port={free_port()} user=postgres"


def test_both_verdicts_come_first_then_the_nodes(nodes: list[str]) -> None:
    ran = dbops("ha-status", *nodes, *QUICK)
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["SWITCHOVER", "EMERGENCY"]
    table = [line.split()[0] for line in lines if line.startswith(("MEMBER", "n1", "standby"))]
    assert table == ["MEMBER", "n1", "standby1", "standby2"]
    assert "streaming" in ran.out


def test_the_document_has_the_contracts_fields(nodes: list[str]) -> None:
    ran = dbops("ha-status", *nodes, *QUICK, "-o", "json")
    data = json.loads(ran.out)["data"]
    assert set(data) >= {"verdict", "switchover", "emergency", "candidate", "nodes", "checks"}
    answer = {"verdict", "candidate", "loss_bytes", "loss_seconds", "promote_seconds", "blockers"}
    assert set(data["switchover"]) >= answer
    assert set(data["emergency"]) >= answer
    assert set(data["candidate"]) == {"node", "loss_bytes", "loss_seconds"}
    node = {
        "name",
        "role",
        "state",
        "timeline",
        "version",
        "lag_bytes",
        "lag_seconds",
        "sync_state",
        "slot",
        "upstream",
        "error",
    }
    assert all(set(each) >= node for each in data["nodes"])
    assert all(set(each) >= {"id", "severity", "status", "node", "message", "remedy"} for each in data["checks"])
    ids = {each["id"] for each in data["checks"]}
    assert ids >= {"single-writer", "primary-alive", "timeline", "receiver-streaming", "lag", "replay-paused"}


def test_the_exit_status_is_the_verdicts(nodes: list[str]) -> None:
    ran = dbops("ha-status", *nodes, *QUICK, "-o", "json")
    verdict = json.loads(ran.out)["data"]["verdict"]
    assert ran.status == {"READY": 0, "DEGRADED": 1, "NOT_READY": 2, "UNKNOWN": 3}[verdict]


def test_one_question_can_decide(nodes: list[str]) -> None:
    """Only the standbys: there is nothing to switch over from, and an emergency would need the primary's fate."""
    both = dbops("ha-status", *nodes[2:], *QUICK, "-o", "json")
    one = dbops("ha-status", *nodes[2:], *QUICK, "-o", "json", "--for", "emergency")
    data = json.loads(both.out)["data"]
    assert json.loads(one.out)["data"]["verdict"] == json.loads(one.out)["data"]["emergency"]["verdict"]
    assert data["verdict"] == "NOT_READY"


def test_from_a_standby_alone_the_primary_is_found(cluster: Cluster) -> None:
    ran = dbops("ha-status", "--dsn", cluster.standbys[0].dsn(), *QUICK, "-o", "json")
    nodes = json.loads(ran.out)["data"]["nodes"]
    assert len(nodes) >= 2  # reached, or known to be somewhere that can't be reached from here


def test_a_node_that_is_down_is_part_of_the_answer(nodes: list[str], down: str) -> None:
    ran = dbops("ha-status", *nodes, "--node", down, *QUICK, "-o", "json")
    data = json.loads(ran.out)["data"]
    gone = next(node for node in data["nodes"] if node["name"] == "gone")
    assert (gone["state"], gone["role"], gone["lag_bytes"]) == ("down", None, None)
    assert data["verdict"] != "READY"


def test_nothing_that_answers_is_unknown_and_no_error(down: str) -> None:
    ran = dbops("ha-status", "--node", down, "--timeout", "1s")
    assert ran.status in {2, 3}
    assert "SWITCHOVER" in ran.out
    assert not ran.err


@pytest.mark.parametrize("form", ["nagios", "prometheus", "html"])
def test_every_format_is_printed(nodes: list[str], form: str) -> None:
    ran = dbops("ha-status", *nodes, *QUICK, "-o", form)
    begins = {"nagios": "HA ", "prometheus": "# HELP dbops_ha_verdict", "html": "<!doctype html>"}[form]
    assert ran.out.lower().startswith(begins.lower())


def test_a_file_is_renamed_into_place_and_keeps_its_mode(nodes: list[str], nowhere: Path) -> None:
    file = nowhere / "dbops.prom"
    file.write_text("old")
    file.chmod(0o640)
    ran = dbops("ha-status", *nodes, *QUICK, "-o", "prometheus", "--write", str(file))
    assert ran.out == ""
    assert file.read_text().startswith("# HELP")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [each.name for each in nowhere.iterdir() if each.name.startswith(".dbops")] == []


def test_a_file_that_can_not_be_written_is_an_error_that_says_so(nodes: list[str], nowhere: Path) -> None:
    ran = dbops("ha-status", *nodes, *QUICK, "--write", str(nowhere / "no" / "such" / "folder"))
    assert ran.status == 64
    assert "can't be written" in ran.err


def test_a_link_stays_one_and_what_is_no_file_is_not_replaced(down: str, nowhere: Path) -> None:
    (nowhere / "link").symlink_to(nowhere / "file")
    dbops("ha-status", "--node", down, "--timeout", "1s", "--write", str(nowhere / "link"))
    assert (nowhere / "link").is_symlink()
    assert "SWITCHOVER" in (nowhere / "file").read_text()
    os.mkfifo(nowhere / "pipe")
    ran = dbops("ha-status", "--node", down, "--timeout", "1s", "--write", str(nowhere / "pipe"))
    assert (ran.status, (nowhere / "pipe").is_fifo()) == (64, True)
    assert "no file" in ran.err


def test_samples_draw_the_lag(nodes: list[str]) -> None:
    ran = dbops("ha-status", *nodes, "--sample", "2")
    assert "▁" in ran.out


def test_an_accepted_condition_counts_no_more(nodes: list[str], down: str, nowhere: Path) -> None:
    (nowhere / "dbops.toml").write_text(
        '[[ha.accept]]\ncheck = "node-answers"\nnode = "gone"\nreason = "being rebuilt"\nexpires = 2999-01-01\n'
    )
    data = json.loads(dbops("ha-status", *nodes, "--node", down, *QUICK, "-o", "json").out)["data"]
    (check,) = [each for each in data["checks"] if each["id"] == "node-answers" and each["node"] == "gone"]
    assert check["accepted"] == {"reason": "being rebuilt", "expires": "2999-01-01", "expired": False}
    assert "node-answers" not in data["emergency"]["reason"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('check = "nope"\nreason = "x"', "no check 'nope'"),
        ('check = "single-writer"\nreason = "x"', "single-writer can't be accepted"),
        ('check = "lag"', "an entry needs a reason"),
        ('check = "lag"\nreason = "x"\nexpires = "soon"', "expires is a date"),
        ('check = "lag"\nreason = "x"\nuntil = 2027-01-01', "no 'until'"),
    ],
)
def test_an_acceptance_that_makes_no_sense_is_refused(nowhere: Path, entry: str, message: str) -> None:
    (nowhere / "dbops.toml").write_text(f"[[ha.accept]]\n{entry}\n")
    ran = dbops("ha-status", "--node", "host=nowhere")
    assert ran.status == 3
    assert message in ran.err


def test_nodes_come_from_the_configuration(cluster: Cluster, nowhere: Path) -> None:
    (nowhere / "dbops.toml").write_text(
        '[ha]\nobserve = "200ms"\n[ha.nodes]\n'
        f'boss = "{cluster.primary.dsn()}"\nstandby1 = "{cluster.standbys[0].dsn()}"\n'
    )
    data = json.loads(dbops("ha-status", "-o", "json").out)["data"]
    assert {node["name"] for node in data["nodes"]} >= {"boss", "standby1"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--node", "host=a password='x"], "can't be read"),
        (["--warning-lag", "5"], "neither a size nor a duration"),
        (["--warning-lag", "5GB", "--node", "host=a"], "above the one that blocks"),
        (["--node", "host=a", "--dsn", "host=b"], "both name nodes"),
        (["--node", "n1=host=a", "--node", "n1=host=b"], "2 nodes are named n1"),
        (["--sample", "5", "--observe", "3s", "--node", "host=a"], "both say how long"),
        (["--watch", "-o", "html", "--node", "host=a"], "one page after the other"),
        (["--explain", "no-such-check"], "no check"),
        (["--for", "tea"], "tea"),
        ([], "no database is named"),
    ],
)
def test_bad_input_gets_one_clear_error(arguments: list[str], message: str) -> None:
    ran = dbops("ha-status", *arguments)
    assert ran.status in {3, 64}
    assert message in ran.err
    assert "Traceback" not in ran.everything


def test_a_candidate_that_is_not_there_is_refused(nodes: list[str]) -> None:
    assert "the nodes are n1, standby1, standby2" in dbops("ha-status", *nodes, *QUICK, "--candidate", "n9").err


def test_a_candidate_that_was_promoted_meanwhile_is_no_error_of_the_command_line(nodes: list[str]) -> None:
    """Monitoring that names one goes on after the failover that it waited for."""
    ran = dbops("ha-status", *nodes, *QUICK, "--candidate", "n1")
    assert ran.status == 2
    assert "n1 takes writes already" in ran.out


def test_a_named_candidate_is_the_one_that_is_judged(nodes: list[str]) -> None:
    data = json.loads(dbops("ha-status", *nodes, *QUICK, "--candidate", "standby2", "-o", "json").out)["data"]
    assert data["switchover"]["candidate"] == data["emergency"]["candidate"] == "standby2"


def test_a_password_is_never_shown(cluster: Cluster) -> None:
    secret = cluster.primary.dsn(user="postgres", password="hunter2secret")
    for form in ("table", "json", "nagios", "prometheus", "html"):
        assert "hunter2secret" not in dbops("ha-status", "--node", f"n1={secret}", *QUICK, "-o", form).everything


def test_a_check_is_explained_with_its_query() -> None:
    ran = dbops("ha-status", "--explain", "replay_paused")
    assert ran.status == 0
    assert "Why:" in ran.out
    assert "pg_get_wal_replay_pause_state()" in ran.out


def test_the_checks_are_listed() -> None:
    assert "replay-paused" in dbops("ha-status", "--checks").out
    assert {"id", "severity", "summary"} <= set(dbops("ha-status", "--checks", "-o", "json").data["checks"][0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u@h/d", (None, "postgresql://u@h/d")),
        ("n1=postgresql://u@h/d", ("n1", "postgresql://u@h/d")),
        ("host=h user=u", (None, "host=h user=u")),
        ("n1=host=h user=u", ("n1", "host=h user=u")),
        ("n-1.example=host = h", ("n-1.example", "host = h")),
        ("embedded:dev", (None, "embedded:dev")),
    ],
)
def test_a_name_is_told_from_a_dsn(text: str, expected: tuple[str | None, str]) -> None:
    assert parse_node(text) == expected


def test_watching_a_pipe_prints_a_line_each_time_and_ends_with_sigint(nodes: list[str]) -> None:
    command = [sys.executable, "-m", "dbops", "ha-status", *nodes, "--watch", "300ms", "--timeout", "10s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        lines = [watching.stdout.readline() for _ in range(2)]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=30) == 130
        assert watching.stderr.read() == ""
    assert all("emergency" in line.lower() for line in lines)


def test_watching_ends_when_nobody_reads_it_any_more(down: str) -> None:
    command = [sys.executable, "-m", "dbops", "ha-status", "--node", down, "--watch", "300ms", "--timeout", "1s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        watching.stdout.readline()
        watching.stdout.close()
        try:
            assert watching.wait(timeout=30) in {2, 3}
            assert watching.stderr.read() == ""
        finally:
            watching.kill()


def test_watching_a_terminal_draws_a_screen_and_gives_the_terminal_back(nodes: list[str]) -> None:
    """The alternate screen is entered and left, and the cursor is shown again."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "dbops", "ha-status", *nodes, "--watch", "300ms", "--timeout", "10s"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as watching:
        os.close(theirs)
        seen = b""
        while seen.count(b"\x1b[H") < 2:
            seen += os.read(ours, 65536)
        watching.send_signal(signal.SIGINT)
        while b"\x1b[?1049l" not in seen:
            seen += os.read(ours, 65536)
        assert watching.wait(timeout=30) == 130
    os.close(ours)
    assert seen.startswith(b"\x1b[?1049h\x1b[?25l")
    assert b"SWITCHOVER" in seen
    assert seen.rstrip().endswith(b"\x1b[?25h\x1b[?1049l")


def test_ctrl_c_ends_a_run_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = f"n1=host=127.0.0.1 port={silent.getsockname()[1]} user=postgres"
        command = [sys.executable, "-m", "dbops", "ha-status", "--node", hung, "--timeout", "10min"]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with running, silent.accept()[0]:  # it has asked
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (130, "")
    assert "interrupted by SIGINT" in err
    assert "Traceback" not in err


def test_importing_the_command_line_loads_nothing_of_it() -> None:
    script = "import sys, dbops.cli.main; print([name for name in sys.modules if name.startswith('dbops.ha')])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
