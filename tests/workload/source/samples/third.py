"""A third round of programs, which were written after the reader of source was, and tried on it once.

At that first try 16 of 17 that ask were found, and none of 16 that don't; those with templates are left out here.
"""

from __future__ import annotations

from tests.workload.source.samples.django import app as django
from tests.workload.source.samples.sqlalchemy import app as sqlalchemy

POSITIVE: dict[str, dict[str, str]] = {
    "third round, inline formset": django("""\
def f(formset):
    for form in formset:
        print(Author.objects.get(name=form.cleaned_data["name"]))  # asks
"""),
    "third round, signal": django("""\
def notify(sender, instance: Post, **kwargs):
    for comment in instance.comments.all():
        print(comment.author.email)  # asks
"""),
    "third round, celery": django("""\
from celery import shared_task

@shared_task
def mail(ids):
    for post in Post.objects.filter(pk__in=ids):
        print(post.author.email)  # asks
"""),
    "third round, custom property qs": django("""\
class Report:
    @property
    def posts(self):
        return Post.objects.filter(title="x")
    def lines(self):
        return [p.author.name for p in self.posts]  # asks
"""),
    "third round, two level dict": django("""\
def f():
    out = {}
    for a in Author.objects.all():
        out[a.name] = {"n": a.posts.count(), "last": a.posts.order_by("-pk").first()}  # asks
    return out
"""),
    "third round, walrus": django("""\
def f(names):
    for n in names:
        if (a := Author.objects.filter(name=n).first()) is not None:  # asks
            print(a.email)
"""),
    "third round, setattr loop": django("""\
def f():
    posts = Post.objects.all()
    for p in posts:
        p.n = p.comments.filter(text="x").count()  # asks
    return posts
"""),
    "third round, extend": django("""\
def f():
    rows = []
    rows.extend(Post.objects.filter(title="x"))
    rows += list(Post.objects.filter(title="y"))
    for r in rows:
        print(r.author.name)  # asks
"""),
    "third round, nested function": django("""\
def f():
    def label(p):
        return p.author.name
    return [label(p) for p in Post.objects.all()]  # asks
"""),
    "third round, partial": django("""\
def f():
    posts = {p.pk: p for p in Post.objects.all()}
    for pk, p in posts.items():
        print(pk, p.editor)  # asks
"""),
    "third round, sa yield per": sqlalchemy("""\
def f(session):
    for p in session.scalars(select(Post).execution_options(yield_per=100)):
        print(p.author.name)  # asks
"""),
    "third round, sa join no load": sqlalchemy("""\
def f(session):
    for p in session.scalars(select(Post).join(Post.author).where(Author.id > 0)):
        print(p.author.name)  # asks
"""),
    "third round, sa repo class": sqlalchemy("""\
class Repo:
    def __init__(self, session: Session):
        self.session = session
    def get(self, id):
        return self.session.query(Author).filter(Author.id == id).one_or_none()
class Service:
    def __init__(self, repo: Repo):
        self.repo = repo
    def run(self, ids):
        for i in ids:
            print(self.repo.get(i))  # asks
"""),
    "third round, sa lateral count": sqlalchemy("""\
def f(session):
    for a in session.query(Author):
        n = session.query(func.count(Post.id)).filter(Post.author_id == a.id).scalar()  # asks
        print(n)
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
    "third round, q loop": django("""\
def f(terms):
    qs = Post.objects.all()
    for t in terms:
        qs = qs.filter(title__icontains=t)
    return list(qs)
"""),
    "third round, exclude sets": django("""\
def f(names):
    seen = set()
    for n in names:
        if n in seen: continue
        seen.add(n)
        print(n)
"""),
    "third round, annot obj": django("""\
class Item:
    def __init__(self, author): self.author = author
def f(raw):
    return [i.author.name for i in [Item(r) for r in raw]]
"""),
    "third round, form choices": django("""\
from django import forms
class F(forms.Form):
    authors = forms.ModelChoiceField(queryset=Author.objects.all())
    def clean(self):
        for name, field in self.fields.items():
            print(name, field.queryset if hasattr(field, "queryset") else None)
"""),
    "third round, test setup": django("""\
def setup():
    authors = [Author.objects.create(name=str(i)) for i in range(10)]
    posts = [Post.objects.create(author=a, published="2026-01-01") for a in authors]
    for p in posts:
        print(p.author.name)
"""),
    "third round, prefetch queryset with select": django("""\
def f():
    qs = Post.objects.prefetch_related(Prefetch("comments", Comment.objects.select_related("author__company")))
    for p in qs:
        for c in p.comments.all():
            print(c.author.company.name)
"""),
    "third round, reverse one cached": django("""\
def f():
    for cover in Cover.objects.select_related("post__author"):
        print(cover.post.author.name)
"""),
    "third round, loop over dict of querysets": django("""\
def f():
    groups = {"a": Post.objects.filter(title="a"), "b": Post.objects.filter(title="b")}
    for name, qs in groups.items():
        print(name, qs.count())
"""),
    "third round, threads": django("""\
def f(pool, keys):
    return pool.map(str, keys)
"""),
    "third round, any in list": django("""\
def f(names):
    have = list(Author.objects.values_list("name", flat=True))
    return [n for n in names if n not in have]
"""),
    "third round, in queryset evaluated once": django("""\
def f(names):
    have = Author.objects.values_list("name", flat=True)
    for n in names:
        if n in have:
            print(n)
"""),
    "third round, sa selectin via subquery": sqlalchemy("""\
def f(session, ids):
    sub = select(Post.id).where(Post.title == "x").subquery()
    for a in session.scalars(select(Author).where(Author.id.in_(select(sub)))):
        print(a.name)
"""),
    "third round, sa two entity": sqlalchemy("""\
def f(session):
    for post, author in session.execute(select(Post, Author).join(Post.author)):
        print(post.title, author.name)
"""),
    "third round, sa add all": sqlalchemy("""\
def f(session, rows):
    posts = [Post(title=r) for r in rows]
    session.add_all(posts)
    for p in posts:
        print(p.title)
"""),
    "third round, paginator page": django("""\
from django.core.paginator import Paginator
def f(n):
    page = Paginator(Post.objects.select_related("author"), 10).get_page(n)
    return [p.author.name for p in page]
"""),
}
