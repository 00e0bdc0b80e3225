"""What trials are judged by, and what is read from statements: no server."""

from __future__ import annotations

import pytest

from dbops.migrate.script import DOWN, UP, Script, build
from dbops.migrate.verify.judge import Carried, Ran, Trial, judge
from dbops.migrate.verify.names import changes_roles, changes_shared, databases, roles
from dbops.results.schema import Change, Difference
from dbops.results.verify import BAD_OUTCOMES, Outcome
from migrate.scene import migration

FINE, FAILED = Ran(1.0), Ran(1.0, "refused")
LEFT = (Difference("table", "public.a", Change.UNEXPECTED, None, {}),)
TRIALS = [
    (Trial(), Outcome.IRREVERSIBLE),
    (Trial(FINE, (), FINE, ()), Outcome.RESTORED),
    (Trial(FAILED), Outcome.DOWN_FAILED),
    (Trial(FINE, LEFT, FINE, ()), Outcome.NOT_RESTORED),
    (Trial(FINE, LEFT, FAILED), Outcome.NOT_RESTORED),
    (Trial(FINE, (), FAILED), Outcome.NOT_REAPPLICABLE),
    (Trial(FINE, (), FINE, LEFT), Outcome.NOT_REAPPLICABLE),
    (Trial(FINE, (), FINE, (), Carried(LEFT)), Outcome.NOT_RESTORED),
    (Trial(FINE, (), FINE, (), Carried(error="refused")), Outcome.DOWN_FAILED),
    (Trial(FINE, (), FINE, (), Carried(unsure=("no rows",))), Outcome.RESTORED),
]


@pytest.mark.parametrize(("trial", "outcome"), TRIALS)
def test_the_outcome_is_the_first_thing_that_went_wrong_and_bad_ones_say_what(trial: Trial, outcome: Outcome) -> None:
    judgement = judge(trial)
    assert judgement.outcome is outcome
    assert bool(judgement.differences or judgement.error) is (outcome in BAD_OUTCOMES)
    assert judgement.unsure == trial.carried.unsure


def test_an_up_that_rows_stop_is_restored_as_a_schema_alone_and_says_so() -> None:
    judgement = judge(Trial(FINE, (), FINE, (), Carried(up_error="contains null values", unsure=("no rows",))))
    assert judgement.outcome is Outcome.RESTORED
    assert judgement.rows_stop_up
    assert judgement.unsure == ("no rows", "up fails where tables have rows: contains null values")


def test_a_repeatable_one_needs_no_down() -> None:
    assert judge(Trial(again=FINE), repeatable=True).outcome is Outcome.RESTORED
    assert judge(Trial(again=FAILED), repeatable=True).outcome is Outcome.NOT_REAPPLICABLE


def _scripts(*pairs: tuple[str, str]) -> list[Script]:
    files = [migration(f"{number:04}", up=up, down=down) for number, (up, down) in enumerate(pairs)]
    return [build(file, direction) for file in files for direction in (UP, DOWN)]


NAMING = {
    "GRANT SELECT ON t TO a": "a",
    "GRANT a TO b": "a b",
    "ALTER TABLE t OWNER TO a": "a",
    "CREATE SCHEMA AUTHORIZATION a": "a",
    "CREATE POLICY p ON t TO a, public": "a",
    "ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO b": "a b",
    "SET ROLE a": "a",
    "SET ROLE none": "",
    "SET SESSION AUTHORIZATION 'a'": "a",
    "REASSIGN OWNED BY a TO b": "a b",
    "COMMENT ON ROLE a IS 'x'": "a",
    "ALTER ROLE a RENAME TO b": "a",
    "DROP ROLE a": "a",
    "DROP ROLE IF EXISTS a": "",
    "CREATE ROLE a IN ROLE b": "b",
    "CREATE USER MAPPING FOR a SERVER s": "a",
    "GRANT pg_monitor TO CURRENT_USER": "",
}


@pytest.mark.parametrize("statement", NAMING)
def test_roles_are_found_wherever_a_statement_names_them(statement: str) -> None:
    assert " ".join(roles(_scripts((f"{statement};", "SELECT 1;")))) == NAMING[statement]


@pytest.mark.parametrize(
    ("pairs", "needed"),
    [
        ([("CREATE ROLE a; GRANT a TO b;", "DROP ROLE a;")], "b"),
        ([("DROP ROLE a;", "CREATE ROLE a;")], "a"),
        ([("CREATE ROLE a;", "DROP ROLE a;"), ("DROP ROLE a;", "CREATE ROLE a;")], ""),
        ([("SELECT 1;", "GRANT SELECT ON t TO a;")], "a"),
        ([("ALTER ROLE a RENAME TO b; GRANT SELECT ON t TO b;", "ALTER ROLE b RENAME TO a;")], "a"),
        ([('DO $$ BEGIN CREATE ROLE App; create user "B b"; END $$; GRANT app TO "B b";', "SELECT 1;")], ""),
    ],
)
def test_only_roles_that_must_be_there_before_are_asked_for(pairs: list[tuple[str, str]], needed: str) -> None:
    assert " ".join(roles(_scripts(*pairs))) == needed


@pytest.mark.parametrize(
    ("statement", "of_roles", "shared"),
    [
        ("CREATE ROLE a", True, True),
        ("GRANT a TO b", True, True),
        ("DO $$ BEGIN DROP USER a; END $$", True, True),
        ("DO $$ BEGIN CREATE USER MAPPING FOR a SERVER s; END $$", False, False),
        ("GRANT SELECT ON t TO a", False, False),
        ("GRANT CONNECT ON DATABASE shop TO a", False, True),
        ("ALTER DATABASE shop SET timezone = 'UTC'", False, True),
        ("COMMENT ON TABLE t IS 'x'", False, False),
    ],
)
def test_what_all_databases_share_is_told_from_what_is_a_database_s_own(
    statement: str, of_roles: bool, shared: bool
) -> None:
    (script, _) = _scripts((f"{statement};", "SELECT 1;"))
    assert (changes_roles(script), changes_shared(script)) == (of_roles, shared)
    assert databases([script]) == (("shop",) if "shop" in statement else ())
