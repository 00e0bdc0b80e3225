"""What a plan may be at most, so that reading one ends well whoever wrote it."""

DEEPEST = 200
"""Nodes below one another. Python, and all that walks a plan, gives out at some hundreds; joins of more tables than
this are unknown."""
LARGEST = 1e150
"""No figure reaches this: PostgreSQL itself stops counting rows at 1e100, and a product of two must be finite."""
MOST_PROCESSES = 262_144
"""The most that max_worker_processes allows, and the leader."""

DEEP = f"the plan's nodes are nested deeper than {DEEPEST} levels"
DEEP_HINT = "give the part of the plan that matters: a node and what is below it"
