"""What rows of other tools' tables mean, without a server."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbops.errors import MigrationFailed, OriginUnclear, UsageError
from dbops.files.formats import flyway as flyway_format
from dbops.files.formats import sqitch as sqitch_format
from dbops.files.migration import Migration, SourceFile
from dbops.migrate.adopt.claims import Table
from dbops.migrate.adopt.origins import atlas, diesel, flyway, golang_migrate, goose, node_pg_migrate, sqitch, yoyo
from dbops.migrate.adopt.recognise import Adopting, names, recognise
from migrate.adopt.scene import checksum, scene
from migrate.scene import migration

TABLE = Table("public", "t", frozenset(), on_path=True, readable=True)


def _versions(claims: Any) -> list[str]:
    return [made.version for made in claims]


def _flyway_files(**texts: str) -> tuple[Migration, ...]:
    files = [SourceFile(f"dir/{name}.sql", f"{name}.sql", text.encode()) for name, text in texts.items()]
    return tuple(flyway_format.parse(files))


def _flyway(version: str | None, name: str, text: str | None = None, **more: Any) -> dict[str, Any]:
    script = f"R__{name}.sql" if version is None else f"V{version}__{name}.sql"
    row = {
        "version": version,
        "name": name.replace("_", " "),
        "type": "SQL",
        "script": script,
        "checksum": None if text is None else checksum(text),
        "success": True,
        "applied_at": None,
    }
    return row | more


def test_flyway_s_undone_and_deleted_versions_are_not_applied() -> None:
    files = _flyway_files(V1__a="SELECT 1;", V2__b="SELECT 2;", V3__c="SELECT 3;")
    rows = [
        _flyway("1", "a"),
        _flyway("2", "b"),
        _flyway("3", "c"),
        _flyway("2", "b", type="UNDO_SQL"),
        _flyway("3", "c", type="DELETE"),
        _flyway("1", "a", type="UNDO_SQL"),
        _flyway("1", "a"),
    ]
    assert _versions(flyway.claims(TABLE, rows, files)) == ["1"]


def test_flyway_s_versions_are_numbers() -> None:
    files = _flyway_files(V1__a="SELECT 1;", V2_10__b="SELECT 2;")
    claims = flyway.claims(TABLE, [_flyway("1.0", "a"), _flyway("2.10.0", "b")], files)
    assert _versions(claims) == ["1", "2.10"]


def test_flyway_s_failed_row_is_refused() -> None:
    with pytest.raises(MigrationFailed, match="left 1 half way"):
        flyway.claims(TABLE, [_flyway("1", "a", success=False)], ())


def test_a_repeatable_migration_of_flyway_s_is_applied_as_long_as_it_is_not_edited() -> None:
    rows = [_flyway(None, "the_view", "SELECT 1;"), _flyway(None, "the_view", "SELECT 2;")]
    assert _versions(flyway.claims(TABLE, rows, _flyway_files(V1__a="x", R__the_view="SELECT 2;"))) == ["R__the_view"]
    assert flyway.claims(TABLE, rows, _flyway_files(V1__a="x", R__the_view="SELECT 1;")) == []
    assert flyway.claims(TABLE, rows, ())[0].file is None


def test_flyway_s_own_rows_are_no_migrations() -> None:
    row = _flyway(None, "<< Flyway Schema Creation >>", type="SCHEMA", script='"app"')
    assert flyway.claims(TABLE, [row], ()) == []


_TEXT = st.characters(exclude_categories=("Cs",), exclude_characters="\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\ufeff\0")


@given(st.text(_TEXT))
def test_flyway_s_checksum_is_known_again_and_line_ends_do_not_count(text: str) -> None:
    body = text.replace("${", "").removeprefix("\ufeff")
    for written in (body, body.replace("\r\n", "\n").replace("\n", "\r\n"), "\ufeff" + body):
        files = _flyway_files(V1__a=written)
        assert flyway.claims(TABLE, [_flyway("1", "a", body)], files)[0].edited is False
    edited = _flyway_files(V1__a=body + "x")
    assert flyway.claims(TABLE, [_flyway("1", "a", body)], edited)[0].edited is True


def test_a_file_that_was_written_anew_is_not_called_edited() -> None:
    imported = migration("1", "a", up="SELECT 1;  -- as import wrote it")
    assert flyway.claims(TABLE, [_flyway("1", "a", "SELECT 1;")], (imported,))[0].edited is None


def test_a_file_of_flyway_s_with_another_version_is_found_by_its_words_and_its_sql() -> None:
    (made,) = flyway.claims(TABLE, [_flyway("1.1", "make_a", "SELECT 1;")], (migration("0001", "make_a"),))
    assert (made.version, made.edited) == ("0001", False)
    (other,) = flyway.claims(TABLE, [_flyway("1.1", "make_a", "SELECT 3;")], (migration("0001", "make_a"),))
    assert other.file is None


def test_golang_migrate_s_last_version_needs_a_file() -> None:
    files = [migration("1"), migration("3")]
    claims = golang_migrate.claims(TABLE, [{"version": "2", "dirty": False}], files)
    assert [(made.version, made.file is None) for made in claims] == [("1", False), ("2", True)]
    assert golang_migrate.claims(TABLE, [], files) == []


def test_goose_s_reverted_versions_are_not_applied() -> None:
    said = [("0", True), ("1", True), ("2", True), ("1", False)]
    rows = [{"version": version, "applied": applied, "applied_at": None} for version, applied in said]
    assert _versions(goose.claims(TABLE, rows, [migration("00001"), migration("00002")])) == ["00002"]


def test_diesel_s_dashes_do_not_count() -> None:
    rows = [{"version": "20250101000000", "applied_at": None}]
    assert diesel.claims(TABLE, rows, [migration("20250101000000")])[0].file is not None


def test_node_pg_migrate_finds_a_file_that_was_renamed_by_its_number() -> None:
    rows = [{"name": "1700000000001_old-name", "applied_at": None}]
    assert node_pg_migrate.claims(TABLE, rows, [migration("1700000000001", "new-name")])[0].name == "new-name"


def test_yoyo_s_ids_find_files_that_were_imported() -> None:
    rows = [{"hash": "not of these", "id": "0001.make-a", "applied_at": None}]
    assert yoyo.claims(TABLE, rows, [migration("0001", "make_a"), migration("0002", "make_b")])[0].version == "0001"


def _sqitch_files() -> tuple[Migration, ...]:
    return tuple(sqitch_format.parse([SourceFile(n, n, t.encode()) for n, t in scene("sqitch").files.items()]))


def _sqitch(name: str, project: str = "shop", checksum: str | None = None) -> dict[str, Any]:
    return {"name": name, "project": project, "checksum": checksum, "applied_at": None}


def test_sqitch_s_other_projects_are_left_alone() -> None:
    files = _sqitch_files()
    rows = [_sqitch("schema", "base"), _sqitch("make_a"), _sqitch("make_b")]
    assert _versions(sqitch.claims(TABLE, rows, files)) == ["make_a", "make_b"]
    with pytest.raises(OriginUnclear, match="base and shop"):
        sqitch.claims(TABLE, [*rows, _sqitch("make_c", "base")], files)


def test_sqitch_s_edited_script_is_told() -> None:
    (made,) = sqitch.claims(TABLE, [_sqitch("make_a", checksum="0" * 40)], _sqitch_files())
    assert made.edited is True


def _atlas(version: str, **more: Any) -> dict[str, Any]:
    row = {"version": version, "name": "x", "type": 2, "done": 1, "total": 1, "error": None, "applied_at": None}
    return row | more


def test_atlas_s_baseline_stands_for_what_comes_before() -> None:
    files = [migration(version) for version in ("1", "2", "3")]
    assert _versions(atlas.claims(TABLE, [_atlas("2", type=1, done=0, total=0), _atlas("3")], files)) == ["1", "2", "3"]


@pytest.mark.parametrize("half", [{"done": 1, "total": 2}, {"error": "relation exists"}])
def test_atlas_s_revision_that_was_run_in_part_is_refused_unless_resolved(half: dict[str, Any]) -> None:
    with pytest.raises(MigrationFailed, match="half way"):
        atlas.claims(TABLE, [_atlas("1", **half)], [migration("1")])
    assert _versions(atlas.claims(TABLE, [_atlas("1", type=4, **half)], [migration("1")])) == ["1"]


def _table(name: str, *columns: str, schema: str = "public", on_path: bool = True) -> Table:
    return Table(schema, name, frozenset(columns), on_path, readable=True)


def test_golang_migrate_is_told_from_dbmate_and_dbops_by_the_columns() -> None:
    assert recognise([_table("schema_migrations", "version")], Adopting()).origin.NAME == "dbmate"
    assert recognise([_table("schema_migrations", "version", "dirty")], Adopting()).origin.NAME == "golang-migrate"
    with pytest.raises(OriginUnclear):
        recognise([_table("schema_migrations", "version", "name", "checksum", "state")], Adopting())


def test_one_tool_in_two_schemas_is_ambiguous_until_a_schema_is_named() -> None:
    tables = [_table("schema_migrations", "version"), _table("schema_migrations", "version", schema="other")]
    with pytest.raises(OriginUnclear) as raised:
        recognise(tables, Adopting())
    assert "--from-schema" in str(raised.value.hint)
    assert recognise(tables, Adopting(schema="other")).table.schema == "other"


def test_an_origin_that_nobody_knows_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        names(Adopting(origin="liquibase"))


@given(st.lists(st.tuples(st.sampled_from(["0", "1", "2", "3", "9"]), st.booleans()), max_size=12))
def test_goose_s_log_ends_in_what_its_last_rows_say(said: list[tuple[str, bool]]) -> None:
    rows = [{"version": version, "applied": applied, "applied_at": None} for version, applied in said]
    claims = goose.claims(TABLE, rows, [migration(version) for version in ("1", "2", "3")])
    assert set(_versions(claims)) == {version for version, applied in dict(said).items() if applied and version != "0"}
    assert {made.version for made in claims if made.file is None} <= {"9"}
