"""Up/down SQL migrations: planning them, running them safely, and the history of what was run."""
