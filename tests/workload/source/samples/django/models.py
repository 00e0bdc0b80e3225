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
