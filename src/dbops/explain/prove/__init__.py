"""What an index is worth, found out on a copy: rows, indexes and the query's time, with and without."""
