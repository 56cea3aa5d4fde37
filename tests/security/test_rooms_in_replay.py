"""The origin of replay has no login: its addresses name what their reader may read, and show nothing else."""

from __future__ import annotations

import base64
import http.client
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from services.reading_house import CLOSED, OPEN, STAMP, WATCHES, furnished, roles
from services.retrieving import Retrieving, running, served

from config.groups.rooms import Room
from config.groups.service import Replay
from config.settings import Settings
from pressmark.http.stage.stage import open_stage
from pressmark.processes.serve import bound
from pressmark.replay.app import create_replay
from pressmark.service.assembly import open_pressmark

FRAME = re.compile(rb'<iframe[^>]* src="([^"]+)"')
SHOWN = {OPEN: b"Ordinary", CLOSED: b"Zanzibarite"}


class House(NamedTuple):
    asked: Retrieving
    tokens: dict[str, str]

    def frame(self, url: str, role: str) -> str | None:
        """Return the address of the frame in the page of a capture; None if there is no such page."""
        status, _, body = self.asked.get(f"/snapshot/{STAMP}/{url}", Authorization=self.tokens[role])
        if status != 200:
            return None
        found = FRAME.search(body)
        assert found is not None
        return found[1].decode()

    def shows(self, address: str, url: str) -> bool:
        """Return whether a page of another host, under the grant of that address, is shown."""
        grant = urlsplit(address).path.split("/")[1]
        status, _, body = replayed(address, f"/{grant}/{STAMP}mp_/{url}")
        assert (status == 200) is (SHOWN[url] in body)
        return status == 200


def replayed(address: str, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Ask the port of replay on loopback, under the host name of an address."""
    at = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": at.netloc})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("replayed"))


@contextmanager
def house(home: Path, rooms: dict[str, Room]) -> Iterator[House]:
    """Serve a home, and its replay."""
    settings = Settings(home=home, rooms=rooms, watches=WATCHES, replay=Replay(scripts=True))
    with open_pressmark(settings) as service, bound("127.0.0.1", 0) as listener:
        stage = open_stage(service, listener.getsockname()[1])
        with running(create_replay(service, stage), listener), served(service, stage) as url:
            yield House(Retrieving(url, service, [], stage), roles(service))


@pytest.mark.parametrize(
    ("rooms", "reads"),
    [
        ({"closed": Room(people=("anna",))}, False),
        ({"closed": Room(unlisted=True)}, False),
        ({}, True),
        ({"open": Room(people=("anna",))}, True),
    ],
)
def test_a_frame_shows_a_reader_the_pages_of_open_collections(home: Path, rooms: dict[str, Room], reads: bool) -> None:
    with house(home, rooms) as asked:
        frames = {role: asked.frame(CLOSED if "open" in rooms else OPEN, role) for role in ("read", "admin")}
        shown = {role: asked.shows(frame, CLOSED) for role, frame in frames.items() if frame}

    assert shown == {"read": reads, "admin": True}


def test_a_page_of_a_closed_collection_has_a_frame_only_if_the_collection_is_open_to_the_reader(home: Path) -> None:
    with house(home, {"closed": Room(people=("anna",))}) as asked:
        assert asked.frame(CLOSED, "read") is None
        frame = asked.frame(CLOSED, "curate")
        assert frame is not None
        assert asked.shows(frame, CLOSED)


def test_an_unlisted_page_is_framed_by_its_link_and_its_address_opens_no_other_closed_collection(home: Path) -> None:
    rooms = {"closed": Room(unlisted=True), "open": Room(people=("anna",))}
    with house(home, rooms) as asked:
        frame = asked.frame(CLOSED, "read")
        assert frame is not None
        assert asked.shows(frame, CLOSED)
        assert not asked.shows(frame, OPEN)


def test_the_address_of_a_frame_names_no_closed_collection(home: Path) -> None:
    with house(home, {"closed": Room(people=("anna",))}) as asked:
        grants = {role: urlsplit(asked.frame(OPEN, role) or "").path.split("/")[1] for role in ("read", "admin")}

    said = {role: plain(grant) for role, grant in grants.items()}
    assert b'"closed"' in said["admin"]  # the control
    assert b"closed" not in said["read"]


def plain(grant: str) -> bytes:
    """Return what anybody can read in a grant: it is signed, and perhaps compressed."""
    payload = grant.removeprefix(".").partition(".")[0]
    octets = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return zlib.decompress(octets) if grant.startswith(".") else octets


@pytest.mark.parametrize("path", ["/web/{stamp}mp_/{url}", "/all/{stamp}mp_/{url}", "/{collection}/{stamp}if_/{url}"])
def test_addresses_of_other_programs_lead_a_reader_to_what_is_open(home: Path, path: str) -> None:
    with house(home, {"closed": Room(people=("anna",))}) as asked:
        led = {}
        for role in ("read", "admin"):
            for url, collection in ((OPEN, "open"), (CLOSED, "closed")):
                address = path.format(stamp=STAMP, url=url, collection=collection)
                status, headers, _ = asked.asked.get(address, Authorization=asked.tokens[role])
                place = urlsplit(headers.get("Location", ""))
                seen = replayed(place.geturl(), place.path)[2] if status in (302, 307) else b""
                led[role, collection] = SHOWN[url] in seen

    assert led == {
        ("read", "open"): True,
        ("read", "closed"): False,
        ("admin", "open"): True,
        ("admin", "closed"): True,
    }


def test_a_scene_with_scripts_shows_a_reader_what_is_open(home: Path) -> None:
    seen = {}
    for name, rooms in (("closed", {"closed": Room(people=("anna",))}), ("open", {})):
        with house(home, rooms) as asked:
            for role in ("read", "admin"):
                status, headers, _ = asked.asked.get(
                    f"/view/scripts/{STAMP}/{OPEN}", Authorization=asked.tokens[role], Host=local(asked.asked)
                )
                assert status == 303
                around = urlsplit(headers["Location"])
                status, _, page = replayed(around.geturl(), f"{around.path}?{around.query}")
                assert status == 200
                start = urlsplit((FRAME.search(page) or [b"", b""])[1].decode())
                written = start.path.rpartition("/")[2]
                inside = f"/_pressmark/at/{written}/{STAMP}"
                whole = {url: replayed(start.geturl(), f"{inside}if_/{url}")[2] for url in (OPEN, CLOSED)}
                seen[name, role] = [SHOWN[url] in whole[url] for url in (OPEN, CLOSED)]

    assert seen == {
        ("closed", "read"): [True, False],
        ("closed", "admin"): [True, True],
        ("open", "read"): [True, True],
        ("open", "admin"): [True, True],
    }


def local(asked: Retrieving) -> str:
    return f"localhost:{urlsplit(asked.url).port}"
