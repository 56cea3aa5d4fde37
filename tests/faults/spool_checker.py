"""Compare a spool, read by FastWARC and not by us, with what was acknowledged and what the origin sent."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType
from faults.recording_child import SIZE
from specimens.exchanges import numbered

from archive.warc import journal
from archive.warc.integrity.verify import verify


def bodies_in(warc: Path) -> dict[str, str]:
    """URL → SHA-256 of the body, for every response in a WARC."""
    with warc.open("rb") as file:
        return {
            record.headers["WARC-Target-URI"]: hashlib.sha256(record.reader.read()).hexdigest()
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
        }


def sent(url: str) -> str:
    """Return the SHA-256 of what the origin sent for a URL."""
    response = numbered(int(url.rpartition("/")[2]), size=SIZE).response
    assert response is not None
    assert isinstance(response.body, bytes)
    return hashlib.sha256(response.body).hexdigest()


class Checker:
    """Checks sealed segments, each once, and remembers them."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._seen: set[Path] = set()
        self.held: set[str] = set()

    def problems(self, acknowledged: set[str]) -> list[str]:
        """Return everything that breaks a promise, now that the spool is recovered."""
        found = [f"left open: {path.name}" for path in (self._spool / "open").iterdir()]
        for warc in sorted((self._spool / "sealed").glob("*.warc.gz")):
            if warc not in self._seen:
                self._seen.add(warc)
                found += self._look(warc)
        found += [f"alarm: {path.name}" for path in (self._spool / "quarantine").glob("*.lost.jsonl")]
        return found + [f"lost: {url}" for url in sorted(acknowledged - self.held)]

    def _look(self, warc: Path) -> list[str]:
        bodies = bodies_in(warc)
        found = [f"{finding}" for finding in verify(warc)]
        found += [f"not as sent: {url}" for url, digest in bodies.items() if digest != sent(url)]
        found += [f"twice: {url}" for url in bodies.keys() & self.held]
        listed = {capture.url for capture in journal.read(warc.with_name(warc.name[:-8] + journal.SUFFIX))}
        found += [f"listed and held differ: {url}" for url in listed ^ bodies.keys()]
        self.held |= bodies.keys()
        return found
