"""A cluster that Patroni manages: etcd, and members that each run a PostgreSQL of their own, all on 127.0.0.1."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from psycopg.conninfo import make_conninfo

from dbops.postgres import binaries
from dbops.postgres.embedded import account as accounts
from dbops.postgres.embedded import process
from dbops.postgres.embedded.account import Account
from dbops.postgres.embedded.copies import reachable
from dbops.postgres.embedded.locks import FileLock, is_free
from servers.ports import free_port

PREFIX = "dbops-tests-patroni-"
LOCK = "owner.lock"
SCOPE = "demo"

# The shortest times that Patroni takes.
TTL, LOOP_WAIT, RETRY_TIMEOUT = 20, 1, 3
_DYNAMIC = {
    "ttl": TTL,
    "loop_wait": LOOP_WAIT,
    "retry_timeout": RETRY_TIMEOUT,
    "maximum_lag_on_failover": 1048576,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": 30,
            "max_worker_processes": 4,
            "password_encryption": "scram-sha-256",
            "archive_mode": "off",
        },
    },
}
_PROGRAMS = ("etcd", Path(sys.executable).resolve().name)


class Member:
    """A member: its Patroni with the REST API at ``url``, and its PostgreSQL at ``port``."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.tags: dict[str, Any] = {}
        self.pid = 0

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"


class PatroniCluster:
    """etcd and members ``n1``, ``n2`` and so on, one of which leads; ``close`` ends them all, whatever their state.

    Run by root, Patroni is another user, since PostgreSQL refuses to be root. A Python in root's own folders is then
    out of reach for it, and Patroni gets the capability to read (but not to write) there.
    """

    def __init__(self, members: int) -> None:
        self._etcd_program = shutil.which("etcd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/bin")
        assert self._etcd_program, "etcd is not installed, and this can't be tested without it (Debian: etcd-server)"
        self._account = accounts.default()
        self._bin_dir = reachable(binaries.find(), self._account).bin_dir
        self._password = secrets.token_hex(16)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self._lock = FileLock(self._folder / LOCK, timeout=5)
        self._etcd = f"http://127.0.0.1:{free_port()}"
        try:
            self._folder.chmod(0o711)
            self._account.own(self._folder)
            self._etcd_pid = self._start_etcd()
            self.members = [Member(f"n{1 + number}", self._new_folder(f"n{1 + number}")) for number in range(members)]
            for member in self.members:
                self._start(member)
            assert process.wait_until(self.is_well, timeout=90), f"Patroni has no cluster after 90 s:\n{self._logs()}"
        except BaseException:
            self.close()
            raise

    def dsn(self, name: str) -> str:
        """Return the superuser's connection string to a member's PostgreSQL."""
        port = self.member(name).port
        return make_conninfo(host="127.0.0.1", port=port, user="postgres", password=self._password, dbname="postgres")

    def member(self, name: str) -> Member:
        """Return a member."""
        return next(each for each in self.members if each.name == name)

    def listed(self, through: str | None = None) -> list[dict[str, Any]]:
        """Return the members as Patroni lists them, nothing when it doesn't."""
        for member in self.members if through is None else [self.member(through)]:
            with suppress(OSError, ValueError):
                listed: list[dict[str, Any]] = json.loads(asked(f"{member.url}/cluster"))["members"]
                return listed
        return []

    def leader(self) -> str | None:
        """Return who holds the leader lock."""
        return next((each["name"] for each in self.listed() if each["role"] == "leader"), None)

    def standbys(self) -> list[str]:
        """Return the others."""
        return [each["name"] for each in self.listed() if each["role"] != "leader"]

    def is_well(self) -> bool:
        """Whether one leads, and all others stream from it."""
        states = sorted(each.get("state", "") for each in self.listed())
        return states == ["running", *(["streaming"] * (len(self.members) - 1))] and self.leader() is not None

    def configure(self, **settings: Any) -> None:
        """Change the dynamic configuration; None takes a setting out."""
        asked(f"{self._any_url()}/config", "PATCH", settings)

    def tag(self, name: str, **tags: Any) -> None:
        """Give a member these tags and no others, and wait until all see them."""
        member = self.member(name)
        member.tags = tags
        self._write_config(member)
        asked(f"{member.url}/reload", "POST", {})

        def seen() -> bool:
            return any(each["name"] == name and each.get("tags", {}) == tags for each in self.listed())

        assert process.wait_until(seen, timeout=30), f"{name} has not the tags {tags} after 30 s"

    def freeze(self, name: str) -> None:
        """Freeze a member's Patroni, and not its PostgreSQL."""
        process.send(self.member(name).pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        process.send(self.member(name).pid, signal.SIGCONT)

    @contextmanager
    def frozen_receiver(self, name: str) -> Iterator[None]:
        """Freeze what receives WAL for a member, so that it falls behind."""
        postmaster = process.running(self.member(name).data)
        assert postmaster is not None
        family = process.family(postmaster.pid)
        receiver = next(pid for pid in family if b"walreceiver" in Path(f"/proc/{pid}/cmdline").read_bytes())
        process.send(receiver, signal.SIGSTOP)
        try:
            yield
        finally:
            process.send(receiver, signal.SIGCONT)

    def freeze_etcd(self) -> None:
        """Freeze etcd: connections stay open, and nothing is answered."""
        process.send(self._etcd_pid, signal.SIGSTOP)

    def thaw_etcd(self) -> None:
        """Let it go on."""
        process.send(self._etcd_pid, signal.SIGCONT)

    def kill(self, name: str) -> None:
        """End a member's Patroni and PostgreSQL at once, as a machine that loses power."""
        member = self.member(name)
        process.send(member.pid, signal.SIGKILL)
        if postmaster := process.running(member.data):
            process.kill_all(postmaster.pid)
        process.end_workers(member.data)

    def start(self, name: str) -> None:
        """Start a member again that was killed."""
        self._start(self.member(name))

    def expire_lock(self) -> None:
        """Let the leader's lease end now, and not only when its ttl is over: etcd does the same then."""
        key = base64.b64encode(f"/service/{SCOPE}/leader".encode()).decode()
        found = json.loads(asked(f"{self._etcd}/v3/kv/range", "POST", {"key": key}))
        for lease in {each["lease"] for each in found.get("kvs", [])}:
            asked(f"{self._etcd}/v3/lease/revoke", "POST", {"ID": lease})

    def close(self) -> None:
        """End all processes and remove the folder."""
        for running in self._processes:
            running.kill()
            running.wait(timeout=30)
        _remove(self._folder)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _any_url(self) -> str:
        return self.member(self.leader() or self.members[0].name).url

    def _new_folder(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(mode=0o700)
        self._account.own(folder)
        return folder

    def _start_etcd(self) -> int:
        peers = f"http://127.0.0.1:{free_port()}"
        words = {
            "data-dir": str(self._new_folder("etcd")),
            "listen-client-urls": self._etcd,
            "advertise-client-urls": self._etcd,
            "listen-peer-urls": peers,
            "initial-advertise-peer-urls": peers,
            "initial-cluster": f"default={peers}",
        }
        options = [word for name, value in words.items() for word in (f"--{name}", value)]
        return self._spawn([str(self._etcd_program), *options, "--unsafe-no-fsync"], "etcd", self._account)

    def _start(self, member: Member) -> None:
        self._write_config(member)
        command = [sys.executable, "-m", "patroni", str(member.folder / "patroni.json")]
        if _runs(self._account, [sys.executable, "-c", "import patroni"]):
            member.pid = self._spawn(command, member.name, self._account)
        else:
            member.pid = self._spawn([*_with_capability(self._account), *command], member.name, None)

    def _spawn(self, command: Sequence[str], name: str, account: Account | None) -> int:
        """Start a program whose working directory is its own folder, which is what left-overs are known by."""
        options = (account or self._account).spawn_options()
        if account is None:
            for option in ("user", "group", "extra_groups"):
                options.pop(option, None)
        with (self._folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **(options | {"cwd": self._folder / name}),
            )
        self._processes.append(started)
        return started.pid

    def _write_config(self, member: Member) -> None:
        """Write patroni.yml; JSON is YAML."""
        superuser = {"username": "postgres", "password": self._password}
        place = member.url.removeprefix("http://")
        config = {
            "scope": SCOPE,
            "name": member.name,
            "restapi": {"listen": place, "connect_address": place},
            "etcd3": {"hosts": self._etcd.removeprefix("http://")},
            "bootstrap": {
                "dcs": _DYNAMIC,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums", "no-sync"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{member.port}",
                "connect_address": f"127.0.0.1:{member.port}",
                "data_dir": str(member.data),
                "bin_dir": str(self._bin_dir),
                "pgpass": str(member.folder / "pgpass"),
                "authentication": {
                    "superuser": superuser,
                    "rewind": superuser,
                    "replication": {"username": "replicator", "password": self._password},
                },
                "parameters": {"unix_socket_directories": str(member.folder)},
                "pg_hba": [
                    "local all all trust",
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
                "basebackup": [{"checkpoint": "fast"}, "no-sync"],
            },
            "watchdog": {"mode": "off"},
            "tags": member.tags,
        }
        path = member.folder / "patroni.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        self._account.own(path)

    def _logs(self) -> str:
        logs = sorted(self._folder.glob("*.log"))
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in logs)


def clean_leftovers() -> None:
    """End the clusters whose test run is gone."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # its run, or another that begins, may be deleting it
            if (folder / LOCK).exists() and is_free(folder / LOCK):
                _remove(folder)


def _remove(folder: Path) -> None:
    """End what works in a cluster's folders, Patroni first: it would start its PostgreSQL again."""
    homes = [home for home in folder.iterdir() if home.is_dir()]
    for home in homes:
        for pid in process.workers(home, _PROGRAMS):
            process.send(pid, signal.SIGKILL)
    for home in homes:
        if postmaster := process.running(home / "data"):
            process.kill_all(postmaster.pid)
        process.end_workers(home / "data")
        process.end_workers(home)  # pg_basebackup

    def gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    process.wait_until(gone, timeout=10)


def _runs(account: Account, command: Sequence[str]) -> bool:
    try:
        return account.run(command, timeout=60).returncode == 0
    except OSError:
        return False


def _with_capability(account: Account) -> list[str]:
    """Return the words in front of a command that make it another user's, who may read what root may."""
    setpriv = shutil.which("setpriv")
    assert setpriv, f"{sys.executable} can't be run by {account.name}, and there is no setpriv (util-linux) to help"
    may_read = "+dac_read_search"
    groups = ["--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"]
    return [setpriv, "--inh-caps", may_read, "--ambient-caps", may_read, *groups]


def asked(url: str, method: str = "GET", body: Mapping[str, Any] | None = None) -> bytes:
    """Return an answer; OSError for none in time, and for any status but a good one."""
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    # Patroni answers a switchover when it is done.
    with opener.open(urllib.request.Request(url, data, method=method), timeout=5 if data is None else 60) as response:
        answer: bytes = response.read()
        return answer
