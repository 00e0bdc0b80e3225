"""``dbops nplusone PATH…`` as a shell sees it: which files, exit statuses, formats, comments, bad input."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.workload.source.samples import NEGATIVE, POSITIVE

import dbops as library
from cli.command import dbops
from dbops.lint.run.request import Request

FAULTY = POSITIVE["a foreign key"]
CURED = NEGATIVE["select_related"]
FIELDS = {
    "kind", "query", "source_query", "calls", "distinct_parameters", "total_ms", "session", "remedy", "file", "line",
    "pattern",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, in which the test is."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'blog'\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def test_a_loop_is_found_with_its_line_and_exits_1(project: Path) -> None:
    written(project, FAULTY)
    ran = dbops("nplusone", "blog", "-o", "json")
    assert ran.status == 1
    (found,) = ran.data["findings"]
    assert found.keys() >= FIELDS
    assert (found["kind"], found["file"], found["line"]) == ("static", "blog/app.py", 5)
    assert (found["query"], found["source_query"]) == ("post.author", "Post.objects.all()")
    assert found["remedy"] == 'Post.objects.select_related("author")'
    assert found["calls"] is found["total_ms"] is found["session"] is None
    assert ran.meta["total"] == 1


def test_the_cure_exits_0(project: Path) -> None:
    written(project, CURED)
    ran = dbops("nplusone", ".")
    assert ran.status == 0
    assert "No loop that asks in 2 files of a project with 6 models" in ran.out


def test_models_of_files_that_are_not_named_are_known(project: Path) -> None:
    written(project, FAULTY)
    ran = dbops("nplusone", "blog/app.py", "-o", "json")
    assert ran.status == 1
    assert (ran.data["files"], ran.data["models"]) == (1, 6)
    assert dbops("nplusone", "blog/models.py").status == 0


def test_a_path_is_shown_as_it_was_given(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(project, FAULTY)
    whole = str(project / "blog" / "app.py")
    assert dbops("nplusone", whole, "-o", "json").data["findings"][0]["file"] == whole
    monkeypatch.chdir(project / "blog")
    assert dbops("nplusone", "../blog/app.py", "-o", "json").data["findings"][0]["file"] == "../blog/app.py"


def test_a_project_can_be_named(project: Path) -> None:
    written(project / "models", {"blog/models.py": FAULTY["blog/models.py"]})
    written(project / "code", {"pyproject.toml": "", "blog/app.py": FAULTY["blog/app.py"]})
    assert dbops("nplusone", "code").status == 0
    assert dbops("nplusone", "code", "--project", ".").status == 1


def test_what_is_not_the_projects_own_is_passed_over(project: Path) -> None:
    for folder in ("venv/lib", "node_modules", ".hidden", "site-packages"):
        written(project / folder, FAULTY)
    ran = dbops("nplusone", ".")
    assert ran.status == 3
    assert "No Python file is there" in ran.out


def test_templates_are_found_beside_the_code(project: Path) -> None:
    written(project, POSITIVE["template, a foreign key"])
    (found,) = dbops("nplusone", "blog/views.py", "-o", "json").data["findings"]
    assert (found["file"], found["pattern"]) == ("blog/templates/blog/posts.html", "template-relation")


def test_a_file_that_cannot_be_parsed_is_told_and_never_passed(project: Path) -> None:
    written(project, {**CURED, "blog/bad.py": "def f(:\n"})
    (project / "blog" / "latin.py").write_bytes(b"x = '\xe9'\n")
    ran = dbops("nplusone", "blog")
    assert ran.status == 3
    assert "blog/bad.py:1  not looked at: invalid syntax" in ran.out
    assert "blog/latin.py:1  not looked at: it has the byte 0xe9, which is not UTF-8" in ran.out
    assert "in 2 files" in ran.out
    assert dbops("nplusone", "blog/app.py").status == 0


def test_a_comment_silences_a_line_and_is_counted(project: Path) -> None:
    written(project, NEGATIVE["silenced"])
    ran = dbops("nplusone", ".", "-o", "json")
    assert ran.status == 0
    assert (ran.data["ignored"], ran.data["findings"], ran.data["unused"]) == (1, [], [])


def test_a_comment_where_it_is_asked_silences_all_loops_that_call_it(project: Path) -> None:
    sample = POSITIVE["a function that asks"]
    asks = "return Author.objects.get(pk=key)"
    written(
        project, {**sample, "blog/app.py": sample["blog/app.py"].replace(asks, f"{asks}  # dbops: ignore nplusone")}
    )
    assert dbops("nplusone", ".").status == 0


def test_a_comment_that_silences_nothing_is_told_where_the_whole_project_was_looked_at(project: Path) -> None:
    body = CURED["blog/app.py"] + "# dbops: ignore nplusone-django-query there was a loop\nx = 1\n"
    written(project, {**CURED, "blog/app.py": body})
    ran = dbops("nplusone", ".")
    assert ran.status == 1
    assert "unused ignore: this ignores nothing: nplusone-django-query finds nothing here" in ran.out
    assert dbops("nplusone", "blog/app.py").status == 0


def test_lint_takes_these_comments_for_no_rules_of_its_own(project: Path) -> None:
    written(project, NEGATIVE["silenced"])
    outcome = library.lint_files(Request(paths=("blog",), cache=False))
    assert outcome.result.findings == ()


def test_a_comment_of_lints_is_left_to_lint(project: Path) -> None:
    body = CURED["blog/app.py"] + "# dbops: ignore select-star the export needs them\nx = 1\n"
    written(project, {**CURED, "blog/app.py": body})
    assert dbops("nplusone", ".").status == 0


def test_github_shows_findings_at_their_lines(project: Path) -> None:
    written(project, FAULTY)
    ran = dbops("nplusone", "blog", "-o", "github")
    assert ran.status == 1
    assert ran.out.startswith("::warning file=blog/app.py,line=5,endLine=5,")
    assert "title=django-related-object" in ran.out


def test_many_files_are_looked_at_by_several_processes(project: Path) -> None:
    written(project, FAULTY)
    for number in range(60):
        (project / "blog" / f"views{number}.py").write_text(FAULTY["blog/app.py"])
    request = library.SourceRequest((".",), workers=2)
    found = library.workload_nplusone_in_source(request).findings
    assert len(found) == 61
    assert [each.file for each in found] == sorted(each.file for each in found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "no such file"),
        (("server.csv",), "a server's log is named as dbops nplusone --log server.csv"),
        (("-",), "stdin"),
        ((".", "--follow"), "--follow is for logs"),
        ((".", "--dsn", "postgresql://x"), "--dsn is for logs"),
        (("--log", "x.log", "-o", "github"), "are for source"),
        ((".", "--project", "nowhere"), "nowhere"),
    ],
)
def test_what_has_no_meaning_is_refused(project: Path, words: tuple[str, ...], said: str) -> None:
    (project / "server.csv").write_text("")
    ran = dbops("nplusone", *words, "-o", "json") if "-o" not in words else dbops("nplusone", *words)
    assert ran.status == 64
    assert said in ran.out + ran.err


def test_generated_code_is_followed_too(project: Path) -> None:
    branches = "".join(f"    elif x == {number}:\n        y = {number}\n" for number in range(700))
    terms = " + ".join(["x"] * 1500)
    written(
        project, {**CURED, "blog/generated.py": f"def f(x):\n    if x:\n        y = 0\n{branches}    return {terms}\n"}
    )
    ran = dbops("nplusone", ".")
    assert ran.status == 0, ran.out
