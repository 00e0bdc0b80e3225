"""One PostgreSQL server over one folder: made, started, stopped, frozen, killed, and copied into a standby.

A server's home holds ``data/`` (the data folder), ``postgresql.conf`` and ``pg_hba.conf`` (ours, written whenever the
server is opened), ``server.log`` and ``socket/``. As root only ``data/`` and ``socket/`` belong to the user that the
server runs as: that user's SQL can write there, and root must not follow what it finds.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from dbops.errors import ConfigError, ConnectionFailed
from dbops.postgres import binaries as installations
from dbops.postgres.binaries import Binaries
from dbops.postgres.embedded import account as accounts
from dbops.postgres.embedded import folders, process
from dbops.postgres.embedded.account import Account
from dbops.postgres.embedded.copies import reachable

SUPERUSER = "postgres"
StopMode = Literal["smart", "fast", "immediate"]
Settings = Mapping[str, str | int | bool]

_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
# A crash of the machine may cost a throw-away server its data; a crash of the server must not. Shared memory is in its
# folder, with which it is deleted: /dev/shm would keep that of each server that was killed.
_NOT_DURABLE: Settings = {"fsync": False, "full_page_writes": False, "dynamic_shared_memory_type": "mmap"}

_HBA = """\
local  all          all                trust
local  replication  all                trust
host   all          all  127.0.0.1/32  scram-sha-256
host   replication  all  127.0.0.1/32  scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server in the folder ``home``, run as ``account`` (ourselves unless we are root).

    It is reached through a Unix socket in a folder that only that account (and root) can enter; whoever enters it is
    trusted. ``port`` names the socket, and with ``tcp`` also a port on 127.0.0.1, where passwords are asked for.
    Methods that wait take ``timeout`` in seconds and raise ConnectionFailed when it passes.
    """

    home: Path
    binaries: Binaries
    account: Account
    port: int = 5432
    tcp: bool = False

    @classmethod
    def create(
        cls,
        home: Path,
        *,
        settings: Settings | None = None,
        durable: bool = True,
        port: int = 5432,
        tcp: bool = False,
        bin_dir: Path | None = None,
    ) -> Self:
        """Return the server in ``home``, with its data folder made when there is none; it is not started.

        ``settings`` are lines for postgresql.conf; without ``durable`` it does not survive a crash of the machine.
        ConfigError when no binaries are found, the folder is out of reach, or another major version made its data.
        """
        home = home.absolute()
        data = home / "data"
        account = folders.make_home(home)
        server = cls(home, reachable(installations.find(bin_dir), account), account, port, tcp)
        if data.exists():
            server._refuse_other_version()
        else:
            server._make_data(server._initdb_command(durable=durable), timeout=120)
        server._configure({**({} if durable else _NOT_DURABLE), **(settings or {})})
        return server

    @classmethod
    def existing(cls, home: Path) -> Self | None:
        """Return the server whose home this is, if any, to stop or kill it: no binaries are needed for that."""
        data = home / "data"
        return cls(home, Binaries(Path(), "0", "unknown"), accounts.owner_of(data)) if data.exists() else None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server wrote since its last start; ``server.log.1`` is the run before."""
        return self.home / "server.log"

    @property
    def socket_dir(self) -> Path:
        """The socket's folder: in ``home`` where the system's limit and libpq's list syntax allow it."""
        return folders.socket_dir(self.home, self.port)

    def dsn(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Return a libpq connection string for the Unix socket; no password is needed."""
        words = {"host": str(self.socket_dir), "port": str(self.port), "dbname": database, "user": user}
        return _conninfo(words)

    def tcp_dsn(self, database: str, user: str, password: str | None = None) -> str:
        """Return a libpq connection string for the port on 127.0.0.1, of a server made with ``tcp``."""
        words = {"host": "127.0.0.1", "port": str(self.port), "dbname": database, "user": user}
        words |= {} if password is None else {"password": password}
        return _conninfo(words)

    def is_running(self) -> bool:
        """Tell whether a postmaster provably serves this data folder."""
        return process.running(self.data) is not None

    def start(self, *, timeout: float = 60) -> None:
        """Start the server, unless it runs, and wait until it takes connections.

        ConnectionFailed, with the end of the log, when it ends at once or is not ready in time (it is then killed).
        """
        postmaster = process.running(self.data)
        pid = postmaster.pid if postmaster else self._launch()

        def settled() -> bool:
            now = process.read_pid_file(self.data)
            return (now is not None and now.pid == pid and now.accepting) or not process.is_alive(pid)

        try:
            in_time = process.wait_until(settled, timeout=timeout)
        except BaseException:
            process.kill_all(pid)
            raise
        if in_time and process.is_alive(pid):
            return
        if not in_time:
            process.kill_all(pid)
        what = "ended while it started" if in_time else f"was not ready after {timeout:g} s"
        raise ConnectionFailed(
            f"the PostgreSQL server in {self.home} {what}; its log ends with:\n{self._log_tail()}",
            hint=f"the whole log is {self.log}",
        )

    def stop(self, mode: StopMode = "fast", *, timeout: float = 60) -> None:
        """Stop the server as ``pg_ctl stop -m`` does and wait for its end; a stopped one is left as it is."""
        postmaster = process.running(self.data)
        if postmaster is None:
            return
        self.resume()  # a frozen server can't hear that it should stop
        process.send(postmaster.pid, _STOP_SIGNALS[mode])
        if not process.wait_until(lambda: not process.is_alive(postmaster.pid), timeout=timeout):
            raise ConnectionFailed(
                f"the PostgreSQL server in {self.home} did not stop within {timeout:g} s",
                hint="end the sessions that hold it, or stop it with mode 'immediate'",
                retryable=True,
            )

    def restart(self, mode: StopMode = "fast", *, timeout: float = 60) -> None:
        """Stop and start the server."""
        self.stop(mode, timeout=timeout)
        self.start(timeout=timeout)

    def kill(self) -> None:
        """Crash the server: SIGKILL to the postmaster and all its processes."""
        if postmaster := process.running(self.data):
            process.kill_all(postmaster.pid)
        process.end_workers(self.data)  # of a postmaster that was killed before

    def pause(self) -> None:
        """Freeze all the server's processes: connections stay open, connecting works, and nothing is answered."""
        if postmaster := process.running(self.data):
            process.send(postmaster.pid, signal.SIGSTOP)
            for child in process.family(postmaster.pid):
                process.send(child, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        if postmaster := process.running(self.data):
            for pid in [*process.family(postmaster.pid), postmaster.pid]:
                process.send(pid, signal.SIGCONT)

    def standby(
        self,
        home: Path,
        name: str,
        *,
        slot: str | None = None,
        settings: Settings | None = None,
        durable: bool = True,
        port: int = 5432,
        tcp: bool = False,
    ) -> Self:
        """Copy this running server with pg_basebackup into ``home`` and start it as a streaming standby.

        ``name`` is its application_name at the primary and its cluster_name; ``slot`` a replication slot that is
        made for it. ConnectionFailed when the copy or the start fails.
        """
        standby = type(self)(home.absolute(), self.binaries, self.account, port, tcp)
        folders.make_home(standby.home)
        upstream = f"{self.dsn()} application_name={_conninfo_value(name)}"
        command: list[str | Path] = [self.binaries.path("pg_basebackup"), "-d", upstream, "-R", "-X", "stream"]
        command += ["-c", "fast", *([] if durable else ["--no-sync"]), *(["-C", "-S", slot] if slot else [])]
        standby._make_data(command, timeout=600)
        standby._configure({**({} if durable else _NOT_DURABLE), "cluster_name": name, **(settings or {})})
        standby.start()
        return standby

    def promote(self, *, timeout: float = 60) -> None:
        """Make a standby a primary and wait until it takes writes."""
        command: list[str | Path] = [
            self.binaries.path("pg_ctl"),
            "promote",
            "-D",
            self.data,
            "-w",
            "-t",
            str(int(timeout)),
        ]
        answer = self.account.run(command, timeout=timeout + 10)
        if answer.returncode != 0:
            raise ConnectionFailed(f"the standby in {self.home} was not promoted: {answer.stdout.strip()}")

    def remove_socket(self) -> None:
        """Delete the socket's folder where it isn't in ``home``."""
        if self.socket_dir.parent != self.home and self.socket_dir.exists():
            folders.delete(self.socket_dir)

    def _initdb_command(self, *, durable: bool) -> list[str | Path]:
        if self.binaries.major >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            locale = ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
        options = ["-U", SUPERUSER, "--encoding=UTF8", *locale, "--auth=trust", *([] if durable else ["--no-sync"])]
        return [self.binaries.path("initdb"), *options]

    def _make_data(self, command: list[str | Path], *, timeout: float) -> None:
        """Let ``command`` (which takes -D) fill a data folder that gets its name only when it is complete."""
        for abandoned in folders.half_made(self.home):
            folders.delete(abandoned)
        part = folders.make_half_made(self.home, self.account)
        # Its working directory is what a program is known by when it outlives us.
        answer = self.account.run([*command, "-D", part], timeout=timeout, cwd=part)
        if answer.returncode != 0:
            folders.delete(part)
            raise ConnectionFailed(f"{Path(command[0]).name} failed: {answer.stdout.strip()[-2000:]}")
        part.rename(self.data)

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.binaries.major):
            raise ConfigError(
                f"{self.home} was made by PostgreSQL {made_by}, and {self.binaries.bin_dir} is {self.binaries.version}",
                hint=f"name a PostgreSQL {made_by} with {installations.VARIABLE}, or remove the server",
            )

    def _configure(self, settings: Settings) -> None:
        (self.home / "pg_hba.conf").write_text(_HBA)
        lines: Settings = {
            "hba_file": str(self.home / "pg_hba.conf"),
            "unix_socket_directories": str(self.socket_dir),
            "listen_addresses": "127.0.0.1" if self.tcp else "",
            "port": self.port,
            "password_encryption": "scram-sha-256",  # 13's default is md5, which our pg_hba.conf doesn't take
            **settings,
        }
        text = "# dbops writes this file whenever it opens the server. Settings of your own: ALTER SYSTEM.\n"
        text += "include 'data/postgresql.conf'\n"
        text += "".join(f"{name} = {_setting_value(value)}\n" for name, value in lines.items())
        (self.home / "postgresql.conf").write_text(text)
        for name in ("pg_hba.conf", "postgresql.conf"):
            (self.home / name).chmod(0o600 if self.account.is_us else 0o644)

    def _forget_crash(self) -> None:
        """Remove the lock files of a crashed server when their pid belongs to some other process by now.

        PostgreSQL would take that process (or the dead postmaster, until init reaps it) for a running server and
        refuse to start. The files stay while any process works on the data: PostgreSQL finds those by them.
        """
        crashed = process.read_pid_file(self.data)
        if crashed and process.exists(crashed.pid) and not process.workers(self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.socket_dir / f".s.PGSQL.{self.port}.lock").unlink(missing_ok=True)

    def _launch(self) -> int:
        """Start the postmaster in the background, with the log as its output, and return its pid.

        The shell ends at once, so the server is nobody's child: it survives us and leaves no zombie.
        """
        self._forget_crash()
        folders.make_socket_dir(self.socket_dir, self.account)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        config = f"config_file={self.home / 'postgresql.conf'}"
        command: list[str | Path] = [self.binaries.path("postgres"), "-D", self.data.resolve(), "-c", config]
        with self.log.open("wb") as log:
            answer = subprocess.run(
                ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=True,
                timeout=30,
                **self.account.spawn_options(),
            )
        return int(answer.stdout)

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def _conninfo(words: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_conninfo_value(word)}" for name, word in words.items())


def _conninfo_value(value: str) -> str:
    """Quote a value for a libpq connection string."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if not escaped or set(escaped) & set(" '\\\t\n") else escaped


def _setting_value(value: str | int | bool) -> str:
    """Quote a value for postgresql.conf."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int) else "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
