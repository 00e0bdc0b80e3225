"""dbops: the tool a team trusts its PostgreSQL with."""

__version__ = "0.1.0"
