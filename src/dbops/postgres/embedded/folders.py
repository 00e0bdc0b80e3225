"""The folders of embedded servers: who may enter them, and their end."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from dbops.errors import ConfigError
from dbops.postgres.embedded import account as accounts
from dbops.postgres.embedded.account import Account
from dbops.postgres.embedded.process import end_workers, wait_until

_HALF_MADE = "data.part-"
# The shortest limit of a socket's whole path is macOS's: 104 bytes with the closing zero (Linux: 108).
_SOCKET_PATH_LIMIT = 103
# libpq and PostgreSQL take a comma for the start of another host or folder, and quotes for quotes.
_NOT_IN_A_SOCKET_PATH = frozenset(",\"'\\")


def make_home(home: Path) -> Account:
    """Make a server's home where there is none and return the account that its server runs as.

    That is the owner of the data that is there, else the default. Only folders that are made here get a mode;
    ConfigError when the account can't enter somebody else's.
    """
    data = home / "data"
    account = accounts.owner_of(data) if data.exists() else accounts.default()
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        # Whatever the umask says; as root the server's user must get through.
        folder.chmod(0o700 if account.is_us else 0o755)
    if not account.can_reach(home):
        raise ConfigError(
            f"the user {account.name}, who runs PostgreSQL because we are root, can't enter {home}",
            hint=f"choose a folder whose parents that user may enter, or another user with {accounts.VARIABLE}",
        )
    return account


def socket_dir(home: Path, port: int) -> Path:
    """Return the socket's folder: in ``home`` where it may be, else one in /tmp with a short name."""
    folder = home / "socket"
    length = len(os.fsencode(folder)) + len(f"/.s.PGSQL.{port}")
    if length <= _SOCKET_PATH_LIMIT and not _NOT_IN_A_SOCKET_PATH & set(str(folder)):
        return folder
    return Path("/tmp") / f"dbops-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"  # noqa: S108


def make_socket_dir(folder: Path, account: Account) -> None:
    """Make the socket's folder where there is none; ConfigError when it is in /tmp and somebody else made it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        account.own(folder)
    entry = folder.lstat()
    if folder.is_symlink() or entry.st_uid != account.uid or entry.st_mode & 0o077:
        raise ConfigError(f"{folder} is not a private folder of the user {account.name}")


def make_half_made(home: Path, account: Account) -> Path:
    """Make the folder that is renamed ``data`` when it is complete.

    Its name is used only once: an initdb that outlives the process that started it deletes what has the name it
    was given.
    """
    folder = Path(tempfile.mkdtemp(prefix=_HALF_MADE, dir=home))
    account.own(folder)
    return folder


def half_made(home: Path) -> list[Path]:
    """Return the data folders in ``home`` that are not complete."""
    return sorted(home.glob(f"{_HALF_MADE}*"))


def delete(folder: Path) -> None:
    """End what works in a folder and delete it with all that is in it; OSError when that can't be done.

    Programs that are being killed may go on writing for a moment, so a deletion that fails is tried again.
    """
    end_workers(folder)

    def gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    if not wait_until(gone, timeout=5):
        shutil.rmtree(folder)
