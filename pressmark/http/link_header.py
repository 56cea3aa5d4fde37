"""Links between an original, its TimeGate, its TimeMap and its mementos (RFC 7089, RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.utils import formatdate

from archive.index.cdx.row import Row, timestamp_of
from config.names import EVERYTHING
from pressmark.views.links import link

_NOT_IN_LINKS = re.compile(r"[<>\"\s]")
_SEPARATORS = str.maketrans({";": "%3B", ",": "%2C"})
"""Characters that end a target for clients that split the Link header without parsing its brackets, such as pywb."""


def path_of(collection: str | None) -> str:
    """Return the name of a collection in a path; None means all."""
    return collection or EVERYTHING


def target_of(url: str) -> str:
    """Return a URL as it may stand between angle brackets."""
    return _NOT_IN_LINKS.sub("", link(url))


def _in_link(url: str) -> str:
    """Return a URL as the target of a link, without the characters that separate targets and parameters."""
    return target_of(url).translate(_SEPARATORS)


def http_date(at: int) -> str:
    """Format microseconds since 1970 as an HTTP date."""
    return formatdate(at // 1_000_000, usegmt=True)


def memento_link(base: str, place: str, row: Row, rel: str = "memento", modifier: str = "") -> str:
    where = f"{base}/{place}/{timestamp_of(row.at)}{modifier}/{_in_link(row.url)}"
    return f'<{where}>; rel="{rel}"; datetime="{http_date(row.at)}"; collection="{row.collection}"'


def related(base: str, place: str, url: str) -> list[str]:
    """Return original, TimeGate and TimeMap of a URL."""
    shown = _in_link(url)
    return [
        f'<{shown}>; rel="original"',
        f'<{base}/{place}/{shown}>; rel="timegate"',
        f'<{base}/{place}/timemap/link/{shown}>; rel="timemap"; type="application/link-format"',
    ]


def mementos(base: str, place: str, rows: Iterable[Row]) -> Iterator[str]:
    """Yield rows as lines of a TimeMap, each but the last with a comma."""
    before = ""
    for row in rows:
        if before:
            yield f"{before},\n"
        before = memento_link(base, place, row)
    if before:
        yield f"{before}\n"
