"""Indexes that would help a query: candidates, what-if planning, the choice among them, and proof."""
