from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbops.lint.script import Origin, Script
from dbops.lint.sources.literals import NotUnderstood
from dbops.lint.sources.literals import read as literal
from dbops.lint.sources.python import read
from dbops.results.lint import Severity
from dbops.sql.nodes import kind


def statements(text: str, *, calls: frozenset[str] = frozenset()) -> list[str]:
    return [each.text for script in read("a.py", text, calls=calls).scripts for each in script.statements]


def in_file(text: str, script: Script, part: str) -> str:
    start = script.sql.index(part)
    return text[script.offsets.source(start) : script.offsets.source(start + len(part), end=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('cur.execute("SELECT 1")', "SELECT 1"),
        ("execute('SELECT 1', ())", "SELECT 1"),
        ('db.fetchrow("SELECT a FROM t WHERE b = $1", 1)', "SELECT a FROM t WHERE b = $1"),
        ('cur.execute("SELECT a FROM t WHERE b = %s", (1,))', "SELECT a FROM t WHERE b = $1"),
        ("cur.execute(\"SELECT a WHERE b LIKE '%%x' AND c = %s\", [1])", "SELECT a WHERE b LIKE '%x' AND c = $1"),
        ("cur.execute(\"SELECT a FROM t WHERE b LIKE '%%x'\")", "SELECT a FROM t WHERE b LIKE '%%x'"),
        ("s.execute(text(\"SELECT '%%', :x\"), {'x': 1})", "SELECT '%%', $1"),
        ('execute_values(cur, "INSERT INTO t (a) VALUES %s", rows)', "INSERT INTO t (a) VALUES ($1)"),
        ('cur.execute(f"SELECT a FROM {table} WHERE b = {b!r:>{w}}")', "SELECT a FROM _table_ WHERE b = $1"),
        ('cur.execute(f"SELECT a FROM {schema}.t_{year}")', "SELECT a FROM _schema_.t__year_"),
        ("cur.execute(f\"SELECT a FROM t WHERE b = '{b}'\")", "SELECT a FROM t WHERE b = '_b_'"),
        ("cur.execute(f\"SELECT '{{}}', {d['x']}\")", "SELECT '{}', $1"),
        ('cur.execute(f"INSERT INTO t ({names}) VALUES (1)")', "INSERT INTO t (_names_) VALUES (1)"),
        ('cur.execute("SELECT a FROM {} WHERE b = {b}".format(t, b=1))', "SELECT a FROM _x_ WHERE b = $1"),
        ('cur.execute("SELECT a FROM %s WHERE b = %d" % (t, 1))', "SELECT a FROM _x_ WHERE b = $1"),
        ('cur.execute(sql.SQL("SELECT a FROM {}").format(sql.Identifier("t")))', "SELECT a FROM _x_"),
        ('cur.execute("SELECT a " + "FROM t" + " WHERE b = " + str(b))', "SELECT a FROM t WHERE b = $1"),
        ('cur.execute("SELECT a "\n  \'FROM t \' # why\n  rf"WHERE {x} = 1")', "SELECT a FROM t WHERE _x_ = 1"),
        ('cur.execute(textwrap.dedent("""\n  SELECT 1\n"""))', "SELECT 1"),
        ('cur.execute("""SELECT 1""".strip())', "SELECT 1"),
        ('op.execute(sa.text("DROP TABLE t"))', "DROP TABLE t"),
        ('Q = "SELECT 1"\ncur.execute(Q)', "SELECT 1"),
        ('class A:\n  Q = "SELECT 1"\n  def f(self): db.execute(self.Q)', "SELECT 1"),
        ('def f():\n  q = "SELECT 1"\n  db.execute(q)\ndef g(q): db.execute(q)', "SELECT 1"),
        ('T = "t"\ncur.execute(f"SELECT 1 FROM " + T)', "SELECT 1 FROM t"),
        ('pd.read_sql(sql="SELECT 1", con=c)', "SELECT 1"),
    ],
)  # fmt: skip
def test_sql_that_is_passed_to_what_runs_it_is_read(text: str, expected: str):
    reading = read("a.py", text)
    assert [each.text for script in reading.scripts for each in script.statements] == [expected]
    assert {script.origin for script in reading.scripts} == {Origin.PYTHON}
    assert reading.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        'q = "SELECT 1"',
        'print("SELECT 1")',
        'text("Hello")',
        'fetch("https://example.org/select")',
        'text("Update your profile now")',
        'text("With love, from us")',
        'q = "SELECT 1"\nq += " WHERE"\nexecute(q)',
        'q = "SELECT 1"\nif x:\n  q = "SELECT 2"\nexecute(q)',
        'q = "SELECT 1"\ndef f():\n  global q\n  q = other()\ndef g(): execute(q)',
        "execute(sql)  # select",
        'execute("")  # select',
        'execute(b"SELECT 1")',
        'execute(f"{verb} FROM t")  # select',
    ],
)
def test_what_is_no_sql_or_not_known_is_passed_over(text: str):
    reading = read("a.py", text)
    assert (reading.scripts, reading.problems) == ((), ())


def test_each_string_is_one_script_however_often_it_is_passed():
    text = 'Q = sa.text("SELECT 1")\ns.execute(Q)\ns.execute(Q)\ns.execute(sa.text("SELECT 2"))'
    assert statements(text) == ["SELECT 1", "SELECT 2"]
    base = 'B = "SELECT a FROM t WHERE "\nexecute(B + "b = 1")\nexecute(B + "c = 1")'
    assert statements(base) == ["SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE c = 1"]


def test_a_formatted_template_is_read_as_formatted():
    assert statements('q = sql.SQL("SELECT a FROM t WHERE b = {b}").format(b=b)') == ["SELECT a FROM t WHERE b = $1"]
    text = 'q = sql.SQL("SELECT a FROM {t}")\nexecute(q.format(t=t))'
    assert statements(text) == ["SELECT a FROM _t_"]


def test_several_statements_of_a_django_migration_are_read():
    text = 'RunSQL(["DROP TABLE a", ("DROP TABLE b")], reverse_sql="CREATE TABLE a ()")'
    assert statements(text) == ["DROP TABLE a", "DROP TABLE b", "CREATE TABLE a ()"]


def test_more_calls_can_be_named():
    assert statements('run_query("SELECT 1")') == []
    assert statements('run_query("SELECT 1")', calls=frozenset({"run_query"})) == ["SELECT 1"]


def test_places_are_the_files_whatever_the_literal_is_written_like():
    text = (
        "# é select\n"
        'é = 1; cur.execute("SELECT \\"a\\", \\x62, \\N{LATIN SMALL LETTER C} \\\n FROM"  # why\r\n'
        "    f'''\r\n  {é:>{10}}  WHERE d = %s''', (1,))\n"
    )
    (script,) = read("a.py", text).scripts
    assert in_file(text, script, '"a"') == '\\"a\\"'
    assert in_file(text, script, "b") == "\\x62"
    assert in_file(text, script, "c") == "\\N{LATIN SMALL LETTER C}"
    assert in_file(text, script, "FROM") == "FROM"
    assert in_file(text, script, "WHERE") == "WHERE"
    assert in_file(text, script, "$1") == "%s"
    assert in_file(text, script, "_x_") == "{é:>{10}}"
    assert script.first_line == 2


def test_a_line_of_the_script_is_one_of_the_file():
    text = '\n\ncur.execute("""\n  SELECT 1;\n  SELECT 2""")'
    (script,) = read("a.py", text).scripts
    assert [script.first_line + each.line - 1 for each in script.statements] == [4, 5]


def test_a_statement_with_unknown_clauses_is_partial():
    text = 'execute(f"DELETE FROM a; DELETE FROM b {where}; DELETE FROM c WHERE {x}; DELETE FROM d WHERE e = {x}")'
    (script,) = read("a.py", text).scripts
    assert script.partial == {1, 2}


def test_copy_is_a_statement():
    (script,) = read("a.py", 'with cur.copy("COPY t (a) FROM STDIN") as copy: pass').scripts
    assert kind(script.statements[0].node) == "CopyStmt"


@pytest.mark.parametrize(
    ("text", "severity", "at"),
    [
        ('execute("SELECT 1 FROM WHERE x")', Severity.WARNING, 'WHERE x"'),
        ('execute(f"SELECT {a} FROM WHERE {b} {c}, FROM")', Severity.INFO, 'WHERE {b}'),
        ("execute(); def select(:\n  pass", Severity.WARNING, "def"),
        ("select\0execute()", Severity.WARNING, "select"),
        ("'select \ud800', execute()", Severity.WARNING, "'select"),
        ("select.execute" + "(" * 10_000, Severity.WARNING, "("),
        ("x = 'é'; select = execute() = = 1", Severity.WARNING, "execute() ="),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem_and_no_crash(text: str, severity: Severity, at: str):
    (problem,) = read("a.py", text).problems
    assert problem.severity is severity
    assert problem.counts_as_not_analysed
    assert text[problem.start :].startswith(at)
    assert problem.message.startswith("not looked at by any rule: ")


def test_what_python_warns_of_is_not_said():
    assert statements("execute('SELECT \"\\d\"'); 1 is 1") == ['SELECT "\\d"']


def test_a_long_sum_of_strings_is_no_trouble():
    text = "execute('SELECT 1'" + " + ', 1'" * 2_000 + ")"
    reading = read("a.py", text)
    assert reading.problems or reading.scripts[0].sql == "SELECT 1" + ", 1" * 2_000


CHARACTERS = st.text(st.sampled_from("a'\"\\{}\n\r\té😀\x00N#%"), max_size=10)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A literal as people write them: any prefix, quote and escapes, several in a row."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        prefix, quote = (
            draw(st.sampled_from(["", "r", "u", "f", "rF", "R"])),
            draw(st.sampled_from(["'", '"', "'''", '"""'])),
        )
        body = draw(st.text(st.sampled_from("a'\"\\{}\n\r\té😀nx4N#%:!"), max_size=12))
        parts.append(prefix + quote + body + quote)
    gap = draw(st.sampled_from([" ", " \\\n", "\r\n", " # it's\n"]))
    return gap.join(parts)


def parsed(text: str) -> ast.expr | None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(f"({text}\n)", mode="eval").body
        except (SyntaxError, ValueError):
            return None
    return tree


@settings(deadline=None, max_examples=1000)
@given(written())
def test_a_literal_is_what_python_takes_it_for_and_its_characters_keep_their_place(text: str):
    tree = parsed(text)
    try:
        found = literal(text, 0, len(text))
    except NotUnderstood:  # what only looks like literals may be an expression of them: ''%''
        assert not isinstance(tree, ast.Constant | ast.JoinedStr)
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        assert found.text == tree.value
        assert found.holes == ()
    for at, character in enumerate(found.text):
        if found.offsets.verbatim(at, at + 1):
            assert text[found.offsets.source(at)] == character


@settings(deadline=None)
@given(CHARACTERS)
def test_a_value_written_by_python_is_read_back(value: str):
    for text in (repr(value), ascii(value), "'' " + repr(value)):
        assert literal(text, 0, len(text)).text == value


@settings(deadline=None)
@given(st.text(max_size=30).map(lambda tail: "execute('SELECT 1')\n" + tail))
def test_no_python_text_is_too_strange(text: str):
    reading = read("a.py", text)
    assert reading.scripts or reading.problems
    for problem in reading.problems:
        assert 0 <= problem.start <= problem.end <= len(text)


@pytest.mark.parametrize(
    "binding",
    [
        "match thing:\n    case {'q': sql}:\n        pass\n",
        "match thing:\n    case [*sql]:\n        pass\n",
        "match thing:\n    case {**sql}:\n        pass\n",
        "try:\n    pass\nexcept ValueError as sql:\n    pass\n",
    ],
)
def test_a_name_that_is_bound_twice_stands_for_nothing_known(binding: str) -> None:
    assert statements(f'sql = "SELECT 1"\n{binding}cur.execute(sql)\n') == []


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("cur.execute('SELECT 1' if x else 'SELECT 2')", ["SELECT 1", "SELECT 2"]),
        ("cur.execute(sql := 'SELECT 1')", ["SELECT 1"]),
        ("pool.execute('build all the things')", []),
    ],
)
def test_what_an_argument_may_be_is_read(call: str, expected: list[str]) -> None:
    assert statements(call) == expected


@pytest.mark.parametrize("sql", ["SELEC * FROM t", "DROP TABEL t", "CREAT TABLE t (id bigint)"])
def test_sql_with_a_slip_is_said_not_to_be_read(sql: str) -> None:
    assert [problem.severity for problem in read("a.py", f"cur.execute({sql!r})").problems] == [Severity.WARNING]
