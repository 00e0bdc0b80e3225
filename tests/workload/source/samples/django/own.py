"""Django: relations, managers and querysets in loops: the same with models, commands and pages of their own."""

from __future__ import annotations

from tests.workload.source.samples.django.models import MODELS, alone, app

POSITIVE: dict[str, dict[str, str]] = {
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
