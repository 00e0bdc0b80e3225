"""What reading a snapshot promises besides its completeness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from conftest import Role
from dbops.errors import LockTimeout
from dbops.postgres.snapshot import read
from dbops.results.schema import Change
from dbops.schema.differences import compare
from dbops.schema.snapshot import MIGRATING, relative
from postgres.snapshot.scene import Scene, scene


@pytest.fixture
def here(database: str) -> Iterator[Scene]:
    with scene(database) as made:
        yield made


def names(of: Scene, **options: object) -> set[str]:
    return {f"{kind} {name}" for kind, name in of.taken(**options).entries}


def test_schemas_are_left_out_with_all_that_is_in_them(here: Scene) -> None:
    here.run('CREATE SCHEMA dbops; CREATE TABLE dbops.t (a int PRIMARY KEY); CREATE SCHEMA "My""s"')
    here.run('GRANT SELECT ON dbops.t TO PUBLIC; CREATE TABLE "My""s".t (a int)')
    assert not [name for name in names(here) if "dbops" in name]
    assert {"table dbops.t", "column dbops.t.a", "index dbops.t_pkey"} <= names(here, without=())
    assert not [name for name in names(here, without=['My"s']) if "My" in name]


def test_an_extensions_members_are_left_out_and_what_others_add_to_them_too(here: Scene) -> None:
    before = here.taken()
    here.run("CREATE EXTENSION hstore; COMMENT ON TYPE hstore IS 'x'")
    assert [each.words() for each in compare(before, here.taken())] == ["extension hstore should not be there"]


def test_what_others_put_into_an_extensions_schema_is_theirs(here: Scene) -> None:
    here.run("CREATE EXTENSION hstore; CREATE SCHEMA cron; ALTER EXTENSION hstore ADD SCHEMA cron")
    before = here.taken()
    assert ("schema", "cron") not in before.entries
    here.run("CREATE TABLE cron.mine (a int PRIMARY KEY)")
    assert [each.words() for each in compare(before, here.taken())] == ["table cron.mine should not be there"]


def test_temporary_objects_are_left_out(here: Scene) -> None:
    before = here.taken()
    here.run("CREATE TEMPORARY TABLE t (a serial PRIMARY KEY); CREATE TEMPORARY VIEW v AS SELECT 1 AS a")
    assert here.taken() == before


def test_columns_that_were_dropped_leave_no_trace(here: Scene) -> None:
    here.run("CREATE TABLE t (a int, b int)")
    before = here.taken()
    here.run("ALTER TABLE t ADD c int; ALTER TABLE t DROP c; ALTER TABLE t DROP b; ALTER TABLE t ADD b int")
    assert here.taken() == before


def test_labels_of_an_enum_have_an_order(here: Scene) -> None:
    here.run("CREATE TYPE e AS ENUM ('b', 'a'); ALTER TYPE e ADD VALUE 'c' BEFORE 'a'")
    before = here.taken()
    here.run("DROP TYPE e; CREATE TYPE e AS ENUM ('a', 'b', 'c')")
    assert [each.words() for each in compare(before, here.taken())] == [
        "enum public.e differs: labels a, b, c, should be b, c, a"
    ]


def test_within_a_transaction_its_own_changes_are_seen_and_it_stays_as_it_was(here: Scene) -> None:
    here.run("CREATE TABLE t (a int); BEGIN; SET LOCAL search_path = public; ALTER TABLE t ADD b int")
    assert "column public.t.b" in names(here)
    assert here.session.in_transaction
    assert here.session.json("SELECT to_json(current_setting('search_path'))") == "public"
    here.run("INSERT INTO t VALUES (1, 2); COMMIT")
    assert here.session.json("SELECT to_json(current_setting('search_path'))") == '"$user", public'


def test_outside_of_one_no_transaction_stays_open_and_no_setting_changes(here: Scene) -> None:
    here.run("SET search_path = pg_catalog, public; SET statement_timeout = '7min'; SET quote_all_identifiers = on")
    before = here.session.json("SELECT json_agg(s ORDER BY s.name) FROM pg_settings AS s WHERE s.source = 'session'")
    here.taken()
    assert not here.session.in_transaction
    after = here.session.json("SELECT json_agg(s ORDER BY s.name) FROM pg_settings AS s WHERE s.source = 'session'")
    assert after == before


@pytest.mark.parametrize(
    "setting",
    [
        "search_path = s, public",
        "DateStyle = 'German'",
        "TimeZone = 'Asia/Tokyo'",
        "IntervalStyle = 'iso_8601'",
        "quote_all_identifiers = on",
        "extra_float_digits = -5",
        "bytea_output = 'escape'",
    ],
)
def test_how_the_session_is_set_changes_nothing(here: Scene, setting: str) -> None:
    here.run(
        "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (a date DEFAULT '2020-02-01', e s.e, "
        "b timestamptz DEFAULT '2020-02-01 10:00+01', c interval DEFAULT '1 day', f float8 DEFAULT 0.1::float8 + 0.2, "
        "y bytea DEFAULT 'abc'); CREATE VIEW s.v AS SELECT a, '2020-01-02'::timestamptz AS b FROM s.t WHERE e = 'a'"
    )
    before = here.taken()
    here.run(f"SET {setting}")
    assert here.taken() == before


def test_a_locked_table_ends_it_soon_and_the_session_is_usable(here: Scene) -> None:
    here.run("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t")
    with closing(psycopg.connect(here.dsn, connect_timeout=10)) as other:
        other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE; LOCK TABLE v IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout) as raised:
            read(here.session, here.version)
    assert raised.value.retryable
    assert not here.session.in_transaction
    assert "view public.v" in names(here)


def test_any_role_may_read_all_but_secrets(here: Scene, role: Callable[..., Role]) -> None:
    reader = role()
    here.run(
        "CREATE TABLE t (a int PRIMARY KEY); CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w"
    )
    here.run("CREATE VIEW v AS SELECT a FROM t; CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'hush')")
    with scene(reader.dsn(here.dsn)) as other:
        differences = compare(here.taken(), other.taken())
    assert [(each.object, each.actual) for each in differences] == [("s.PUBLIC", {"options": None})]


def test_no_secret_is_shown_and_yet_a_change_is(here: Scene) -> None:
    here.run(
        "CREATE FOREIGN DATA WRAPPER w;"
        "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'key', sslpassword 'hush');"
        "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (\"user\" 'me', anything 'hush')"
    )
    before = here.taken()
    assert "hush" not in str(before)
    options = before.entries["server", "s"].attributes["options"]
    assert [option.split(":")[0] for option in options] == ["host=key", "sslpassword=sha256"]
    here.run("ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (SET anything 'hash')")
    assert [each.object for each in compare(before, here.taken())] == ["s.PUBLIC"]


def test_roles_are_read_on_demand(here: Scene, role: Callable[..., Role]) -> None:
    one, other = role("CREATEDB"), role()
    here.run(f"GRANT {other.name} TO {one.name}; GRANT pg_monitor TO {one.name} WITH ADMIN OPTION")
    here.run(f"ALTER ROLE {one.name} SET work_mem = '5MB'")
    assert not [name for name in names(here) if name.startswith("role")]
    found = here.taken(roles=True).entries
    assert found["role", one.name].attributes["createdb"] is True
    assert found["role", one.name].attributes["has_password"] is True
    assert found["membership", f"{one.name}.pg_monitor"].attributes["admin"] is True
    assert found["membership", f"{one.name}.{other.name}"].attributes["admin"] is False
    assert found["role setting", f"{one.name}.work_mem"].attributes["options"] == ["work_mem=5MB"]
    assert "SCRAM" not in str(found)


def test_security_labels_belong_to_their_object(here: Scene) -> None:
    here.run("CREATE TABLE t (a int)")
    before = here.taken()
    here.run("INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 1, 'mine', 'secret')")
    (found,) = compare(before, here.taken())
    assert (found.object, found.actual) == ("public.t.a", {"security_labels": ["mine: secret"]})
    here.run("DELETE FROM pg_seclabel")


def test_what_belongs_to_the_migrating_role_is_the_same_for_two_roles(here: Scene, role: Callable[..., Role]) -> None:
    reader = role()
    taken = []
    for owner in (role(), role()):
        here.run(f"CREATE SCHEMA s; CREATE TABLE s.t (a int); GRANT SELECT ON s.t TO {reader.name}, {owner.name}")
        here.run(f"ALTER SCHEMA s OWNER TO {owner.name}; ALTER TABLE s.t OWNER TO {owner.name}")
        here.run(f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner.name} IN SCHEMA s GRANT SELECT ON TABLES TO {reader.name}")
        here.run(f"CREATE TABLE s.other (a int); GRANT ALL ON s.other TO {owner.name}")
        taken.append((owner.name, here.taken()))
        here.run(f"DROP SCHEMA s CASCADE; DROP OWNED BY {owner.name}")
    (one, first), (other, second) = taken
    assert compare(first, second)
    assert compare(relative(first, one), relative(second, other)) == ()
    assert one not in str(relative(first, one))
    assert ("grant", f"on table s.other to {MIGRATING}") in relative(first, one).entries


def test_a_not_null_with_a_name_of_its_own_is_a_constraint_since_18(here: Scene) -> None:
    long = "a" * 60
    here.run(f'CREATE TABLE t (a int NOT NULL, "{long}" int NOT NULL); CREATE DOMAIN d AS int NOT NULL')
    before = here.taken()
    assert not [name for kind, name in before.entries if kind == "constraint"]
    here.run("CREATE TABLE u (a int CONSTRAINT mine NOT NULL)")
    found = [each for each in compare(before, here.taken()) if each.change is Change.UNEXPECTED]
    assert [each.object for each in found] == ["public.u"]
    assert (("constraint", "public.u.mine") in here.taken().entries) == (here.major >= 18)
