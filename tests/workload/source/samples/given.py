"""Programs in which what a function is called with says what it does not ask."""

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
    "given, what can't be told": django(f"""\
{_SHOWN}
def f(options):
    for post in Post.objects.all():
        shown(post, **options)  # asks
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
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
    "given, in a conditional expression": django("""\
def shown(post, author=None):
    print(post.author.name if author is None else author.name)

def f(author):
    for post in author.posts.all():
        shown(post, author)
"""),
}
