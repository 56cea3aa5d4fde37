"""Find the archived lead image of the newest pages of a source."""

from __future__ import annotations

from archive.database.engine import Database
from archive.index.index import Index
from archive.texts.named_images import named_images
from archive.values.capture import Capture

_LOOKED_AT = 12
"""Newest pages whose lead images are looked for: many sites leave them out on some pages."""
_LARGEST = 4 << 20
"""Bytes of an image: a list of sources shows many of them."""


def newest_lead_image(database: Database, index: Index, source: str) -> Capture | None:
    """Return the capture of the lead image of one of the newest pages of a source; None if none is archived.

    An image is archived with its page, in the same collection. One that is damaged or too large does not count.
    """
    for named in named_images(database, source, _LOOKED_AT):
        found = index.closest(named.url, named.at, named.collection)
        if found is not None and _is_image(index, found):
            return found
    return None


def _is_image(index: Index, capture: Capture) -> bool:
    """Return whether a capture is an image that can be shown. A revisit has the type of its original."""
    original = capture if capture.has_payload else index.original_of(capture)
    if original is None or original.damaged or capture.damaged or original.payload_length > _LARGEST:
        return False
    return original.status == 200 and (original.mime or "").startswith("image/")
