"""Where replay happens, as our own pages see it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from config.names import EVERYTHING
from config.settings import Settings
from pressmark.http.gate import is_local
from pressmark.http.stage.addresses import AddressOf, Modifier
from pressmark.http.stage.frames import Frames
from pressmark.http.stage.grants import Grant, Grants
from pressmark.http.stage.scenes import Scenes
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.assembly import utc_now
from pressmark.service.service import Service
from pressmark.views.links import link

_TWINS = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
"""Cookies ignore ports: on one machine, the other name of loopback is another host, which gets none of ours."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The origin of replay, and the grants that are valid there."""

    grants: Grants
    port: int
    origin: str | None = None
    """The origin by which browsers reach it, as the operator set it; without it, a name of the called host, and the
    port.
    """

    scenes: Scenes | None = None
    """Where pages are shown with their scripts; None when the operator has not allowed that."""
    shown: Frames = field(default_factory=Frames)
    rooms: ReadingRooms = field(default_factory=lambda: ReadingRooms({}, now=utc_now))
    """Which closed collections the reader of an address may read."""

    def scenes_for(self, home: str) -> Scenes | None:
        """Return the scenes for a browser that called us `home`: names below localhost are on its own machine."""
        if self.scenes is None or (self.scenes.is_local and not is_local(urlsplit(home).netloc)):
            return None
        return self.scenes

    def origin_for(self, home: str) -> str:
        """Return the origin of replay for a caller that called us `home`."""
        if self.origin:
            return self.origin
        called = urlsplit(home)
        host = called.hostname or "localhost"
        name = _TWINS.get(host, f"[{host}]" if ":" in host else host)
        return f"{called.scheme}://{name}:{self.port}"

    def address(
        self,
        home: str,
        url: str,
        stamp: str,
        wanted: Modifier = "mp_",
        *,
        place: str = EVERYTHING,
        language: str = "en",
        frame: str = "",
    ) -> str:
        """Return where a page of `home` finds a capture to frame it, and a program finds the rewritten capture.

        `stamp` names the capture (`capture_choice.stamp`), `frame` names the frame (`shown`).
        """
        grant = Grant(home, place, language, frame, self.rooms.admitted())
        return self.origin_for(home) + path(self.grants.write(grant), stamp, wanted, url)


def path(grant: str, stamp: str, wanted: Modifier, url: str) -> str:
    return f"/{grant}/{stamp}{wanted}/{link(url)}"


def addresses_under(grant: str, timestamp: str, wanted: Modifier) -> AddressOf:
    """Return the addresses for the references of a page: under the same grant, at the nearest moment.

    What a page in a frame of a page links to stays in that frame.
    """

    def address_of(url: str, referred: Modifier) -> str:
        return path(grant, timestamp, "if_" if referred == "mp_" and wanted == "if_" else referred, url)

    return address_of


def stage_key(settings: Settings) -> str:
    """Return what signs the addresses of replay: the token of the settings, or a key that is valid until the end."""
    return settings.token.get_secret_value() if settings.token else secrets.token_hex(32)


def open_stage(service: Service, port: int, key: str | None = None, shown: Frames | None = None) -> Stage:
    """Return where replay happens, for a service whose replay listens on that port.

    All processes that answer for a service have the same `key`; None makes one. `shown` knows the frames.
    """
    replay, key = service.settings.replay, key or stage_key(service.settings)
    origin = replay.scripts_origin or f"http://*.scenes.localhost:{port}"
    scenes = Scenes(key, origin, now=utc_now) if replay.scripts else None
    rooms = ReadingRooms(service.settings.rooms, now=service.now)
    return Stage(Grants(key, now=utc_now), port, replay.origin, scenes, shown or Frames(), rooms)
