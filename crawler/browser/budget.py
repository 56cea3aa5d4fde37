"""What one page may request: how often, how much, and from whom. What is refused is counted by reason."""

from __future__ import annotations

from collections import Counter

from crawler.browser.messages import NotFetched
from crawler.policy.rows import host_of
from crawler.policy.scope import is_same_site, matches_host
from crawler.policy.shared import BrowserLimits


class Budget:
    """The requests of one page."""

    def __init__(self, url: str, limits: BrowserLimits) -> None:
        self._url, self._limits = url, limits
        self.requests = self.bytes = 0
        self.refused: Counter[str] = Counter()

    def admit(self, url: str) -> None:
        """Count a request. Raises NotFetched if the page may not make it."""
        limits = self._limits
        if self.requests >= limits.requests:
            raise NotFetched(f"requests beyond {limits.requests}", "BlockedByClient")
        if self.bytes >= limits.bytes:
            raise NotFetched(f"bytes beyond {limits.bytes >> 20} MiB", "BlockedByClient")
        if not url.startswith(("http://", "https://")):
            raise NotFetched("requests without HTTP", "BlockedByClient")
        if not is_same_site(url, self._url) and any(matches_host(host_of(url), url, one) for one in limits.blocked):
            raise NotFetched(f"blocked host {host_of(url)}", "BlockedByClient")
        self.requests += 1
