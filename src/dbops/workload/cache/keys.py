"""What a replayed cache holds: a few times for each key, of so many keys at most."""

from __future__ import annotations

from array import array
from hashlib import blake2b


def hashed(text: str) -> int:
    """Return 64 bits of a hash, the same in each run."""
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest())


class Keys:
    """Times by key, ``width`` each; a key that was never met has -inf.

    When there are more than ``limit`` keys, only every second one is kept, and so on: which ones their hashes decide.
    So a key is kept with all its calls or with none, and what is counted of the kept ones counts ``weight`` times.
    What is counted so should be misses, never hits: a hot key has many hits and few misses, and whether it is among
    the kept is chance (the correction of SHARDS: C. Waldspurger et al., "Efficient MRC Construction with SHARDS",
    FAST 2015).
    """

    def __init__(self, width: int) -> None:
        self._times: dict[int, array[float]] = {}
        self._fresh = array("d", [float("-inf")] * width)
        self._mask = 0
        self.weight = 1
        self.distinct = 0

    def times(self, key: int, limit: int) -> array[float] | None:
        """Return the times of a key, to read and to change; None for one that is not kept."""
        if key & self._mask:
            return None
        found = self._times.get(key)
        if found is not None:
            return found
        self.distinct += self.weight
        while len(self._times) >= limit:
            self._halve()
        if key & self._mask:
            return None
        self._times[key] = found = self._fresh[:]
        return found

    def _halve(self) -> None:
        self._mask = self._mask << 1 | 1
        self.weight *= 2
        self._times = {key: times for key, times in self._times.items() if not key & self._mask}
