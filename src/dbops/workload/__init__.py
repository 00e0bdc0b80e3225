"""What applications do to the database, as the server and its logs saw it."""
