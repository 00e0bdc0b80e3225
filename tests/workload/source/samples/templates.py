"""Templates of Django and Jinja, with the views that render them."""

from __future__ import annotations

from tests.workload.source.samples import django, sqlalchemy

VIEWS = """\
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.generic import DetailView, ListView
from blog.models import *

"""


def site(views: str, **templates: str) -> dict[str, str]:
    named = {f"blog/templates/blog/{name}.html": text for name, text in templates.items()}
    return {"blog/models.py": django.MODELS, "blog/views.py": VIEWS + views, **named}


def flask(view: str, template: str) -> dict[str, str]:
    return {
        "blog/models.py": sqlalchemy.MODELS,
        "blog/app.py": "from flask import render_template\nfrom blog.models import *\n\n" + view,
        "blog/templates/posts.html": template,
    }


FUNCTION = """\
def posts(request):
    return render(request, "blog/posts.html", {"posts": Post.objects.all()})
"""
LOADED = """\
def posts(request):
    rows = Post.objects.select_related("author__company").prefetch_related("comments__author", "tags")
    context = {"title": "Posts"}
    context["posts"] = rows
    return render(request, "blog/posts.html", context)
"""
PAGE = """\
<h1>Posts</h1>
{% for post in posts %}
  <h2>{{ post.title|upper }}</h2>
  <p>{{ post.author.name }}</p>{# asks #}
{% endfor %}
"""
COMMENTS = """\
{% for post in posts %}
  {% for comment in post.comments.all %}{# asks #}
    {{ comment.text }}
  {% endfor %}
{% endfor %}
"""
LIST_VIEW = """\
class Posts(ListView):
    model = Post
"""
JINJA = """\
{% for post in posts -%}
  {{ post.author.name|e }}{# asks #}
{%- endfor %}
"""


def unmarked(text: str) -> str:
    return text.replace("{# asks #}", "")


POSITIVE: dict[str, dict[str, str]] = {
    "template, a foreign key": site(FUNCTION, posts=PAGE),
    "template, related rows": site(FUNCTION, posts=COMMENTS),
    "template, a count": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {{ post.comments.count }}{# asks #}
{% endfor %}
""",
    ),
    "template, a length": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {{ post.comments.all|length }}{# asks #}
{% endfor %}
""",
    ),
    "template, in a condition": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {% if post.editor %}edited{% endif %}{# asks #}
{% endfor %}
""",
    ),
    "template, in a link": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  <a href="{% url 'author' post.author.pk %}">x</a>{# asks #}
{% endfor %}
""",
    ),
    "template, a method": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {{ post.tag_names|join:", " }}{# asks #}
{% endfor %}
""",
    ),
    "template, with": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {% with author=post.author %}{# asks #}
    {{ author.name }}
  {% endwith %}
{% endfor %}
""",
    ),
    "template, included": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {% include "blog/post.html" with entry=post only %}{# asks #}
{% endfor %}
""",
        post="{{ entry.author.name }}\n",
    ),
    "template, extended": site(
        FUNCTION,
        posts="""\
{% extends "blog/base.html" %}
{% block content %}
  {% for post in posts %}
    {{ post.author.name }}{# asks #}
  {% endfor %}
{% endblock %}
""",
        base="<body>{% block content %}{% endblock %}</body>\n",
    ),
    "template, a row as text": site(
        """\
def authors(request):
    return render(request, "blog/authors.html", {"authors": Author.objects.all()})
""",
        authors="""\
{% for author in authors %}
  {{ author }}{# asks #}
{% endfor %}
""",
    ),
    "list view": site(
        LIST_VIEW,
        post_list="""\
{% for post in object_list %}
  {{ post.author.name }}{# asks #}
{% endfor %}
""",
    ),
    "list view with names of its own": site(
        """\
class Posts(ListView):
    queryset = Post.objects.filter(title="x")
    context_object_name = "entries"
    template_name = "blog/entries.html"
""",
        entries="""\
{% for post in entries %}
  {{ post.author.name }}{# asks #}
{% endfor %}
""",
    ),
    "list view with a query of its own": site(
        """\
class Posts(ListView):
    template_name = "blog/mine.html"

    def get_queryset(self):
        return Post.objects.filter(author=self.request.user)
""",
        mine="""\
{% for post in page_obj %}
  {{ post.editor.name }}{# asks #}
{% endfor %}
""",
    ),
    "detail view with related rows": site(
        """\
class One(DetailView):
    model = Post
""",
        post_detail="""\
{% for comment in post.comments.all %}
  {{ comment.author.name }}{# asks #}
{% endfor %}
""",
    ),
    "view with a context of its own": site(
        """\
class One(DetailView):
    model = Author
    template_name = "blog/author.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["posts"] = Post.objects.filter(author=self.object)
        return context
""",
        author="""\
{% for post in posts %}
  {{ post.comments.count }}{# asks #}
{% endfor %}
""",
    ),
    "a letter": site(
        """\
def letter():
    return render_to_string("blog/letter.html", {"posts": Post.objects.all()})
""",
        letter="""\
{% for post in posts %}{{ post.author.email }}{% endfor %}{# asks #}
""",
    ),
    "Jinja, a relation": flask(
        """\
def posts(session):
    return render_template("posts.html", posts=session.scalars(select(Post)).all())
""",
        JINJA,
    ),
    "Jinja, a number": flask(
        """\
def posts(session):
    return render_template("posts.html", posts=session.query(Post).all())
""",
        """\
{% for post in posts %}
  {{ post.comments|length }}{# asks #}
{% endfor %}
""",
    ),
    "Jinja, a macro": flask(
        """\
def posts(session):
    return render_template("posts.html", posts=session.query(Post).all())
""",
        """\
{% macro show(post) %}
  {{ post.author.name }}
{% endmacro %}
{% for post in posts %}
  {{ show(post) }}{# asks #}
{% endfor %}
""",
    ),
    "Starlette's templates": {
        "blog/models.py": sqlalchemy.MODELS,
        "blog/app.py": """\
from fastapi import Request
from fastapi.templating import Jinja2Templates
from blog.models import *

templates = Jinja2Templates(directory="templates")

def posts(request: Request, session: Session):
    rows = session.scalars(select(Post)).all()
    return templates.TemplateResponse(request, "posts.html", {"posts": rows})
""",
        "templates/posts.html": JINJA,
    },
}
NEGATIVE: dict[str, dict[str, str]] = {
    "template, all loaded": site(LOADED, posts=unmarked(PAGE)),
    "template, related rows loaded": site(LOADED, posts=unmarked(COMMENTS)),
    "template, a count of what is loaded": site(
        LOADED,
        posts="""\
{% for post in posts %}{{ post.comments.count }} {{ post.tags.all|length }} {{ post.author.company.name }}{% endfor %}
""",
    ),
    "template, columns": site(
        FUNCTION,
        posts="""\
{% for post in posts %}{{ post.title }} {{ post.author_id }} {{ post.published|date:"Y" }}{% endfor %}
""",
    ),
    "template, one row": site(
        """\
def one(request, key):
    return render(request, "blog/one.html", {"post": Post.objects.get(pk=key)})
""",
        one="{{ post.author }} {{ post.comments.count }} {% for tag in post.tags.all %}{{ tag.name }}{% endfor %}\n",
    ),
    "template, commented out": site(
        FUNCTION,
        posts="""\
{% for post in posts %}{# {{ post.author.name }} #}{% comment %}{{ post.author.name }}{% endcomment %}{% endfor %}
""",
    ),
    "template, unknown rows": site(
        """\
def posts(request, things):
    return render(request, "blog/posts.html", {"posts": things})
""",
        posts=unmarked(PAGE),
    ),
    "template, of nobody": site("", posts=unmarked(PAGE)),
    "template, silenced": site(
        FUNCTION,
        posts="""\
{% for post in posts %}
  {# dbops: ignore nplusone at most ten posts #}
  {{ post.author.name }}
{% endfor %}
""",
    ),
    "list view, loaded": site(
        """\
class Posts(ListView):
    queryset = Post.objects.select_related("author")
""",
        post_list="{% for post in post_list %}{{ post.author.name }}{% endfor %}\n",
    ),
    "list view, loaded by its query": site(
        """\
class Posts(ListView):
    model = Post

    def get_queryset(self):
        return super().get_queryset().select_related("author")
""",
        post_list="{% for post in object_list %}{{ post.author.name }}{% endfor %}\n",
    ),
    "Jinja, loaded": flask(
        """\
def posts(session):
    rows = session.scalars(select(Post).options(joinedload(Post.author))).all()
    return render_template("posts.html", posts=rows)
""",
        unmarked(JINJA),
    ),
}
