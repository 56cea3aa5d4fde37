"""Wrong passwords and tokens, counted by address and name: after many of them, only their sender waits.

They are counted in this process, and forgotten with it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock

TRIES, WINDOW = 10, timedelta(minutes=5)
"""Wrong attempts of one address with one name."""
TRIES_OF_ADDRESS = 50
"""Wrong attempts of one address, whatever the names. Each check of a password takes 64 MiB and a tenth of a second."""
_MOST = 10_000


class Attempts:
    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._failed: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, name: str, known: str | None = None) -> timedelta:
        """Return how long the address must wait before it tries that name again.

        `known` is something that only who logged in before has. With it, nobody waits for what others did.
        """
        network = network_of(address)
        with self._lock:
            if known is not None and (network, known) in self._good:
                return timedelta()
            return max(self._left((network, name), TRIES), self._left((network, ""), TRIES_OF_ADDRESS))

    def failed(self, address: str, name: str) -> None:
        network = network_of(address)
        with self._lock:
            self._add((network, name), TRIES)
            self._add((network, ""), TRIES_OF_ADDRESS)

    def succeeded(self, address: str, known: str) -> None:
        """Remember what the caller has, so that others at the same address can't make it wait."""
        with self._lock:
            self._good[network_of(address), known] = None
            self._good.move_to_end((network_of(address), known))
            while len(self._good) > _MOST:
                self._good.popitem(last=False)

    def _add(self, key: tuple[str, str], most: int) -> None:
        self._failed.setdefault(key, deque(maxlen=most)).append(self._now())
        self._failed.move_to_end(key)
        while len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def _left(self, key: tuple[str, str], most: int) -> timedelta:
        failures = self._failed.get(key)
        if failures is None or len(failures) < most:
            return timedelta()
        return max(failures[0] + WINDOW - self._now(), timedelta())


def network_of(address: str) -> str:
    """Return what counts as one address: all of an IPv6 network of 64 bits, since who has one has them all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
