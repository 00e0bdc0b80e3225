"""A run of lint: finding files, judging them on all processors, mending them."""
