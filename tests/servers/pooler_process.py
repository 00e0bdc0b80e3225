"""A connection pooler that behaves as PgBouncer 1.18 does, as far as a client of these tests can tell.

A client has a server connection for a transaction (or, with pool_mode "session", for as long as it stays). The
settings that PgBouncer tracks follow the client; all others stay with the server connection and so leak to the next
client. Known differences: a failed login to the server is tried again after 1 s, not 15 s; the pool mode "session"
closes the server connection where PgBouncer resets it; the server connection is never encrypted.

``python -m servers.pooler_process`` reads its settings as a line of JSON, writes "ready", and ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from contextlib import suppress

import psycopg

CANCEL_REQUEST = 80877102
WANTS_ENCRYPTION = {80877103, 80877104}  # by TLS, by GSSAPI
PROTOCOL_3 = 3 << 16
TRACKED = ("client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings", "application_name")
REPORTED = (
    *TRACKED,
    *("server_version", "server_encoding", "integer_datetimes", "IntervalStyle", "is_superuser", "search_path"),
    *("session_authorization", "in_hot_standby", "default_transaction_read_only", "scram_iterations"),
)
RETRY_AFTER = 1.0


class Refused(Exception):
    """Why a client is sent away."""


class Upstream:
    """A connection to the server. psycopg logs in; a copy of its socket then carries the messages."""

    def __init__(self, pool: Pool, connection: psycopg.AsyncConnection, streams: Streams) -> None:
        self.client: Client | None = None
        self.connection = connection
        self.cancelling = asyncio.Lock()
        self.writer = streams[1]
        self._reader = streams[0]
        self._pool = pool
        self._answered: asyncio.Future[None] | None = None  # set while it answers a question of the pooler's
        found = {name: connection.info.parameter_status(name) for name in REPORTED}
        self.values = {name: value for name, value in found.items() if value is not None}
        self._task = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, pool: Pool, conninfo: str) -> Upstream:
        try:
            connection = await psycopg.AsyncConnection.connect(conninfo)
        except psycopg.OperationalError as error:
            raise Refused(str(error).rpartition("FATAL:  ")[2].splitlines()[0]) from None
        try:
            copy = socket.socket(fileno=os.dup(connection.fileno()))
            copy.setblocking(False)
            return cls(pool, connection, await asyncio.open_connection(sock=copy))
        except BaseException:
            await connection.close()
            raise

    async def close(self) -> None:
        self._task.cancel()
        self.writer.transport.abort()
        await self.connection.close()

    async def adopt(self, values: dict[str, str]) -> None:
        """Set what the client has set otherwise than the server connection; nothing empty, as PgBouncer."""
        changed = {name: value for name, value in values.items() if value and value != self.values.get(name)}
        if changed:
            quoted = {name: value.replace("'", "''") for name, value in changed.items()}
            text = ";".join(f"SET {name}='{value}'" for name, value in quoted.items())
            self._answered = asyncio.get_running_loop().create_future()
            self.writer.write(message(b"Q", text.encode() + b"\0"))
            try:
                await self._answered
            finally:
                self._answered = None

    async def _listen(self) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._hear(await read_message(self._reader))
        self._pool.forget(self)
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(Refused("server conn crashed?"))
        if self.client is not None:
            self.client.refuse("server conn crashed?")
        await self.close()

    async def _hear(self, said: bytes) -> None:
        kind = said[:1]
        if kind == b"S":
            name, value = said[5:-1].decode().split("\0")
            self.values[name] = value
            if self.client is not None and name in TRACKED:
                self.client.values[name] = value
        if self._answered is not None:
            if kind == b"E":
                raise ConnectionError
            if kind == b"Z":
                self._answered.set_result(None)
        elif self.client is not None:
            await self._pass_on(self.client, kind, said)
        elif kind == b"E":
            raise ConnectionError  # it says why it closes an idle connection

    async def _pass_on(self, client: Client, kind: bytes, said: bytes) -> None:
        client.heard(kind)
        if kind == b"Z" and said[5:] == b"I" and client.may_release:
            async with self.cancelling:  # a cancel request on its way must not hit the next client
                if client.may_release:
                    self._pool.give_back(self)
        client.writer.write(said)
        if self.client is client:
            with suppress(ConnectionError):
                await client.writer.drain()


class Client:
    """A client's connection, and how far its conversation with the server has come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.key = os.urandom(8)  # pid and secret
        self.values: dict[str, str] = {}
        self.upstream: Upstream | None = None
        self.stays = False  # keeps its server connection: pool_mode "session"
        self._due = 0  # ReadyForQuery messages to come
        self._extended = False  # asked by Sync, not by Query
        self._midway = False  # a Sync is to follow

    @property
    def may_release(self) -> bool:
        return self._due == 0 and not self._midway and not self.stays

    def said(self, kind: bytes) -> None:
        if kind in b"QSF":
            self._due += 1
            self._extended = kind == b"S"
            self._midway = False
        elif kind in b"PBDEC":
            self._midway = True

    def heard(self, kind: bytes) -> None:
        # The server passes over a Sync that comes while it waits for COPY's data.
        if kind == b"Z" or (kind == b"G" and self._extended and not self._midway):
            self._due -= 1

    def refuse(self, reason: str) -> None:
        self.writer.write(message(b"E", f"SFATAL\0C08P01\0M{reason}\0\0".encode()))
        self.writer.close()


class Pool:
    """The server connections for one database; the one used last is used first."""

    def __init__(self, conninfo: str, size: int, patience: float) -> None:
        self.upstreams: list[Upstream] = []
        self._conninfo = conninfo
        self._idle: list[Upstream] = []
        self._slots = asyncio.Semaphore(size)
        self._patience = patience
        self._original: dict[str, str] = {}
        self._failing = False

    async def greet(self) -> dict[str, str]:
        """Return what the server reported at the first login; Refused when one fails now."""
        if self._failing and self._slots.locked():
            raise Refused("server login has been failing, try again later (server_login_retry)")
        if self._failing or not self._original:
            upstream = await self._take({}, patient=False)
            self._original = dict(upstream.values)
            self.give_back(upstream)
        return self._original

    async def assign(self, client: Client) -> Upstream:
        upstream = await self._take(client.values, patient=True)
        upstream.client, client.upstream = client, upstream
        return upstream

    def give_back(self, upstream: Upstream) -> None:
        self._unlink(upstream)
        self._idle.append(upstream)

    async def discard(self, upstream: Upstream) -> None:
        """Close a server connection that its client left in the middle of something."""
        self._unlink(upstream)
        self.forget(upstream)
        await upstream.close()

    def forget(self, upstream: Upstream) -> None:
        for known in (self.upstreams, self._idle):
            if upstream in known:
                known.remove(upstream)

    def _unlink(self, upstream: Upstream) -> None:
        if upstream.client is not None:
            upstream.client.upstream = None
            upstream.client = None
        self._slots.release()

    async def _take(self, values: dict[str, str], *, patient: bool) -> Upstream:
        try:
            async with asyncio.timeout(self._patience):
                await self._slots.acquire()
                try:
                    upstream = self._idle.pop() if self._idle else await self._open(patient)
                except BaseException:
                    self._slots.release()
                    raise
                try:
                    await upstream.adopt(values)
                    if upstream not in self.upstreams:  # lost a moment ago
                        raise Refused("server conn crashed?")
                except BaseException:
                    await self.discard(upstream)
                    raise
                return upstream
        except TimeoutError:
            raise Refused("query_wait_timeout") from None

    async def _open(self, patient: bool) -> Upstream:
        while True:
            try:
                upstream = await Upstream.open(self, self._conninfo)
            except Refused:
                self._failing = True
                if not patient:
                    raise
                await asyncio.sleep(RETRY_AFTER)
            else:
                self._failing = False
                self.upstreams.append(upstream)
                return upstream


class Service:
    """All clients and pools."""

    def __init__(self, upstream: str, pool_size: int, pool_mode: str, query_wait_timeout: float) -> None:
        self._upstream = upstream
        self._pool_size = pool_size
        self._pool_mode = pool_mode
        self._query_wait_timeout = query_wait_timeout
        self._clients: dict[Client, asyncio.Task[None]] = {}
        self._pools: dict[str, Pool] = {}

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(reader, writer)
        self._clients[client] = asyncio.create_task(self._serve(client))

    async def _serve(self, client: Client) -> None:
        pool = None
        try:
            pool = await self._login(client)
            if pool is not None:
                await _converse(client, pool)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # it has hung up
        except Refused as reason:
            client.refuse(str(reason))
        finally:
            del self._clients[client]
            client.writer.close()
            if pool is not None and client.upstream is not None:
                await pool.discard(client.upstream)

    async def close(self) -> None:
        for client in self._clients:
            client.writer.transport.abort()
        for pool in self._pools.values():
            for upstream in pool.upstreams:
                await upstream.close()

    async def _login(self, client: Client) -> Pool | None:
        """Let a client in; None when it came to cancel another's query."""
        while (packet := await _read_packet(client.reader))[0] in WANTS_ENCRYPTION:
            client.writer.write(b"N")
        code, rest = packet
        if code == CANCEL_REQUEST:
            await self._cancel(rest)
            return None
        if code != PROTOCOL_3:
            raise Refused("bad packet header")
        words = rest.decode().split("\0")
        given = dict(zip(words[:-2:2], words[1:-2:2], strict=True))
        user = given.pop("user")
        database = given.pop("database", user)
        spelled = {name.lower(): name for name in TRACKED}
        for name in given:
            if name.lower() not in spelled:
                raise Refused(f"unsupported startup parameter: {name}")
        pool = self._pool(database)
        values = await pool.greet() | {spelled[name.lower()]: value for name, value in given.items()}
        client.values = {name: values[name] for name in TRACKED}
        client.stays = self._pool_mode == "session"
        client.writer.write(message(b"R", bytes(4)))
        for name, value in values.items():
            client.writer.write(message(b"S", f"{name}\0{value}\0".encode()))
        client.writer.write(message(b"K", client.key) + message(b"Z", b"I"))
        return pool

    def _pool(self, database: str) -> Pool:
        if database not in self._pools:
            # Not what our environment says, nor TLS, whose state could not be shared with a copy of the socket.
            plain = {"application_name": "", "options": "", "sslmode": "disable", "gssencmode": "disable"}
            conninfo = psycopg.conninfo.make_conninfo(self._upstream, dbname=database, connect_timeout=15, **plain)
            self._pools[database] = Pool(conninfo, self._pool_size, self._query_wait_timeout)
        return self._pools[database]

    async def _cancel(self, key: bytes) -> None:
        """Cancel what the client with that key has running now."""
        for upstream in [client.upstream for client in self._clients if client.key == key]:
            if upstream is not None:
                with suppress(psycopg.Error):
                    async with upstream.cancelling:
                        await upstream.connection.cancel_safe(timeout=10)


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _converse(client: Client, pool: Pool) -> None:
    """Pass on what the client says until it takes its leave."""
    while (said := await read_message(client.reader))[:1] != b"X":
        upstream = client.upstream
        if upstream is None:
            if said[:1] in b"dcfH":
                continue  # the rest of a COPY that has failed, or Flush with nothing to flush
            upstream = await pool.assign(client)
        client.said(said[:1])
        upstream.writer.write(said)
        with suppress(ConnectionError):  # it is the upstream who tells the client
            await upstream.writer.drain()


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


async def read_message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return the code and the rest of a packet that begins a connection."""
    length = int.from_bytes(await reader.readexactly(4))
    packet = await reader.readexactly(length - 4)
    return int.from_bytes(packet[:4]), packet[4:]


async def main() -> None:
    settings = json.loads(sys.stdin.readline())
    port = settings.pop("port")
    service = Service(**settings)
    listener = await asyncio.start_server(service.accept, "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    listener.close()
    await service.close()


if __name__ == "__main__":
    asyncio.run(main())
