"""Ports for the tests' servers, below the ephemeral range."""

from __future__ import annotations

import itertools
import os
import socket

# Each xdist worker has its own thousand, and each run begins somewhere else in it, so that runs side by side rarely
# try the same port at the same time.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9")[2:]) % 10
_candidates = itertools.cycle(range(20000 + 1000 * _worker, 21000 + 1000 * _worker))
for _ in range(os.getpid() * 7 % 1000):
    next(_candidates)


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on."""
    for port in itertools.islice(_candidates, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20000 and 30000")
