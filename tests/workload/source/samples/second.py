"""A second round of programs, which were written after the reader of source was, and tried on it once.

At that first try 18 of the 21 that ask were found, and none of the 20 that don't.
"""

from __future__ import annotations

from tests.workload.source.samples.django import alone
from tests.workload.source.samples.django import app as django
from tests.workload.source.samples.sqlalchemy import app as sqlalchemy

POSITIVE: dict[str, dict[str, str]] = {
    "second round, csv export": django("""\
import csv
def export(response):
    writer = csv.writer(response)
    for p in Post.objects.filter(published__year=2024).order_by("pk"):
        writer.writerow([p.pk, p.title, p.author.name, p.tags.count()])  # asks
"""),
    "second round, dict builder": django("""\
def serialize(post):
    return {"id": post.id, "author": {"name": post.author.name}, "tags": [t.name for t in post.tags.all()]}
def listing(request):
    from django.http import JsonResponse
    return JsonResponse({"data": [serialize(p) for p in Post.objects.all()[:50]]})  # asks
"""),
    "second round, values then get": django("""\
def f():
    for pk in Post.objects.values_list("pk", flat=True):
        post = Post.objects.get(pk=pk)  # asks
        print(post.title)
"""),
    "second round, grouped": django("""\
from collections import defaultdict
def f():
    by = defaultdict(list)
    for c in Comment.objects.select_related("post"):
        by[c.post_id].append(c)
    for key, comments in by.items():
        for c in comments:
            print(c.author.name)  # asks
"""),
    "second round, zip": django("""\
def f(scores):
    for post, score in zip(Post.objects.all(), scores):
        print(post.author.email, score)  # asks
"""),
    "second round, ternary": django("""\
def f():
    return [(p.editor.name if p.editor_id else None) for p in Post.objects.all()]  # asks
"""),
    "second round, service class": django("""\
class Mailer:
    def __init__(self, qs=None):
        self.qs = qs or Post.objects.filter(title="x")
    def run(self):
        for p in self.qs:
            self.send(p)  # asks
    def send(self, p):
        print(p.author.email)
"""),
    "second round, union type": django("""\
def last_comment(post: Post) -> Comment | None:
    return post.comments.order_by("-pk").first()
def f():
    for p in Post.objects.all():
        c = last_comment(p)  # asks
        if c is not None:
            print(c.text)
"""),
    "second round, task each": django("""\
def f(user_ids):
    for uid in user_ids:
        try:
            author = Author.objects.get(id=uid)  # asks
        except Author.DoesNotExist:
            continue
        print(author.email)
"""),
    "second round, sum": django("""\
def f():
    return sum(a.posts.count() for a in Author.objects.all())  # asks
"""),
    "second round, any": django("""\
def f():
    return any(p.author.name == "x" for p in Post.objects.all())  # asks
"""),
    "second round, related chain": django("""\
def f(author_id):
    author = Author.objects.get(pk=author_id)
    for post in author.posts.filter(title="x"):
        for c in post.comments.select_related("author"):  # asks
            print(c.author.name)
"""),
    "second round, property chain": alone("""\
from django.db import models
class A(models.Model):
    name = models.TextField()
class B(models.Model):
    a = models.ForeignKey(A, models.CASCADE)
    @property
    def label(self): return self.a.name
    def line(self): return "-" + self.label
class Manager1(models.Manager):
    def active(self): return self.get_queryset().filter(pk__gt=1)
B.add_to_class("x", 1)
def f():
    for b in B.objects.all():
        print(b.line())  # asks
"""),
    "second round, admin action": django("""\
from django.contrib import admin
class PostAdmin(admin.ModelAdmin):
    def publish(self, request, queryset):
        for post in queryset:
            print(Author.objects.get(pk=post.author_id))  # asks
"""),
    "second round, get_or none helper": django("""\
def get_or_none(model, **kw):
    try:
        return model.objects.get(**kw)
    except model.DoesNotExist:
        return None
def f(names):
    return [get_or_none(Author, name=n) for n in names]  # asks
"""),
    "second round, sa dict": sqlalchemy("""\
def f(session):
    posts = session.query(Post).all()
    return [{"id": p.id, "author": p.author.name, "n": len(p.comments)} for p in posts]  # asks
"""),
    "second round, sa helper": sqlalchemy("""\
def to_dict(post: Post):
    return {"id": post.id, "comments": [c.text for c in post.comments]}
def f(session):
    return [to_dict(p) for p in session.scalars(select(Post).limit(50)).all()]  # asks
"""),
    "second round, sa async with": sqlalchemy("""\
async def f(sessionmaker, ids):
    async with sessionmaker() as session:
        for i in ids:
            post = await session.get(Post, i)  # asks
            print(post.title)
"""),
    "second round, sa exists": sqlalchemy("""\
def f(session, names):
    out = []
    for n in names:
        if not session.query(session.query(Author).filter(Author.name == n).exists()).scalar():  # asks
            out.append(n)
    return out
"""),
    "second round, sa scalar_one_or_none": sqlalchemy("""\
def f(session, rows):
    for row in rows:
        a = session.execute(select(Author).where(Author.name == row["name"])).scalar_one_or_none()  # asks
        if a is None:
            session.add(Author(name=row["name"]))
"""),
    "second round, sa nested": sqlalchemy("""\
def f(session):
    for a in session.scalars(select(Author).options(selectinload(Author.posts))):
        for p in a.posts:
            for c in p.comments:  # asks
                print(c.text)
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
    "second round, index by id": django("""\
def f(keys):
    by = {a.pk: a for a in Author.objects.filter(pk__in=keys)}
    for k in keys:
        print(by[k].name)
"""),
    "second round, only ids": django("""\
def f():
    ids = [p.author_id for p in Post.objects.all()]
    return Author.objects.filter(pk__in=ids).count()
"""),
    "second round, settings": django("""\
from django.conf import settings
def f():
    for code, name in settings.LANGUAGES:
        print(Post.objects.filter(title=code).count())
"""),
    "second round, prefetch then filter in python": django("""\
def f():
    for a in Author.objects.prefetch_related("posts__comments"):
        print(sum(len([c for c in p.comments.all() if c.text]) for p in a.posts.all()))
"""),
    "second round, form fields": django("""\
def f(form):
    for field in form.fields.values():
        field.queryset = Author.objects.all()
"""),
    "second round, subquery": django("""\
from django.db.models import Subquery
def f():
    latest = Comment.objects.filter(post=OuterRef("pk")).order_by("-pk")
    for p in Post.objects.annotate(latest=Subquery(latest.values("text")[:1])):
        print(p.latest)
"""),
    "second round, aggregate after loop": django("""\
def f(names):
    for n in names:
        print(n)
    return Author.objects.filter(pk=len(names)).count()
"""),
    "second round, select_related in helper module": django("""\
class PostService:
    queryset = Post.objects.select_related("author")
    def names(self):
        return [p.author.name for p in self.queryset]
"""),
    "second round, prefetch var": django("""\
RELATED = ("author", "editor")
def f():
    return [p.author.name for p in Post.objects.select_related(*RELATED)]
"""),
    "second round, dict get": django("""\
def f(items, cache):
    return [cache.get(i.pk) for i in items]
"""),
    "second round, bulk": django("""\
def f(rows):
    existing = set(Author.objects.filter(name__in=[r["name"] for r in rows]).values_list("name", flat=True))
    Author.objects.bulk_create([Author(name=r["name"]) for r in rows if r["name"] not in existing])
"""),
    "second round, first match": django("""\
def f(slugs):
    for s in slugs:
        return Post.objects.filter(title=s).first()
"""),
    "second round, exists outside": django("""\
def f(names):
    if Author.objects.filter(name="x").exists():
        for n in names: print(n)
"""),
    "second round, fetch joined": sqlalchemy("""\
def f(session):
    q = session.query(Post).options(joinedload(Post.author), selectinload(Post.comments).selectinload(Comment.author))
    return [(p.author.name, [c.author.name for c in p.comments]) for p in q]
"""),
    "second round, sa in": sqlalchemy("""\
def f(session, ids):
    found = {a.id: a for a in session.scalars(select(Author).where(Author.id.in_(ids)))}
    return [found[i].name for i in ids]
"""),
    "second round, sa tuples": sqlalchemy("""\
def f(session):
    for name, n in session.query(Author.name, func.count(Post.id)).join(Post).group_by(Author.name):
        print(name, n)
"""),
    "second round, sa chunk": sqlalchemy("""\
def f(session, ids):
    for i in range(0, len(ids), 100):
        print(session.scalars(select(Post).where(Post.id.in_(ids[i:i+100]))).all())
"""),
    "second round, sa outer query with parent": sqlalchemy("""\
def f(session, ids):
    posts = session.scalars(select(Post).where(Post.id.in_(ids)).options(selectinload(Post.comments)))
    return {p.id: len(p.comments) for p in posts}
"""),
    "second round, logging": django("""\
import logging
def f():
    for p in Post.objects.all():
        logging.info("post %s", p.pk)
"""),
    "second round, transaction per item": django("""\
def f(ids):
    for i in ids:
        Post.objects.filter(pk=i).update(title="x")
"""),
}
