"""Settings, and where each came from.

Precedence: flag > environment > ``dbops.toml`` (its ``[env.NAME]`` table first) > ``[tool.dbops]`` in
``pyproject.toml`` > the default. Both files are looked for in the working directory only, so that a command means
the same wherever a parent folder happens to hold one.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbops import values
from dbops.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Key:
    """A setting that a file or the environment may hold."""

    parse: Callable[[object], Any]
    help: str
    variables: tuple[str, ...] = ()
    default: Any = None
    secret: bool = False


KEYS: dict[str, Key] = {
    "database_url": Key(
        values.nonblank,
        "the database: a URL, key=value words, or embedded:NAME",
        ("DBOPS_DATABASE_URL", "DATABASE_URL"),
        secret=True,
    ),
    "direct_url": Key(
        values.nonblank,
        "the same database without a pooler between; migrate uses it when it is set",
        ("DBOPS_DIRECT_URL",),
        secret=True,
    ),
    "environment": Key(values.nonblank, "what this target is called, such as production"),
    "log_level": Key(
        values.one_of("debug", "info", "warning", "error"), "the least level that is logged", default="info"
    ),
    "log_format": Key(
        values.one_of("auto", "console", "json"), "auto is console on a terminal, else json", default="auto"
    ),
    "color": Key(
        values.one_of("auto", "always", "never"), "auto is by terminal, NO_COLOR and FORCE_COLOR", default="auto"
    ),
    "migrate.dir": Key(values.nonblank, "the folder of migrations", default="sql/migrations"),
    "migrate.format": Key(
        values.nonblank, "the format of the folder's files, such as goose; without it they are recognised"
    ),
    "migrate.schema": Key(values.nonblank, "the schema of the history's tables", default="dbops"),
    "migrate.role": Key(values.nonblank, "the role migrations run as (SET ROLE)"),
    "migrate.connect_wait": Key(values.duration, "how long to wait for a server that is still starting", default=30.0),
    "migrate.lock_wait": Key(values.duration, "how long to wait for another runner", default=60.0),
    "migrate.lock_timeout": Key(values.bound, "lock_timeout of transactional migrations", default=2.0),
    "migrate.concurrent_lock_timeout": Key(
        values.bound, "lock_timeout of statements that can't run in a transaction", default=1800.0
    ),
    "migrate.retries": Key(values.count, "tries after the first when a lock can't be had", default=4),
    "migrate.statement_timeout": Key(values.duration, "statement_timeout of migrations; 0 is none", default=0.0),
    "migrate.max_duration": Key(values.duration, "bound on the whole run; 0 is none", default=0.0),
    "migrate.variables": Key(
        values.variables, "values for ${name} in migrations: a table, or a JSON object in the environment", secret=True
    ),
    "migrate.drift_ignore": Key(
        values.names, "differences that drift leaves out: KIND:PATTERN, such as index:public.tmp_*", default=()
    ),
    "migrate.scratch_dsn": Key(
        values.nonblank, "a server to try migrations on; without it dbops starts one for the time", secret=True
    ),
    "lint.select": Key(values.names, "the only rules to ask: names, patterns such as prefer-*, query, migration, all"),
    "lint.ignore": Key(values.names, "rules not to ask", default=()),
    "lint.severity": Key(values.severities, "rules whose findings all have one severity", default={}),
    "lint.per-file": Key(values.names_by_pattern, "rules not to ask of files, by patterns of paths", default={}),
    "lint.pg-version": Key(values.major_version, "PostgreSQL's major version, for which SQL is judged"),
    "lint.fail-on": Key(
        values.one_of("info", "warning", "error"), "the least severity that exits 1", default="warning"
    ),
    "lint.baseline": Key(values.nonblank, "the file of old findings that are not reported"),
    "lint.calls": Key(values.names, "Python functions that take SQL, beyond the usual ones", default=()),
    "lint.assume-in-transaction": Key(
        values.flag, "whether whoever runs plain SQL files puts each in a transaction", default=False
    ),
    "ha.nodes": Key(
        values.nodes, "the nodes of the cluster: a list of DSNs, or a table of names and DSNs", default=(), secret=True
    ),
    "ha.patroni": Key(values.nonblank, "the URL of Patroni's REST API, of any member", secret=True),
    "ha.timeout": Key(values.bound, "bound on each node's answers", default=5.0),
    "ha.observe": Key(values.duration, "how long positions are watched", default=2.0),
    "ha.expect_standbys": Key(values.count, "how many standbys should stream"),
    "ha.warning_lag": Key(values.lags, "lag that is a warning: a size, a duration, or a list of both", default=()),
    "ha.critical_lag": Key(values.lags, "lag that is a blocker: a size, a duration, or a list of both", default=()),
    "ha.accept": Key(values.accepted, "conditions one lives with: [[ha.accept]] tables", default=()),
}

_SECTIONS = frozenset(key.split(".")[0] for key in KEYS if "." in key)


def variables(key: str) -> tuple[str, ...]:
    """Return the environment variables that set ``key``, the strongest first."""
    return KEYS[key].variables or ("DBOPS_" + re.sub("[.-]", "_", key).upper(),)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and its origin: ``flag``, ``environment DBOPS_…``, ``dbops.toml [env.staging]``, ``default``…"""

    value: Any
    origin: str


class Settings:
    """All settings, resolved once a command; see the module's docstring for the precedence."""

    def __init__(
        self,
        layers: list[tuple[str, Mapping[str, Any]]],
        environ: Mapping[str, str],
        env_name: str | None = None,
    ) -> None:
        self._layers = layers
        self._environ = environ
        self.env_name = env_name

    def get(self, key: str, flag: Any = None) -> Setting:
        """Return the setting; ``flag`` is the command line's value, already parsed, or None."""
        if flag is not None:
            return Setting(flag, "flag")
        for name in variables(key):
            if self._environ.get(name):
                return Setting(_parsed(key, self._environ[name], name), f"environment {name}")
        own = self.of_environment(key)
        if own is None and key == "environment" and self.env_name:
            return Setting(self.env_name, "--env")  # before the top level's, which names another one
        for origin, layer in self._layers:
            if key in layer:
                return Setting(layer[key], origin)
        return Setting(KEYS[key].default, "default")

    def of_environment(self, key: str) -> Setting | None:
        """Return what the chosen ``[env.NAME]`` table itself says of ``key``."""
        for origin, layer in self._layers:
            if "[env." in origin and key in layer:
                return Setting(layer[key], origin)
        return None

    def outranks(self, key: str, other: str) -> bool:
        """Say whether ``key`` is set in a stronger place than ``other``, which may then mean something else."""
        return self._rank(key) < self._rank(other)

    def _rank(self, key: str) -> int:
        if any(self._environ.get(name) for name in variables(key)):
            return 0
        ranks = (rank for rank, (_, layer) in enumerate(self._layers, 1) if key in layer)
        return next(ranks, len(self._layers) + 1)

    def value(self, key: str, flag: Any = None) -> Any:
        """Return the setting's value alone."""
        return self.get(key, flag).value


def load(
    folder: Path, environ: Mapping[str, str] | None = None, *, env_name: str | None = None, file: Path | None = None
) -> Settings:
    """Read the configuration that holds in ``folder``.

    ``env_name`` picks an ``[env.NAME]`` table (else ``DBOPS_ENV`` does), ``file`` replaces ``dbops.toml``.
    Raises ConfigError, naming the file, for an unreadable one, unknown keys and bad values.
    """
    environ = os.environ if environ is None else environ
    env_name = env_name or environ.get("DBOPS_ENV") or None
    layers: list[tuple[str, Mapping[str, Any]]] = []
    names: set[str] = set()
    own = file or folder / "dbops.toml"
    if own.exists() or file is not None:
        _add_layers(layers, names, own.name if file is None else str(file), _read(own), env_name)
    project = folder / "pyproject.toml"
    if project.exists():
        tools = _read(project).get("tool", {})
        table = tools.get("dbops", {}) if isinstance(tools, dict) else {}
        _add_layers(layers, names, "pyproject.toml [tool.dbops]", table, env_name)
    if env_name is not None and env_name not in names:
        known = ", ".join(sorted(names)) or "none"
        raise ConfigError(
            f"there is no environment {env_name!r} in the configuration (known: {known})",
            hint=f"add a table [env.{env_name}] to {own.name}, or name one that exists with --env",
            details=[{"field": "env", "error": "unknown environment"}],
        )
    return Settings(layers, environ, env_name)


def _add_layers(
    layers: list[tuple[str, Mapping[str, Any]]],
    names: set[str],
    origin: str,
    table: Mapping[str, Any],
    env_name: str | None,
) -> None:
    """Append the file's layers: its ``[env.NAME]`` table first, then its top level."""
    if not isinstance(table, dict):
        raise ConfigError(f"{origin} must be a table", hint="write the settings below a line [tool.dbops]")
    environments = table.get("env", {})
    if not isinstance(environments, dict) or not all(isinstance(value, dict) for value in environments.values()):
        raise ConfigError(
            f"{origin}: env must hold tables", hint='write [env.staging] with database_url = "…" below it'
        )
    for name, own in environments.items():
        flat = _flatten(own, f"{origin} [env.{name}]")
        names.add(name)
        if name == env_name:
            layers.append((f"{origin} [env.{name}]", flat))
    layers.append((origin, _flatten({key: value for key, value in table.items() if key != "env"}, origin)))


def _flatten(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if key in _SECTIONS and isinstance(value, dict):
            for inner, innermost in value.items():
                flat[f"{key}.{inner}"] = _parsed(f"{key}.{inner}", innermost, origin)
        else:
            flat[key] = _parsed(key, value, origin)
    return flat


def _parsed(key: str, raw: object, origin: str) -> Any:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, n=1)
        raise ConfigError(
            f"{origin}: there is no setting {key!r}",
            hint=f"did you mean {near[0]!r}?" if near else "the settings are listed in docs/configuration.md",
            details=[{"field": key, "error": "unknown setting"}],
        )
    try:
        return KEYS[key].parse(raw)
    except ValueError as error:
        message = "it has the wrong form" if KEYS[key].secret else str(error)
        raise ConfigError(
            f"{origin}: {key}: {message}", hint=KEYS[key].help, details=[{"field": key, "error": message}]
        ) from None


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path}: can't be read: {error.strerror}", hint="check the path and its permissions"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8", hint="save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint="the file must be TOML; see docs/configuration.md") from None
