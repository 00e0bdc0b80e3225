"""Telling remedies that are SQL from those that are prose."""

from __future__ import annotations

import re

SQL = re.compile(r"(ALTER|ANALYZE|CREATE|RESET|SET|VACUUM)\b")
"""What a remedy that is SQL begins with."""
