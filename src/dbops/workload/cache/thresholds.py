"""From where on something is worth a cache, each with its source."""

from __future__ import annotations

ROUND_TRIP_MS = 0.2
"""What asking a cache on another machine takes: "the typical latency of a 1 Gbit/s network is about 200 us" (Redis,
Diagnosing latency issues). A query that takes less is not answered sooner by one."""
LEAST_MS_PER_S = 10.0
"""One hundredth of a processor: less pays for no code that has to be right about old answers."""
MOST_ROWS = 10_000
"""Rows of an answer: what Joe calls too large a result; of 100 bytes each they are memcached's 1 MB for an item."""
NOTICED_MS = 100.0
"""Whoever has to wait for so long notices it (J. Nielsen, Usability Engineering, 1993): a cache still lets the first
one wait after each miss, a view lets nobody."""
MOSTLY = 0.5
"""Hits of which more than half are older than a write: the cache tells what was, not what is."""
FLUSH_S = 5.0
"""How long counts are collected at most before they are written: so much a crash loses."""
GOOD_HIT_RATE = 0.99
"""Of blocks in shared_buffers: pghero calls less worth a look."""
POOR_HIT_RATE = 0.95
"""Of the same: postgres-mcp's bound."""
