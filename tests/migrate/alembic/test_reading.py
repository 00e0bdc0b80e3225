"""What is read of a project, and what is said of one that can't be read."""

from __future__ import annotations

import pytest

from dbops.errors import InvalidMigration
from dbops.migrate import source
from migrate.alembic.scene import AlembicProject


@pytest.fixture
def project(tmp_path):
    return AlembicProject(tmp_path / "app")


def read(project):
    return {each.version: each for each in source.read(project.root)}


def test_a_revision_is_its_sql_with_the_lines_it_comes_from(project):
    project.revision("a1", 'op.execute("SELECT \'50%\'")\n\nop.execute(\n    "SELECT 2"\n)', 'op.execute("SELECT 3")')
    found = read(project)["a1"]
    assert (found.name, found.depends, found.path) == ("make_a1", (), str(project.scripts / "versions" / "a1_x.py"))
    assert found.up.sql == "SELECT '50%';\nSELECT 2;\n"
    lines = found.text.splitlines()
    for sql, at in (("SELECT '50%'", 8), ("SELECT 2", 10)):
        offset = found.up.offset(found.up.sql.index(sql))
        assert found.text[:offset].count("\n") == at
        assert lines[at].strip().startswith("op.execute(")
    assert found.down is not None
    assert found.down.sql == "SELECT 3;\n"


@pytest.mark.parametrize(
    ("up", "down", "reversible"),
    [
        ('op.execute("SELECT 1")', "pass", False),
        ('op.execute("SELECT 1")', '"""No way back."""', False),
        ('op.execute("SELECT 1")', "raise NotImplementedError", False),
        ('op.execute("SELECT 1")', 'raise NotImplementedError("restore a backup")', False),
        ('op.execute("SELECT 1")', 'op.execute("SELECT 2")', True),
        ("pass", "pass", True),
    ],
)
def test_a_downgrade_that_does_nothing_for_something_is_none(project, up, down, reversible):
    project.revision("a1", up, down)
    assert (read(project)["a1"].down is not None) is reversible


@pytest.mark.parametrize(
    ("up", "why"),
    [
        ('op.get_bind().execute(sa.text("SELECT 1"))', "line 10 asks the database"),
        ("op.get_bind().execute(sa.select(1))", "line 10 asks the database"),
        ("sa.inspect(op.get_bind())", "line 10: NoInspectionAvailable"),
        ('{}["a"]', "line 10: KeyError"),
    ],
)
def test_a_revision_that_needs_a_database_says_so(project, up, why):
    project.revision("a1", f'op.execute("SELECT 1")\n{up}')
    unknown = read(project)["a1"].up.unknown
    assert unknown is not None
    assert unknown.startswith(why)


def test_what_writes_through_the_connection_is_known(project):
    project.revision("a1", 'op.get_bind().execute(sa.text("UPDATE t SET a = 1"))')
    assert read(project)["a1"].up.sql == "UPDATE t SET a = 1;\n"


def test_naming_conventions_of_env_py_hold(project):
    project.env(
        "target_metadata = None",
        "import sqlalchemy\n"
        "target_metadata = sqlalchemy.MetaData(naming_convention={'uq': 'uq_%(table_name)s_%(column_0_name)s'})",
    )
    project.revision("a1", 'op.create_unique_constraint(None, "t", ["a"])')
    assert "uq_t_a" in read(project)["a1"].up.sql


def test_what_env_py_and_revisions_print_stays_out_of_stdout(project, capsys):
    project.env("config = context.config", "config = context.config\nprint('noise')")
    project.revision("a1", "print('more noise')")
    read(project)
    printed = capsys.readouterr()
    assert "noise" not in printed.out
    assert "more noise" in printed.err


def test_revisions_come_behind_those_they_stand_on(project):
    project.revision("a9", after=None)
    project.revision("a1", after="a9")
    project.revision("m", after=("a1", "b"))
    project.revision("b", after="a9", depends="z")
    project.revision("z")
    order = [each.version for each in source.read(project.root)]
    for version, revision in read(project).items():
        assert all(order.index(need) < order.index(version) for need in revision.depends or ())


@pytest.mark.parametrize(
    ("break_it", "said", "file"),
    [
        (lambda project: project.revision("a1", "pass", after="gone"), "gone", "alembic.ini"),
        (lambda project: (project.revision("a1"), (project.scripts / "versions" / "again.py").write_text(
            (project.scripts / "versions" / "a1_x.py").read_text())), "more than once", "alembic.ini"),
        (lambda project: (project.scripts / "versions" / "bad.py").write_text("import nothing_like_it\n"),
         "nothing_like_it", "bad.py:1"),
        (lambda project: (project.scripts / "versions" / "bad.py").write_text("x = 1\n(\n"), "SyntaxError", "bad.py:2"),
        (lambda project: project.env("config = context.config", "config = context.config\n1 / 0"),
         "ZeroDivisionError", "env.py:"),
        (lambda project: project.env("            context.run_migrations()", "            pass"),
         "runs no migrations", "env.py"),
        (lambda project: project.env("            context.run_migrations()",
                                     "            context.run_migrations()\n            context.run_migrations()"),
         "several databases", "env.py"),
    ],
)  # fmt: skip
def test_a_project_that_cannot_be_read_is_told_with_the_file(project, break_it, said, file):
    break_it(project)
    with pytest.raises(InvalidMigration) as raised:
        read(project)
    assert said in raised.value.message
    assert file in raised.value.message
    assert raised.value.hint
