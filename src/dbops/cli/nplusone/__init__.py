"""``dbops nplusone``: the command, and what it does around its call."""
