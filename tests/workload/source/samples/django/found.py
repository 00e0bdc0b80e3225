"""Django: relations, managers and querysets in loops: what asks in a loop."""

from __future__ import annotations

from tests.workload.source.samples.django.models import app

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
}
