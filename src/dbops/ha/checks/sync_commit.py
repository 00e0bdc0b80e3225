"""Every commit is flushed, and waits for the synchronous standby, before it is acknowledged.

Why: synchronous_commit `off` acknowledges a commit before it is flushed, here or anywhere: it is lost with the primary,
also where every standby has all that was sent. `local` doesn't wait for the synchronous standby. Both may be set for a
role or a database, and nothing shows it: a loss of 0 is then untrue for what these write. `remote_write` waits until a
standby has it in memory, and loses it when both machines go down at once. A planned switchover loses nothing by it: a
server that is stopped in order flushes and sends everything.

Instead: Reset it, or know which rows may be lost.

Not seen: what a session, or a function (CREATE FUNCTION … SET), sets for itself.

Source: `pg_db_role_setting` and `pg_settings`. Where the login of dbops itself has a setting of its own, the server's
is hidden by that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbops.ha.check import EMERGENCY_ONLY, Outcome, failed, passed, unknown
from dbops.ha.cluster import Cluster
from dbops.ha.listing import listed
from dbops.ha.primary import untold
from dbops.ha.snapshot import Node, RoleSetting
from dbops.results.ha import Weight
from dbops.sql.quote import identifier

WEIGHT = Weight.WARNING
MATTERS = EMERGENCY_ONLY
QUERY = "role_settings"

_SETTING = "synchronous_commit"
_SPELLINGS = {"false": "off", "no": "off", "0": "off", "true": "on", "yes": "on", "1": "on"}
_LEVELS = {"off", "local", "remote_write", "on", "remote_apply"}
_OF_THE_SESSION = {"global", "database", "user", "database user", "client", "session"}
"""Sources of a value (``pg_settings.source``) that is not the server's own."""
_MEANS = {
    "off": "commits are acknowledged before they are flushed, and lost with the primary",
    "local": "commits don't wait for the synchronous standby, and may be lost with the primary",
    "remote_write": "commits wait for a standby's memory, not for its disk",
}


def examine(cluster: Cluster) -> Iterator[Outcome]:
    """Judge the primary."""
    primary = cluster.primary
    if primary is None:
        yield untold(cluster)
        return
    names = primary.setting("synchronous_standby_names")
    if primary.role_settings is None or names is None:
        part = "role_settings" if primary.role_settings is None else "settings"
        yield unknown(primary, "whether commits wait until they are safe is unknown", part)
        return
    waits = names.value != ""
    yield from list(_judged(primary, primary.role_settings, waits=waits)) or [
        passed(primary, f"commits are flushed first, and wait for {'the synchronous' if waits else 'no'} standby")
    ]


def _judged(primary: Node, settings: Sequence[RoleSetting], *, waits: bool) -> Iterator[Outcome]:
    yield from _hidden(primary)
    found = [(_of(each), _level(each.value), _reset(each)) for each in settings if each.name == _SETTING]
    own = _servers(primary)
    if own is not None:
        changed = f"ALTER SYSTEM SET {_SETTING} = on;\nSELECT pg_reload_conf();"
        found.insert(0, ("the server", _level(own), changed))
    for level in ("off", "local", "remote_write") if waits else ("off",):
        whose = [(who, remedy) for who, its, remedy in found if its == level]
        if whose:
            yield failed(
                primary,
                f"{listed([who for who, _ in whose])}: {_SETTING} = {level}: {_MEANS[level]}",
                "\n".join(dict.fromkeys(remedy for _, remedy in whose)),
                weight=Weight.INFO if level == "remote_write" else None,
            )
    odd = [who for who, level, _ in found if level not in _LEVELS]
    if odd:
        yield unknown(primary, f"{_SETTING} of {listed(odd)} is none that dbops knows")


def _servers(primary: Node) -> str | None:
    """Return the server's own value, None where that isn't known."""
    setting = primary.setting(_SETTING)
    return None if setting is None or setting.source in _OF_THE_SESSION else setting.value


def _hidden(primary: Node) -> Iterator[Outcome]:
    if _servers(primary) is None:
        message = f"the server's {_SETTING} is unknown"
        if primary.setting(_SETTING) is None:
            yield unknown(primary, message, "settings")
        else:
            yield unknown(primary, f"{message}: dbops's own login has another", remedy="log in as a role without one")


def _level(value: str) -> str:
    word = value.lower()
    return _SPELLINGS.get(word, word)


def _of(setting: RoleSetting) -> str:
    """Return whose setting it is."""
    role = None if setting.role is None else f"role {setting.role}"
    database = None if setting.database is None else f"database {setting.database}"
    return " in ".join(part for part in (role, database) if part) or "all roles"


def _reset(setting: RoleSetting) -> str:
    """Return the statement that removes it."""
    if setting.role is None and setting.database is not None:
        return f"ALTER DATABASE {identifier(setting.database)} RESET {_SETTING};"
    role = "ALL" if setting.role is None else identifier(setting.role)
    place = "" if setting.database is None else f" IN DATABASE {identifier(setting.database)}"
    return f"ALTER ROLE {role}{place} RESET {_SETTING};"
