"""A copy of PostgreSQL's programs where the server's user can reach them.

Root's virtual environments often lie in folders that only root may enter, and the server runs as another user. The
parents' modes are not ours to change, so the installation is copied, once, into a cache that everybody can enter.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from dbops.errors import ConfigError
from dbops.postgres.binaries import Binaries
from dbops.postgres.embedded.account import Account
from dbops.postgres.embedded.locks import FileLock

CACHE = Path("/var/cache/dbops")
PART = ".part-"


def reachable(binaries: Binaries, account: Account, *, cache: Path = CACHE) -> Binaries:
    """Return binaries that ``account`` can run: these, or a copy of them in ``cache``.

    ConfigError when they can't be copied, because they aren't one folder of bin, lib and share.
    """
    if account.is_us or _runs(binaries.bin_dir, account):
        return binaries
    prefix = binaries.bin_dir.resolve().parent
    if not all((prefix / part).is_dir() for part in ("bin", "lib", "share")):
        raise ConfigError(
            f"the user {account.name}, who runs PostgreSQL because we are root, can't run {binaries.bin_dir}",
            hint="let that user through its parent folders, or install PostgreSQL where everybody can reach it",
        )
    copy = cache / f"postgresql-{binaries.version}-{_identity(prefix)}"
    if not copy.exists():
        _copy(prefix, copy)
    bin_dir = copy / prefix.parent.name / prefix.name / "bin"
    if not _runs(bin_dir, account):
        raise ConfigError(f"the user {account.name} can't run the copy of PostgreSQL in {bin_dir}")
    return replace(binaries, bin_dir=bin_dir)


def lock_file(cache: Path) -> Path:
    """Return the file whose lock is held while a copy is made."""
    return cache / "copies.lock"


def _runs(bin_dir: Path, account: Account) -> bool:
    """Try it, which also tells about the libraries: initdb needs one that the server does without."""
    try:
        return account.run([bin_dir / "initdb", "--version"], timeout=30).returncode == 0
    except OSError:
        return False


def _identity(prefix: Path) -> str:
    """Tell two builds of one version apart: by the path, and by when and how big the server was installed."""
    server = (prefix / "bin" / "postgres").stat()
    return hashlib.sha256(f"{prefix}:{server.st_size}:{server.st_mtime_ns}".encode()).hexdigest()[:12]


def _copy(prefix: Path, copy: Path) -> None:
    """Copy PARENT/PREFIX, and the PARENT.libs beside it that a wheel's programs look for, as ``copy``."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with FileLock(lock_file(copy.parent), timeout=300):
        if copy.exists():
            return
        part = Path(tempfile.mkdtemp(prefix=copy.name + PART, dir=copy.parent))
        for name in ("bin", "lib", "share"):
            shutil.copytree(prefix / name, part / prefix.parent.name / prefix.name / name, symlinks=True)
        libraries = prefix.parent.with_name(prefix.parent.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)
        part.rename(copy)
