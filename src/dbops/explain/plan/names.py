"""Names as EXPLAIN's text format quotes them."""

from __future__ import annotations

import re

_NAME = r'(?:"(?:[^"]|"")++"|[^\s".]++)'
NAME = re.compile(_NAME)
TARGET = re.compile(rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})(?: (?P<alias>{_NAME}))?")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# pg_get_keywords() of PostgreSQL 18, without the unreserved ones.
_RESERVED = (
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case "
    "cast char character check coalesce collate collation column concurrently constraint create cross current_catalog "
    "current_date current_role current_schema current_time current_timestamp current_user dec decimal default "
    "deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant "
    "greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join "
    "json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize "
    "json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national "
    "natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay "
    "placing position precision primary real references returning right row select session_user setof similar "
    "smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true "
    "union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat "
    "xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"
)
_KEYWORDS = frozenset(_RESERVED.split(" "))


def plain(name: str) -> str:
    """Return a name without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def quoted(name: str) -> str:
    """Return a name in the quotes that PostgreSQL gives it (quote_identifier), if any."""
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'
