"""Types as PostgreSQL's ``format_type`` spells them: ``character varying(20)``, ``timestamp with time zone``."""

from __future__ import annotations

from collections.abc import Sequence

from dbops.schema import expression
from dbops.schema.model import Schema
from dbops.sql.nodes import Node, Relation, inner, kind, named

_CATALOG = "pg_catalog"
_SPELLINGS = {
    "bit": "bit",
    "bool": "boolean",
    "bpchar": "bpchar",
    "char": '"char"',
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
_SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
# The bits of datetime.h: a fields' set is what INTERVAL YEAR TO MONTH and its like are stored as.
_MONTH, _YEAR, _DAY, _HOUR, _MINUTE, _SECOND = (1 << bit for bit in (1, 2, 3, 10, 11, 12))
_ALL_FIELDS = 0x7FFF
_FIELDS = {
    _YEAR: " year",
    _MONTH: " month",
    _DAY: " day",
    _HOUR: " hour",
    _MINUTE: " minute",
    _SECOND: " second",
    _YEAR | _MONTH: " year to month",
    _DAY | _HOUR: " day to hour",
    _DAY | _HOUR | _MINUTE: " day to minute",
    _DAY | _HOUR | _MINUTE | _SECOND: " day to second",
    _HOUR | _MINUTE: " hour to minute",
    _HOUR | _MINUTE | _SECOND: " hour to second",
    _MINUTE | _SECOND: " minute to second",
    _ALL_FIELDS: "",
}
_MAX_PRECISION = 6


def serial(type_name: Node) -> str | None:
    """Return the integer type that ``serial`` and its like stand for, or None for any other type."""
    if len(type_name.names) != 1 or type_name.array_bounds:
        return None
    return _SERIALS.get(named(type_name.names).name)


def spelled(type_name: Node, schema: Schema) -> str:
    """Return a type's name with its length or precision, such as ``numeric(10,2)``; "" when there is none to see.

    A user's type is qualified where the search path does not lead to it.
    """
    if not type_name.names:
        return ""
    name = named(type_name.names)
    array = bool(type_name.array_bounds)
    if name.schema in {None, _CATALOG} and name.name.startswith("_") and name.name[1:] in _SPELLINGS:
        name, array = Relation(name.schema, name.name[1:]), True
    modifiers = [_modifier(each) for each in type_name.typmods]
    if name.schema == _CATALOG or (name.schema is None and name.name in _SPELLINGS):
        text = _built_in(name.name, modifiers)
    else:
        text = str(visible(name, schema)) + (f"({','.join(modifiers)})" if modifiers else "")
    return text + ("[]" if array else "")


def visible(name: Relation, schema: Schema) -> Relation:
    """Return a type's name without its schema where the search path leads to it."""
    if name.schema is None or name.schema not in schema.search_path:
        return name
    before = schema.search_path[: schema.search_path.index(name.schema)]
    hidden = any(Relation(each, name.name) in schema.types for each in before)
    return name if hidden else Relation(None, name.name)


def _modifier(wrapper: Node) -> str:
    """Return a length, a precision, or a word such as PostGIS has them."""
    node = inner(wrapper)
    if node is not None and kind(node) == "ColumnRef":
        return ".".join(str(getattr(inner(field), "sval", "*")) for field in node.fields)
    return expression.sql(wrapper)


def _built_in(name: str, modifiers: Sequence[str]) -> str:
    spelling = _SPELLINGS.get(name) or str(Relation(None, name))
    if not modifiers:
        return spelling
    match name:
        case "interval":
            return spelling + _interval_fields(modifiers)
        case "bpchar":
            spelling = "character"
        case "numeric" if len(modifiers) == 1:
            modifiers = [modifiers[0], "0"]
        case "time" | "timetz" | "timestamp" | "timestamptz":
            first, _, rest = spelling.partition(" ")
            return f"{first}({_precision(modifiers[0])}) {rest}"
    return f"{spelling}({','.join(modifiers)})"


def _interval_fields(modifiers: Sequence[str]) -> str:
    mask, *precision = modifiers
    fields = _FIELDS.get(int(mask), "") if mask.isdecimal() else ""
    return fields + (f"({_precision(precision[0])})" if precision else "")


def _precision(text: str) -> str:
    return str(min(int(text), _MAX_PRECISION)) if text.isdecimal() else text
