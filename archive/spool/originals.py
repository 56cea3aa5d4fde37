"""What a group of exchanges may refer to, while it is written: payloads that the archive has, and will have."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from pathlib import Path

from archive.spool.open_segment import OpenSegment
from archive.values.capture import Capture, Reference
from archive.values.digest import Payload

logger = logging.getLogger(__name__)

_REMEMBERED = 8192


class Originals:
    """The originals of revisits. Each doubt is one against a reference: then the content is stored again.

    All methods are called inside the barrier of the spool (`archive.spool.barrier`).
    """

    def __init__(
        self,
        originals: Callable[[str, Sequence[str]], Mapping[str, Reference]],
        marked: Callable[[Sequence[str]], Container[str]],
        listed: Callable[[str, Path, str], object],
    ) -> None:
        self._originals, self._marked, self._list = originals, marked, listed
        self._kept: dict[tuple[str, str], Reference] = {}
        self._listed: dict[str, str] = {}

    def known(self, segment: OpenSegment, collection: str, payloads: Sequence[Payload | None]) -> dict[str, Reference]:
        """Find archived, readable copies of the payloads. If the index fails, the payloads are stored again."""
        digests = [str(payload.sha256) for payload in payloads if payload]
        mine = {one: kept for one in digests if (kept := self._kept.get((collection, one)))}
        if not digests or not self._is_listed(segment, collection):
            return {}
        try:
            lost = self._marked([kept.record_id for kept in mine.values()]) if mine else ()
            mine = {one: kept for one, kept in mine.items() if kept.record_id not in lost}
            wanted = list(dict.fromkeys(one for one in digests if one not in mine))
            found = dict(self._originals(collection, wanted)) if wanted else {}
            gone = self._marked([one.record_id for one in found.values()]) if found else ()
            return mine | {one: kept for one, kept in found.items() if kept.record_id not in gone}
        except Exception:
            logger.exception("the index could not say whether payloads are archived")
            return {}  # not what is remembered, either: it may be about to be purged

    def lost(self, segment: OpenSegment, collection: str, record_ids: Collection[str]) -> Container[str]:
        """Return those of these records that nothing may need: they can't be read, were purged or are about to be.
        Without the index, nobody knows: then all of them.
        """
        if record_ids and self._is_listed(segment, collection):
            try:
                return self._marked(sorted(record_ids))
            except Exception:
                logger.exception("the index could not say whether originals are archived")
        return record_ids

    def note(self, captures: Iterable[Capture]) -> None:
        """Remember captures with payloads that the index may not have yet."""
        for capture in captures:
            original = Reference(capture.record_id, capture.url, capture.at)
            self._kept[capture.collection, str(capture.sha256)] = original
        for key in list(self._kept)[: max(0, len(self._kept) - _REMEMBERED)]:
            del self._kept[key]

    def _is_listed(self, segment: OpenSegment, collection: str) -> bool:
        """Return whether the index lists a segment. Until it does, the segment refers to nothing: a purge on another
        machine could not know of it.
        """
        if self._listed.get(collection) == segment.name:
            return True
        try:
            self._list(segment.name, segment.path, collection)
        except Exception:
            logger.exception("the index could not list a segment", extra={"segment": segment.name})
            return False
        self._listed[collection] = segment.name
        return True
