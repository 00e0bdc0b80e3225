"""Django: relations, managers and querysets in loops."""

from __future__ import annotations

MODELS = """\
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.shortcuts import get_object_or_404

class Company(models.Model):
    name = models.TextField()

class Author(models.Model):
    name = models.TextField()
    email = models.EmailField()
    company = models.ForeignKey(Company, models.CASCADE, null=True)

    def __str__(self):
        return f"{self.name} of {self.company}"

class Tag(models.Model):
    name = models.TextField()

class Post(models.Model):
    title = models.TextField()
    body = models.TextField()
    author = models.ForeignKey("Author", on_delete=models.CASCADE, related_name="posts")
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="+")
    tags = models.ManyToManyField(Tag)
    published = models.DateField()

    class Meta:
        ordering = ["-published"]

    @property
    def byline(self):
        return f"by {self.author.name}"

    def tag_names(self):
        return [tag.name for tag in self.tags.all()]

class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    author = models.ForeignKey(Author, models.CASCADE)
    text = models.TextField()

class Cover(models.Model):
    post = models.OneToOneField(Post, models.CASCADE)
    url = models.TextField()

"""


def app(body: str) -> dict[str, str]:
    return {"blog/models.py": MODELS, "blog/app.py": "from blog.models import *\n\n" + body}


def alone(text: str) -> dict[str, str]:
    return {"blog/models.py": text}


POSITIVE: dict[str, dict[str, str]] = {
    "a foreign key": app("""\
def names():
    for post in Post.objects.all():
        print(post.author.name)  # asks
"""),
    "a foreign key in a comprehension": app("""\
def names():
    return [post.author.name for post in Post.objects.filter(title="x")]  # asks
"""),
    "a foreign key in a generator": app("""\
def names():
    return ", ".join(post.author.name for post in Post.objects.order_by("title"))  # asks
"""),
    "a foreign key in a dictionary": app("""\
def names():
    return {post.pk: post.author.name for post in Post.objects.all()}  # asks
"""),
    "a foreign key's key through the object": app("""\
def keys():
    return [post.author.id for post in Post.objects.all()]  # asks
"""),
    "a foreign key that is only tested": app("""\
def edited():
    for post in Post.objects.all():
        if post.editor:  # asks
            print(post.title)
"""),
    "a queryset in a variable": app("""\
def names():
    posts = Post.objects.filter(title="x")
    posts = posts.exclude(body="")
    for post in posts:
        print(post.author.name)  # asks
"""),
    "a list of a queryset": app("""\
def names():
    posts = list(Post.objects.all())
    for number, post in enumerate(posts):
        print(number, post.author.name)  # asks
"""),
    "another relation was loaded": app("""\
def names():
    for post in Post.objects.select_related("editor").prefetch_related("tags"):
        print(post.author.name)  # asks
"""),
    "two steps, the first of which is loaded": app("""\
def companies():
    for post in Post.objects.select_related("author"):
        print(post.author.company.name)  # asks
"""),
    "two steps": app("""\
def companies():
    for post in Post.objects.all():
        print(post.author.company.name)  # asks
"""),
    "the rows of a relation": app("""\
def texts():
    for post in Post.objects.all():
        for comment in post.comments.all():  # asks
            print(comment.text)
"""),
    "many to many": app("""\
def names():
    for post in Post.objects.all():
        print([tag.name for tag in post.tags.all()])  # asks
"""),
    "many to many, from the other side": app("""\
def titles():
    for tag in Tag.objects.all():
        print([post.title for post in tag.post_set.all()])  # asks
"""),
    "one to one, from the other side": app("""\
def urls():
    return [post.cover.url for post in Post.objects.all()]  # asks
"""),
    "an author of each comment of one post": app("""\
def authors(key):
    post = get_object_or_404(Post, pk=key)
    for comment in post.comments.all():
        print(comment.author.name)  # asks
"""),
    "nested, the outer one prefetched": app("""\
def authors():
    for post in Post.objects.prefetch_related("comments"):
        for comment in post.comments.all():
            print(comment.author.name)  # asks
"""),
    "a filter of what was prefetched": app("""\
def first():
    for post in Post.objects.prefetch_related("comments"):
        print(list(post.comments.filter(text="first")))  # asks
"""),
    "the latest of what was prefetched": app("""\
def latest():
    return [post.comments.order_by("-pk").first() for post in Post.objects.prefetch_related("comments")]  # asks
"""),
    "values of what was prefetched": app("""\
def texts():
    for post in Post.objects.prefetch_related("comments"):
        print(list(post.comments.values_list("text", flat=True)))  # asks
"""),
    "a count": app("""\
def counts():
    for post in Post.objects.all():
        print(post.title, post.comments.count())  # asks
"""),
    "whether there are any": app("""\
def silent():
    return [post for post in Post.objects.all() if not post.comments.exists()]  # asks
"""),
    "a count of some": app("""\
def counts(author: Author):
    for post in author.posts.all():
        print(post.comments.filter(text="x").count())  # asks
"""),
    "a sum": app("""\
def sums():
    for author in Author.objects.all():
        print(author.posts.aggregate(Count("comments")))  # asks
"""),
    "get by key": app("""\
def authors(keys):
    for key in keys:
        print(Author.objects.get(pk=key).name)  # asks
"""),
    "get by a row's column": app("""\
def authors():
    for post in Post.objects.all():
        author = Author.objects.get(pk=post.author_id)  # asks
        print(author.name)
"""),
    "get or 404": app("""\
def authors(keys):
    return [get_object_or_404(Author, pk=key) for key in keys]  # asks
"""),
    "filter and first": app("""\
def known(emails):
    for email in emails:
        author = Author.objects.filter(email=email).first()  # asks
        print(author.name)
"""),
    "filter with Q": app("""\
def known(names):
    for name in names:
        print(list(Author.objects.filter(Q(name=name) | Q(email=name))))  # asks
"""),
    "count for each": app("""\
def counts():
    for author in Author.objects.all():
        print(Post.objects.filter(author=author).count())  # asks
"""),
    "rows for each": app("""\
def titles():
    for author in Author.objects.all():
        for post in Post.objects.filter(author=author):  # asks
            print(post.title)
"""),
    "a read before each write": app("""\
def rename(names):
    for key, name in names.items():
        author = Author.objects.get(pk=key)  # asks
        author.name = name
        author.save()
"""),
    "a property of the model": app("""\
def bylines():
    return [post.byline for post in Post.objects.all()]  # asks
"""),
    "a method of the model": app("""\
def names():
    for post in Post.objects.all():
        print(post.tag_names())  # asks
"""),
    "text of a row": app("""\
def authors():
    for author in Author.objects.all():
        print(str(author))  # asks
"""),
    "text of a row, formatted": app("""\
def authors():
    return [f"- {author}" for author in Author.objects.all()]  # asks
"""),
    "a function that asks": app("""\
def find(key):
    return Author.objects.get(pk=key)

def authors(keys):
    for key in keys:
        print(find(key).name)  # asks
"""),
    "a function that touches": app("""\
def describe(post):
    return post.title + post.author.name

def texts():
    return [describe(post) for post in Post.objects.all()]  # asks
"""),
    "two functions down": app("""\
def author(post):
    return post.author

def describe(post):
    return author(post).name

def texts():
    for post in Post.objects.all():
        print(describe(post))  # asks
"""),
    "a loop in a function, over what it is given": app("""\
def names(posts):
    return [post.author.name for post in posts]  # asks

def page():
    return names(Post.objects.all())
"""),
    "a queryset from a function": app("""\
def recent():
    return Post.objects.order_by("-published")[:50]

def names():
    for post in recent():
        print(post.author.name)  # asks
"""),
    "a function for each": app("""\
def author_of(post):
    return post.author.name

def names():
    return list(map(author_of, Post.objects.all()))  # asks
"""),
    "a key to sort by": app("""\
def in_order():
    return sorted(Post.objects.all(), key=lambda post: post.author.name)  # asks
"""),
    "a service's method": app("""\
class Catalogue:
    def __init__(self, posts):
        self.posts = posts

    def author(self, post):
        return post.author

    def names(self):
        for post in self.posts:
            print(self.author(post).name)  # asks

def run():
    Catalogue(Post.objects.all()).names()
"""),
    "rows that were collected": app("""\
def names():
    chosen = []
    for post in Post.objects.all():
        if post.title:
            chosen.append(post)
    return [post.author.name for post in chosen]  # asks
"""),
    "annotated parameters": app("""\
def counts(posts: list[Post]):
    return [post.comments.filter(text="x").count() for post in posts]  # asks
"""),
    "annotated rows of what is never loaded early": app("""\
def names(posts: "models.QuerySet[Post]"):
    for post in posts:
        print(post.author.name)  # asks
"""),
    "an iterator": app("""\
def names():
    for post in Post.objects.iterator(chunk_size=100):
        print(post.author.name)  # asks
"""),
    "async": app("""\
async def names(keys):
    async for post in Post.objects.all():
        author = await Author.objects.aget(pk=post.author_id)  # asks
        print(author.name)
"""),
    "columns left out": app("""\
def bodies():
    for post in Post.objects.only("title"):
        print(post.body)  # asks
"""),
    "columns deferred": app("""\
def bodies():
    return [post.body for post in Post.objects.defer("body")]  # asks
"""),
    "read again": app("""\
def again():
    for post in Post.objects.all():
        post.refresh_from_db()  # asks
"""),
    "a custom manager": alone("""\
from django.db import models

class Shelf(models.Model):
    name = models.TextField()

class BookQuerySet(models.QuerySet):
    def cheap(self):
        return self.filter(price__lt=10)

class Book(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    price = models.IntegerField()
    objects = BookQuerySet.as_manager()

def shelves():
    return [book.shelf.name for book in Book.objects.cheap().order_by("price")]  # asks
"""),
    "an abstract base": alone("""\
from django.db import models

class Owner(models.Model):
    name = models.TextField()

class Owned(models.Model):
    owner = models.ForeignKey(Owner, models.CASCADE, related_name="%(class)ss")
    class Meta:
        abstract = True

class Dog(Owned):
    pass

def owners():
    for dog in Dog.objects.all():
        print(dog.owner.name)  # asks

def dogs():
    for owner in Owner.objects.all():
        print(list(owner.dogs.all()))  # asks
"""),
    "a base with a table of its own": alone("""\
from django.db import models

class City(models.Model):
    name = models.TextField()

class Place(models.Model):
    city = models.ForeignKey(City, models.CASCADE)

class Restaurant(Place):
    stars = models.IntegerField()

def cities():
    return [restaurant.city.name for restaurant in Restaurant.objects.all()]  # asks
"""),
    "a generic foreign key": alone("""\
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Like(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.IntegerField()
    content_object = GenericForeignKey()

def liked():
    for like in Like.objects.all():
        print(like.content_object)  # asks
"""),
    "a model of another app, by name": {
        "shop/models.py": """\
from django.db import models

class Order(models.Model):
    customer = models.ForeignKey("people.Customer", models.CASCADE)
""",
        "people/models.py": """\
from django.db import models

class Customer(models.Model):
    name = models.TextField()
""",
        "shop/report.py": """\
from .models import Order

def customers():
    return [order.customer.name for order in Order.objects.all()]  # asks
""",
    },
    "users of Django's own": alone("""\
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

def users(names):
    for name in names:
        print(User.objects.get(username=name))  # asks

def others(names):
    return [get_user_model().objects.filter(username=name).first() for name in names]  # asks
"""),
    "a walk up a tree": alone("""\
from django.db import models

class Folder(models.Model):
    parent = models.ForeignKey("self", models.CASCADE, null=True)

def root(folder: Folder):
    while folder.parent is not None:
        folder = folder.parent  # asks
    return folder
"""),
    "a walk down a tree": alone("""\
from django.db import models

class Folder(models.Model):
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")

def show(folder: Folder):
    for child in folder.children.all():
        show(child)  # asks
"""),
    "a queue of keys": app("""\
def reachable(first):
    todo = [first]
    while todo:
        key = todo.pop()
        for post in Post.objects.filter(author_id=key):  # asks
            if post.editor_id > key:
                todo.append(post.editor_id)
"""),
    "a migration of data": {
        "blog/migrations/0002_names.py": """\
from django.db import migrations

def fill(apps, schema_editor):
    from blog.models import Author, Post
    for post in Post.objects.all():
        post.title = post.author.name  # asks
        post.save()

class Migration(migrations.Migration):
    operations = [migrations.RunPython(fill)]
""",
        "blog/models.py": MODELS,
    },
    "a command": app("""\
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def handle(self, *args, **options):
        for author in Author.objects.all():
            self.stdout.write(f"{author.name}: {author.posts.count()}")  # asks
"""),
    "a column of an admin's list": app("""\
from django.contrib import admin

@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = [
        "title",
        "byline",  # asks
        "labels",  # asks
    ]

    def labels(self, post):
        return ", ".join(tag.name for tag in post.tags.all())
"""),
    "pages": app("""\
from django.core.paginator import Paginator

def page(number):
    for post in Paginator(Post.objects.all(), 25).get_page(number):
        print(post.author.name)  # asks
"""),
}
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
