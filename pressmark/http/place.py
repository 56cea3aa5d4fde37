"""What all views of a memento share: its address, and the fields that make it a memento (RFC 7089)."""

from __future__ import annotations

from dataclasses import dataclass

from archive.database.schema import microseconds
from archive.retrieval.snapshot import Snapshot
from archive.values.capture import Capture
from archive.values.timestamps import timestamp14
from config.names import EVERYTHING
from pressmark.http.link_header import http_date, related, target_of

WEB = "web"
"""Where the Internet Archive's clients look for mementos of everything."""


@dataclass(frozen=True, slots=True)
class Place:
    """The address of the mementos of a collection: ``http://localhost:8600`` and ``all``."""

    base: str
    name: str

    @property
    def collection(self) -> str | None:
        """None means everything."""
        return None if self.name in {EVERYTHING, WEB} else self.name

    def memento_of(self, capture: Capture, modifier: str) -> str:
        """Return the URL of a memento up to the archived URL: other pages of that time have the same prefix."""
        return f"{self.base}/{self.name}/{timestamp14(capture.at)}{modifier}/"

    def url_of(self, capture: Capture, modifier: str) -> str:
        return self.memento_of(capture, modifier) + target_of(capture.url)


def memento_headers(found: Snapshot, place: Place) -> dict[str, str]:
    """Return the fields of a memento, whatever its status.

    No other answer may have them: clients recognise mementos by them.
    """
    capture = found.capture
    when = http_date(microseconds(capture.at))
    this = f'<{place.url_of(capture, "")}>; rel="memento"; datetime="{when}"; collection="{capture.collection}"'
    return {
        "Memento-Datetime": when,
        "Link": ", ".join([*related(place.base, place.name, capture.url), this]),
        "X-Archive-Orig-Status": str(found.status or ""),
    }
