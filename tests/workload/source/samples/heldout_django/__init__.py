"""Django, by someone who had seen neither the judge nor its samples: a clinic."""

from tests.workload.source.samples.heldout_django import found, right
from tests.workload.source.samples.heldout_django.models import MODELS, clinic

__all__ = ["MODELS", "NEGATIVE", "POSITIVE", "clinic"]

POSITIVE = found.POSITIVE
NEGATIVE = right.NEGATIVE
