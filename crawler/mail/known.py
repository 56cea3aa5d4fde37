"""What is archived of a mail server for a source: its messages by URL and by digest, and their images.

The index says it, so nothing else has to be kept in step: after a kill, a rebuild or on another machine, a message
is taken if and only if its record is not archived.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archive.values.capture import Capture, Reference
from config.source import Source
from crawler.policy.revisit import Captures

SECTION = "/;SECTION="
"""Before the number of a part, in the URL of a part of a message (RFC 5092, 11)."""


@dataclass(slots=True)
class KnownMail:
    """Captures of one source on one server."""

    run: str
    messages: dict[str, Capture] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    """The URLs of archived images."""
    payloads: dict[str, Reference] = field(default_factory=dict)
    """The messages whose bytes are archived, by SHA-256."""
    counted: Counter[str] = field(default_factory=Counter)
    """What this run archived before it was interrupted."""

    @classmethod
    def of(cls, index: Captures, source: Source, run: str, server_url: str) -> KnownMail:
        """Read the index. Raises DatabaseUnusable."""
        known = cls(run)
        for capture in index.captures(server_url, match="prefix"):
            if capture.source == source.name and capture.damaged is None:
                known.note(capture, source.keep.collection)
                if capture.run == run:
                    known.counted += counts_of(capture)
        return known

    def note(self, capture: Capture, collection: str) -> None:
        if SECTION in capture.url:
            self.parts.add(capture.url)
            return
        self.messages[capture.url] = capture
        if capture.has_payload and capture.sha256 and capture.collection == collection:
            found = Reference(capture.record_id, capture.url, capture.at)
            self.payloads.setdefault(capture.sha256, found)

    def began_in_this_run(self, url: str) -> bool:
        """Return whether this run archived a message before it was interrupted: some of its images may be missing."""
        found = self.messages.get(url)
        return found is not None and found.run == self.run


def counts_of(capture: Capture) -> Counter[str]:
    """Return what a capture counts for its run: a message is a page."""
    is_message = SECTION not in capture.url
    return Counter({
        "captures": 1,
        "pages": int(is_message),
        "new": int(is_message and capture.has_payload),
        "revisits": int(not capture.has_payload),
        "bytes": capture.payload_length,
    })  # fmt: skip
