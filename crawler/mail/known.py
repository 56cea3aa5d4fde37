"""What is archived of a mail server for a source: its messages by URL and by digest, and their images.

The index says it, so nothing else has to be kept in step: after a kill, a rebuild or on another machine, a message
is taken if and only if its record is not archived.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from archive.values.capture import Capture, Reference
from crawler.mail.account import Account
from crawler.mail.mailbox import MailboxFailed
from crawler.policy.order import Order
from crawler.policy.revisit import Captures

SECTION = "/;SECTION="
"""Before the number of a part, in the URL of a part of a message (RFC 5092, 11)."""
_SURE = 5
"""Messages of another size than archived, and the same bytes, after which the sizes that a server says are ignored."""


class FoldersMixed(MailboxFailed):
    """Two folders whose messages have the same keys: a list of captures of one would show those of the other."""

    def __init__(self, other: Capture, folder_url: str) -> None:
        there, here = (unquote(url.partition(";")[0]) for url in (other.url, folder_url))
        super().__init__(
            "folder",
            f"the archive has messages of {there} (source {other.source}), which differs from {here} only in upper and "
            "lower case, so their captures would be mixed up; if it is the same folder, write its name in the same "
            "case, otherwise rename one of the two on the server",
        )


@dataclass(slots=True)
class KnownMail:
    """Captures of one source on one server."""

    run: str
    messages: dict[str, Capture] = field(default_factory=dict)
    """The newest capture of each URL."""
    payloads: dict[str, Reference] = field(default_factory=dict)
    """The messages whose bytes are archived, by SHA-256."""
    counted: Counter[str] = field(default_factory=Counter)
    """What this run archived before it was interrupted."""
    since: datetime | None = None
    """When the source got its user. Messages of the one before are known by their bytes alone."""
    _lengths: set[tuple[str, int]] = field(default_factory=set)
    _digests: set[tuple[str, str | None]] = field(default_factory=set)
    _misjudged: int = 0

    @classmethod
    def of(cls, index: Captures, order: Order, server_url: str, account: Account, folder_url: str) -> KnownMail:
        """Read the index. Raises DatabaseUnusable, and FoldersMixed if it has messages of another folder that have the
        keys of those of `folder_url`.
        """
        source, run = order.source, order.run
        known = cls(run, since=account.since())
        for capture in index.captures(server_url, match="prefix"):
            if _differs_in_case(capture.url, folder_url, server_url):
                raise FoldersMixed(capture, folder_url)
            if capture.source == source.name and capture.damaged is None:
                known.note(capture, source.keep.collection)
                if capture.run == run:
                    known.counted += counts_of(capture)
        return known

    def note(self, capture: Capture, collection: str) -> None:
        is_message = SECTION not in capture.url
        if is_message and capture.has_payload and capture.sha256 and capture.collection == collection:
            found = Reference(capture.record_id, capture.url, capture.at)
            self.payloads.setdefault(capture.sha256, found)
        if is_message and self.since is not None and capture.at < self.since:
            return
        self._digests.add((capture.url, capture.sha256))
        if is_message:
            self.messages[capture.url] = capture
            self._lengths.add((capture.url, capture.payload_length))

    def is_archived(self, url: str, size: int) -> bool:
        """Return whether a message is archived, as far as its URL and the size that the server says can tell.

        Many servers number the messages of each mailbox from 1. So a message of another size is not the archived one:
        the source reads another mailbox now.
        """
        return url in self.messages and (self._misjudged >= _SURE or (url, size) in self._lengths)

    def has(self, url: str, sha256: str) -> bool:
        """Return whether the archived message or image at a URL has these bytes."""
        return (url, sha256) in self._digests

    def note_misjudged(self) -> None:
        """Note that a message is archived although the server says another size: some servers only estimate it."""
        self._misjudged += 1

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


def _differs_in_case(url: str, folder_url: str, server_url: str) -> bool:
    """Return whether a message is of a folder of another spelling. That of INBOX does not matter (RFC 9051, 5.1)."""
    if url.startswith(folder_url) or not url.lower().startswith(folder_url.lower()):
        return False
    return folder_url.removeprefix(server_url).partition(";")[0].upper() != "INBOX"
