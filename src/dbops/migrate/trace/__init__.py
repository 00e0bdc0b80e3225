"""``plan --trace``: the migrations run on an empty copy of the target's schema, to see what they really do."""
