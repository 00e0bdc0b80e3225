"""PgBouncer in front of a server, as applications meet it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dbops.postgres.embedded import account as accounts
from dbops.postgres.embedded import process
from dbops.postgres.embedded.locks import FileLock, is_free
from servers.ports import free_port
from servers.server import Server, SharedServer

PREFIX = "dbops-tests-pgbouncer-"
LOCK = "owner.lock"

_CONFIG = """\
[databases]
* = {upstream}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {pool_mode}
default_pool_size = {pool_size}
max_client_conn = 500
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


class PgBouncer:
    """A PgBouncer on 127.0.0.1; whoever connects is the server's superuser. ``close`` ends it."""

    def __init__(self, server: Server | SharedServer, *, pool_size: int = 2, pool_mode: str = "transaction") -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self._lock = FileLock(self._folder / LOCK, timeout=5)
        account = accounts.default()
        upstream = conninfo_to_dict(server.dsn())
        del upstream["dbname"]
        config = self._folder / "pgbouncer.ini"
        config.touch(mode=0o600)
        config.write_text(
            _CONFIG.format(
                upstream=make_conninfo(**upstream),
                port=self.port,
                pool_mode=pool_mode,
                pool_size=pool_size,
                folder=self._folder,
            )
        )
        for path in (self._folder, config):
            os.chown(path, account.uid, account.gid)
        found = program()
        assert found, "PgBouncer is not installed"
        command = [found, str(config)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Its working directory is what leftovers are known by.
            **(account.spawn_options() | {"cwd": self._folder}),
        )
        try:
            assert process.wait_until(self._settled, timeout=20), "PgBouncer does not listen after 20 s"
            assert self._process.poll() is None, (self._folder / "pgbouncer.log").read_text()
        except BaseException:
            self.close()
            raise

    def dsn(self, database: str = "postgres") -> str:
        """Return a libpq connection string through PgBouncer."""
        return make_conninfo(host="127.0.0.1", port=self.port, user="postgres", dbname=database)

    def close(self) -> None:
        """End it and remove its folder."""
        self._process.kill()
        self._process.wait(timeout=30)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _settled(self) -> bool:
        if self._process.poll() is not None:
            return True
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def clean_leftovers() -> None:
    """End the PgBouncers whose test run is gone."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # its run, or another that begins, may be deleting it
            if (folder / LOCK).exists() and is_free(folder / LOCK):
                for pid in process.workers(folder, programs=("pgbouncer",)):
                    process.send(pid, signal.SIGKILL)
                shutil.rmtree(folder, ignore_errors=True)


def program() -> str | None:
    """Return where PgBouncer is; Debian's folder for daemons is not in everybody's PATH."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
