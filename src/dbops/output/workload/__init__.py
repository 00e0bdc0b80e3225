"""The workload's results as text and pages."""
