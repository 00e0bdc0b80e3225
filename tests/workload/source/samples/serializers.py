"""REST framework's serializers and pydantic's models, with the views that answer with them."""

from __future__ import annotations

from tests.workload.source.samples import django, sqlalchemy

IMPORTS = """\
from rest_framework import generics, serializers, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView
from blog.models import *

"""
VIEW = """\

class Posts(viewsets.ModelViewSet):
    queryset = Post.objects.all()
    serializer_class = PostSerializer
"""
LOADED = """\

class Posts(viewsets.ModelViewSet):
    serializer_class = PostSerializer

    def get_queryset(self):
        return Post.objects.select_related("author__company").prefetch_related("tags", "comments__author")
"""
NESTED = """\
class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["name"]

class PostSerializer(serializers.ModelSerializer):
    author = AuthorSerializer()  # asks

    class Meta:
        model = Post
        fields = ["title", "author"]
"""
SOURCE = """\
class PostSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="author.name", read_only=True)  # asks

    class Meta:
        model = Post
        fields = ["title", "name"]
"""
METHOD = """\
class PostSerializer(serializers.ModelSerializer):
    names = serializers.SerializerMethodField()  # asks

    def get_names(self, post):
        return [tag.name for tag in post.tags.all()]

    class Meta:
        model = Post
        fields = ["title", "names"]
"""
KEYS = """\
class PostSerializer(serializers.ModelSerializer):
    class Meta:
        model = Post
        fields = [
            "title",
            "author",
            "tags",  # asks
        ]
"""
SCHEMAS = """\
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from blog.models import *

app = FastAPI()

class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str

class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    author: AuthorOut

"""


def api(text: str) -> dict[str, str]:
    return {"blog/models.py": django.MODELS, "blog/api.py": IMPORTS + text}


def fast(text: str) -> dict[str, str]:
    return {"blog/models.py": sqlalchemy.MODELS, "blog/api.py": SCHEMAS + text}


def unmarked(text: str) -> str:
    return text.replace("  # asks", "")


POSITIVE: dict[str, dict[str, str]] = {
    "serializer, nested": api(NESTED + VIEW),
    "serializer, source": api(SOURCE + VIEW),
    "serializer, a method": api(METHOD + VIEW),
    "serializer, keys of many": api(KEYS + VIEW),
    "serializer, nested many": api(
        """\
class CommentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Comment
        fields = ["text"]

class PostSerializer(serializers.ModelSerializer):
    comments = CommentSerializer(many=True)  # asks

    class Meta:
        model = Post
        fields = ["title", "comments"]
"""
        + VIEW
    ),
    "serializer, text of the related": api(
        """\
class PostSerializer(serializers.ModelSerializer):
    tags = serializers.StringRelatedField(many=True)  # asks
    editor = serializers.SlugRelatedField(slug_field="name", read_only=True)  # asks

    class Meta:
        model = Post
        fields = ["tags", "editor"]
"""
        + VIEW
    ),
    "serializer, a property of the model": api(
        """\
class PostSerializer(serializers.ModelSerializer):
    class Meta:
        model = Post
        fields = ["title", "byline"]  # asks
"""
        + VIEW
    ),
    "serializer, a count": api(
        """\
class PostSerializer(serializers.ModelSerializer):
    comments = serializers.SerializerMethodField(method_name="count")  # asks

    def count(self, post):
        return post.comments.count()

    class Meta:
        model = Post
        fields = ["comments"]
"""
        + VIEW
    ),
    "serializer, a generic view": api(
        SOURCE
        + """\

class Posts(generics.ListAPIView):
    serializer_class = PostSerializer

    def get_queryset(self):
        return Post.objects.filter(title="x")
"""
    ),
    "serializer, a view of one's own": api(
        SOURCE
        + """\

class Posts(APIView):
    def get(self, request):
        posts = Post.objects.order_by("title")
        return Response(PostSerializer(posts, many=True).data)
"""
    ),
    "serializer, a representation of one's own": api("""\
class PostSerializer(serializers.ModelSerializer):
    class Meta:
        model = Post
        fields = ["title"]

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["author"] = instance.author.name
        return data

class Posts(APIView):
    def get(self, request):
        return Response([PostSerializer(post).data for post in Post.objects.all()])  # asks
"""),
    "serializer, comments of one post": api("""\
class CommentSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="author.name")  # asks

    class Meta:
        model = Comment
        fields = ["text", "name"]

class PostSerializer(serializers.ModelSerializer):
    comments = CommentSerializer(many=True)

    class Meta:
        model = Post
        fields = ["comments"]

class One(generics.RetrieveAPIView):
    queryset = Post.objects.all()
    serializer_class = PostSerializer
"""),
    "pydantic, validated one by one": fast("""\
def posts(session: Session):
    return [PostOut.model_validate(post) for post in session.scalars(select(Post))]  # asks
"""),
    "pydantic, a route's answer": fast("""\
@app.get(
    "/posts",
    response_model=list[PostOut],  # asks
)
def posts(session: Session):
    return session.scalars(select(Post)).all()
"""),
}
NEGATIVE: dict[str, dict[str, str]] = {
    "serializer, nested and loaded": api(unmarked(NESTED) + LOADED),
    "serializer, source and loaded": api(unmarked(SOURCE) + LOADED),
    "serializer, a method and loaded": api(unmarked(METHOD) + LOADED),
    "serializer, keys and loaded": api(unmarked(KEYS) + LOADED),
    "serializer, a key": api(
        """\
class PostSerializer(serializers.ModelSerializer):
    author = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Post
        fields = ["title", "author", "author_id", "editor"]
"""
        + VIEW
    ),
    "serializer, only written": api(
        """\
class PostSerializer(serializers.ModelSerializer):
    tags = serializers.PrimaryKeyRelatedField(many=True, queryset=Tag.objects.all(), write_only=True)

    class Meta:
        model = Post
        fields = ["title"]
"""
        + VIEW
    ),
    "serializer, one row": api(
        unmarked(NESTED)
        + """\

class One(generics.RetrieveAPIView):
    queryset = Post.objects.all()
    serializer_class = PostSerializer
"""
    ),
    "serializer, of nobody": api(unmarked(NESTED)),
    "pydantic, loaded": fast("""\
@app.get("/posts", response_model=list[PostOut])
def posts(session: Session):
    return session.scalars(select(Post).options(joinedload(Post.author))).all()

def others(session: Session):
    rows = session.scalars(select(Post).options(selectinload(Post.author)))
    return [PostOut.model_validate(post) for post in rows]
"""),
    "pydantic, one row": fast("""\
@app.get("/posts/{key}", response_model=PostOut)
def post(session: Session, key: int):
    return session.get(Post, key)
"""),
}
