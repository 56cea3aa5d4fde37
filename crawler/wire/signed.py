"""The header fields by which a request says who sends it. Loads no library: the service imports it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)

Sign = Callable[[str, str, str], Sequence[bytes]]
"""Returns the lines that sign a request, from its method, its origin and its target as the site will see them. Raises
ValueError."""


def signature_of(sign: Sign | None, method: str, origin: str, target: str) -> Sequence[bytes]:
    """Return the lines that sign a request; none without `sign`, or if it can't be signed, which is logged."""
    if sign is None:
        return ()
    try:
        return sign(method, origin, target)
    except ValueError as error:
        _log.warning("the request for %.200r is sent without a signature: %s", origin + target, error)
        return ()
