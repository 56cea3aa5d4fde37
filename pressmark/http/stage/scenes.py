"""Scenes: where a page of the archive may run its scripts.

A scene is one archived origin at one moment. It has its own origin in the browser: a host name made of both, under
which nothing else is ever served. What a page stores, or does to its own origin, stays in its scene. The page around
it, with the bar, is on the same site, so that browsers that block third-party storage accept its service worker; and
its origin never holds a login.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from pressmark.http.stage.addresses import AddressOf, Modifier
from pressmark.http.stage.seals import Seal
from pressmark.views.links import link

BAR = "bar"
"""The name of the host of the pages around scenes."""
INSIDE = "/_pressmark"
"""The prefix of our own paths in a scene; all others are those of the archived origin."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a scene shows, and in whose frame."""

    origin: str
    """The archived origin: ``https://example.org``."""
    timestamp: str
    """All captures shown are the nearest to it."""
    place: str
    """The collection, by the name that programs use."""
    home: str
    """The origin of our own pages, as the browser calls them: the bar links back to it."""
    language: str = "en"
    """The reader's language, by its tag."""
    admitted: str = ""
    """The closed collections that the reader may read: see `ReadingRooms.admitted`."""


class Scenes:
    """Writes the addresses of scenes, and recognises its own."""

    def __init__(self, token: str | None, origin: str, *, now: Callable[[], datetime]) -> None:
        """Set up the scenes. `origin` has a ``*`` for the name of a scene: ``http://*.scenes.localhost:8601``."""
        self.origin = origin
        self.bar = origin.replace("*", BAR)
        self._below = (urlsplit(self.bar).hostname or BAR).removeprefix(BAR)
        self.is_local = self._below.endswith(".localhost")
        self._labels = Seal(token, "pressmark label", now=now)
        self._seal = Seal(token, "pressmark scene", now=now)

    def label(self, scene: Scene) -> str:
        """Return the host name for one archived origin, moment and collection."""
        facts = f"{scene.timestamp} {scene.place} {scene.origin}".encode()
        return "s" + b32encode(self._labels.digest(facts)[:20]).decode().lower()

    def owns(self, host: str) -> bool:
        """Return whether a Host header names a scene, or the page around them."""
        return host.lower().partition(":")[0].endswith(self._below)

    def address(self, scene: Scene, url: str) -> str:
        """Return the start address of a frame that shows a page of the archived origin."""
        return self._address(self.label(scene), "start", scene, url)

    def around(self, scene: Scene, url: str) -> str:
        """Return the address of the page with this frame and the bar."""
        return self._address(BAR, BAR, scene, url)

    def _address(self, name: str, what: str, scene: Scene, url: str) -> str:
        query = urlencode({"to": within(url) or "/"})
        return f"{self.origin.replace('*', name)}{INSIDE}/{what}/{self.write(scene)}?{query}"

    def write(self, scene: Scene) -> str:
        """Return a scene as one segment of a path, valid for twelve hours."""
        return self._seal.close(*astuple(scene))

    def read(self, segment: str, host: str, *, bar: bool = False) -> Scene | None:
        """Return the scene; None if we did not write it, it has expired, or it is used on another host than its own.

        Its own is the host of the scene, or with `bar` the host of the pages around all of them.
        """
        if (facts := self._seal.open(segment)) is None:
            return None
        scene = Scene(*facts)
        fits = self.owns(host) and host.lower().partition(".")[0] == (BAR if bar else self.label(scene))
        return scene if fits else None


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def within(url: str) -> str:
    """Return a URL relative to its own origin: path and query."""
    return link(url[len(origin_of(url)) :])


def addresses_in(scene: Scene) -> AddressOf:
    """Return the addresses for the references of a page.

    Those of its own origin unchanged, others under a path of ours.
    """

    def address_of(url: str, wanted: Modifier) -> str:
        own = within(url) if origin_of(url) == scene.origin else ""
        # Two slashes at the beginning would name a host.
        return own if own and not own.startswith("//") else f"{INSIDE}/of/{wanted}/{link(url)}"

    return address_of
