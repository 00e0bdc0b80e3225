"""The containers lane: PostgreSQL in Docker, through testcontainers.

The image is DBOPS_TEST_IMAGE, or the official ``postgres:17``. Nothing here depends on which: a standby is made by a
shell script of ours in front of the image's own entry point.
"""

from __future__ import annotations

import os
import shlex
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
from psycopg.conninfo import make_conninfo

from dbops.postgres.embedded.process import exists, wait_until
from servers.memory import is_roomy
from servers.ports import free_port
from servers.server import SETTINGS, Server, Settings, with_login

# The reaper's image comes from a registry, and our labels do its work.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")

import docker  # testcontainers reads these variables when it is imported
import docker.errors
from docker.models.networks import Network
from testcontainers.community.postgres import PostgresContainer

IMAGE = os.environ.get("DBOPS_TEST_IMAGE", "postgres:17")
PASSWORD = "test"
LABEL = "org.dbops.tests"
OWNER = "org.dbops.tests.owner"
_MEMORY = "/memory"

_MAKE_STANDBY = """\
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    pg_basebackup -D "$PGDATA" -R -X stream -c fast --no-sync -C -S {slot} -d {upstream}
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
"""
# The official image lets applications in from everywhere, but no standbys.
_ALLOW_REPLICATION = 'echo "host replication all all scram-sha-256" >>"$PGDATA/pg_hba.conf"'


class _Postgres(PostgresContainer):
    """testcontainers' container, except that it is ContainerServer that waits, and sees when the container ends."""

    def _connect(self) -> None:
        pass


class ContainerServer(Server):
    """A server in a container with a fixed port on 127.0.0.1, and the standbys made from it."""

    def __init__(
        self,
        name: str = "primary",
        settings: Settings = SETTINGS,
        *,
        network: Network | None = None,
        entrypoint: list[str] | None = None,
        in_memory: bool = False,
    ):
        self._port = free_port()
        self._settings = settings
        self._network = network
        self._owns_network = False
        self._standbys: list[ContainerServer] = []
        joining = {} if network is None else {"network": network.name, "entrypoint": entrypoint}
        self._testcontainer = (
            _Postgres(IMAGE, username="postgres", password=PASSWORD, dbname="postgres", driver=None)
            .with_name(f"dbops-tests-{uuid.uuid4().hex[:12]}")  # standbys look it up by its name
            .with_command(_command(settings | {"cluster_name": name}))
            .with_env("POSTGRES_INITDB_ARGS", "--no-sync")
            # SIGINT is the mode fast; an image may name the signal that waits for clients.
            .with_kwargs(labels=_labels(), stop_signal="SIGINT", **joining)
        )
        if in_memory:
            self._testcontainer.with_tmpfs_mount(_MEMORY, "mode=1777").with_env("PGDATA", f"{_MEMORY}/data")
        self._testcontainer.ports = {"5432/tcp": ("127.0.0.1", self._port)}
        try:
            self._testcontainer.start()
            self._container = self._testcontainer.get_wrapped_container()
            self._wait_until_ready()
        except BaseException:
            self._testcontainer.stop()
            raise

    def dsn(self, database: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        own = make_conninfo(host="127.0.0.1", port=self._port, user="postgres", password=PASSWORD)
        return with_login(own, database, user, password)

    def start(self) -> None:
        self._container.start()
        self._wait_until_ready()

    def stop(self) -> None:
        self._container.stop(timeout=60)

    def kill(self) -> None:
        self._container.kill()
        self._container.wait(timeout=60)

    def pause(self) -> None:
        self._container.pause()

    def resume(self) -> None:
        self._container.unpause()

    def standby(self, name: str) -> ContainerServer:
        script = _MAKE_STANDBY.format(slot=shlex.quote(name), upstream=shlex.quote(self.upstream(name)))
        entrypoint = ["bash", "-ec", script, "standby"]
        standby = ContainerServer(name, self._settings, network=self._joined_network(), entrypoint=entrypoint)
        self._standbys.append(standby)
        return standby

    def promote(self) -> None:
        with self._connected() as connection:
            assert connection.execute("SELECT pg_promote(true, 60)").fetchone() == (True,)

    def upstream(self, name: str) -> str:
        login = {"user": "postgres", "password": PASSWORD}
        return make_conninfo(host=self._container.name, application_name=name, **login)

    def read_hba(self) -> str:
        return self._run('cat "$PGDATA/pg_hba.conf"')

    def write_hba(self, text: str) -> None:
        self._run(f'printf %s {shlex.quote(text)} >"$PGDATA/pg_hba.conf"')

    def close(self) -> None:
        for standby in self._standbys:
            standby.close()
        self._standbys = []
        with suppress(docker.errors.APIError):
            self._container.unpause()  # older engines don't remove a paused container
        with suppress(docker.errors.NotFound):
            self._testcontainer.stop()
        if self._owns_network:
            self._owns_network = False
            with _engine() as engine:
                engine.networks.get(self._network.id).remove()

    def _joined_network(self) -> Network:
        """Return the network on which this server has a name; its first standby makes one, and lets standbys in."""
        if self._network is None:
            with _engine() as engine:
                self._network = engine.networks.create(f"dbops-tests-{uuid.uuid4().hex[:12]}", labels=_labels())
                self._owns_network = True
                self._network.connect(self._container.id)
            self._run(_ALLOW_REPLICATION)
            with self._connected() as connection:
                connection.execute("SELECT pg_reload_conf()")
        return self._network

    def _run(self, script: str) -> str:
        """Run a shell script in the container, and return what it prints."""
        code, output = self._container.exec_run(["bash", "-ec", script])
        assert code == 0, output.decode()
        return output.decode()

    def _wait_until_ready(self) -> None:
        """Wait for an answer through the published port; an engine's proxy connects before the server listens."""
        if not wait_until(self._answers, timeout=60):
            raise RuntimeError(f"no PostgreSQL in the container after 60 s:\n{self._container.logs(tail=30).decode()}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            self._container.reload()
            if self._container.status == "exited":
                raise RuntimeError(f"the container ended:\n{self._container.logs(tail=30).decode()}") from None
            return False
        return True


def create(settings: Settings = SETTINGS) -> ContainerServer:
    """Start a fresh server."""
    return ContainerServer(settings=settings)


def create_shared() -> ContainerServer:
    """Start the server that all tests share. Its files are gone when it stops, where they are in memory."""
    return ContainerServer(in_memory=is_roomy())


def clean_leftovers() -> None:
    """Remove the containers and networks whose test run is gone."""
    with _engine() as engine:
        for container in engine.containers.list(all=True, filters={"label": LABEL}):
            if _is_abandoned(container.labels):
                with suppress(docker.errors.APIError):  # another run that begins is at it
                    if container.status == "paused":
                        container.unpause()
                    container.remove(force=True, v=True)
        for network in engine.networks.list(filters={"label": LABEL}):
            if _is_abandoned(network.attrs["Labels"]):
                with suppress(docker.errors.APIError):
                    network.remove()


def obstacle() -> str | None:
    """Return why there can be no containers here: no engine answers, or it has no image and can't get it."""
    try:
        with _engine() as engine:
            try:
                engine.images.get(IMAGE)
            except docker.errors.ImageNotFound:
                engine.images.pull(IMAGE)
    except docker.errors.DockerException as error:
        return str(error)
    return None


@contextmanager
def _engine() -> Iterator[docker.DockerClient]:
    with closing(docker.from_env(timeout=120)) as engine:
        yield engine


def _command(settings: Settings) -> list[str]:
    """Return the container's command: the server, with its settings."""
    return ["postgres", *(word for key, value in settings.items() for word in ("-c", f"{key}={value}"))]


def _labels() -> dict[str, str]:
    return {LABEL: "1", OWNER: f"{socket.gethostname()}:{os.getpid()}"}


def _is_abandoned(labels: dict[str, str]) -> bool:
    host, _, pid = labels.get(OWNER, "").rpartition(":")
    return host == socket.gethostname() and not exists(int(pid))
