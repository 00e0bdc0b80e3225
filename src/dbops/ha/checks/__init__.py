"""One file a check; see :mod:`dbops.ha.check` for what it holds. Pure."""
