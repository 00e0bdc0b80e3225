"""Following a program: what its expressions may be, and what of that asks the database in which loop. Pure."""
