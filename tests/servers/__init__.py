"""Real PostgreSQL servers for the tests, on the lane that a run uses: containers, embedded, or a DSN that was given."""
