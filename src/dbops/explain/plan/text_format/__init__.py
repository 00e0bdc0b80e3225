"""EXPLAIN's text format, read into what its JSON would say. Pure."""

from dbops.explain.plan.text_format.documents import documents as documents
