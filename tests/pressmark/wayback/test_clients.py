"""Web archive clients, each as a process in an environment of its own: they find what the index has."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from oracles.environment import NotInstalled, environment
from services.retrieving import GONE, HOME, MOVED, PAGE, Retrieving
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.values.capture import Capture
from archive.values.timestamps import timestamp14

CLIENTS = Path(__file__).parents[2] / "oracles" / "clients"
PINS = (
    "cdx_toolkit==0.9.39", "wayback==0.5.1", "waybackpy==3.0.6", "memento_client==0.6.1",
    "brotlicffi==1.2.1.0", "setuptools<81",
)  # fmt: skip
NOTHING = "http://other.example/"


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    try:
        return environment(pytestconfig.cache.mkdir("clients"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))


def asked(programs: Path, client: str, *arguments: str) -> Any:
    """Return what a client found, as its script prints it."""
    command = [str(programs / "python"), str(CLIENTS / f"{client}.py"), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def line(capture: Capture) -> str:
    """Return a capture in seven fields."""
    mime = (capture.mime or "unk") if capture.kind == "response" else "warc/revisit"
    facts = (capture.urlkey, timestamp14(capture.at), capture.url, mime, capture.status, capture.digest or "-")
    return " ".join(map(str, (*facts, capture.location.length)))


def index(archive: Retrieving, *, unchanged: bool = True) -> list[Capture]:
    found = archive.service.index.captures(HOME, match="host")
    return [capture for capture in found if unchanged or capture.kind != "not-modified"]


def row(capture: Capture) -> dict[str, str]:
    """Return a capture in pywb's dialect."""
    key, timestamp, url, mime, status, digest, length = line(capture).split(" ")
    where = {"offset": str(capture.location.offset), "filename": f"{capture.location.segment}.warc.gz"}
    whose = {"source": capture.source, "source-coll": capture.collection, "access": "allow"}
    named = {"urlkey": key, "timestamp": timestamp, "url": url, "mime": mime, "status": status, "digest": digest}
    return {**named, "length": length, **where, **whose}


def test_edgi_s_client_finds_what_the_index_has(archive: Retrieving, programs: Path) -> None:
    found = asked(programs, "edgi", archive.url, HOME, MOVED, GONE, "http://news.example/none")
    captures = list(archive.service.index.captures(HOME))

    assert found["records"] == [
        [*line(one).split(" ")[:1], one.at.isoformat(), *line(one).split(" ")[2:4], one.status, one.digest or "-"]
        for one in captures
    ]
    assert base64.b64decode(found["exact"]["body"]) == PAGE
    assert found["exact"]["headers"]["set-cookie"] == "stolen=1"
    assert found["near"]["at"] == (NOON + timedelta(hours=1)).isoformat()
    assert (found["moved"]["history"], base64.b64decode(found["moved"]["body"])) == ([MOVED], PAGE)
    assert (found["gone"]["ok"], base64.b64decode(found["gone"]["body"])) == (False, b"gone")
    assert found["missing"] == "NoMementoError"


def test_waybackpy_finds_what_the_index_has(archive: Retrieving, programs: Path) -> None:
    found = asked(programs, "waybackpy_client", archive.url, HOME)
    lines = [line(capture) for capture in index(archive)]
    wanted = [one for one in index(archive) if one.status == 200 and one.mime != "image/png"]

    assert found["all"] == found["resumed"] == found["paged"] == lines
    assert found["filtered"] == list(map(line, wanted))
    assert found["collapsed"] == [lines[0], lines[2], lines[3]]
    assert (found["near"], found["oldest"], found["newest"]) == ("20260131130000", "20260131120000", "20260131150000")
    assert found["available"] == f"{archive.url}/web/20260131130000/{HOME}"


def test_cdx_toolkit_finds_what_the_index_has_in_both_dialects(archive: Retrieving, programs: Path) -> None:
    found = asked(programs, "toolkit", archive.url, HOME, NOTHING)
    rows, lines = [row(capture) for capture in index(archive, unchanged=False)], list(map(line, index(archive)))
    pywb, ia = found["pywb"], found["ia"]

    assert pywb["iter"] == rows
    assert pywb["get"] == [one for one in rows if one["url"] == HOME]
    assert pywb["filtered"] == [one for one in rows if one["status"] == "200"]
    assert [list(one.values()) for one in ia["iter"]] == [one.split(" ") for one in lines]
    assert (pywb["limited"], len(ia["limited"])) == (rows[:3], 3)
    assert pywb["nothing"] == pywb["none"] == ia["nothing"] == ia["none"] == []
    assert pywb["size"] == ia["size"] == 1
    assert base64.b64decode(found["replayed"]) == base64.b64decode(found["record"]) == PAGE


def test_memento_client_is_led_by_the_timegate(archive: Retrieving, programs: Path) -> None:
    # The client requests the original itself, too: so it is one that exists, on loopback.
    original, home = f"{archive.url}/healthz", archive.service.settings.home
    segment = SegmentFile(home, "20260131T120000Z-1-2-0123")
    for minute in (0, 60, 120, 180):
        segment.write(answered(original, b"{}", minute=minute))
    archive.service.index.opened(
        segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=segment.captures[0].at
    )
    archive.service.index.add(segment.captures)
    mementos = asked(programs, "memento", archive.url, original)["mementos"]

    def of(hour: int) -> list[str]:
        return [f"{archive.url}/all/20260131{hour}0000/{original}"]

    # An address of replay would be valid for twelve hours only.
    assert {name: memento["uri"] for name, memento in mementos.items() if "uri" in memento} == {
        "first": of(12),
        "prev": of(12),
        "closest": of(13),
        "next": of(14),
        "last": of(15),
    }
    assert mementos["closest"]["http_status_code"] == 200
