"""Django: its models, querysets, views and serializers. Pure."""
