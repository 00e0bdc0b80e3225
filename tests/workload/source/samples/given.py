"""Programs in which what a function is called with, or a query's conditions, say what is not asked."""

from __future__ import annotations

from tests.workload.source.samples.django import app as django

_SHOWN = """\
def shown(post, author=None, with_comments=False):
    if author is None:
        author = post.author
    if with_comments:
        print(post.comments.count())
    print(author.name)

"""
_NAMED = """\
def named(post, *, name="", check=True):
    return check and not post.comments.exists(), name or post.author.name

"""
POSITIVE: dict[str, dict[str, str]] = {
    "given, nothing": django(f"""\
{_SHOWN}
def f():
    for post in Post.objects.all():
        shown(post)  # asks
"""),
    "given, none": django(f"""\
{_SHOWN}
def f():
    for post in Post.objects.all():
        shown(post, None)  # asks
"""),
    "given, a constant that holds": django(f"""\
{_SHOWN}
def f(author):
    for post in Post.objects.all():
        shown(post, author, with_comments=True)  # asks
"""),
    "given, a name that is set anew in each round": django(f"""\
{_NAMED}
def f():
    first = False
    for post in Post.objects.all():
        named(post, name="x", check=first)  # asks
        first = True
"""),
    "given, and the parameter set anew in a loop": django("""\
def shown(posts, another=False):
    for post in posts:
        if another:
            print(post.author.name)  # asks
        another = True

def f():
    shown(Post.objects.all())
"""),
    "given, that some row is there": django("""\
def f():
    for post in Post.objects.filter(editor__isnull=False):
        print(post.editor.name)  # asks
    for post in Post.objects.exclude(editor=None):
        print(post.editor.name)  # asks
"""),
    "given, rows of one that is locked": django("""\
def f(key):
    author = Author.objects.select_for_update().get(pk=key)
    for post in author.posts.all():
        print(post.comments.count())  # asks
"""),
    "given, what can't be told": django(f"""\
{_SHOWN}
def f(options):
    for post in Post.objects.all():
        shown(post, **options)  # asks
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
    "given, that there is no such row": django("""\
def f():
    for post in Post.objects.filter(editor=None):
        print("edited" if post.editor else post.title)
    for post in Post.objects.filter(editor__isnull=True):
        print("edited" if post.editor else post.title)
"""),
    "given, instead of what is looked up": django(f"""\
{_SHOWN}
def f(author):
    for post in author.posts.all():
        shown(post, author)
"""),
    "given, by its name": django(f"""\
{_SHOWN}
def f(author):
    for post in author.posts.all():
        shown(post, author=author)
"""),
    "given, a constant that doesn't hold": django(f"""\
{_NAMED}
def f(title):
    for post in Post.objects.all():
        named(post, name=title, check=False)
"""),
    "given, a row that is locked for its round": django("""\
def f(keys):
    for key in keys:
        post = Post.objects.select_for_update(skip_locked=True).get(pk=key)
        if not post.comments.exists():
            return post
"""),
    "given, in a conditional expression": django("""\
def shown(post, author=None):
    print(post.author.name if author is None else author.name)

def f(author):
    for post in author.posts.all():
        shown(post, author)
"""),
}
