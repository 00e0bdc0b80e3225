"""Whether a failover would work right now: what a primary and its standbys say, checked, and a verdict."""
