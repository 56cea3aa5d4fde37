"""An index with one open segment, and captures to put in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from specimens.captures import NOON, capture_of

from archive.index.index import Index
from archive.values.capture import Capture

SEGMENT = capture_of().location.segment
LATER = NOON + timedelta(days=1)


def opened(index: Index, name: str, collection: str = "default") -> None:
    index.opened(name, collection=collection, worker="w", epoch=7, path=Path("/spool/open", name), at=NOON)


def in_segment(capture: Capture, name: str) -> Capture:
    return capture._replace(location=replace(capture.location, segment=name))
