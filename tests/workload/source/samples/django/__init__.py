"""Django: relations, managers and querysets in loops."""

from tests.workload.source.samples.django import found, own, right
from tests.workload.source.samples.django.models import MODELS, alone, app

__all__ = ["MODELS", "NEGATIVE", "POSITIVE", "alone", "app"]

POSITIVE = {**found.POSITIVE, **own.POSITIVE}
NEGATIVE = right.NEGATIVE
