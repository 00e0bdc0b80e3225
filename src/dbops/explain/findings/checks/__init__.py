"""The findings: one module each, found by scan."""
