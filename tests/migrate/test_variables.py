"""Variables in migrations: what stands for them, where an error is, and that values are not seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.command import Ran
from dbops.errors import InvalidMigration
from dbops.files.variables import expand
from dbops.migrate.script import UP, build
from migrate.scene import Folder, migration, query

Migrate = Callable[..., Ran]
SECRET = "hunter22hunter"


def test_nothing_is_replaced_until_somebody_asks() -> None:
    (same,) = expand([migration("1", up="SELECT '${a}';")], None)
    assert same.up.sql == "\nSELECT '${a}';\n"


def test_text_and_checksum_are_those_of_the_file() -> None:
    before = migration("1", up="SELECT '${a}';", down="SELECT '${b}';")
    (after,) = expand([before], {"a": "x", "b": "y"})
    assert (after.text, after.checksum) == (before.text, before.checksum)
    assert (after.up.sql, after.down and after.down.sql) == ("\nSELECT 'x';\n", "\nSELECT 'y';\n")


def test_a_variable_without_a_value_is_an_error_that_names_the_place() -> None:
    with pytest.raises(InvalidMigration, match=r"dir/1_x\.sql:3:9: the variable \$\{b\} has no value") as caught:
        expand([migration("1", up="SELECT '${a}';\nSELECT '${b}';")], {"a": "x", "c": "y"})
    assert "--var b=…" in str(caught.value.hint)
    assert "defined are a, c" in str(caught.value.hint)


def test_a_value_with_another_variable_in_it_is_taken_as_it_is() -> None:
    (after,) = expand([migration("1", up="SELECT '${a}';")], {"a": "${a}${b}"})
    assert after.up.sql == "\nSELECT '${a}${b}';\n"


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0'"), max_size=20)


@given(st.lists(st.tuples(TEXTS.filter(lambda text: "${" not in text), TEXTS), max_size=5), TEXTS)
def test_every_place_leads_back_to_the_file(pieces: list[tuple[str, str]], last: str) -> None:
    last = last.replace("${", "")
    up = "SELECT '" + "".join(f"{text}${{v{i}}}" for i, (text, _) in enumerate(pieces)) + last + "';"
    before = migration("1", up=up)
    values = {f"v{i}": value for i, (_, value) in enumerate(pieces)}
    (after,) = expand([before], values)
    section, at = after.up, 0
    for index, (text, value) in enumerate(pieces):
        at = section.sql.index("'") + 1 if index == 0 else at
        for offset, letter in enumerate(text):
            assert before.text[section.offset(at + offset)] == letter
        at += len(text) + len(value)
    assert before.text[section.offset(len(section.sql) - 2)] == ";"


def test_a_values_sql_is_run(folder: Folder, migrate: Migrate, database: str) -> None:
    folder.write("0001_a", "CREATE TABLE ${table} (n int DEFAULT ${n});", "DROP TABLE ${table};")
    assert migrate("up", "--var", "table=items", "--var", "n=3").status == 0
    assert query(database, "SELECT column_default FROM information_schema.columns WHERE table_name = 'items'") == [
        ("3",)
    ]
    assert migrate("down", "--var", "table=items", "--var", "n=4").status == 0
    assert migrate("status").status == 1  # no variables needed to look, and the file is not modified


def test_a_value_may_come_from_the_environment_and_the_configuration(
    folder: Folder, migrate: Migrate, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT", "acme")
    (folder.path.parents[1] / "dbops.toml").write_text('[migrate.variables]\nn = 7\nTENANT = "weaker"\n')
    folder.write("0001_a", "CREATE TABLE ${TENANT} AS SELECT ${n} AS n;")
    assert migrate("up", "--var", "TENANT").status == 0
    assert query(database, "SELECT n FROM acme") == [(7,)]


@pytest.mark.parametrize("word", ["1a=b", "=b", "a b=c", "NOT_SET_ANYWHERE"])
def test_a_bad_variable_is_refused(folder: Folder, migrate: Migrate, word: str) -> None:
    assert migrate("up", "--var", word).status == 64


@pytest.mark.parametrize("options", ["", " transaction:false"])
@pytest.mark.parametrize("statement", ["SELECT 1 FROM ${secret};", "SELECT '${secret}'::int;"])
def test_a_value_is_in_no_message_log_or_history(
    folder: Folder, migrate: Migrate, database: str, statement: str, options: str
) -> None:
    folder.write("0001_a", f"SELECT 1;\n{statement}", options=options)
    for words in (["plan"], ["up"], ["up"], ["status"]):
        ran = migrate(*words, "--var", f"secret={SECRET}")
        assert SECRET not in ran.everything
    kept = query(database, "SELECT to_jsonb(l)::text FROM dbops.migration_log AS l")
    assert kept
    assert SECRET not in str(kept)


def test_a_value_is_not_in_a_syntax_error(folder: Folder, migrate: Migrate) -> None:
    folder.write("0001_a", "CREATE TABLE t (a int) ${secret};")
    ran = migrate("up", "--var", f"secret={SECRET}")
    assert ran.error["code"] == "INVALID_MIGRATION"
    assert 'near "${secret}"' in ran.error["message"]
    assert SECRET not in ran.everything


def test_an_error_behind_a_value_is_placed_in_the_file() -> None:
    (after,) = expand([migration("1", up="SELECT ${a};\nSELEC 1;")], {"a": "1,\n2,\n3"})
    with pytest.raises(InvalidMigration, match=r"dir/1_x\.sql:3:1"):
        build(after, UP)
