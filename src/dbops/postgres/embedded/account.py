"""The operating-system user an embedded server runs as."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbops.errors import ConfigError

VARIABLE = "DBOPS_EMBEDDED_USER"


@dataclass(frozen=True, slots=True)
class Account:
    """A user: ourselves, or another one when we are root, because PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether programs can simply be run, without changing user."""
        return self.uid == os.geteuid()

    def spawn_options(self) -> dict[str, Any]:
        """Return what every subprocess call of a server's program gets.

        The environment is a small one of our own: PG* variables would steer PostgreSQL's programs, a locale that is
        not installed stops initdb, and a server that outlives us must not carry our secrets in its environment.
        """
        kept = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        options: dict[str, Any] = {"env": {**environment, "LC_ALL": "C"}, "cwd": "/", "start_new_session": True}
        if not self.is_us:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def run(
        self, command: Sequence[str | Path], *, timeout: float, cwd: Path = Path("/")
    ) -> subprocess.CompletedProcess[str]:
        """Run ``command`` as this user and return its output as text; nothing is raised for its exit status.

        Raises OSError when it can't be executed, subprocess.TimeoutExpired after ``timeout`` seconds.
        """
        return subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            **{**self.spawn_options(), "cwd": cwd},
        )

    def can_reach(self, folder: Path) -> bool:
        """Tell whether this user may enter ``folder``: asked of the kernel, which knows about ACLs too."""
        return self.is_us or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder], timeout=10).returncode == 0

    def own(self, folder: Path) -> None:
        """Give a folder that we made to this user."""
        if not self.is_us:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


def default() -> Account:
    """Return the user that new servers run as.

    That is us; as root the one that DBOPS_EMBEDDED_USER names, else ``postgres``, else ``nobody``. ConfigError when
    there is no such user, or when it is root too.
    """
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    named = os.environ.get(VARIABLE)
    for name in [named] if named else ["postgres", "nobody"]:
        try:
            account = _account(pwd.getpwnam(name))
        except KeyError:
            continue
        if account.uid == 0:
            break
        return account
    raise ConfigError(
        f"PostgreSQL does not run as root, and there is no other user {named or 'postgres or nobody'} to run it as",
        hint=f"name an existing user with {VARIABLE}",
    )


def owner_of(path: Path) -> Account:
    """Return the user that ``path`` belongs to, who must run the server whose data it is."""
    entry = path.lstat()
    try:
        return _account(pwd.getpwuid(entry.st_uid))
    except KeyError:
        return Account(str(entry.st_uid), entry.st_uid, entry.st_gid)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
