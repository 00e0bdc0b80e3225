"""EXPLAIN's JSON, read with what makes sure that it is a plan. Pure."""

from dbops.explain.plan.json_format.documents import documents as documents
