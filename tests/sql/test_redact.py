from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dbops.sql.lexer import tokens
from dbops.sql.redact import dsn, secrets


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("CREATE ROLE r LOGIN PASSWORD 'pw' CREATEDB", "CREATE ROLE r LOGIN PASSWORD '***' CREATEDB"),
        ("ALTER USER r ENCRYPTED PASSWORD 'p''w'", "ALTER USER r ENCRYPTED PASSWORD '***'"),
        (r"alter role r password E'p\'w'; SELECT 1", "alter role r password '***'; SELECT 1"),
        ("ALTER ROLE r PASSWORD $x$pw$x$", "ALTER ROLE r PASSWORD '***'"),
        ("ALTER ROLE r PASSWORD U&'p\\0077'", "ALTER ROLE r PASSWORD '***'"),
        ("ALTER ROLE r PASSWORD /* c */\n'p'\n'w' NOLOGIN", "ALTER ROLE r PASSWORD /* c */\n'***' NOLOGIN"),
        ("ALTER ROLE r PASSWORD NULL; SELECT 'x'", "ALTER ROLE r PASSWORD NULL; SELECT 'x'"),
        ("ALTER ROLE r PASSWORD 'pw and the rest", "ALTER ROLE r PASSWORD '***'"),
        ("OPTIONS (user 'u', password 'pw')", "OPTIONS (user 'u', password '***')"),
        (
            "OPTIONS (SET \"password\" 'pw', ADD sslpassword 'pw')",
            "OPTIONS (SET \"password\" '***', ADD sslpassword '***')",
        ),
        ("SELECT f(password => 'pw', b := 'x')", "SELECT f(password => '***', b := 'x')"),
        ("UPDATE u SET password='pw'", "UPDATE u SET password='***'"),
        ("CONNECTION 'host=h password=pw user=u'", "CONNECTION 'host=h password=*** user=u'"),
        ("CONNECTION 'password=''p w'' host=h'", "CONNECTION 'password=*** host=h'"),
        (r"CONNECTION E'password=\'p w\' host=h'", "CONNECTION E'password=*** host=h'"),
        (r"CONNECTION 'password=p\ w host=h'", "CONNECTION 'password=*** host=h'"),
        ("CONNECTION 'password=p''w host=h'", "CONNECTION 'password=*** host=h'"),
        ("dblink($$host=h password=pw$$)", "dblink($$host=h password=***$$)"),
        ("dblink('postgres://u:p:w@h/d?sslmode=x')", "dblink('postgres://u:***@h/d?sslmode=x')"),
        ("'postgres://u@h/d?a=b&password=pw&c=d'", "'postgres://u@h/d?a=b&password=***&c=d'"),
        ("'postgres://u:it''s@h'", "'postgres://u:***@h'"),
        ("-- see https://u:pw@h/x\nSELECT 1", "-- see https://u:***@h/x\nSELECT 1"),
        ("-- ALTER ROLE r PASSWORD 'pw'\nSELECT 1", "-- ALTER ROLE r PASSWORD '***'\nSELECT 1"),
        ("/* password=pw */ SELECT 1", "/* password=*** */ SELECT 1"),
        ("DO $$ BEGIN CREATE ROLE r PASSWORD 'pw'; END $$", "DO $$ BEGIN CREATE ROLE r PASSWORD '***'; END $$"),
        ("EXECUTE 'ALTER ROLE r PASSWORD ''pw'''", "EXECUTE 'ALTER ROLE r PASSWORD ''***'''"),
        ("DO $$ EXECUTE 'ALTER ROLE r PASSWORD ''pw''' $$", "DO $$ EXECUTE 'ALTER ROLE r PASSWORD ''***''' $$"),
    ],
)
def test_a_password_in_sql_is_hidden_and_nothing_else(sql: str, shown: str):
    assert secrets(sql) == shown


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'pw'; SELECT $$a$$",
        "CREATE TABLE u (password text NOT NULL, note text DEFAULT 'x')",
        "INSERT INTO t VALUES ('http://host:8080/path')",
        "SELECT * FROM u WHERE u.password = p.password",
        "SELECT a::text, 'it''s'",
        "SELECT 'open",
    ],
)
def test_text_without_a_password_stays_as_it_is(sql: str):
    assert secrets(sql) == sql


SECRET = "s3cr3t"


@given(st.text(st.sampled_from("'\"$;-/* \n\\"), max_size=6), st.text(st.sampled_from('"$; x\n\\'), max_size=6))
def test_a_password_is_hidden_whatever_stands_around_it(before: str, after: str):
    sql = f"{before} PASSWORD '{SECRET}'{after}"
    # Where an even number of quotes makes the word itself part of a literal, what follows is no password.
    assume(sql.count("'") % 2 or any(sql[token.start : token.end] == "PASSWORD" for token in tokens(sql)))
    assert SECRET not in secrets(sql)


def test_deeply_nested_literals_are_hidden_whole():
    depth = 400
    tags = [f"$t{number}$" for number in range(depth)]
    sql = "".join(tags) + f"PASSWORD '{SECRET}'" + "".join(reversed(tags))
    assert SECRET not in secrets(sql)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://u:pw@h:5432/d", "postgres://u:***@h:5432/d"),
        ("postgresql://u:p%40w@h1:1,h2:2/d", "postgresql://u:***@h1:1,h2:2/d"),
        ("postgres://u:p@w@h/d", "postgres://u:***@h/d"),
        ("postgres://u:p w'\"@h/d", "postgres://u:***@h/d"),
        ("postgres://u:p/w@h/d", "postgres://u:***@h/d"),
        ("postgres://u:p#w?@h/d", "postgres://u:***@h/d"),
        ("postgres://:pw@h", "postgres://:***@h"),
        ("postgres://u@h/d", "postgres://u@h/d"),
        ("postgres://h:5432/d?application_name=a@b", "postgres://h:5432/d?application_name=a@b"),
        ("postgres:///d?host=/tmp&password=pw", "postgres:///d?host=/tmp&password=***"),
        ("postgres://h/d?sslpassword=pw&p%61ssword=p'w&x=1", "postgres://h/d?sslpassword=***&p%61ssword=***&x=1"),
        ("host=h password=pw user=u", "host=h password=*** user=u"),
        ("host=h password = 'a b\\' c' user=u", "host=h password = *** user=u"),
        ("password=a\\ b user=u", "password=*** user=u"),
        ("password=p'w user=u", "password=*** user=u"),
        ("user=u sslpassword='open pw", "user=u sslpassword=***"),
        ("dbname=postgres://u:pw@h/d", "dbname=postgres://u:***@h/d"),
        ("host=h passfile=/f dbname=password", "host=h passfile=/f dbname=password"),
        ("embedded:dev", "embedded:dev"),
        ("service=live", "service=live"),
        ("", ""),
    ],
)
def test_a_connection_string_is_shown_without_its_passwords(text: str, shown: str):
    assert dsn(text) == shown
