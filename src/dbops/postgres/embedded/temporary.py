"""Throw-away servers: for tests, the demo, and trying a migration out."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from dbops.errors import ConnectionFailed
from dbops.postgres.embedded import account as accounts
from dbops.postgres.embedded import folders
from dbops.postgres.embedded.locks import USERS_LOCK, FileLock
from dbops.postgres.embedded.server import EmbeddedServer, Settings

PREFIX = "dbops-temporary-"
_STOP_TIMEOUT = 10.0
"""Seconds; an immediate shutdown kills what doesn't end within 5 s itself."""


@contextmanager
def temporary(
    *, settings: Settings | None = None, port: int = 5432, tcp: bool = False, bin_dir: Path | None = None
) -> Iterator[EmbeddedServer]:
    """Run a server in a temporary folder; at the end it is stopped and deleted, also after SIGTERM or an exception.

    Standbys whose homes are beside it (``server.home.with_name("standby1")``) end with it. It is not durable.
    """
    with _sigterm_as_exit(), temporary_folder() as folder:
        server = EmbeddedServer.create(
            folder / "primary", settings=settings, durable=False, port=port, tcp=tcp, bin_dir=bin_dir
        )
        server.start()
        yield server


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for homes of servers; at the end they are stopped at once and it is deleted.

    Until then leftovers() knows it to be in use, and after a SIGKILL it knows that it isn't.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=temporary_root()))
    with FileLock(folder / USERS_LOCK, shared=True, timeout=5):
        folder.chmod(0o711)
        try:
            yield folder
        finally:
            delete_all(folder)


def temporary_root() -> Path:
    """Return where throw-away servers are: the system's temporary folder, or /tmp where the server can't reach it."""
    folder = Path(tempfile.gettempdir())
    return folder if accounts.default().can_reach(folder) else Path("/tmp")  # noqa: S108


def delete_all(folder: Path) -> None:
    """End every server in ``folder`` and delete it."""
    for home in folder.iterdir():
        if server := EmbeddedServer.existing(home):
            # A killed server leaves a segment of System V shared memory, and a system has only some thousands of them.
            with suppress(ConnectionFailed):
                server.stop("immediate", timeout=_STOP_TIMEOUT)
            server.kill()
            server.remove_socket()
        for part in folders.half_made(home):
            folders.delete(part)
    folders.delete(folder)


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Unwind on SIGTERM, where nobody else handles it; its default ends the process without a word to us."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
