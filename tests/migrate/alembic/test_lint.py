"""Lint sees a project's revisions as the SQL that they are."""

from __future__ import annotations

from cli.command import dbops


def lint(project, *arguments):
    return dbops("lint", "--dir", project.root, "--no-cache", project.scripts / "versions", "-o", "json", *arguments)


def test_findings_stand_at_the_lines_of_the_revision(project):
    project.table("a1")
    path = project.revision(
        "b2", 'x = 1\nop.alter_column("t_a1", "a", type_=sa.BigInteger)', "raise NotImplementedError", after="a1"
    )
    ran = lint(project)
    (found,) = (each for each in ran.data["findings"] if each["file"] == str(path))
    assert (found["line"], ran.status) == (10, 1)


def test_a_later_revision_knows_what_the_earlier_ones_made(project):
    project.table("a1")
    project.revision("b2", 'op.create_index("i", "t_a1", ["a"])', 'op.drop_index("i")', after="a1")
    project.revision("c3", 'op.create_table("new", sa.Column("a", sa.BigInteger))\nop.create_index("j", "new", ["a"])',
                     "raise NotImplementedError", after="b2")  # fmt: skip
    rules = {(each["file"].rsplit("/", 1)[-1], each["rule"]) for each in lint(project).data["findings"]}
    assert any(file == "b2_x.py" and "concurrent" in rule for file, rule in rules)
    assert not any(file == "c3_x.py" and "concurrent" in rule for file, rule in rules)


def test_a_comment_silences_a_finding(project):
    project.table("a1")
    project.revision("b2", 'op.execute("DROP TABLE t_a1")  # dbops: ignore ban-drop-table', "raise NotImplementedError",
                     after="a1")  # fmt: skip
    assert "ban-drop-table" not in {each["rule"] for each in lint(project).data["findings"] if "b2" in each["file"]}


def test_a_revision_that_cannot_be_rendered_is_not_analysed(project):
    path = project.revision("a1", 'op.get_bind().execute(sa.text("SELECT 1"))')
    (found,) = lint(project).data["findings"]
    assert (found["rule"], found["file"], found["line"]) == ("not-analysed", str(path), 9)
    assert "asks the database" in found["message"]


def test_without_the_project_as_its_folder_no_revision_is_run(project):
    project.revision("a1", 'raise SystemError("run")')
    (project.scripts / "env.py").write_text("raise SystemError('run')\n")
    ran = dbops("lint", "--no-cache", project.scripts / "versions", "-o", "json")
    assert ran.status == 0
    assert "run" not in ran.err
