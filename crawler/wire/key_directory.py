"""Where the keys of the crawler are published, and how long a signature holds: see `crawler.wire.signatures`.

Apart from it, because a service names the address at its start and signs nothing then: signing loads `cryptography`.
"""

from __future__ import annotations

from datetime import timedelta

WELL_KNOWN = "/.well-known/http-message-signatures-directory"
MEDIA_TYPE = "application/http-message-signatures-directory+json"
VALID = timedelta(minutes=5)
"""How long the signature of a request is valid: enough for clocks that differ, and for a slow connection."""
