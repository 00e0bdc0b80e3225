"""What dbops brings to an application's own tests: pytest's plugin, and what listens to database drivers for it."""
