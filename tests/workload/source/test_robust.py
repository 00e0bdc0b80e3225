"""No text keeps the rest of a project from being looked at."""

from __future__ import annotations

import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.workload.source.samples import POSITIVE, found

from dbops.workload.source.judge import judge
from dbops.workload.source.templates.parse import parse

_PIECES = [
    "for x in Post.objects.all():\n", "    print(x.author)\n", "while x:\n", "    x = x.author\n",
    "def f(x, *y, **z):\n", "'\\d'\n",
    "    return [a.b for a in x]\n", "class A(B, A):\n", "    author = models.ForeignKey('Post')\n", "    x: 'list['\n",
    "from . import *\n", "from .app import x\n", "x = x\n", "x.y.z = [x, *x]\n", "    yield from f(**x)\n", "f(f)(f)\n",
    "lambda: (x := x)\n", "match x:\n", "    case {'a': y, **z}: pass\n", "try:\n", "    pass\n", "except* E:\n",
    "x[1:2:3] += x\n", "async def g(): await g()\n", "with x as (a, *b): pass\n", "from django.db import models\n",
    "super().save()\n", "f'{x!r:{y}}'\n", "@property\n", "global x\n", "\0", "\t", "é = select(x).where(x.y == 1)\n",
]  # fmt: skip
_TAGS = [
    "{% for a in b %}",
    "{% endfor %}",
    "{% if x %}",
    "{% else %}",
    "{% endif %}",
    "{{ a.b|c:'d' }}",
    "{{",
    "%}",
    "{#",
]
_TAGS += [
    "{% with a=b %}",
    "{% endwith %}",
    "{% block c %}",
    "{% endblock %}",
    "{% macro m(a) %}",
    "{{ a.0.b() }}",
    "\n",
    "|",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join) | st.text(max_size=200))
def test_no_program_breaks_it(text: str) -> None:
    result = judge({"app.py": text, **POSITIVE["a foreign key"]}, {})
    assert ("blog/app.py", 5) in {(each.file, each.line) for each in result.findings}
    assert not [each for each in result.unreadable if "defect" in each.reason]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_TAGS), max_size=16).map("".join) | st.text(max_size=200))
def test_no_template_breaks_it(text: str) -> None:
    parse("page.html", text)
    files = {**POSITIVE["template, a foreign key"], "blog/templates/blog/posts.html": text}
    assert found(files) is not None
    assert judge({"blog/models.py": files["blog/models.py"]}, {"page.html": text}).unreadable == ()


def test_what_is_no_program_is_told_and_the_rest_looked_at() -> None:
    result = judge({"bad.py": "def f(:\n", **POSITIVE["a foreign key"]}, {})
    assert [(each.file, each.line) for each in result.unreadable] == [("bad.py", 1)]
    assert len(result.findings) == 1


def test_what_is_too_deep_to_be_followed_is_told() -> None:
    deep = "x = " + " + ".join(["1"] * (sys.getrecursionlimit() * 2))
    result = judge({"deep.py": f"{deep}\n", **POSITIVE["a foreign key"]}, {})
    assert [each.file for each in result.unreadable] == ["deep.py"]
    assert len(result.findings) == 1
