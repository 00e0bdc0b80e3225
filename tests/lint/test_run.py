"""A whole run: files in, result out."""

from __future__ import annotations

import ast
import io
import os
import subprocess
from pathlib import Path

import pytest

from dbops.errors import ConfigError, UsageError
from dbops.lint.options import Options
from dbops.lint.run import jobs
from dbops.lint.run.database import Database
from dbops.lint.run.lint import lint
from dbops.lint.run.request import Fixing, Outcome, Request
from dbops.results.lint import Finding, Severity
from dbops.results.target import Target
from dbops.schema.model import EMPTY

ORDERS = (
    "-- migrate:up\nCREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint,"
    " note text);\n-- migrate:down\nDROP TABLE orders;\n"
)
INDEX = (
    "-- migrate:up\nCREATE INDEX orders_customer ON orders (customer_id);\n"
    "-- migrate:down\nDROP INDEX CONCURRENTLY orders_customer;\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def write(**files: str) -> None:
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".sql")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(*paths: str, **asked: object) -> Outcome:
    return lint(Request(paths=paths, directory=Path("migrations"), **asked))  # type: ignore[arg-type]


def found(outcome: Outcome, rule: str) -> list[Finding]:
    return [finding for finding in outcome.result.findings if finding.rule == rule]


def rules(outcome: Outcome) -> set[str]:
    return {finding.rule for finding in outcome.result.findings}


def test_a_finding_says_where_in_characters_and_from_one() -> None:
    write(q="-- é\nSELECT 'é', *\nFROM t WHERE id = 1;\n")
    (star,) = found(run("q.sql"), "select-star")
    assert (star.file, star.line, star.column, star.end_line, star.end_column) == ("q.sql", 2, 13, 2, 14)
    assert star.statement == "SELECT 'é', *\nFROM t WHERE id = 1"


def test_a_finding_about_a_whole_statement_points_at_its_first_token() -> None:
    write(q="\n  DELETE\nFROM t;\n")
    (finding,) = found(run("q.sql"), "delete-without-where")
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (2, 3, 2, 9)


def test_up_and_down_of_a_migration_are_judged_apart() -> None:
    write(migrations__0001_orders=ORDERS, migrations__0002_index=INDEX)
    outcome = run("migrations")
    (index,) = found(outcome, "require-concurrent-index-creation")
    assert (index.file, index.line) == ("migrations/0002_index.sql", 2)
    assert "ban-drop-table" not in rules(outcome)  # the down undoes what its up made


def test_a_table_made_by_an_earlier_migration_is_not_new() -> None:
    write(
        migrations__0001_orders=ORDERS.replace("-- migrate:down", "CREATE INDEX i ON orders (note);\n-- migrate:down")
    )
    assert not found(run("migrations"), "require-concurrent-index-creation")


def test_one_migration_is_judged_with_what_the_earlier_ones_built() -> None:
    write(
        migrations__0001_orders=ORDERS,
        migrations__0002_more="-- migrate:up\nALTER TABLE orders ALTER COLUMN note TYPE varchar(10);\n",
    )
    outcome = run("migrations/0002_more.sql")
    assert outcome.result.files == 1
    assert found(outcome, "changing-column-type")


def test_migrations_tell_queries_of_their_tables() -> None:
    write(migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = $1;\n")
    outcome = run("q.sql")
    (star,) = found(outcome, "select-star")
    assert "customer_id" in (star.hint or "")
    assert star.fixable
    assert "unpaginated-query" not in rules(outcome)
    assert outcome.result.schema == "1 migration of migrations"


def test_a_fix_is_written_and_fixing_twice_changes_nothing() -> None:
    write(migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = $1;\n")
    outcome = run("q.sql", fixing=Fixing.WRITE)
    assert outcome.result.fixed == ("q.sql",)
    assert Path("q.sql").read_text() == "SELECT id, customer_id, note FROM orders WHERE id = $1;\n"
    assert run("q.sql", fixing=Fixing.WRITE).result.fixed == ()


def test_a_diff_writes_nothing() -> None:
    write(migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = $1;\n")
    outcome = run("q.sql", fixing=Fixing.DIFF)
    assert outcome.diff.splitlines()[-2:] == [
        "-SELECT * FROM orders WHERE id = $1;",
        "+SELECT id, customer_id, note FROM orders WHERE id = $1;",
    ]
    assert "SELECT *" in Path("q.sql").read_text()


def test_a_baseline_silences_old_findings_and_no_new_ones(folder: Path) -> None:
    write(q="SELECT * FROM t WHERE id = 1;\n")
    baseline = folder / "old.json"
    assert run("q.sql", baseline=baseline, write_baseline=True).result.findings == ()
    write(q="\n\nSELECT * FROM t WHERE id = 1;\nSELECT * FROM u WHERE id = 1;\n")
    outcome = run("q.sql", baseline=baseline)
    assert outcome.result.baselined == 1
    assert [finding.line for finding in found(outcome, "select-star")] == [4]


def test_a_baseline_that_is_not_there_is_refused() -> None:
    write(q="SELECT 1;")
    with pytest.raises(ConfigError) as raised:
        run("q.sql", baseline=Path("nowhere.json"))
    assert raised.value.hint


def test_what_did_not_change_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    write(migrations__0001_orders=ORDERS, migrations__0002_index=INDEX, q="SELECT * FROM orders;\n")
    first = run("migrations", "q.sql")
    with monkeypatch.context() as patched:
        patched.setattr("dbops.lint.run.jobs.judge_step", None)
        patched.setattr("dbops.lint.run.jobs.judge_file", None)
        assert run("migrations", "q.sql").result == first.result
    write(migrations__0001_orders=ORDERS.replace("note text", "remark text"))
    changed = run("migrations", "q.sql")
    assert "remark" in (found(changed, "select-star")[0].hint or "")


def test_many_processes_find_what_one_finds() -> None:
    write(migrations__0001_orders=ORDERS)
    for number in range(2, 60):
        write(**{f"migrations__{number:04}_index": INDEX.replace("orders_customer", f"i{number}") + "-- " + "x" * 4000})
        write(**{f"q__{number}": f"SELECT * FROM orders LIMIT {number};\n"})
    one = run("migrations", "q", workers=1, cache=False)
    many = run("migrations", "q", workers=3, cache=False)
    assert many.result == one.result
    assert len(one.result.findings) > 100


def test_what_cannot_be_read_is_a_finding_and_the_rest_is_linted(folder: Path) -> None:
    write(good="SELECT * FROM t WHERE id = 1;", bad="SELECT 1;\nSELEC 2;\nSELECT 3;")
    (folder / "binary.sql").write_bytes(b"\x00\x01\x02")
    (folder / "latin.sql").write_bytes(b"SELECT 1;\nSELECT '\xe9'")
    outcome = run("good.sql", "bad.sql", "binary.sql", "latin.sql")
    places = {(finding.file, finding.line) for finding in found(outcome, "not-analysed")}
    assert places == {("bad.sql", 2), ("binary.sql", 1), ("latin.sql", 2)}
    assert outcome.result.not_analysed == 3
    assert outcome.result.statements == 3
    assert found(outcome, "select-star")


def test_a_comment_silences_and_one_that_silences_nothing_is_found() -> None:
    write(
        q="-- dbops: ignore select-star the export needs it\nSELECT * FROM t WHERE id = 1;\n"
        "-- dbops: ignore select-star\nSELECT id FROM t WHERE id = 1;\n"
    )
    outcome = run("q.sql")
    assert outcome.result.ignored == 1
    assert [(finding.rule, finding.line) for finding in outcome.result.findings] == [("unused-ignore", 3)]


def test_options_decide_on_rules_and_severities() -> None:
    write(q="SELECT * FROM t;\n")
    options = Options(select=("select-star",), severity={"select-*": Severity.ERROR})
    (finding,) = run("q.sql", options=options).result.findings
    assert finding.severity is Severity.ERROR


def test_python_is_linted_at_its_lines() -> None:
    Path("app.py").write_text('def f(c):\n    c.execute(\n        "SELECT * "\n        "FROM t WHERE id = %s", (1,))\n')
    (star,) = found(run("app.py"), "select-star")
    assert (star.line, star.column) == (3, 17)


def test_nothing_is_said_to_be_missing_where_a_program_may_put_it() -> None:
    Path("app.py").write_text(
        'def f(c, where):\n    c.execute(f"DELETE FROM t {where}")\n    c.execute("DELETE FROM t")\n'
    )
    assert [finding.line for finding in found(run("app.py"), "delete-without-where")] == [3]


def test_a_down_in_a_file_of_its_own_is_judged_by_what_its_up_makes() -> None:
    Path("m").mkdir()
    Path("m/0001_a.up.sql").write_text("CREATE TABLE t (id bigint PRIMARY KEY);")
    Path("m/0001_a.down.sql").write_text("DROP TABLE t;")
    Path("m/0002_b.up.sql").write_text("SELECT 1;")
    Path("m/0002_b.down.sql").write_text("DROP TABLE t;")
    dropped = found(run("m"), "ban-drop-table")
    assert [finding.file for finding in dropped] == ["m/0002_b.down.sql"]


def test_a_query_too_deep_for_one_parser_is_read_by_the_other() -> None:
    write(q="SELECT * FROM t WHERE id = 1\n" + "UNION ALL SELECT id FROM t WHERE id = 1\n" * 120)
    outcome = run("q.sql")
    assert found(outcome, "select-star")
    assert outcome.result.not_analysed == 0


def test_ten_thousand_parentheses_are_said_to_be_too_deep() -> None:
    write(q="SELECT " + "(" * 10_000 + "1" + ")" * 10_000 + ";\nSELECT * FROM t WHERE id = 1;\n")
    outcome = run("q.sql")
    (deep,) = found(outcome, "not-analysed")
    assert deep.line == 1
    assert "deep" in deep.message
    assert found(outcome, "select-star")


def test_what_a_do_block_does_is_said_not_to_be_looked_at() -> None:
    write(m="DO $$ BEGIN DROP TABLE t; END $$;")
    outcome = run("m.sql")
    assert [finding.severity for finding in found(outcome, "not-analysed")] == [Severity.INFO]
    assert outcome.result.not_analysed == 1


def test_a_pipe_among_the_migrations_is_not_waited_for() -> None:
    write(migrations__0001_orders=ORDERS)
    os.mkfifo("migrations/0002_pipe.sql")
    outcome = run("migrations/0001_orders.sql")
    assert outcome.result.files == 1


@pytest.mark.parametrize(
    "program",
    [
        'BASE = "SELECT DISTINCT a FROM t"\nc.execute(BASE + " GROUP BY a")\nc.execute(BASE)\n',
        'STAR = "SELECT * FROM orders"\nc.execute(STAR)\nc.execute(STAR + " JOIN t USING (id)")\n',
    ],
)
def test_a_string_that_may_be_used_elsewhere_is_not_edited(program: str) -> None:
    write(migrations__0001_orders=ORDERS)
    Path("app.py").write_text(program)
    outcome = run("app.py", fixing=Fixing.WRITE)
    assert outcome.result.findings
    assert not any(finding.fixable for finding in outcome.result.findings)
    assert Path("app.py").read_text() == program


def test_stdin_stands_in_for_the_migration_whose_name_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    write(migrations__0001_orders=ORDERS, migrations__0002_more="-- migrate:up\nDROP TABLE orders;\n")
    typed = io.TextIOWrapper(io.BytesIO(b"-- migrate:up\nALTER TABLE orders DROP COLUMN note;\n"))
    monkeypatch.setattr("sys.stdin", typed)
    outcome = run("-", stdin_name="./migrations/0002_more.sql")
    assert {finding.file for finding in outcome.result.findings} == {"migrations/0002_more.sql"}
    assert found(outcome, "ban-drop-column")
    assert not found(outcome, "ban-drop-table")


def test_what_a_killed_process_leaves_unsaid_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    write(q="SELECT * FROM t WHERE id = 1;\n")
    with monkeypatch.context() as patched:
        patched.setattr("dbops.lint.run.jobs.work", jobs.crashed)
        assert found(run("q.sql"), "not-analysed")
    assert not found(run("q.sql"), "not-analysed")


def test_fixes_of_two_rules_do_not_make_what_a_third_one_finds() -> None:
    write(f="CREATE INDEX i ON t (a);\nDROP TABLE x;\n")
    outcome = run("f.sql", fixing=Fixing.WRITE)
    assert Path("f.sql").read_text() == "CREATE INDEX CONCURRENTLY i ON t (a);\nDROP TABLE IF EXISTS x;\n"
    assert "concurrent-index-if-not-exists" not in rules(outcome)


def test_a_name_only_the_program_knows_is_not_made_up() -> None:
    Path("app.py").write_text('c.execute("DELETE FROM {}".format(table))\n')
    (finding,) = found(run("app.py"), "delete-without-where")
    assert finding.message == "it deletes every row of …"


def test_to_fix_stdin_is_refused() -> None:
    with pytest.raises(UsageError):
        run("-", fixing=Fixing.WRITE)


def test_a_migration_that_dbops_would_refuse_is_a_finding_with_the_refusals_line() -> None:
    write(migrations__0001_orders=ORDERS, migrations__0002_bad="SELECT 1;\n-- migrate:up\nSELECT 2;\n")
    (finding,) = found(run("migrations"), "not-analysed")
    assert (finding.file, finding.line, finding.severity) == ("migrations/0002_bad.sql", 1, Severity.ERROR)


def test_a_diff_changes_no_finding_because_it_changes_no_file() -> None:
    write(migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = $1;\n")
    assert run("q.sql", fixing=Fixing.DIFF).result == run("q.sql").result


def test_a_baseline_holds_from_another_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(app__q="SELECT * FROM t WHERE id = 1;\n")
    run("app", baseline=Path("old.json"), write_baseline=True)
    monkeypatch.chdir(folder / "app")
    assert run("q.sql", baseline=Path("../old.json")).result.baselined == 1
    assert run(str(folder / "app/q.sql"), baseline=folder / "old.json").result.baselined == 1


def test_what_no_rule_could_look_at_is_counted_even_when_the_baseline_knows_it() -> None:
    write(q="SELEC 1;")
    run("q.sql", baseline=Path("old.json"), write_baseline=True)
    outcome = run("q.sql", baseline=Path("old.json"))
    assert (outcome.result.findings, outcome.result.not_analysed) == ((), 1)


def test_a_diff_is_one_that_patch_takes(folder: Path) -> None:
    write(migrations__0001_orders=ORDERS)
    texts = {
        "q/no end.sql": b"SELECT * FROM orders WHERE id = 1",
        "q/windows.sql": b"\xef\xbb\xbfSELECT *\r\nFROM orders WHERE id = 1;\r\n",
        'q/feed"\n.sql': b"SELECT *\x0c\nFROM orders WHERE id = 1;\r\rSELECT 2",
    }
    for name, data in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    diff = run("q", fixing=Fixing.DIFF).diff
    assert b"".join((folder / name).read_bytes() for name in texts) == b"".join(texts.values())
    subprocess.run(["git", "apply", "-"], input=diff.encode(), check=True, cwd=folder)
    patched = {name: (folder / name).read_bytes() for name in texts}
    for name, data in texts.items():
        (folder / name).write_bytes(data)
    run("q", fixing=Fixing.WRITE)
    assert patched == {name: (folder / name).read_bytes() for name in texts}
    assert not any(b"*" in data for data in patched.values())


def test_in_a_program_only_what_is_safe_there_is_edited(folder: Path) -> None:
    odd = '-- migrate:up\nCREATE TABLE odd (id bigint PRIMARY KEY, "a{b}" text, "It\'s" text);\n'
    write(migrations__0001_orders=ORDERS, migrations__0002_odd=odd)
    program = (
        'cur.execute("SELECT "\n  "*"\n  " FROM orders WHERE id = 1")\n'
        "cur.execute(f'SELECT * FROM orders WHERE id = {x!r:>3}')\n"
        "cur.execute('SELECT \\x2a FROM orders WHERE id = 1')\n"
        "cur.execute(f'SELECT * FROM odd WHERE id = 1')\n"
        'cur.execute("CREATE INDEX i ON orders (note)")\n'
    )
    (folder / "app.py").write_text(program)
    outcome = run("app.py", fixing=Fixing.WRITE)
    fixed = (folder / "app.py").read_text()
    assert fixed == program.replace('"*"', '"id, customer_id, note"').replace(
        "f'SELECT * FROM orders", "f'SELECT id, customer_id, note FROM orders"
    )
    assert not any(finding.fixable for finding in outcome.result.findings)
    assert len(ast.parse(fixed).body) == len(ast.parse(program).body)


def test_a_file_that_is_read_only_is_not_fixed_and_no_other_either(folder: Path) -> None:
    write(
        migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = 1;", r="SELECT * FROM orders WHERE id = 2;"
    )
    (folder / "r.sql").chmod(0o444)
    with pytest.raises(ConfigError) as raised:
        run("q.sql", "r.sql", fixing=Fixing.WRITE)
    assert "r.sql" in raised.value.message
    assert "*" in Path("q.sql").read_text()


def test_a_file_and_a_link_to_it_are_fixed_once(folder: Path) -> None:
    write(migrations__0001_orders=ORDERS, q="SELECT * FROM orders WHERE id = 1;")
    (folder / "link.sql").symlink_to("q.sql")
    run("q.sql", "link.sql", fixing=Fixing.WRITE)
    assert "note" in Path("q.sql").read_text()
    assert (folder / "link.sql").is_symlink()


def test_applied_migrations_are_not_edited() -> None:
    write(migrations__0001_orders=ORDERS, migrations__0002_index=INDEX)
    target = Target("d", "h", 5432, "u", "u", False, False, None, 180000, False)
    told = Database(target, EMPTY, frozenset({(2,)}))
    outcome = run("migrations", fixing=Fixing.WRITE, database=told)
    assert (outcome.result.fixed, Path("migrations/0002_index.sql").read_text()) == ((), INDEX)
    assert "0002_index.sql" in outcome.notes[0]
    outcome = run("migrations", fixing=Fixing.WRITE)
    assert outcome.result.fixed == ("migrations/0002_index.sql",)
    assert "applied" in outcome.notes[0]
