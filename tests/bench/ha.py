"""`dbops ha-status` of 2 and of 32 nodes, with one hung and all well, beside repmgr and patronictl.

    make bench
    DBOPS_PG_BIN=/usr/lib/postgresql/15/bin python tests/bench/ha.py --rounds 5

Times are of whole processes. A few real servers stand behind the 32 DSNs: all 32 are asked, and dbops then notices that
some are the same. A hung node is a frozen server, and costs its bound (1 s here, for all tools that have one). repmgr
is asked (`cluster show`) where it is installed beside the server's binaries, `patronictl list` where etcd is.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))
from compare import Tool, nothing, report

from dbops.postgres.embedded import EmbeddedServer, temporary
from servers.patroni import PatroniCluster
from servers.ports import free_port

BOUND = "1s"
SETTINGS = {"shared_preload_libraries": "", "wal_level": "replica", "max_connections": 100}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with pair() as (primary, standby, frozen):
        names = (f"n{number}" for number in itertools.count(1))
        well = {next(names): server for server in (primary, standby)}
        many = dict(well)
        for server in itertools.islice(itertools.cycle((primary, standby)), 29):
            many[next(names)] = server
        two_hung = {"n1": primary, "hung": frozen}
        all_hung = {**many, "hung": frozen}
        one_python = Tool("python -c 'import click, psycopg'", [sys.executable, "-c", "import click, psycopg"], nothing)
        report(
            rounds,
            f"one node hung, bound {BOUND}",
            [Tool("32 nodes", own(all_hung), nothing), Tool("2 nodes", own(two_hung), nothing)],
            {"2 nodes": 2.0},
        )
        with ExitStack() as stack:
            tools = [Tool("2 nodes", own(well), nothing), Tool("31 nodes", own(many), nothing), one_python]
            tools += stack.enter_context(repmgr(primary, standby))
            report(rounds, "all well, one look (--observe 0)", tools, {})
    beside_patroni(rounds)


def own(nodes: dict[str, EmbeddedServer]) -> list[str]:
    return asked(*(word for name, server in nodes.items() for word in ("--node", f"{name}={server.dsn()}")))


def asked(*words: str) -> list[str]:
    """Return the command as a shell that takes any verdict for success."""
    command = [sys.executable, "-m", "dbops", "ha-status", *words, "--timeout", BOUND, "--observe", "0s", "-o", "json"]
    return ["sh", "-c", '"$@" || true', "sh", *command]


def beside_patroni(rounds: int) -> None:
    """Ask a cluster of two that Patroni manages, where etcd is installed."""
    if shutil.which("etcd") is None:
        print("\netcd is not installed: patronictl is left out")
        return
    with PatroniCluster(2) as cluster:
        url = cluster.member("n1").url
        ours = Tool("dbops ha-status --patroni", asked("--dsn", cluster.dsn("n1"), "--patroni", url), nothing)
        config = cluster.member("n1").folder / "patroni.json"
        command = [str(Path(sys.executable).with_name("patronictl")), "-c", str(config), "list"]
        report(rounds, "a cluster of Patroni's, two members", [ours, Tool("patronictl list", command, nothing)], {})


@contextmanager
def pair() -> Iterator[tuple[EmbeddedServer, EmbeddedServer, EmbeddedServer]]:
    """Give a primary, a standby, and a standby that is frozen."""
    with temporary(settings=SETTINGS, port=free_port()) as primary:
        standbys = [
            primary.standby(primary.home.with_name(name), name, slot=name, settings=SETTINGS, port=free_port())
            for name in ("n2", "hung")
        ]
        standbys[1].pause()
        yield primary, standbys[0], standbys[1]


@contextmanager
def repmgr(primary: EmbeddedServer, standby: EmbeddedServer) -> Iterator[list[Tool]]:
    """Give repmgr's command over the same two servers, nothing where it isn't installed."""
    program = primary.binaries.bin_dir / "repmgr"
    if not program.exists():
        print("\nrepmgr is not installed beside the server's binaries: left out")
        yield []
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with psycopg.connect(primary.dsn(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION repmgr")
        for number, server in enumerate((primary, standby), 1):
            (folder / f"{number}.conf").write_text(
                f"node_id={number}\nnode_name='n{number}'\nconninfo='{server.dsn()} connect_timeout=2'\n"
                f"data_directory='{server.data}'\npg_bindir='{primary.binaries.bin_dir}'\n"
            )
        for number, kind in ((1, "primary"), (2, "standby")):
            command: list[str | Path] = [program, "-f", folder / f"{number}.conf", kind, "register", "-F"]
            answer = primary.account.run(command, timeout=60)
            if answer.returncode:
                sys.exit(f"repmgr {kind} register failed:\n{answer.stdout}")
        show = [str(program), "-f", str(folder / "1.conf"), "cluster", "show"]
        runuser = shutil.which("runuser")
        own_user = [] if os.geteuid() or runuser is None else [runuser, "-u", str(primary.account.name), "--"]
        yield [Tool("repmgr cluster show", [*own_user, *show], nothing)]


if __name__ == "__main__":
    main()
