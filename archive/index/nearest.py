"""Choose the capture of a key that fits a URL and a time best."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from archive.values.capture import Capture
from archive.values.urlkey import urlkey

_EXACT = timedelta(minutes=1)
"""So much nearer a twin must be (http for https, with or without www) to be preferred to the URL itself."""


def nearest(captures: Iterable[Capture], url: str, at: datetime) -> Capture | None:
    """Return the capture closest to `at`, before or after. All captures have the key of `url`.

    A capture of exactly this URL in exactly this second wins. Otherwise, a redirect to another spelling of the URL
    (http to https) counts only if there is nothing else: its target has the same key. The same holds for a conversion,
    which is derived from a capture of the same URL.
    """

    def rank(capture: Capture) -> tuple[bool, bool, bool, timedelta, bool]:
        exact, distance = capture.url == url, abs(capture.at - at)
        hit = exact and capture.at.replace(microsecond=0) == at.replace(microsecond=0)
        return (
            capture.kind == "conversion",
            not hit,
            not hit and _leads_to_itself(capture),
            distance - _EXACT * exact,
            capture.at > at,
        )

    return min(captures, key=rank, default=None)


def _leads_to_itself(capture: Capture) -> bool:
    return capture.redirect is not None and urlkey(capture.redirect) == capture.urlkey
