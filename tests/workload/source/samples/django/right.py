"""Django: relations, managers and querysets in loops: what looks like it, and is right."""

from __future__ import annotations

from tests.workload.source.samples.django.models import alone, app

NEGATIVE: dict[str, dict[str, str]] = {
    "select_related": app("""\
def names():
    return [post.author.name for post in Post.objects.select_related("author")]
"""),
    "select_related, two steps": app("""\
def names():
    return [post.author.company.name for post in Post.objects.filter(pk=1).select_related("author__company")]
"""),
    "select_related of all": app("""\
def names():
    return [post.author.name for post in Post.objects.select_related()]
"""),
    "names that are computed": app("""\
def names(*relations):
    return [post.author.name for post in Post.objects.select_related(*relations)]
"""),
    "prefetch_related": app("""\
def names():
    for post in Post.objects.prefetch_related("tags", "comments__author"):
        print([tag.name for tag in post.tags.all()], [comment.author.name for comment in post.comments.all()])
"""),
    "a count of what was prefetched": app("""\
def counts():
    for post in Post.objects.prefetch_related("comments", "tags"):
        print(post.comments.count(), len(post.tags.all()), post.tags.exists())
"""),
    "Prefetch": app("""\
def authors():
    comments = Comment.objects.select_related("author")
    for post in Post.objects.prefetch_related(Prefetch("comments", queryset=comments)):
        for comment in post.comments.all():
            print(comment.author.name)
"""),
    "Prefetch to an attribute": app("""\
def authors():
    rows = Comment.objects.select_related("author")
    for post in Post.objects.prefetch_related(Prefetch("comments", queryset=rows, to_attr="all_comments")):
        print([comment.author.name for comment in post.all_comments])
"""),
    "prefetched afterwards": app("""\
def names():
    posts = list(Post.objects.all())
    models.prefetch_related_objects(posts, "author")
    return [post.author.name for post in posts]
"""),
    "the way back": app("""\
def titles(key):
    author = Author.objects.get(pk=key)
    for post in author.posts.all():
        print(post.author.name)
"""),
    "the column": app("""\
def keys():
    return [post.author_id for post in Post.objects.all()]
"""),
    "annotated": app("""\
def counts():
    for post in Post.objects.annotate(comment_count=Count("comments")):
        print(post.comment_count)
"""),
    "values": app("""\
def names():
    return [row["author__name"] for row in Post.objects.values("author__name")]
"""),
    "values as tuples": app("""\
def names():
    return [name for _, name in Post.objects.values_list("pk", "author__name")]
"""),
    "in bulk": app("""\
def authors(keys):
    known = Author.objects.in_bulk(keys)
    for key in keys:
        print(known[key].name)
"""),
    "a filter with in": app("""\
def authors(keys):
    for author in Author.objects.filter(pk__in=keys):
        print(author.name)
"""),
    "batches": app("""\
from itertools import batched

def authors(keys):
    for batch in batched(keys, 1000):
        print(len(Author.objects.filter(pk__in=batch)))
"""),
    "batches by steps": app("""\
def authors(keys):
    for at in range(0, len(keys), 500):
        some = keys[at:at + 500]
        print(len(Author.objects.filter(pk__in=some)))
"""),
    "batches of one's own": app("""\
def chunks(keys, size):
    for at in range(0, len(keys), size):
        yield keys[at:at + size]

def authors(keys):
    for some in chunks(keys, 100):
        print(Author.objects.filter(pk__in=some).count())
"""),
    "few, as written": app("""\
def authors():
    for name in ("Ann", "Bob"):
        print(Author.objects.get(name=name))
"""),
    "few, by number": app("""\
def authors():
    for number in range(3):
        print(Author.objects.get(pk=number))
"""),
    "few, from a constant": app("""\
NAMES = ["Ann", "Bob", "Eve"]

def authors():
    return [Author.objects.get(name=name) for name in NAMES]
"""),
    "few rows": app("""\
def names():
    return [post.author.name for post in Post.objects.all()[:3]]
"""),
    "a dictionary as written": app("""\
def counts():
    for title, name in {"Anns": "Ann", "Bobs": "Bob"}.items():
        print(title, Author.objects.filter(name=name).count())
"""),
    "choices": app("""\
class Mood(models.TextChoices):
    GOOD = "good"
    BAD = "bad"

def counts():
    for mood in Mood:
        print(Author.objects.filter(name=mood).count())
    for value, label in Mood.choices:
        print(Author.objects.filter(name=value).count())
"""),
    "writes": app("""\
def write(names):
    for name in names:
        author = Author.objects.create(name=name)
        author.save()
    for post in Post.objects.all():
        post.title = "x"
        post.save()
    for post in Post.objects.all():
        post.comments.all().delete()
        post.tags.add(1)
"""),
    "in bulk, written": app("""\
def write(names):
    Author.objects.bulk_create([Author(name=name) for name in names])
"""),
    "get or create": app("""\
def write(names):
    for name in names:
        Author.objects.get_or_create(name=name)
        Author.objects.update_or_create(name=name, defaults={"email": ""})
"""),
    "retries": app("""\
def claim(key):
    for attempt in range(10):
        post = Post.objects.filter(pk=key).first()
        if post is not None:
            return post
"""),
    "a worker": app("""\
def work(queue):
    while True:
        key = queue.get()
        print(Post.objects.get(pk=key))
"""),
    "messages that come in": app("""\
async def work(websocket):
    async for message in websocket:
        print(await Post.objects.aget(pk=message))
"""),
    "a free name": app("""\
def free(base):
    name, number = base, 0
    while Author.objects.filter(name=name).exists():
        number += 1
        name = f"{base}-{number}"
    return name
"""),
    "pages by key": app("""\
def every():
    last = 0
    while page := list(Post.objects.filter(pk__gt=last).order_by("pk")[:100]):
        yield from page
        last = page[-1].pk
"""),
    "pages by slices": app("""\
def every(keys):
    page, size = 0, 100
    while some_slice := keys[page * size:(page + 1) * size]:
        print(Post.objects.get(pk=some_slice[0]).author.name)
        page += 1
"""),
    "pages by number": app("""\
from django.core.paginator import Paginator

def every():
    paginator = Paginator(Post.objects.order_by("pk"), 100)
    for number in paginator.page_range:
        for post in paginator.page(number).object_list:
            print(post.title)
"""),
    "the same for each round": app("""\
def compare(names):
    for name in names:
        print(name, Author.objects.count())
"""),
    "the first alone": app("""\
def first():
    for post in Post.objects.all():
        return post.author.name
"""),
    "remembered": app("""\
def authors(keys):
    known = {}
    for key in keys:
        if key not in known:
            known[key] = Author.objects.get(pk=key)
        print(known[key].name)
"""),
    "remembered, the other way around": app("""\
def authors(keys):
    known = {}
    for key in keys:
        try:
            print(known[key])
        except KeyError:
            known[key] = Author.objects.get(pk=key)
"""),
    "remembered by a function": app("""\
from functools import lru_cache

@lru_cache(maxsize=None)
def author(key):
    return Author.objects.get(pk=key)

def authors(keys):
    return [author(key) for key in keys]
"""),
    "given to each": app("""\
def names():
    authors = Author.objects.in_bulk()
    for post in Post.objects.all():
        post.author = authors[post.author_id]
        print(post.author.name)
"""),
    "new rows": app("""\
def names(authors):
    posts = [Post(author=author) for author in authors]
    return [post.author.name for post in posts]
"""),
    "one row": app("""\
def name(key):
    return Post.objects.get(pk=key).author.name
"""),
    "an unknown row": app("""\
def names(things):
    return [thing.author.name for thing in things]
"""),
    "an unknown manager": app("""\
def names(things):
    for thing in things:
        print(thing.comments.count(), thing.get(pk=1), thing.filter(pk=2))
"""),
    "a parameter whose rows the project loads early elsewhere": app("""\
def names(posts: list[Post]):
    return [post.author.name for post in posts]

def page():
    return Post.objects.select_related("author")
"""),
    "a manager that loads": alone("""\
from django.db import models

class Shelf(models.Model):
    name = models.TextField()

class BookManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("shelf")

class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    objects = BookManager()

def shelves():
    return [book.shelf.name for book in Book.objects.all()]
"""),
    "a queryset's method that loads": alone("""\
from django.db import models

class Shelf(models.Model):
    name = models.TextField()

class BookQuerySet(models.QuerySet):
    def with_shelf(self):
        return self.select_related("shelf")

class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    objects = models.Manager.from_queryset(BookQuerySet)()

def shelves():
    return [book.shelf.name for book in Book.objects.filter(pk__gt=3).with_shelf()]
"""),
    "loaded in a branch": app("""\
def names(full):
    posts = Post.objects.all()
    if full:
        posts = posts.select_related("author")
    return [post.author.name if full else post.title for post in posts]
"""),
    "loaded by a function": app("""\
def loaded(posts):
    return posts.select_related("author")

def names():
    return [post.author.name for post in loaded(Post.objects.all())]
"""),
    "a dictionary of unknown things": app("""\
def names(index):
    for key in index:
        print(index.get(key), index.get(pk=key))
"""),
    "content types, which are remembered": alone("""\
from django.contrib.contenttypes.models import ContentType

def kinds(models):
    return [ContentType.objects.get_for_model(model) for model in models]
"""),
    "a subquery, which is no question": app("""\
def posts(names):
    found = Post.objects.all()
    for name in names:
        found = found.filter(author__in=Author.objects.filter(name=name))
    return list(found)
"""),
    "querysets that are put together": app("""\
def posts(names):
    found = Q()
    for name in names:
        found |= Q(author__name=name)
    return Post.objects.filter(found)
"""),
    "all columns that are read": app("""\
def bodies():
    return [post.body for post in Post.objects.only("title", "body")]
"""),
    "columns of an admin's list that are loaded": app("""\
from django.contrib import admin

@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["title", "byline", "labels"]
    list_select_related = ["author"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("tags")

    def labels(self, post):
        return ", ".join(tag.name for tag in post.tags.all())

@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ["author", "author_id", "text"]
"""),
    "silenced": app("""\
def names():
    for post in Post.objects.all():
        print(post.author.name)  # dbops: ignore nplusone a report that runs at night
"""),
    "silenced by its pattern": app("""\
def names():
    # dbops: ignore nplusone-django-related-object there are ten posts
    return [post.author.name for post in Post.objects.all()]
"""),
}
