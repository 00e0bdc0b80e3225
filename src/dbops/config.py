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
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dbops.errors import ConfigError

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)?\s*", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|tb)\s*", re.IGNORECASE)
_SIZES = ("b", "kb", "mb", "gb", "tb")
_NAMED_DSN = re.compile(r"([\w.-]+)=((?:postgres(?:ql)?://|embedded:|[a-z_]+\s*=).*)", re.DOTALL)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 24 * 86400.0


def parse_duration(text: str | float) -> float:
    """Return seconds for ``500ms``, ``2s``, ``1.5min``, ``2h``, ``1d``; a bare number is seconds.

    Raises ValueError for anything else: months, anything negative, and more than PostgreSQL's own timeouts can hold.
    """
    if isinstance(text, bool):
        raise ValueError("a duration is expected, such as 500ms, 2s, 5min or 1h")
    match = _DURATION.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 500ms, 2s, 5min or 1h")
    seconds = float(match[1]) * _SECONDS[(match[2] or "s").lower()]
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is longer than the 24 days PostgreSQL's timeouts can hold")
    return seconds


def parse_size(text: str) -> int:
    """Return bytes for ``500kB``, ``200MB``, ``1.5GB``, in PostgreSQL's units of 1,024.

    Raises ValueError for anything else, and for 0.
    """
    match = _SIZE.fullmatch(str(text))
    if match is None or not float(match[1]):
        raise ValueError(f"{text!r} is not a size; write 500kB, 200MB or 1.5GB")
    return int(float(match[1]) * 1024 ** _SIZES.index(match[2].lower()))


def parse_lag(text: str | float) -> tuple[str, float]:
    """Return ``("bytes", n)`` for a size, ``("seconds", n)`` for a duration with its unit; else raises ValueError."""
    words = str(text)
    if _SIZE.fullmatch(words):
        return "bytes", float(parse_size(words))
    match = _DURATION.fullmatch(words)
    if match is None or match[2] is None:
        raise ValueError(f"{text!r} is neither a size nor a duration; write 16MB or 30s")
    return "seconds", parse_duration(words)


def parse_node(text: str) -> tuple[str | None, str]:
    """Return NAME (None where there is none) and DSN of ``[NAME=]DSN``; a key=value DSN itself begins with a word =."""
    match = _NAMED_DSN.fullmatch(text)
    return (None, text) if match is None else (match[1], match[2])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is expected, not {value!r}")
    return value


def _nonblank(value: object) -> str:
    text = _text(value).strip()
    if not text:
        raise ValueError("it is empty")
    return text


def _count(value: object) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value)):
        raise ValueError(f"a whole number of at least 0 is expected, not {value!r}")
    return int(str(value))


def _duration(value: object) -> float:
    if not isinstance(value, str | int | float):
        raise ValueError("a duration is expected, such as 500ms, 2s, 5min or 1h")
    return parse_duration(value)


def _bound(value: object) -> float:
    seconds = _duration(value)
    if not seconds:
        raise ValueError("0 would be no bound at all; give a time such as 500ms or 2s")
    return seconds


def _one_of(*choices: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)} is expected, not {value!r}")
        return str(value)

    return parse


def _names(value: object) -> tuple[str, ...]:
    """A list, or words with commas between as the environment has them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError('a list of names is expected, such as ["select-star", "prefer-*"]')
    return tuple(item.strip() for item in items if item.strip())


def _names_by_pattern(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError('a table is expected, such as { "tests/**" = ["select-star"] }')
    return {pattern: _names(names) for pattern, names in value.items()}


def _severities(value: object) -> dict[str, str]:
    parse = _one_of("info", "warning", "error")
    pairs: list[tuple[Any, ...]] = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, str):  # as the environment has it
        pairs = [tuple(part.strip() for part in item.split("=", 1)) for item in _names(value)]
    if not isinstance(value, str | dict) or any(len(pair) != 2 for pair in pairs):
        raise ValueError('a table is expected, such as { select-star = "error" }, or select-star=error')
    return {name: parse(severity) for name, severity in pairs}


def _nodes(value: object) -> tuple[tuple[str | None, str], ...]:
    """Return (name or None, DSN) of each node; as the environment has them they are [NAME=]URL, blanks between."""
    if isinstance(value, dict):
        return tuple((name, _nonblank(dsn)) for name, dsn in value.items())
    if isinstance(value, str):
        return tuple(map(parse_node, value.split()))
    items = value
    if not isinstance(items, list | tuple):
        raise ValueError('a list of DSNs, or a table such as { n1 = "host=n1", n2 = "host=n2" }, is expected')
    return tuple((None, _nonblank(item)) for item in items)


def _lags(value: object) -> tuple[tuple[str, float], ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise ValueError('a size, a duration, or both are expected, such as ["16MB", "30s"]')
    return tuple(parse_lag(item) for item in items)


def _accepted(value: object) -> tuple[dict[str, Any], ...]:
    """Return the entries of [[ha.accept]] with their dates as dates."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
        raise ValueError('tables are expected: [[ha.accept]] with check = "…", reason = "…", and node and expires')
    return tuple(map(_entry, value))


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(item) - {"check", "node", "reason", "expires"})
    if unknown:
        raise ValueError(f"an entry has check, node, reason and expires, and no {unknown[0]!r}")
    for needed in ("check", "reason"):
        if item.get(needed) is None:
            raise ValueError(f"an entry needs a {needed}")
    expires = item.get("expires")
    if isinstance(expires, datetime):
        expires = expires.date()
    elif expires is not None and not isinstance(expires, date):
        try:
            expires = date.fromisoformat(_nonblank(expires))
        except ValueError:
            raise ValueError(f"expires is a date such as 2027-03-31, not {item['expires']!r}") from None
    entry: dict[str, Any] = {"node": None, "expires": expires}
    return entry | {name: _nonblank(item[name]) for name in ("check", "reason", "node") if item.get(name) is not None}


def _major_version(value: object) -> int:
    version = _count(value)
    if not 13 <= version <= 18:
        raise ValueError(f"a major version from 13 to 18 is expected, not {value!r}")
    return version


def _flag(value: object) -> bool:
    if isinstance(value, bool) or str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise ValueError(f"true or false is expected, not {value!r}")


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
        _nonblank,
        "the database: a URL, key=value words, or embedded:NAME",
        ("DBOPS_DATABASE_URL", "DATABASE_URL"),
        secret=True,
    ),
    "direct_url": Key(
        _nonblank,
        "the same database without a pooler between; migrate uses it when it is set",
        ("DBOPS_DIRECT_URL",),
        secret=True,
    ),
    "environment": Key(_nonblank, "what this target is called, such as production"),
    "log_level": Key(_one_of("debug", "info", "warning", "error"), "the least level that is logged", default="info"),
    "log_format": Key(_one_of("auto", "console", "json"), "auto is console on a terminal, else json", default="auto"),
    "color": Key(_one_of("auto", "always", "never"), "auto is by terminal, NO_COLOR and FORCE_COLOR", default="auto"),
    "migrate.dir": Key(_nonblank, "the folder of migrations", default="sql/migrations"),
    "migrate.schema": Key(_nonblank, "the schema of the history's tables", default="dbops"),
    "migrate.role": Key(_nonblank, "the role migrations run as (SET ROLE)"),
    "migrate.connect_wait": Key(_duration, "how long to wait for a server that is still starting", default=30.0),
    "migrate.lock_wait": Key(_duration, "how long to wait for another runner", default=60.0),
    "migrate.lock_timeout": Key(_bound, "lock_timeout of transactional migrations", default=2.0),
    "migrate.concurrent_lock_timeout": Key(
        _bound, "lock_timeout of statements that can't run in a transaction", default=1800.0
    ),
    "migrate.retries": Key(_count, "tries after the first when a lock can't be had", default=4),
    "migrate.statement_timeout": Key(_duration, "statement_timeout of migrations; 0 is none", default=0.0),
    "migrate.max_duration": Key(_duration, "bound on the whole run; 0 is none", default=0.0),
    "lint.select": Key(_names, "the only rules to ask: names, patterns such as prefer-*, query, migration, all"),
    "lint.ignore": Key(_names, "rules not to ask", default=()),
    "lint.severity": Key(_severities, "rules whose findings all have one severity", default={}),
    "lint.per-file": Key(_names_by_pattern, "rules not to ask of files, by patterns of paths", default={}),
    "lint.pg-version": Key(_major_version, "PostgreSQL's major version, for which SQL is judged"),
    "lint.fail-on": Key(_one_of("info", "warning", "error"), "the least severity that exits 1", default="warning"),
    "lint.baseline": Key(_nonblank, "the file of old findings that are not reported"),
    "lint.calls": Key(_names, "Python functions that take SQL, beyond the usual ones", default=()),
    "lint.assume-in-transaction": Key(
        _flag, "whether whoever runs plain SQL files puts each in a transaction", default=False
    ),
    "ha.nodes": Key(
        _nodes, "the nodes of the cluster: a list of DSNs, or a table of names and DSNs", default=(), secret=True
    ),
    "ha.patroni": Key(_nonblank, "the URL of Patroni's REST API, of any member", secret=True),
    "ha.timeout": Key(_bound, "bound on each node's answers", default=5.0),
    "ha.observe": Key(_duration, "how long positions are watched", default=2.0),
    "ha.expect_standbys": Key(_count, "how many standbys should stream"),
    "ha.warning_lag": Key(_lags, "lag that is a warning: a size, a duration, or a list of both", default=()),
    "ha.critical_lag": Key(_lags, "lag that is a blocker: a size, a duration, or a list of both", default=()),
    "ha.accept": Key(_accepted, "conditions one lives with: [[ha.accept]] tables", default=()),
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
        for origin, values in self._layers:
            if key in values:
                return Setting(values[key], origin)
        return Setting(KEYS[key].default, "default")

    def of_environment(self, key: str) -> Setting | None:
        """Return what the chosen ``[env.NAME]`` table itself says of ``key``."""
        for origin, values in self._layers:
            if "[env." in origin and key in values:
                return Setting(values[key], origin)
        return None

    def outranks(self, key: str, other: str) -> bool:
        """Say whether ``key`` is set in a stronger place than ``other``, which may then mean something else."""
        return self._rank(key) < self._rank(other)

    def _rank(self, key: str) -> int:
        if any(self._environ.get(name) for name in variables(key)):
            return 0
        ranks = (rank for rank, (_, values) in enumerate(self._layers, 1) if key in values)
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
    for name, values in environments.items():
        flat = _flatten(values, f"{origin} [env.{name}]")
        names.add(name)
        if name == env_name:
            layers.append((f"{origin} [env.{name}]", flat))
    layers.append((origin, _flatten({key: value for key, value in table.items() if key != "env"}, origin)))


def _flatten(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in _SECTIONS and isinstance(value, dict):
            for inner, innermost in value.items():
                values[f"{key}.{inner}"] = _parsed(f"{key}.{inner}", innermost, origin)
        else:
            values[key] = _parsed(key, value, origin)
    return values


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
