"""``dbops top``: the command, and what it does around its call."""
