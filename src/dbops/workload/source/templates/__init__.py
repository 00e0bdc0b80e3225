"""Templates of Django and Jinja, read as programs: loops, conditions, and what they show. Pure."""
